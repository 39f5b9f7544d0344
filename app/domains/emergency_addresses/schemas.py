"""Addresses on the wire, in Webex's form."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from app.core.texts import Language
from app.core.validation import (
    SPARSE,
    CodeText,
    Entries,
    LineText,
    ProseText,
    Schema,
    WebexRequestSchema,
)
from app.domains.emergency_addresses.faults import describe
from app.integrations.address_validation.port import AddressFault
from app.telephony.address import Address

EXAMPLE = {
    "address1": "400 Broad Street",
    "city": "Seattle",
    "state": "WA",
    "postalCode": "98109",
    "country": "US",
}


class AddressSchema(WebexRequestSchema):
    """A postal address. Whether it is a good one is judged by the country's rules, not here."""

    address1: str | None = Field(
        None, max_length=256, description="Street and house number.", examples=["400 Broad Street"]
    )
    address2: str | None = Field(
        None, max_length=256, description="Floor, suite.", examples=["Suite 1200"]
    )
    city: str | None = Field(None, max_length=256, description="City.", examples=["Seattle"])
    state: str | None = Field(
        None, max_length=64, description="State or province, as its code.", examples=["WA"]
    )
    postal_code: str | None = Field(
        None, max_length=32, description="Postal code.", examples=["98109"]
    )
    country: str | None = Field(
        None, max_length=64, description="ISO 3166-1 alpha-2 code.", examples=["US"]
    )

    def to_address(self, *, country: str) -> Address:
        """As the trade's value; where no country is given it is the location's."""
        return Address(
            address1=self.address1 or "",
            address2=self.address2,
            city=self.city or "",
            state=self.state,
            postal_code=self.postal_code or "",
            country=self.country or country,
        )

    @classmethod
    def of(cls, address: Address) -> AddressSchema:
        """As the API tells it."""
        return cls(
            address1=address.address1,
            address2=address.address2,
            city=address.city,
            state=address.state,
            postal_code=address.postal_code,
            country=address.country,
        )


class AddressMeta(Schema):
    """What the look-up knows of an address."""

    model_config = SPARSE

    house_number: CodeText | None = Field(None, description="House number.", examples=["400"])
    street_name: LineText | None = Field(None, description="Street.", examples=["Broad Street"])
    country: CodeText = Field(description="ISO code.", examples=["US"])
    state: CodeText | None = Field(None, description="State code.", examples=["WA"])
    city: LineText = Field(description="City.", examples=["Seattle"])
    zip_code: CodeText = Field(description="Postal code.", examples=["98109"])


class AddressError(Schema):
    """A fault of an address, in Webex's form."""

    code: CodeText = Field(description="Its stable code.", examples=["postalCodeInvalid"])
    title: LineText = Field(description="The field at fault.", examples=["postalCode"])
    detail: ProseText = Field(
        description="What is wrong.", examples=["A ZIP code looks like 98109."]
    )

    @classmethod
    def of(cls, fault: AddressFault, country: str, language: Language) -> AddressError:
        return cls(code=fault.code, title=fault.field, detail=describe(fault, country).to(language))


class AddressSuggestion(AddressSchema):
    """An address looked up: as given when it is good, else corrected, with what was wrong."""

    meta: AddressMeta = Field(description="Its parts.")
    errors: Entries[AddressError] | None = Field(
        None, description="What was wrong; absent for a good address."
    )


class AddressLookup(Schema):
    """The answer of a look-up."""

    addresses: Entries[AddressSuggestion] = Field(description="The address, or its correction.")


class EmergencyAddressId(Schema):
    """The id of an emergency address."""

    id: CodeText = Field(description="Its id.", examples=["019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a13"])


class EmergencyAddressView(AddressSchema):
    """An emergency service address as it is kept."""

    id: UUID = Field(description="Its id.", examples=["019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a13"])
