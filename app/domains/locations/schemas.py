"""Locations and PSTN connections on the wire."""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import Path
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.core.texts import text
from app.core.validation import (
    SPARSE,
    CodeText,
    CountryCode,
    Email,
    Entries,
    Identifier,
    Line,
    LineText,
    LongLine,
    ProseText,
    Schema,
    WebexRequestSchema,
    form,
)
from app.domains.emergency_addresses.schemas import AddressSchema
from app.domains.locations.models import ConnectionType, Location, PremiseRouteType, PstnConnection
from app.domains.locations.options import ConnectionOption, option_by_id

LocationPath = Annotated[Identifier, Path(alias="locationId", description="The location.")]

AddressPath = Annotated[Identifier, Path(alias="addressId", description="The emergency address.")]

EXAMPLE_ID = "019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a14"


def _known_zone(value: str) -> str:
    if value not in available_timezones():
        raise PydanticCustomError("time_zone", "no known time zone")
    return value


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]


def _number(value: object) -> object:
    # Python takes false for 0.0, and "1_0" for 10.
    if isinstance(value, bool) or (isinstance(value, str) and not NUMBER.fullmatch(value)):
        raise PydanticCustomError("float_type", "no number")
    return value


def _degrees(most: int, whole: str) -> WithJsonSchema:
    # Webex takes them as numbers, and answers with strings that may be sent back.
    number = {"type": "number", "minimum": -most, "maximum": most}
    pattern = rf"^-?({most}|({whole})(\.[0-9]{{1,17}})?)$"
    return WithJsonSchema(
        {"anyOf": [number, {"type": "string", "pattern": pattern, "maxLength": 22}]}
    )


NUMBER = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,17})?")
Latitude = Annotated[
    float,
    BeforeValidator(_number),
    Field(ge=-90, le=90, allow_inf_nan=False),
    _degrees(90, "[1-8]?[0-9]"),
]
Longitude = Annotated[
    float,
    BeforeValidator(_number),
    Field(ge=-180, le=180, allow_inf_nan=False),
    _degrees(180, "1[0-7][0-9]|[1-9]?[0-9]"),
]


class LocationAddress(WebexRequestSchema):
    """Where the location is."""

    address1: LongLine = Field(description="Street and number.", examples=["400 Broad Street"])
    address2: LongLine | None = Field(None, description="Floor.", examples=["Suite 1200"])
    city: Line = Field(description="City.", examples=["Seattle"])
    state: Line | None = Field(None, description="State code.", examples=["WA"])
    postal_code: Annotated[str, Field(min_length=1, max_length=32)] = Field(
        description="Postal code.", examples=["98109"]
    )
    country: CountryCode = Field(description="ISO 3166-1 alpha-2 code.", examples=["US"])


Locale = Annotated[
    str,
    Field(
        pattern=form(
            "^[A-Za-z]{2}([_-][A-Za-z]{2})?$", text("A language is needed, like en_US or pl.")
        )
    ),
]
Notes = Annotated[str, Field(max_length=1024)]


class LocationWrite(WebexRequestSchema):
    """A location as one wants it, with Webex's fields."""

    name: LongLine = Field(description="Its name.", examples=["Seattle office"])
    time_zone: TimeZone = Field(description="IANA name.", examples=["America/Los_Angeles"])
    preferred_language: Locale = Field(
        "en_US", description="Language of its people.", examples=["en_US"]
    )
    announcement_language: Locale = Field(
        "en_US", description="Language of announcements.", examples=["en_US"]
    )
    address: LocationAddress = Field(description="Where it is.")
    latitude: Latitude | None = Field(None, description="Degrees.", examples=[47.62])
    longitude: Longitude | None = Field(None, description="Degrees.", examples=[-122.35])
    notes: Notes | None = Field(None, description="Anything.", examples=["Reception on floor 12"])


class LocationChange(WebexRequestSchema):
    """Changes of a location, with Webex's fields; what is absent stays."""

    name: LongLine | None = Field(None, description="Its name.", examples=["Seattle office"])
    time_zone: TimeZone | None = Field(
        None, description="IANA name.", examples=["America/Los_Angeles"]
    )
    preferred_language: Locale | None = Field(
        None, description="Language of its people.", examples=["en_US"]
    )
    announcement_language: Locale | None = Field(
        None, description="Language of announcements.", examples=["en_US"]
    )
    address: LocationAddress | None = Field(None, description="Where it is, all of it.")
    latitude: Latitude | None = Field(
        None, description="Degrees; null takes them away.", examples=[47.62]
    )
    longitude: Longitude | None = Field(
        None, description="Degrees; null takes them away.", examples=[-122.35]
    )
    notes: Notes | None = Field(
        None, description="Anything; null takes it away.", examples=["Reception on floor 12"]
    )


