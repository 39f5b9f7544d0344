"""Releasing numbers, taking them back, and their rest (domain.md H2 to H4).

Starts at `release`. A released number can be taken back for a while, then rests, then is stock
again, if it ever was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from app.core.database import WriteSession
from app.core.errors import INVALID_TRANSITION, NOT_FOUND, NotFound, Problem, ProblemType
from app.core.texts import text
from app.domains.emergency_addresses import service as emergency_addresses
from app.domains.events.catalogue import (
    NumbersReleased,
    NumbersRemoved,
    NumbersRestored,
    NumbersRestStarted,
)
from app.domains.locations import service as locations
from app.domains.numbering import repository
from app.domains.numbering.bitmaps import by_block
from app.domains.numbering.models import Number, NumberState
from app.domains.numbering.policy import releasing as policy
from app.domains.numbering.schemas import NumbersChoice
from app.domains.numbering.service import bringing
from app.domains.numbering.service.telling import owners_of, tell
from app.domains.organizations import policy as account_policy
from app.domains.organizations import service as organizations
from app.policy.phone_numbers import duplicate_phone_number, invalid_phone_number
from app.policy.violation import Violation, refuse
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber

BLOCK_NUMBER_NOT_RELEASABLE = ProblemType(
    "blockNumberNotReleasable",
    409,
    text("A number of a block goes with its whole block only"),
    text("Release the whole block by its blockId, or keep the number."),
)
MAIN_NUMBER_NOT_RELEASABLE = ProblemType(
    "mainNumberNotReleasable",
    409,
    text("A main number stays while others depend on it"),
    text("Make another number the main number with PUT …/mainNumber, then release this one."),
)
REFUSALS = (
    NOT_FOUND,
    BLOCK_NUMBER_NOT_RELEASABLE,
    MAIN_NUMBER_NOT_RELEASABLE,
    INVALID_TRANSITION,
)
"""What an answer is called, the first of these that a violation has."""
AT_ONCE = 500


async def release(
    session: WriteSession, organization_id: UUID, choice: NumbersChoice
) -> list[Number]:
    """Release these numbers, or a block, all or nothing.

    Raises 404; 422 for a choice that cannot be read; 409 `blockNumberNotReleasable`,
    `mainNumberNotReleasable`, `invalidTransition` with every violation.
    """
    pointers = _pointers(choice)
    await organizations.get_locked(session, organization_id)
    numbers, pointers = await _lock(session, choice, pointers)
    mains = await locations.main_numbers_of(session, {number.location_id for number in numbers})
    left_behind = {
        main: await repository.count_in_use(session, location_id, except_for=pointers.keys())
        for location_id, main in mains.items()
        if main in pointers
    }
    await _check(session, policy.RELEASE, numbers, pointers, left_behind)
    for number in numbers:
        number.state = NumberState.released
        number.released_at = session.now
        number.take_back_until = session.now + policy.TAKE_BACK_FOR
        number.rests_until = session.now + policy.RESTS_FOR
    await session.flush()
    await tell(session, NumbersReleased, owners_of(numbers))
    await locations.clear_main_numbers(session, left_behind.keys())
    return numbers


async def restore(
    session: WriteSession, organization_id: UUID, choice: NumbersChoice
) -> list[Number]:
    """Take released numbers, or a block, back, all or nothing; a main number is set anew.

    Raises 404; 422 for a choice that cannot be read, and `subscriptionCancelled`; 409
    `blockNumberNotReleasable`, `invalidTransition` with every violation.
    """
    pointers = _pointers(choice)
    organization = await organizations.get_locked(session, organization_id)
    refuse(account_policy.subscription_is_active(organizations.account_facts(organization)))
    numbers, pointers = await _lock(session, choice, pointers)
    await _check(session, policy.RESTORE, numbers, pointers, {})
    for number in numbers:
        number.state = NumberState.active
        number.released_at = number.take_back_until = number.rests_until = None
    await session.flush()
    await tell(session, NumbersRestored, owners_of(numbers))
    return numbers


def _pointers(choice: NumbersChoice) -> dict[int, str]:
    """The numbers named, each with where it is named; none where a block is."""
    if (choice.phone_numbers is None) == (choice.block_id is None):
        refuse([Violation("validationFailed", "", text("Give either phoneNumbers or blockId."))])
    pointers: dict[int, str] = {}
    violations = []
    for index, given in enumerate(choice.phone_numbers or ()):
        pointer = f"/phoneNumbers/{index}"
        try:
            number = PhoneNumber.parse(given)
        except InvalidPhoneNumber:
            violations.append(invalid_phone_number(pointer))
            continue
        if number.value in pointers:
            violations.append(duplicate_phone_number(pointer, number))
        pointers.setdefault(number.value, pointer)
    refuse(violations)
    return pointers


async def _lock(
    session: WriteSession, choice: NumbersChoice, pointers: dict[int, str]
) -> tuple[list[Number], dict[int, str]]:
    numbers = await repository.lock_numbers(session, pointers, block_id=choice.block_id)
    if choice.block_id is None:
        return numbers, pointers
    if not numbers:
        raise NotFound
    return numbers, {number.number: "/blockId" for number in numbers}


async def _check(
    session: WriteSession,
    rules: tuple[policy.Rule, ...],
    numbers: Sequence[Number],
    pointers: Mapping[int, str],
    left_behind: Mapping[int, int],
) -> None:
    blocks = await repository.numbers_of_blocks(
        session, {number.block_id for number in numbers if number.block_id is not None}
    )
    owned = {
        number.number: policy.OwnedNumber(
            NumberState(number.state),
            number.block_id,
            number.take_back_until,
            is_brought=number.is_brought,
        )
        for number in numbers
    }
    facts = policy.Facts(pointers, owned, blocks, session.now, left_behind)
    violations = policy.check(rules, facts)
    if not violations:
        return
    codes = {violation.code for violation in violations}
    torn = sorted(
        (block_id, members)
        for block_id, members in blocks.items()
        if not members <= pointers.keys()
    )
    raise Problem(
        next(kind for kind in REFUSALS if kind.code in codes),
        text("Nothing was changed."),
        violations=violations,
        members={
            "blocks": [
                {
                    "blockId": str(block_id),
                    "phoneNumbers": [f"+{member}" for member in sorted(members)],
                }
                for block_id, members in torn
            ]
        }
        if torn
        else None,
    )


async def rest_all(session: WriteSession, organization_id: UUID) -> None:
    """Every number of an organisation, but for held ones, is released and rests at once (H4).

    What it brought for another PSTN is its own: forgotten here, and nobody has to wait for it.
    """
    await bringing.forget_all(session, organization_id)
    numbers = await repository.lock_numbers_to_rest(session, organization_id)
    changed = await repository.start_rest(
        session, numbers, released_at=session.now, rests_until=session.now + policy.RESTS_FOR
    )
    await tell(session, NumbersRestStarted, changed)
    await emergency_addresses.forget_own(session, numbers)
    await locations.clear_main_numbers(session, numbers)


class TakeBackTimer:
    """Released numbers can no longer be taken back; they rest."""

    name = "takeBackEnd"
    next_due = repository.NEXT_TAKE_BACK_END

    async def handle(self, session: WriteSession) -> None:
        """Make those rest whose time is over; their own emergency addresses go."""
        numbers = await repository.lock_take_back_over(session, session.now, AT_ONCE)
        await tell(session, NumbersRestStarted, await repository.start_rest(session, numbers))
        await emergency_addresses.forget_own(session, numbers)


class RestTimer:
    """Numbers have rested; they are stock again, or nothing."""

    name = "restEnd"
    next_due = repository.NEXT_REST_END

    async def handle(self, session: WriteSession) -> None:
        """Give back those that have rested; one that was never stock is dropped."""
        numbers = await repository.find_rested(session, session.now, AT_ONCE)
        blocks = await repository.lock_blocks(session, by_block(numbers))
        # Judged again under the lock: one may have been given back, and sold, in the meantime.
        gone = await repository.delete_rested(session, numbers, session.now)
        await tell(session, NumbersRemoved, owners_of(gone))
        stock = [number.number for number in gone if number.from_stock]
        if stock:
            await repository.change_available(session, blocks, give=by_block(stock))
