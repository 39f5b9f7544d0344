"""Orders of new numbers and the terms of service on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.core.validation import Count, Line, RequestSchema, Schema
from app.domains.numbering.schemas import PhoneNumberText

MOST_ENTRIES = 10_000
"""What is parsed at all; the limit of an order is a rule of its own, told with its reason."""

StateCode = Annotated[str, Field(min_length=1, max_length=8, examples=["WA"])]
AreaCode = Annotated[str, Field(pattern="^[2-9][0-9]{2}$", examples=["206"])]
Prefix = Annotated[str, Field(pattern="^[2-9][0-9]{2}$", examples=["267"])]


class SearchCriteria(RequestSchema):
    """Where the system chooses numbers (domain.md C2)."""

    state: StateCode = Field(description="State or province.")
    area_code: AreaCode | None = Field(None, description="Area code (NPA).")
    prefix: Prefix | None = Field(None, description="Prefix (NXX) of the area code.")
    city: Line | None = Field(None, description="City.", examples=["Seattle"])


class NumbersOrderCreate(RequestSchema):
    """Numbers by name."""

    type: Literal["numbers"] = Field(description="Numbers by name.")
    phone_numbers: Annotated[
        list[PhoneNumberText], Field(min_length=1, max_length=MOST_ENTRIES)
    ] = Field(description="E.164, each once.")


class QuantityOrderCreate(RequestSchema):
    """So many numbers of the system's choice."""

    type: Literal["quantity"] = Field(description="So many numbers of the system's choice.")
    quantity: Count = Field(ge=1, le=1_000_000, description="How many.", examples=[5])
    criteria: SearchCriteria = Field(description="Where.")


NumberOrderCreate = Annotated[NumbersOrderCreate | QuantityOrderCreate, Field(discriminator="type")]


class TermsOfServiceView(Schema):
    """The terms of service, and whether the organisation has accepted them (domain.md C5)."""

    version: str = Field(description="The version in force.", examples=["2026-01"])
    text: str = Field(description="What is accepted.", examples=["The numbers are …"])
    accepted: bool = Field(description="Whether this version is accepted.", examples=[False])
    accepted_at: datetime | None = Field(description="When.", examples=[None])
    accepted_by: str | None = Field(description="By which credential.", examples=[None])
    next_step: str | None = Field(
        description="Who has to do what; null when accepted.",
        examples=["An administrator of the customer has to accept the terms of service."],
    )
    acceptance_path: str | None = Field(
        None,
        description="Where to accept; only for those who may.",
        examples=["/v1/telephony/pstn/termsOfService/acceptance"],
    )


class TermsAcceptanceCreate(RequestSchema):
    """The version that is accepted."""

    version: Annotated[str, Field(max_length=20)] = Field(
        description="The version that was read.", examples=["2026-01"]
    )