class LocationView(Schema):
    """A location with Webex's fields."""

    model_config = SPARSE

    id: CodeText = Field(description="Its id.", examples=[EXAMPLE_ID])
    name: LineText = Field(description="Its name.", examples=["Seattle office"])
    org_id: CodeText = Field(description="Its organisation.", examples=[EXAMPLE_ID])
    address: LocationAddress = Field(description="Where it is.")
    time_zone: CodeText = Field(description="IANA name.", examples=["America/Los_Angeles"])
    preferred_language: CodeText = Field(description="Language of its people.", examples=["en_US"])
    announcement_language: CodeText = Field(
        description="Language of announcements.", examples=["en_US"]
    )
    latitude: CodeText | None = Field(None, description="Degrees.", examples=["47.62"])
    longitude: CodeText | None = Field(None, description="Degrees.", examples=["-122.35"])
    notes: ProseText | None = Field(
        None, description="Anything.", examples=["Reception on floor 12"]
    )

    @classmethod
    def of(cls, location: Location) -> LocationView:
        return cls(
            id=str(location.id),
            name=location.name,
            org_id=str(location.org_id),
            address=LocationAddress(**location.address),
            time_zone=location.time_zone,
            preferred_language=location.preferred_language,
            announcement_language=location.announcement_language,
            latitude=None if location.latitude is None else str(location.latitude),
            longitude=None if location.longitude is None else str(location.longitude),
            notes=location.notes,
        )


class LocationId(Schema):
    """The id of a location."""

    id: CodeText = Field(description="Its id.", examples=[EXAMPLE_ID])


class Locations(Schema):
    """Locations by id."""

    items: Entries[LocationView] = Field(description="By id.")


class ConnectionOptionView(Schema):
    """A PSTN connection one may choose, with Webex's fields."""

    id: CodeText = Field(description="Its id.", examples=["019ac1f0-0000-7000-8000-000000000001"])
    display_name: LineText = Field(description="Its name.", examples=["Cisco PSTN"])
    pstn_services: Entries[CodeText] = Field(
        description="What it brings.", examples=[["GEOGRAPHIC_NUMBERS"]]
    )
    pstn_connection_type: ConnectionType = Field(description="Its kind.", examples=["CISCO_PSTN"])

    @classmethod
    def of(cls, option: ConnectionOption) -> ConnectionOptionView:
        return cls(
            id=str(option.id),
            display_name=option.display_name,
            pstn_services=list(option.pstn_services),
            pstn_connection_type=option.type,
        )


class ConnectionOptions(Schema):
    """What a location may choose from."""

    items: Entries[ConnectionOptionView] = Field(description="Every choice.")


class ConnectionView(ConnectionOptionView):
    """The PSTN connection of a location, with Webex's fields."""

    model_config = SPARSE

    route_type: CodeText | None = Field(
        None, description="Trunk or route group, of a Local Gateway.", examples=["TRUNK"]
    )
    route_id: LineText | None = Field(None, description="The trunk's id.", examples=["dHJ1bms"])

    @classmethod
    def of_connection(cls, connection: PstnConnection) -> ConnectionView:
        option = option_by_id(connection.option_id)
        assert option is not None  # noqa: S101 - only known options are written
        return cls(
            **ConnectionOptionView.of(option).model_dump(),
            route_type=connection.route_type,
            route_id=connection.route_id,
        )


class Contact(WebexRequestSchema):
    """Who signs the legal agreement with Cisco (domain.md B1)."""

    company_name: LongLine = Field(description="Company.", examples=["Northwind Traders"])
    first_name: Line = Field(description="First name.", examples=["Ada"])
    last_name: Line = Field(description="Last name.", examples=["Example"])
    email: Email = Field(description="E-mail.", examples=["ada@northwind.example"])
    billing_telephone_number: Annotated[str, Field(max_length=16)] | None = Field(
        None, description="Billing telephone number, E.164.", examples=["+12065550100"]
    )


class EmergencyDisclaimer(WebexRequestSchema):
    """Who accepted the emergency disclaimer (domain.md B2)."""

    accepted_by: LongLine = Field(description="Name.", examples=["Ada Example"])
    job_title: LongLine = Field(description="Job title.", examples=["Head of IT"])


class ConnectionPut(WebexRequestSchema):
    """The connection one wants: Webex's fields, and those Cisco PSTN needs."""

    id: Annotated[str, Field(max_length=64)] | None = Field(
        None,
        description="The option's id.",
        examples=["019ac1f0-0000-7000-8000-000000000001"],
    )
    premise_route_type: PremiseRouteType | None = Field(
        None, description="For a Local Gateway.", examples=[None]
    )
    premise_route_id: LongLine | None = Field(
        None, description="For a Local Gateway.", examples=[None]
    )
    pstn_connection_type: ConnectionType | None = Field(
        None, description="`CISCO_PSTN`, or the kind of the option.", examples=["CISCO_PSTN"]
    )
    contact: Contact | None = Field(None, description="Needed for Cisco PSTN.")
    emergency_disclaimer: EmergencyDisclaimer | None = Field(
        None, description="Needed for Cisco PSTN."
    )
    emergency_address: AddressSchema | None = Field(
        None, description="Needed for Cisco PSTN: the default of every number here."
    )
