"""Taking numbers out of stock and giving them back: nothing is ever sold twice (domain.md C8).

Whoever wants numbers locks their thousands-blocks in ascending order, sees under the lock what is
there, and takes it with a conditional update; the key of `numbers` is the second guard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from app.core.database import WriteSession
from app.domains.numbering import repository
from app.domains.numbering.bitmaps import SIZE, by_block, numbers_of
from app.domains.numbering.repository import Criteria

CANDIDATES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Holder:
    """For whom numbers are held."""

    organization_id: UUID
    location_id: UUID
    order_id: UUID | None


class NumbersLost(Exception):  # noqa: N818 - the race's outcome, not a fault
    """Some numbers are not to be had; nothing was taken."""

    def __init__(self, lost: Iterable[int]) -> None:
        super().__init__()
        self.lost = frozenset(lost)


async def hold(session: WriteSession, numbers: Sequence[int], holder: Holder) -> None:
    """Hold all these numbers or none. Raises `NumbersLost` with those that are not there."""
    masks = by_block(numbers)
    blocks = await repository.lock_blocks(session, list(masks))
    there = {
        number
        for block in blocks
        for number in numbers_of(block.id, block.available & masks[block.id])
    }
    if lost := set(numbers) - there:
        raise NumbersLost(lost)
    await _take(session, sorted(numbers), holder)


async def choose(
    session: WriteSession, criteria: Criteria, quantity: int, holder: Holder
) -> list[int]:
    """Hold so many numbers of the inventory's choice, the lowest first; fewer if there are fewer.

    What another buyer holds locked right now is waited for, so a shortfall is a true one.
    """
    chosen: list[int] = []
    from_block = 0
    while len(chosen) < quantity:
        candidates = await repository.find_blocks(
            session, criteria, from_block=from_block, limit=CANDIDATES_AT_ONCE
        )
        if not candidates:
            break
        wanted, expected = [], 0
        for block in candidates:
            if expected >= quantity - len(chosen):
                break
            wanted.append(block.id)
            expected += (block.available & criteria.mask(block.id)).bit_count()
        for block in await repository.lock_blocks(session, wanted):
            free = numbers_of(block.id, block.available & criteria.mask(block.id))
            chosen += islice(free, quantity - len(chosen))
        from_block = wanted[-1] + 1
    if chosen:
        await _take(session, chosen, holder)
    return chosen


async def _take(session: WriteSession, numbers: Sequence[int], holder: Holder) -> None:
    masks = by_block(numbers)
    if await repository.take(session, masks) != len(masks):
        raise NumbersLost(numbers)
    added = await repository.add_numbers(
        session,
        numbers,
        organization_id=holder.organization_id,
        location_id=holder.location_id,
        order_id=holder.order_id,
        held_at=session.now,
        from_stock=True,
    )
    if lost := set(numbers) - added:
        raise NumbersLost(lost)


async def give_back(session: WriteSession, numbers: Sequence[int]) -> None:
    """Numbers that never became active go back to where they came from."""
    blocks = await repository.lock_blocks(session, sorted({number // SIZE for number in numbers}))
    gone = await repository.delete_numbers(session, sorted(numbers))
    stock = [number.number for number in gone if number.from_stock]
    known = {block.id for block in blocks}
    assert {number // SIZE for number in stock} <= known  # noqa: S101 - stock has its block
    if stock:
        await repository.put_back(session, by_block(stock))
