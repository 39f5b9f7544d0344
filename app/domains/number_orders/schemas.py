"""Orders of new numbers and the terms of service on the wire."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.core.openapi import ViolationView
from app.core.texts import text
from app.core.validation import (
    CodeText,
    Count,
    Entries,
    Flag,
    Identifier,
    Line,
    LineText,
    Many,
    Never,
    NumberText,
    Prose,
    ProseText,
    RequestSchema,
    Schema,
    Total,
    form,
)
from app.domains.number_orders.models import Reservation, ReservationStatus
from app.domains.numbering.schemas import PhoneNumberText
from app.domains.organizations.schemas import LimitView

ReservationPath = Annotated[Identifier, Path(alias="reservationId", description="The reservation.")]

MOST_ENTRIES = 10_000
"""What is parsed at all; the limit of an order is a rule of its own, told with its reason."""

StateCode = Annotated[str, Field(min_length=1, max_length=8, examples=["WA"])]
THREE_DIGITS = form(
    "^[2-9][0-9]{2}$", text("Three digits are needed, the first of them 2 to 9, like 206.")
)
"""Of an area code, and of a prefix."""

AreaCode = Annotated[str, Field(pattern=THREE_DIGITS, examples=["206"])]
Prefix = Annotated[str, Field(pattern=THREE_DIGITS, examples=["267"])]


class AssistedNumberType(StrEnum):
    """Which numbers support can find."""

    local = "local"
    national = "national"


class SearchCriteria(RequestSchema):
    """Where the system chooses numbers (domain.md C2)."""

    state: StateCode = Field(description="State or province.")
    area_code: AreaCode | None = Field(None, description="Area code (NPA).")
    prefix: Prefix | None = Field(None, description="Prefix (NXX) of the area code.")
    city: Line | None = Field(None, description="City.", examples=["Seattle"])


class OnUnavailable(StrEnum):
    """What to do when some of the numbers are lost to somebody else (domain.md C8)."""

    fail = "fail"
    partial = "partial"
    substitute = "substitute"


class NumberOrderOptions(RequestSchema):
    """What every order of new numbers may say."""

    reservation_id: Identifier | None = Field(
        None, description="A reservation that this order uses up.", examples=[None]
    )
    on_unavailable: OnUnavailable = Field(
        OnUnavailable.fail,
        description="When numbers are lost: order nothing, the rest, or others in their place.",
        examples=["fail"],
    )


class NumbersOrderCreate(NumberOrderOptions):
    """Numbers by name."""

    type: Literal["numbers"] = Field(description="Numbers by name.")
    phone_numbers: Annotated[
        list[PhoneNumberText], Field(min_length=1, max_length=MOST_ENTRIES)
    ] = Field(description="E.164, each once.")


class BlockOrderCreate(NumberOrderOptions):
    """A block of consecutive numbers."""

    type: Literal["block"] = Field(description="Consecutive numbers.")
    first_number: PhoneNumberText = Field(description="The first of them, E.164.")
    size: Count = Field(ge=1, le=1_000_000, description="How many.", examples=[10])


class QuantityOrderCreate(NumberOrderOptions):
    """So many numbers of the system's choice."""

    type: Literal["quantity"] = Field(description="So many numbers of the system's choice.")
    quantity: Count = Field(ge=1, le=1_000_000, description="How many.", examples=[5])
    criteria: SearchCriteria = Field(description="Where.")


class AssistedOrderCreate(RequestSchema):
    """So many numbers that support finds (domain.md D)."""

    type: Literal["assisted"] = Field(description="Numbers that support finds.")
    quantity: Count = Field(ge=1, le=1_000_000, description="How many.", examples=[5])
    number_type: AssistedNumberType = Field(
        description="`local` belongs to a place, `national` to the country.", examples=["local"]
    )
    details: Prose | None = Field(
        None, description="What else support should know.", examples=["Consecutive, if possible."]
    )


StockOrderCreate = Annotated[
    NumbersOrderCreate | BlockOrderCreate | QuantityOrderCreate, Field(discriminator="type")
]
"""What is taken from stock."""

NumberOrderCreate = Annotated[
    NumbersOrderCreate | BlockOrderCreate | QuantityOrderCreate | AssistedOrderCreate,
    Field(discriminator="type"),
]


class NumbersQuoteCreate(NumbersOrderCreate):
    """An order by name, to be judged only."""

    hold: Flag = Field(False, description="Reserve the numbers.", examples=[False])


class BlockQuoteCreate(BlockOrderCreate):
    """An order of a block, to be judged only."""

    hold: Flag = Field(False, description="Reserve the numbers.", examples=[False])


class QuantityQuoteCreate(QuantityOrderCreate):
    """An order by quantity, to be judged only."""

    hold: Flag = Field(False, description="Reserve the numbers.", examples=[False])


