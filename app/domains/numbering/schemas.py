"""Searches, owned numbers, set-ups and imports on the wire."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Path
from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.core.texts import Language
from app.core.validation import (
    SPARSE,
    CodeText,
    Entries,
    Identifier,
    LineText,
    Many,
    NumberText,
    ProseText,
    RequestSchema,
    Schema,
    Total,
    WebexRequestSchema,
)
from app.domains.emergency_addresses.models import AddressSource
from app.domains.emergency_addresses.schemas import AddressSchema, EmergencyAddressView
from app.domains.locations.models import Location, PstnConnection
from app.domains.locations.schemas import ConnectionView, Contact, EmergencyDisclaimer
from app.domains.numbering.models import ImportStatus, InventoryImport, Number, NumberState
from app.domains.numbering.policy.stocking import REFUSALS

PhoneNumberPath = Annotated[
    str,
    Path(alias="phoneNumber", max_length=20, description="E.164.", examples=["+12062676000"]),
]
ImportPath = Annotated[Identifier, Path(alias="importId", description="The import.")]

MAX_DEACTIVATED = 500
"""As Webex has it."""

EXAMPLE_ID = "019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a14"

PhoneNumberText = Annotated[
    str,
    # The pattern is for readers of the document: what is wrong with a number a policy tells best.
    Field(
        max_length=32,
        examples=["+12062676000"],
        json_schema_extra={"pattern": r"^\+[1-9][0-9]{6,14}$"},
    ),
]


class AvailableNumberView(Schema):
    """A number one can order."""

    phone_number: NumberText = Field(description="E.164.", examples=["+12062676000"])
    city: LineText = Field(description="Where it belongs.", examples=["Seattle"])
    state: CodeText | None = Field(description="State or province.", examples=["WA"])
    preselected: bool = Field(
        description="Whether it is among the `quantity` asked for.", examples=[True]
    )

    @classmethod
    def of(
        cls, number: int, city: str, state: str | None, *, preselected: bool
    ) -> AvailableNumberView:
        return cls(phone_number=f"+{number}", city=city, state=state, preselected=preselected)


class AvailableNumbers(Schema):
    """A page of what one can order; nothing is held by it."""

    phone_numbers: Entries[AvailableNumberView] = Field(description="Ascending.")


class NumberView(Schema):
    """A number owned, as this service sees it."""

    phone_number: NumberText = Field(description="E.164.", examples=["+12062676000"])
    state: NumberState = Field(
        description="`held` by an order, `inactive` until the terms of service are accepted,"
        " `active`, `released` or `resting`.",
        examples=["active"],
    )
    location_id: UUID = Field(description="Its location.", examples=[EXAMPLE_ID])
    order_id: UUID | None = Field(description="The order it came with.", examples=[EXAMPLE_ID])
    block_id: UUID | None = Field(
        description="Its block; a number of a block is released with all of it.", examples=[None]
    )
    activated_at: datetime | None = Field(
        description="When it became active.", examples=["2026-11-22T10:00:00Z"]
    )
    released_at: datetime | None = Field(description="When it was released.", examples=[None])
    take_back_until: datetime | None = Field(
        description="Until when its owner can take it back.", examples=[None]
    )
    rests_until: datetime | None = Field(
        description="Until when nobody else can have it.", examples=[None]
    )
    emergency_address: AddressSchema | None = Field(
        description="Where help goes when it calls: its own address, else its location's."
    )
    emergency_address_source: AddressSource | None = Field(
        description="`number` for its own address, `location` for the default.",
        examples=["location"],
    )

    @classmethod
    def of(
        cls, number: Number, address: AddressSchema | None, source: AddressSource | None
    ) -> NumberView:
        return cls(
            phone_number=f"+{number.number}",
            state=NumberState(number.state),
            location_id=number.location_id,
            order_id=number.order_id,
            block_id=number.block_id,
            activated_at=number.activated_at,
            released_at=number.released_at,
            take_back_until=number.take_back_until,
            rests_until=number.rests_until,
            emergency_address=address,
            emergency_address_source=source,
        )


class Numbers(Schema):
    """Numbers owned."""

    phone_numbers: Entries[NumberView] = Field(description="Ascending.")


class NumbersChoice(RequestSchema):
    """Numbers, or a whole block: one of the two."""

    phone_numbers: Annotated[list[PhoneNumberText], Field(min_length=1, max_length=1000)] | None = (
        Field(None, description="Numbers.", examples=[["+12062676000"]])
    )
    block_id: Identifier | None = Field(
        None, description="A block, in the place of numbers.", examples=[None]
    )


class OwnAddress(AddressSchema):
    """An address for one number; an empty one stands for the location's default."""

    # Else a misspelt field would make an address empty, and take the number's own away.
    model_config = ConfigDict(extra="allow")

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was sent."""
        return not self.model_dump(exclude_none=True)


class NumberEmergencyAddressPut(WebexRequestSchema):
    """The emergency address of a number, in Webex's form."""

    # As of the address: wxc_sdk sends an empty body for the default, a misspelt one is none.
    model_config = ConfigDict(extra="allow")

    emergency_address: OwnAddress = Field(
        default_factory=OwnAddress,
        description="The number's own address; `{}` for its location's default again.",
    )

    @model_validator(mode="after")
    def _names_its_field(self) -> Self:
        if self.model_extra and "emergency_address" not in self.model_fields_set:
            raise PydanticCustomError("value_error", "emergencyAddress is needed")
        return self


