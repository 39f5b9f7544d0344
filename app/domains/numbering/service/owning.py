"""Whose a number is: delivered, activated, listed; main numbers and a location's next steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.database import ReadSession, WriteSession
from app.core.errors import ProblemType
from app.core.texts import text
from app.domains.events.catalogue import NumbersActivated, NumbersAssigned, NumbersHeld
from app.domains.locations import service as locations
from app.domains.locations.models import Location
from app.domains.numbering import repository
from app.domains.numbering.models import Number, NumberBlock, NumberState
from app.domains.numbering.service.telling import tell
from app.domains.organizations import service as organizations
from app.policy.violation import Violation, refuse
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber

NUMBER_ALREADY_OWNED = ProblemType(
    "numberAlreadyOwned",
    409,
    text("Some of the numbers are owned already"),
    text("phoneNumbers names them; leave them out, or have their owner release them."),
)
COUNTED_FOR_TRIAL = (
    NumberState.held,
    NumberState.inactive,
    NumberState.active,
    NumberState.released,
)
"""What counts against a trial's limit (domain.md A7)."""


async def count_for_trial(session: ReadSession, organization_id: UUID) -> int:
    """How many numbers of an organisation count against a trial's limit."""
    counts = await repository.count_by_state(session, organization_id=organization_id)
    return sum(counts.get(state, 0) for state in COUNTED_FOR_TRIAL)


async def reserved_by(session: ReadSession, reservation_id: UUID) -> list[int]:
    """The numbers that a reservation holds, ascending."""
    return await repository.numbers_reserved(session, reservation_id)


async def count_reserved(session: ReadSession, organization_id: UUID) -> int:
    """How many numbers an organisation holds in reservations."""
    return await repository.count_reserved(session, organization_id)


async def turn_over(
    session: WriteSession,
    reservation_id: UUID,
    numbers: Sequence[int],
    *,
    order_id: UUID,
    block_id: UUID | None,
) -> None:
    """Numbers of a reservation are held by an order from now on."""
    changed = await repository.turn_over(session, reservation_id, numbers, order_id, block_id)
    await tell(session, NumbersHeld, changed)


async def hand_over(session: WriteSession, numbers: Sequence[int], order_id: UUID) -> None:
    """Numbers that an order holds are held by another one of the organisation from now on."""
    await tell(session, NumbersHeld, await repository.hand_over(session, numbers, order_id))


def add_block(
    session: WriteSession,
    *,
    block_id: UUID,
    organization_id: UUID,
    location_id: UUID,
    first_number: int,
    size: int,
) -> None:
    """Consecutive numbers are one block from now on (domain.md C6)."""
    session.add(
        NumberBlock(
            id=block_id,
            org_id=organization_id,
            location_id=location_id,
            first_number=first_number,
            size=size,
        )
    )


async def remove_block(session: WriteSession, block_id: UUID) -> None:
    """A block whose numbers went back is none any more."""
    await repository.delete_number_block(session, block_id)


async def deliver(session: WriteSession, numbers: Sequence[int], *, active: bool) -> None:
    """Held numbers are the organisation's now: active, or waiting for the terms of service."""
    state = NumberState.active if active else NumberState.inactive
    changed = await repository.set_state(
        session, sorted(numbers), state, activated_at=session.now if active else None
    )
    await tell(session, NumbersAssigned, changed, state=state)


async def activate_inactive(session: WriteSession, organization_id: UUID) -> None:
    """The terms of service are accepted: what waited for them is active (domain.md C5)."""
    changed = await repository.activate_inactive(session, organization_id, session.now)
    await tell(session, NumbersActivated, changed)


async def states_of(session: ReadSession, numbers: Sequence[int]) -> dict[int, NumberState]:
    """The states of these numbers, as far as the transaction may see them."""
    return await repository.states_of(session, numbers)


@dataclass(frozen=True, slots=True)
class LocationNumbers:
    """What a location has, for its next steps."""

    active: int
    inactive: int
    pending: int


async def numbers_at(session: ReadSession, location_id: UUID) -> LocationNumbers:
    """How many numbers a location has."""
    counts = await repository.count_by_state(session, location_id=location_id)
    return LocationNumbers(
        active=counts.get(NumberState.active, 0),
        inactive=counts.get(NumberState.inactive, 0),
        pending=counts.get(NumberState.held, 0),
    )


async def set_main_number(
    session: WriteSession, location_id: UUID, phone_number: str, if_match: str | None
) -> Location:
    """Make an active number of the location its main number (domain.md B6).

    Raises 404, 412, and 422 for a number that is not active there.
    """
    await locations.get_connection(session, location_id)
    location = await locations.get(session, location_id)
    # Locked: the number must not be released in the meantime.
    await organizations.get_locked(session, location.org_id)
    try:
        number = PhoneNumber.parse(phone_number)
    except InvalidPhoneNumber:
        refuse(
            [
                Violation(
                    "invalidPhoneNumber",
                    "/phoneNumber",
                    text("A telephone number is written like +12065550100."),
                )
            ]
        )
        raise
    owned: Number | None = await repository.get_number(session, number.value)
    if owned is None or owned.location_id != location_id or owned.state != NumberState.active:
        refuse(
            [
                Violation(
                    "numberNotActive",
                    "/phoneNumber",
                    text("The main number has to be an active number of this location."),
                    phone_number=number.e164,
                )
            ]
        )
    return await locations.set_main_number(session, location_id, number, if_match)
