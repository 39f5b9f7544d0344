"""What one does with emergency addresses: judge one, make it a location's default, change it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from uuid import UUID

from app.core.database import ReadSession, WriteSession
from app.core.errors import NotFound
from app.core.http import check_if_match
from app.core.identifiers import new_id
from app.domains.emergency_addresses import repository
from app.domains.emergency_addresses.faults import describe
from app.domains.emergency_addresses.models import EmergencyAddress
from app.domains.emergency_addresses.schemas import AddressSchema
from app.domains.events.catalogue import EventData, LocationAddressChanged, NumberAddressChanged
from app.domains.events.service.recording import record
from app.integrations.address_validation.port import (
    AddressFault,
    AddressValidation,
    AddressValidator,
)
from app.policy.violation import Violation
from app.telephony.address import Address

INVALID = "emergencyAddressInvalid"


async def check(
    validator: AddressValidator, address: Address, *, country: str, pointer: str
) -> list[Violation]:
    """Everything wrong with an address for a location of that country (domain.md B3).

    Each violation points at its field below `pointer` and offers the corrected address, if there
    is one; a correction is never taken by itself.
    """
    judged = await judge(validator, address, country=country)
    candidate = None
    if judged.candidate is not None:
        candidate = AddressSchema.of(judged.candidate).model_dump(by_alias=True, exclude_none=True)
    return [
        Violation(
            INVALID, f"{pointer}/{fault.field}", describe(fault, country), candidate=candidate
        )
        for fault in judged.faults
    ]


async def judge(
    validator: AddressValidator, address: Address, *, country: str
) -> AddressValidation:
    """An address judged as one of a location in that country: help cannot cross a border."""
    judged = await validator.validate(address)
    if address.country.strip().upper() in (country, "") or any(
        fault.field == "country" for fault in judged.faults
    ):
        return judged
    return AddressValidation(
        faults=(*judged.faults, AddressFault("countryMismatch", "country")),
        candidate=None,
        meta=judged.meta,
    )


async def get_default(session: ReadSession, location_id: UUID) -> EmergencyAddress | None:
    """The default address of a location, if it has one."""
    return await repository.get_default(session, location_id)


async def set_default(
    session: WriteSession, *, organization_id: UUID, location_id: UUID, address: Address
) -> EmergencyAddress:
    """Make an address, already checked, the default of every number of a location."""
    found = await repository.get_default(session, location_id)
    if found is None:
        found = EmergencyAddress(
            id=new_id(), org_id=organization_id, location_id=location_id, version=0
        )
        session.add(found)
    return await _write(session, found, address)


async def change(
    session: WriteSession,
    *,
    location_id: UUID,
    address_id: UUID,
    address: Address,
    if_match: str | None,
) -> EmergencyAddress:
    """Put an address, already checked, in the place of a known one. Raises 404, 412."""
    found = await repository.get(session, location_id, address_id)
    if found is None:
        raise NotFound
    check_if_match(if_match, found.version)
    return await _write(session, found, address)


async def _write(
    session: WriteSession, kept: EmergencyAddress, address: Address
) -> EmergencyAddress:
    kept.address = asdict(address)
    kept.updated_at = session.now
    kept.version += 1
    await session.flush()
    await _tell(session, kept)
    return kept


async def _tell(session: WriteSession, changed: EmergencyAddress) -> None:
    if changed.phone_number is None:
        data: EventData = LocationAddressChanged(location_id=changed.location_id)
    else:
        data = NumberAddressChanged(
            phone_number=f"+{changed.phone_number}", location_id=changed.location_id
        )
    await record(session, changed.org_id, data)


def address_of(kept: EmergencyAddress) -> Address:
    """A kept address as the trade's value."""
    return Address(**kept.address)


async def get_default_or_404(session: ReadSession, location_id: UUID) -> EmergencyAddress:
    """The default address of a location. Raises 404 when it has none."""
    found = await repository.get_default(session, location_id)
    if found is None:
        raise NotFound
    return found


async def set_own(
    session: WriteSession,
    *,
    organization_id: UUID,
    location_id: UUID,
    number: int,
    address: Address,
) -> EmergencyAddress:
    """Give a number, locked by the caller, its own address, already checked (domain.md B5)."""
    found = await repository.get_own(session, number)
    if found is None:
        found = EmergencyAddress(
            id=new_id(),
            org_id=organization_id,
            location_id=location_id,
            phone_number=number,
            version=0,
        )
        session.add(found)
    return await _write(session, found, address)


async def forget_own(session: WriteSession, numbers: Collection[int]) -> None:
    """These numbers have their location's default again, if they had their own."""
    for gone in await repository.delete_own(session, numbers):
        await _tell(session, gone)


async def effective_of(
    session: ReadSession, places: Mapping[int, UUID]
) -> dict[int, EmergencyAddress]:
    """Where help goes for each number: its own address, else its location's default, if any.

    `places` are the locations of the numbers.
    """
    own = await repository.own_of(session, places.keys())
    defaults = await repository.defaults_of(session, set(places.values()))
    found = {number: own.get(number) or defaults.get(place) for number, place in places.items()}
    return {number: kept for number, kept in found.items() if kept is not None}