class NumberEmergencyAddressView(EmergencyAddressView):
    """Where help goes when a number calls for it."""

    source: AddressSource = Field(
        description="`number` for its own address, `location` for the default.",
        examples=["location"],
    )


class WebexLocationRef(Schema):
    """A location as Webex names it in a list."""

    id: CodeText = Field(description="Its id.", examples=[EXAMPLE_ID])
    name: LineText = Field(description="Its name.", examples=["Seattle office"])


class WebexNumberState(StrEnum):
    """Whether a number takes calls, in Webex's words."""

    active = "ACTIVE"
    inactive = "INACTIVE"


class WebexNumberView(Schema):
    """A number with Webex's fields; nobody owns it, as there are no people here."""

    phone_number: NumberText = Field(description="E.164.", examples=["+12062676000"])
    state: WebexNumberState = Field(description="Whether it takes calls.", examples=["ACTIVE"])
    main_number: bool = Field(description="Whether it is the main number.", examples=[False])
    toll_free_number: bool = Field(description="Whether it is toll-free.", examples=[False])
    included_telephony_types: CodeText = Field(
        description="Always `PSTN_NUMBER`.", examples=["PSTN_NUMBER"]
    )
    is_service_number: bool = Field(description="For a service.", examples=[False])
    elin_enabled: bool = Field(description="Never.", examples=[False])
    is_reserved_number: bool = Field(description="Never.", examples=[False])
    location: WebexLocationRef = Field(description="Its location.")

    @classmethod
    def of(cls, number: Number, location: Location) -> WebexNumberView:
        connection = location.connection
        is_active = number.state == NumberState.active
        return cls(
            phone_number=f"+{number.number}",
            state=WebexNumberState.active if is_active else WebexNumberState.inactive,
            main_number=connection is not None and connection.main_number == number.number,
            toll_free_number=number.is_toll_free,
            included_telephony_types="PSTN_NUMBER",
            is_service_number=number.is_service,
            elin_enabled=False,
            is_reserved_number=False,
            location=WebexLocationRef(id=str(location.id), name=location.name),
        )


class WebexNumberCount(Schema):
    """How many numbers there are, with Webex's fields."""

    assigned: Total = Field(0, description="Somebody's: none.", examples=[0])
    un_assigned: Total = Field(description="Nobody's.", examples=[12])
    in_active: Total = Field(description="That take no calls yet.", examples=[2])
    extension_only: Total = Field(0, description="Extensions without number: none.", examples=[0])
    toll_free_numbers: Total = Field(description="Toll-free ones.", examples=[0])
    total: Total = Field(description="All.", examples=[12])
    mobile_number: Total = Field(0, description="Mobile ones: none.", examples=[0])
    service_number: Total = Field(description="For services.", examples=[0])
    available: Total = Field(description="That can be assigned.", examples=[12])
    elin: Total = Field(0, description="For call-backs of emergency services: none.", examples=[0])
    reserved_number: Total = Field(0, description="Reserved ones: none.", examples=[0])


