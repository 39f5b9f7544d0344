"""Recording what happened to numbers; whoever writes rows of theirs tells of it here."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.database import WriteSession
from app.domains.events.catalogue import MAX_NUMBERS, NumbersData, NumbersHeld
from app.domains.events.service.recording import record
from app.domains.numbering.models import Number
from app.domains.numbering.repository import Changed, Owner


async def tell(
    session: WriteSession, event: type[NumbersData], changed: Changed, **more: object
) -> None:
    """The same happened to all these numbers: an event for each order or location of theirs."""
    for owner, numbers in _by_owner(changed).items():
        own = {"reservation_id": owner.reservation_id} if event is NumbersHeld else {}
        for start in range(0, len(numbers), MAX_NUMBERS):
            data = {
                "phone_numbers": [f"+{n}" for n in numbers[start : start + MAX_NUMBERS]],
                "location_id": owner.location_id,
                "order_id": owner.order_id,
                **own,
                **more,
            }
            await record(session, owner.organization_id, event.model_validate(data))


def _by_owner(changed: Changed) -> dict[Owner, list[int]]:
    groups: dict[Owner, list[int]] = {}
    for number in sorted(changed):
        groups.setdefault(changed[number], []).append(number)
    return groups


def owners_of(numbers: Iterable[Number]) -> Changed:
    """Whose these numbers are, or were."""
    return {
        number.number: Owner(
            number.org_id, number.location_id, number.order_id, number.reservation_id
        )
        for number in numbers
    }
