"""Where help goes when a number calls for it: its own address, or its location's (domain.md B5)."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.database import ReadSession, WriteSession
from app.core.errors import INVALID_TRANSITION, NotFound, Problem
from app.core.texts import text
from app.domains.emergency_addresses import service as emergency_addresses
from app.domains.emergency_addresses.models import EmergencyAddress
from app.domains.emergency_addresses.schemas import AddressSchema
from app.domains.locations import service as locations
from app.domains.numbering import repository
from app.domains.numbering.models import Number, NumberState
from app.domains.numbering.schemas import NumberView, OwnAddress
from app.integrations.address_validation.port import AddressValidator
from app.policy.violation import refuse


async def set_address(
    session: WriteSession, validator: AddressValidator, number: int, wish: OwnAddress
) -> None:
    """Give a number its own address, or its location's default again for an empty one.

    Raises 404; 409 `invalidTransition` for a number that is not delivered, or is released; 422
    `emergencyAddressInvalid` with a candidate.
    """
    # Locked: a number must not start its rest, and go to somebody else, with this address.
    found = await repository.lock_numbers(session, [number])
    if not found or found[0].state == NumberState.resting:
        raise NotFound
    owned = found[0]
    if owned.state not in (NumberState.inactive, NumberState.active):
        raise Problem(
            INVALID_TRANSITION, text("Only a delivered number has an address of its own.")
        )
    if wish.is_empty:
        await emergency_addresses.forget_own(session, [number])
        return
    location = await locations.get(session, owned.location_id)
    address = wish.to_address(country=location.country)
    refuse(
        await emergency_addresses.check(
            validator, address, country=location.country, pointer="/emergencyAddress"
        )
    )
    await emergency_addresses.set_own(
        session,
        organization_id=owned.org_id,
        location_id=owned.location_id,
        number=number,
        address=address,
    )


async def get_address(session: ReadSession, number: int) -> EmergencyAddress:
    """The address in effect for a number. Raises 404 when there is none."""
    owned = await repository.get_number(session, number)
    if owned is None:
        raise NotFound
    effective = await _effective_of(session, [owned])
    if number not in effective:
        raise NotFound
    return effective[number]


async def views_of(session: ReadSession, numbers: Sequence[Number]) -> list[NumberView]:
    """Numbers as the API shows them, each with its address in effect."""
    effective = await _effective_of(session, numbers)
    views = []
    for number in numbers:
        kept = effective.get(number.number)
        if kept is None:
            views.append(NumberView.of(number, None, None))
        else:
            address = AddressSchema.of(emergency_addresses.address_of(kept))
            views.append(NumberView.of(number, address, kept.source))
    return views


async def _effective_of(
    session: ReadSession, numbers: Sequence[Number]
) -> dict[int, EmergencyAddress]:
    places = {
        number.number: number.location_id
        for number in numbers
        if number.state != NumberState.resting
    }
    return await emergency_addresses.effective_of(session, places)
