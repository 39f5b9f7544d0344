"""Numbers a customer brings to a PSTN of its own, as Webex's clients do it (domain.md A1).

Starts at `add`. They are nobody's stock, cost nothing, wait for no terms of service and do not
rest: removed, they are gone. For a Local Gateway and Cloud Connected PSTN only.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.core.database import WriteSession
from app.core.errors import ListedRefusal, ProblemType
from app.core.texts import text
from app.domains.emergency_addresses import service as emergency_addresses
from app.domains.events.catalogue import (
    NumbersActivated,
    NumbersAdded,
    NumbersDeactivated,
    NumbersRemoved,
)
from app.domains.locations import service as locations
from app.domains.locations.models import Location
from app.domains.numbering import repository
from app.domains.numbering.models import Number, NumberState
from app.domains.numbering.policy import bringing as policy
from app.domains.numbering.policy.bringing import Action, Refusal
from app.domains.numbering.schemas import NumbersAdd, NumberUsage, TelephoneNumberType
from app.domains.numbering.service import holding
from app.domains.numbering.service.telling import owners_of, tell
from app.domains.organizations import policy as account_policy
from app.domains.organizations import service as organizations
from app.policy.violation import refuse
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber

NUMBERS_REFUSED = ProblemType(
    "numbersRefused",
    400,
    text("This cannot be done with some of the numbers"),
    text("Each entry names a number and its fault. Nothing was done; send the others alone."),
)


async def add(session: WriteSession, location_id: UUID, wish: NumbersAdd) -> None:
    """Add numbers to a location, all or none; those it has already are left as they are.

    Raises 404; 422 `subscriptionCancelled`; 400 with every number refused.
    """
    location = await _connected(session, location_id)
    organization = await organizations.get(session, location.org_id)
    refuse(account_policy.subscription_is_active(organizations.account_facts(organization)))
    wanted = _parsed(wish.phone_numbers)
    values = [number.value for _, number in wanted if number is not None]
    await holding.lock(session, values)
    stock = await holding.in_stock(session, values)
    facts = policy.Facts(
        Action.add,
        location.id,
        location.is_on_cisco_pstn,
        wanted,
        _owned(location, await repository.lock_numbers(session, values)),
        stock.available | stock.gone,
        is_mobile=wish.number_type is TelephoneNumberType.mobile,
    )
    _refuse(policy.check(facts))
    new = [number for number in facts.numbers if not facts.is_here(number)]
    state = NumberState[wish.state.name]
    added = await repository.bring_numbers(
        session,
        [number.value for number in new],
        organization_id=location.org_id,
        location_id=location.id,
        state=state,
        toll_free={number.value for number in new if number.is_toll_free},
        is_service=wish.number_usage_type is NumberUsage.service,
        at=session.now,
    )
    # Numbers of other organisations are seen by nobody: only the key tells of them.
    _refuse([policy.unavailable(number.e164) for number in new if number.value not in added])
    await tell(session, NumbersAdded, added, state=state)


async def change_state(
    session: WriteSession, location_id: UUID, phone_numbers: Sequence[str], action: Action
) -> None:
    """Activate or deactivate numbers of a location, all or none. Raises 404; 400 as `add`."""
    is_active = action is Action.activate
    state = NumberState.active if is_active else NumberState.inactive
    numbers = await _judged(session, location_id, phone_numbers, action)
    changed = await repository.set_state(
        session,
        [number.number for number in numbers if number.state != state],
        state,
        activated_at=session.now if is_active else None,
    )
    await tell(session, NumbersActivated if is_active else NumbersDeactivated, changed)


async def remove(session: WriteSession, location_id: UUID, phone_numbers: Sequence[str]) -> None:
    """Remove numbers from a location, all or none. Raises 404; 400 as `add`."""
    await _forget(session, await _judged(session, location_id, phone_numbers, Action.delete))


async def remove_location(session: WriteSession, location_id: UUID) -> None:
    """Remove a location; what was brought there goes with it. Raises 404; 409 on Cisco PSTN."""
    location = await _locked(session, location_id)
    brought = await repository.lock_brought(session, location.org_id, location_id=location.id)
    await _forget(session, brought)
    await locations.remove(session, location_id)


async def forget_all(session: WriteSession, organization_id: UUID) -> None:
    """What an organisation brought is nobody's any more; its locations' main numbers go too."""
    numbers = await repository.lock_brought(session, organization_id)
    await _forget(session, numbers)
    await locations.clear_main_numbers(session, [number.number for number in numbers])


async def _forget(session: WriteSession, numbers: Sequence[Number]) -> None:
    values = [number.number for number in numbers]
    await emergency_addresses.forget_own(session, values)
    await tell(session, NumbersRemoved, owners_of(await repository.delete_numbers(session, values)))


async def _judged(
    session: WriteSession, location_id: UUID, phone_numbers: Sequence[str], action: Action
) -> list[Number]:
    location = await _connected(session, location_id)
    wanted = _parsed(phone_numbers)
    numbers = await repository.lock_numbers(
        session, {number.value for _, number in wanted if number is not None}
    )
    _refuse(
        policy.check(
            policy.Facts(
                action,
                location.id,
                location.is_on_cisco_pstn,
                wanted,
                _owned(location, numbers),
            )
        )
    )
    return numbers


async def _connected(session: WriteSession, location_id: UUID) -> Location:
    await locations.get_connection(session, location_id)
    return await _locked(session, location_id)


async def _locked(session: WriteSession, location_id: UUID) -> Location:
    found = await locations.get(session, location_id)
    await organizations.get_locked(session, found.org_id)
    return await locations.get_locked(session, location_id)


def _owned(location: Location, numbers: Sequence[Number]) -> dict[int, policy.OwnNumber]:
    """Those of the numbers that the location's organisation has."""
    main = location.connection.main_number if location.connection is not None else None
    return {
        own.number: policy.OwnNumber(own.location_id, own.is_brought, is_main=own.number == main)
        for own in numbers
        if own.org_id == location.org_id
    }


def _parsed(phone_numbers: Sequence[str]) -> list[tuple[str, PhoneNumber | None]]:
    return [(given, _parse(given)) for given in phone_numbers]


def _parse(given: str) -> PhoneNumber | None:
    try:
        return PhoneNumber.parse(given)
    except InvalidPhoneNumber:
        return None


def _refuse(refusals: Sequence[Refusal]) -> None:
    if refusals:
        raise ListedRefusal(NUMBERS_REFUSED, violations=refusals)