class AssistedQuoteCreate(AssistedOrderCreate):
    """An order that support would fulfil, to be judged only."""

    hold: Never = Field(False, description="There is nothing to reserve.", examples=[False])


NumberQuoteCreate = Annotated[
    NumbersQuoteCreate | BlockQuoteCreate | QuantityQuoteCreate | AssistedQuoteCreate,
    Field(discriminator="type"),
]


class Charge(Schema):
    """What would be billed from when (domain.md I2)."""

    description: ProseText = Field(description="What.", examples=["New numbers"])
    quantity: Total = Field(description="How many.", examples=[5])
    starts_on: date = Field(description="From when.", examples=["2026-11-22"])


class QuoteView(Schema):
    """An order judged; nothing of it is done, but for a reservation that was asked for."""

    violations: Many[ViolationView] = Field(description="Every rule it would break.")
    limits_before: Entries[LimitView] = Field(description="The limits now.")
    limits_after: Entries[LimitView] = Field(description="The limits after the order.")
    phone_numbers: Many[NumberText] = Field(
        description="The numbers it would get.", examples=[["+12062676000"]]
    )
    unavailable: Many[NumberText] = Field(
        description="Numbers asked for that cannot be had.", examples=[[]]
    )
    charges: Entries[Charge] = Field(description="What would be billed from when.")
    reservation_id: UUID | None = Field(None, description="With `hold`.", examples=[None])
    expires_at: datetime | None = Field(None, description="With `hold`.", examples=[None])


class ReservationView(Schema):
    """Numbers held for a while; nobody else can order or see them (domain.md C7)."""

    id: UUID = Field(description="Its id.", examples=["019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a16"])
    status: ReservationStatus = Field(
        description="`active`, `used`, `expired` or `released`.", examples=["active"]
    )
    location_id: UUID = Field(
        description="Its location.", examples=["019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a14"]
    )
    expires_at: datetime = Field(
        description="When it ends by itself.", examples=["2026-11-22T10:15:00Z"]
    )
    extended: bool = Field(
        description="Whether it was extended; once is possible.", examples=[False]
    )
    phone_numbers: Many[NumberText] = Field(
        description="What it holds; nothing once it is over.", examples=[["+12062676000"]]
    )

    @classmethod
    def of(cls, reservation: Reservation, numbers: list[int]) -> ReservationView:
        return cls(
            id=reservation.id,
            status=ReservationStatus(reservation.status),
            location_id=reservation.location_id,
            expires_at=reservation.expires_at,
            extended=reservation.extended,
            phone_numbers=[f"+{number}" for number in numbers],
        )


class AvailableBlockView(Schema):
    """Consecutive numbers one can order as a block."""

    first_number: NumberText = Field(description="E.164.", examples=["+12062676000"])
    last_number: NumberText = Field(description="E.164.", examples=["+12062676099"])
    size: Total = Field(description="How many.", examples=[100])
    city: LineText = Field(description="Where they belong.", examples=["Seattle"])
    state: CodeText | None = Field(description="State or province.", examples=["WA"])


class BlockAlternative(Schema):
    """An area code of the same state that has such a block."""

    state: CodeText = Field(description="State or province.", examples=["WA"])
    area_code: CodeText = Field(description="Area code (NPA).", examples=["253"])


class AvailableBlocks(Schema):
    """A page of blocks; where there is none, what comes nearest."""

    blocks: Entries[AvailableBlockView] = Field(description="Ascending, none overlapping.")
    longest_run: Total | None = Field(
        None, description="When there is none: the longest run there is.", examples=[60]
    )
    alternatives: Entries[BlockAlternative] | None = Field(
        None, description="When there is none: where there is one, by area code."
    )


class TermsOfServiceView(Schema):
    """The terms of service, and whether the organisation has accepted them (domain.md C5)."""

    version: CodeText = Field(description="The version in force.", examples=["2026-01"])
    text: ProseText = Field(description="What is accepted.", examples=["The numbers are …"])
    accepted: bool = Field(description="Whether this version is accepted.", examples=[False])
    accepted_at: datetime | None = Field(description="When.", examples=[None])
    accepted_by: LineText | None = Field(description="By which credential.", examples=[None])
    next_step: ProseText | None = Field(
        description="Who has to do what; null when accepted.",
        examples=["An administrator of the customer has to accept the terms of service."],
    )
    acceptance_path: LineText | None = Field(
        None,
        description="Where to accept; only for those who may.",
        examples=["/v1/telephony/pstn/termsOfService/acceptance"],
    )


class TermsAcceptanceCreate(RequestSchema):
    """The version that is accepted."""

    version: Annotated[str, Field(max_length=20)] = Field(
        description="The version that was read.", examples=["2026-01"]
    )


class Fulfilment(RequestSchema):
    """The numbers that support found for an order."""

    phone_numbers: Annotated[
        list[PhoneNumberText], Field(min_length=1, max_length=MOST_ENTRIES)
    ] = Field(description="E.164, each once, as many as were ordered.")
