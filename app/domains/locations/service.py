"""What one does with locations: make, change, remove; connect one to the PSTN."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from app.core.database import ReadSession, WriteSession
from app.core.errors import INVALID_TRANSITION, NotFound, Problem, ProblemType
from app.core.http import check_if_match
from app.core.identifiers import new_id
from app.core.texts import text
from app.domains.emergency_addresses import service as emergency_addresses
from app.domains.events.catalogue import MainNumberChanged
from app.domains.events.service.recording import record
from app.domains.locations import policy, repository
from app.domains.locations.models import Location, PstnConnection
from app.domains.locations.options import (
    CISCO_PSTN,
    OPTIONS,
    PREMISES,
    ConnectionOption,
    options_for,
)
from app.domains.locations.schemas import (
    ConnectionPut,
    LocationAddress,
    LocationChange,
    LocationWrite,
)
from app.domains.organizations import policy as account_policy
from app.domains.organizations import service as organizations
from app.integrations.address_validation.port import AddressValidator
from app.policy.violation import Violation, refuse
from app.telephony.country import get_country
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber

PSTN_NOT_CONFIGURED = ProblemType(
    "pstnNotConfigured",
    404,
    text("This location has no PSTN connection yet"),
    text("Choose one of GET …/connectionOptions and send it with PUT …/connection."),
)

MAY_BE_ABSENT = frozenset({"latitude", "longitude", "notes"})
"""Fields of a location."""


async def get(session: ReadSession, location_id: UUID) -> Location:
    """A location with its connection. Raises 404."""
    found = await repository.get(session, location_id)
    if found is None:
        raise NotFound
    return found


async def get_connection(session: ReadSession, location_id: UUID) -> PstnConnection:
    """The connection of a location. Raises 404, `pstnNotConfigured` when it has none."""
    location = await get(session, location_id)
    if location.connection is None:
        raise Problem(
            PSTN_NOT_CONFIGURED,
            text("Connect it with PUT /v1/telephony/pstn/locations/{locationId}/connection."),
        )
    return location.connection


async def create(session: WriteSession, organization_id: UUID, wish: LocationWrite) -> Location:
    """A new location of an organisation."""
    organization = await organizations.get(session, organization_id)
    location = Location(id=new_id(), org_id=organization.id, created_at=session.now)
    _describe(location, wish, set(LocationWrite.model_fields))
    session.add(location)
    await session.flush()
    return location


async def change(session: WriteSession, location_id: UUID, wish: LocationChange) -> None:
    """Describe a location anew, as far as the wish goes.

    Raises 404; 409 when a connected one would change country.
    """
    location = await get_locked(session, location_id)
    country = wish.address.country if wish.address is not None else location.country
    if location.connection is not None and country != location.country:
        raise Problem(
            INVALID_TRANSITION,
            text("A location that is connected to the PSTN stays in its country."),
        )
    _describe(location, wish, wish.model_fields_set)


async def remove(session: WriteSession, location_id: UUID) -> None:
    """Remove a location. Raises 404; 409 while it is on Cisco PSTN."""
    location = await get_locked(session, location_id)
    if location.is_on_cisco_pstn:
        raise Problem(INVALID_TRANSITION, text("A location on Cisco PSTN cannot be removed."))
    await session.delete(location)


async def get_locked(session: WriteSession, location_id: UUID) -> Location:
    """A location, locked: one change at a time. Raises 404."""
    location = await repository.get_locked(session, location_id)
    if location is None:
        raise NotFound
    return location


def _describe(
    location: Location, wish: LocationWrite | LocationChange, fields: Collection[str]
) -> None:
    """Write these fields; a null for one that cannot be absent changes nothing."""
    for field in fields:
        value = getattr(wish, field)
        if isinstance(value, LocationAddress):
            location.address = value.model_dump(by_alias=False)
        elif value is not None or field in MAY_BE_ABSENT:
            setattr(location, field, value)


async def connect(
    session: WriteSession,
    validator: AddressValidator,
    location_id: UUID,
    wish: ConnectionPut,
    if_match: str | None = None,
) -> Location:
    """Connect a location to the PSTN as wished.

    Cisco PSTN again, where it is enabled, changes contact, disclaimer and address. Raises 404,
    412, and 422 `policyViolation` with everything that stands against it.
    """
    location = await get_locked(session, location_id)
    if location.connection is not None:
        check_if_match(if_match, location.connection.version)
    option = _chosen(location, wish)
    if option is CISCO_PSTN:
        await _connect_to_cisco_pstn(session, validator, location, wish)
    else:
        await _connect_elsewhere(session, location, option, wish)
    await session.flush()
    await session.refresh(location, ["connection"])
    return location


def _chosen(location: Location, wish: ConnectionPut) -> ConnectionOption:
    """The option that id, type or route name; `None` of them names the premises."""
    named = [
        option
        for option in OPTIONS
        if (wish.id is None or str(option.id) == wish.id)
        and (wish.pstn_connection_type in (None, option.type))
        and (wish.premise_route_id is None or option is PREMISES)
    ]
    if wish.id is None and wish.pstn_connection_type is None and wish.premise_route_id is None:
        named = []
    if len(named) != 1 or (
        named[0] is not CISCO_PSTN and named[0] not in options_for(location.country)
    ):
        refuse(
            [
                Violation(
                    "validationFailed",
                    "/id",
                    text("Name one of this location's connection options by id or type."),
                )
            ]
        )
    return named[0]


async def _connect_to_cisco_pstn(
    session: WriteSession, validator: AddressValidator, location: Location, wish: ConnectionPut
) -> None:
    organization = await organizations.get(session, location.org_id)
    violations = account_policy.check(organizations.account_facts(organization))
    violations += policy.check(
        policy.ConnectFacts(
            country_is_supported=get_country(location.country) is not None,
            has_other_connection=location.connection is not None and not location.is_on_cisco_pstn,
            has_contact=wish.contact is not None,
            billing_number_is_valid=_is_number(
                wish.contact.billing_telephone_number if wish.contact else None
            ),
            disclaimer_is_accepted=wish.emergency_disclaimer is not None,
            has_emergency_address=wish.emergency_address is not None,
        )
    )
    if wish.emergency_address is not None:
        address = wish.emergency_address.to_address(country=location.country)
        violations += await emergency_addresses.check(
            validator, address, country=location.country, pointer="/emergencyAddress"
        )
    refuse(violations)
    assert wish.contact and wish.emergency_disclaimer  # noqa: S101, PT018 - refused above
    connection = location.connection or _new_connection(session, location, CISCO_PSTN)
    connection.contact = wish.contact.model_dump(by_alias=True)
    connection.emergency_disclaimer = wish.emergency_disclaimer.model_dump(by_alias=True) | {
        "acceptedAt": session.now.isoformat()
    }
    connection.version += 1
    await emergency_addresses.set_default(
        session, organization_id=location.org_id, location_id=location.id, address=address
    )


async def _connect_elsewhere(
    session: WriteSession, location: Location, option: ConnectionOption, wish: ConnectionPut
) -> None:
    if location.is_on_cisco_pstn:
        refuse(
            [
                Violation(
                    "locationAlreadyConnected",
                    "",
                    text("This location is on Cisco PSTN; make a new location for another PSTN."),
                )
            ]
        )
    if option is PREMISES and (wish.premise_route_id is None or wish.premise_route_type is None):
        refuse(
            [
                Violation(
                    "validationFailed",
                    "/premiseRouteId",
                    text("A Local Gateway needs premiseRouteType and premiseRouteId."),
                )
            ]
        )
    connection = location.connection or _new_connection(session, location, option)
    connection.type = option.type
    connection.option_id = option.id
    connection.route_type = wish.premise_route_type
    connection.route_id = wish.premise_route_id
    connection.version += 1


def _new_connection(
    session: WriteSession, location: Location, option: ConnectionOption
) -> PstnConnection:
    connection = PstnConnection(
        location_id=location.id,
        org_id=location.org_id,
        type=option.type,
        option_id=option.id,
        connected_at=session.now,
        version=0,
    )
    session.add(connection)
    return connection


def _is_number(text_given: str | None) -> bool:
    if text_given is None:
        return True
    try:
        PhoneNumber.parse(text_given)
    except InvalidPhoneNumber:
        return False
    return True


async def set_main_number(
    session: WriteSession, location_id: UUID, number: PhoneNumber, if_match: str | None
) -> Location:
    """Make a number, known to be active here, the main number (domain.md B6). Raises 404, 412."""
    location = await get_locked(session, location_id)
    connection = await get_connection(session, location_id)
    check_if_match(if_match, connection.version)
    connection.main_number = number.value
    connection.version += 1
    await session.flush()
    data = MainNumberChanged(location_id=location_id, phone_number=number.e164)
    await record(session, location.org_id, data)
    return location


def connection_of(location: Location) -> PstnConnection:
    """The connection of a location known to have one."""
    assert location.connection is not None  # noqa: S101 - the caller knows
    return location.connection


async def get_many(session: ReadSession, location_ids: Iterable[UUID]) -> dict[UUID, Location]:
    """Locations by id, as far as they may be seen."""
    return {
        location.id: location for location in await repository.get_many(session, list(location_ids))
    }


async def main_numbers_of(session: ReadSession, location_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The main numbers of these locations, of those that have one."""
    return {
        location.id: location.connection.main_number
        for location in await repository.get_many(session, list(location_ids))
        if location.connection is not None and location.connection.main_number is not None
    }


async def clear_main_numbers(session: WriteSession, numbers: Iterable[int]) -> None:
    """Locations whose main number is one of these have none from now on."""
    for organization_id, location_id in await repository.clear_main_numbers(session, list(numbers)):
        data = MainNumberChanged(location_id=location_id, phone_number=None)
        await record(session, organization_id, data)


async def contacts_of(session: ReadSession, organization_id: UUID) -> dict[str, str]:
    """Who answers for an organisation's connections: addresses, with the language of the place."""
    found: dict[str, str] = {}
    for address, language in await repository.contacts_of(session, organization_id):
        found.setdefault(address, language.replace("_", "-"))
    return found