class WebexNumbers(Schema):
    """Numbers with Webex's fields."""

    model_config = SPARSE

    phone_numbers: Many[WebexNumberView] = Field(description="Ascending.")
    count: WebexNumberCount | None = Field(
        None, description="With `details`: of all that the caller may see."
    )


E164s = Annotated[list[PhoneNumberText], Field(min_length=1, max_length=1000)]


class TelephoneNumberType(StrEnum):
    """A kind of number, in Webex's words."""

    toll_free = "TOLLFREE"
    did = "DID"
    mobile = "MOBILE"


class NumberUsage(StrEnum):
    """What a number is for, in Webex's words."""

    none = "NONE"
    service = "SERVICE"


class NumbersAdd(WebexRequestSchema):
    """Numbers that a customer brings to its own PSTN."""

    phone_numbers: E164s = Field(description="E.164.", examples=[["+12062676000"]])
    number_type: TelephoneNumberType | None = Field(
        None, description="Needed by Webex for mobile numbers, of which there are none here."
    )
    number_usage_type: NumberUsage = Field(
        NumberUsage.none, description="`SERVICE` for much used ones.", examples=["NONE"]
    )
    state: WebexNumberState = Field(
        WebexNumberState.active, description="Whether they take calls.", examples=["INACTIVE"]
    )


class NumbersAction(StrEnum):
    """What is done with numbers, in Webex's words."""

    activate = "ACTIVATE"
    deactivate = "DEACTIVATE"


class NumbersState(WebexRequestSchema):
    """Numbers to activate or deactivate."""

    phone_numbers: E164s = Field(description="E.164.", examples=[["+12062676000"]])
    action: NumbersAction = Field(
        NumbersAction.activate, description="What is done.", examples=["ACTIVATE"]
    )

    @model_validator(mode="after")
    def _has_not_too_many(self) -> Self:
        if self.action is NumbersAction.deactivate and len(self.phone_numbers) > MAX_DEACTIVATED:
            raise PydanticCustomError("too_long", "too many", {"max_length": MAX_DEACTIVATED})
        return self


class NumbersRemove(WebexRequestSchema):
    """Numbers to remove."""

    phone_numbers: Annotated[list[PhoneNumberText], Field(min_length=1, max_length=5)] = Field(
        description="E.164; Webex takes five at once.", examples=[["+12062676000"]]
    )


class NumberError(Schema):
    """A number refused, with Webex's fields."""

    number: NumberText = Field(description="As sent.", examples=["+12062676000"])
    error_type: CodeText = Field(description="Always `VERIFICATION`.", examples=["VERIFICATION"])
    error_code: CodeText = Field(description="Its stable code.", examples=["ERR.V.TRM.TMN60004"])
    error_title: CodeText = Field(
        description="The same in words.", examples=["PSTN_TYPE_NOT_SUPPORTED"]
    )
    error_message: ProseText = Field(
        description="What is wrong.",
        examples=["[Error 8363] DN is in use : +12062676000"],
    )


class NumberErrors(Schema):
    """Every number refused; Webex's clients read the first entry of a list of these."""

    errors: Many[NumberError] = Field(description="In the order of the rules.")


class ValidateNumbers(WebexRequestSchema):
    """Numbers to judge."""

    phone_numbers: Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=2000)] = (
        Field(description="Numbers, in whatever form.", examples=[["+12062676000"]])
    )


class ValidatedNumber(Schema):
    """A number judged, in Webex's words."""

    model_config = SPARSE

    phone_number: NumberText = Field(description="As sent.", examples=["+12062676000"])
    state: CodeText = Field(
        description="`Available`, `Duplicate`, `Duplicate In List`, `Invalid`, `Unavailable`.",
        examples=["Available"],
    )
    toll_free_number: bool = Field(description="Whether it is toll-free.", examples=[False])
    detail: Entries[ProseText] | None = Field(
        None, description="Why not.", examples=[["[Error 8363] DN is in use : +12062676000"]]
    )


class ValidatedNumbers(Schema):
    """The judgement."""

    status: CodeText = Field(description="`OK`, or `ERRORS`.", examples=["OK"])
    phone_numbers: Many[ValidatedNumber] = Field(description="In the order sent.")


class MainNumberPut(RequestSchema):
    """The main number one wants."""

    phone_number: PhoneNumberText = Field(description="E.164.")


class AcceptedDisclaimer(EmergencyDisclaimer):
    """The emergency disclaimer as it was accepted."""

    accepted_at: datetime = Field(description="When.", examples=["2026-11-22T10:00:00Z"])


class NextStep(Schema):
    """What remains to be done before calls are possible."""

    code: CodeText = Field(description="Its stable code.", examples=["addNumbers"])
    actor: CodeText = Field(description="Whose turn it is.", examples=["customer"])
    text: ProseText = Field(description="For people.", examples=["Order numbers, or port them."])


class SetupView(ConnectionView):
    """The whole set-up of a location on Cisco PSTN (domain.md B4, B6)."""

    contact: Contact | None = Field(description="Who signed.")
    emergency_disclaimer: AcceptedDisclaimer | None = Field(description="Who accepted it.")
    emergency_address: EmergencyAddressView | None = Field(description="The default.")
    main_number: NumberText | None = Field(description="E.164.", examples=["+12062676000"])
    next_steps: Entries[NextStep] = Field(description="Empty when everything is done.")

    @classmethod
    def of_setup(
        cls,
        connection: PstnConnection,
        emergency_address: EmergencyAddressView | None,
        next_steps: list[NextStep],
    ) -> SetupView:
        disclaimer = connection.emergency_disclaimer
        return cls(
            **ConnectionView.of_connection(connection).model_dump(),
            contact=Contact(**connection.contact) if connection.contact else None,
            emergency_disclaimer=AcceptedDisclaimer(**disclaimer) if disclaimer else None,
            emergency_address=emergency_address,
            main_number=f"+{connection.main_number}" if connection.main_number else None,
            next_steps=next_steps,
        )


class RefusedLine(Schema):
    """A line of a file that was not taken."""

    line: Total = Field(description="Its number; the header is 1.", examples=[7])
    code: CodeText = Field(description="Why, as a stable code.", examples=["overlappingRange"])
    reason: ProseText = Field(
        description="Why, for people.", examples=["The range overlaps one in an earlier line."]
    )

    @classmethod
    def of(cls, kept: dict[str, Any], language: Language) -> RefusedLine:
        return cls(line=kept["line"], code=kept["code"], reason=REFUSALS[kept["code"]].to(language))


class InventoryImportView(Schema):
    """A file put in stock, or being put there."""

    id: UUID = Field(description="Its id.", examples=[EXAMPLE_ID])
    status: ImportStatus = Field(description="How far it is.", examples=["completed"])
    imported: Total = Field(description="Numbers that were not in stock before.", examples=[4000])
    refused_count: Total = Field(description="Lines not taken.", examples=[1])
    refused: Entries[RefusedLine] = Field(description="The first 1,000 lines not taken.")
    created_at: datetime = Field(description="When it began.", examples=["2026-11-22T10:00:00Z"])
    finished_at: datetime | None = Field(
        description="When it ended.", examples=["2026-11-22T10:00:02Z"]
    )

    @classmethod
    def of(cls, known: InventoryImport, language: Language) -> InventoryImportView:
        return cls(
            id=known.id,
            status=ImportStatus(known.status),
            imported=known.imported,
            refused_count=known.refused_count,
            refused=[RefusedLine.of(entry, language) for entry in known.refused],
            created_at=known.created_at,
            finished_at=known.finished_at,
        )


class StateStock(Schema):
    """The stock of a state."""

    country: CodeText = Field(description="ISO code.", examples=["US"])
    state: CodeText | None = Field(description="State.", examples=["WA"])
    thousands_blocks: Total = Field(description="Thousands-blocks.", examples=[40])
    stocked: Total = Field(description="Numbers ever stocked.", examples=[30000])
    available: Total = Field(description="Numbers one can order now.", examples=[29990])


class InventorySummary(Schema):
    """What is in stock."""

    items: Entries[StateStock] = Field(description="By country and state.")
