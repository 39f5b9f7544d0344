"""Taking numbers out of stock and giving them back: nothing is ever sold twice (domain.md C8).

Whoever wants numbers locks their thousands-blocks in ascending order, sees under the lock what is
there, and takes it with a conditional update; the key of `numbers` is the second guard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from app.core.database import ReadSession, WriteSession
from app.domains.events.catalogue import NumbersGivenBack, NumbersHeld
from app.domains.numbering import repository
from app.domains.numbering.bitmaps import by_block, numbers_of
from app.domains.numbering.models import ThousandsBlock
from app.domains.numbering.repository import Criteria
from app.domains.numbering.service.search import search
from app.domains.numbering.service.telling import owners_of, tell

CANDIDATES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Holder:
    """For whom numbers are held."""

    organization_id: UUID
    location_id: UUID
    order_id: UUID | None = None
    reservation_id: UUID | None = None
    block_id: UUID | None = None


class NumbersLost(Exception):  # noqa: N818 - the race's outcome, not a fault
    """Some numbers are not to be had; nothing was taken."""

    def __init__(self, lost: Iterable[int]) -> None:
        super().__init__()
        self.lost = frozenset(lost)


async def lock(session: WriteSession, numbers: Iterable[int]) -> None:
    """Lock what several steps of a transaction will change, at once and in the one order."""
    await repository.lock_blocks(session, by_block(numbers))


async def hold(session: WriteSession, numbers: Sequence[int], holder: Holder) -> None:
    """Hold all these numbers or none. Raises `NumbersLost` with those that are not there."""
    if not numbers:
        return
    masks = by_block(numbers)
    blocks = await repository.lock_blocks(session, masks)
    if lost := set(numbers) - _there(blocks, masks):
        raise NumbersLost(lost)
    await _take(session, blocks, numbers, holder)


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
        wanted = _enough(candidates, criteria, quantity - len(chosen))
        if not wanted:
            break
        blocks = await repository.lock_blocks(session, wanted)
        taken: list[int] = []
        for block_id in wanted:
            free = numbers_of(block_id, blocks[block_id].available & criteria.mask(block_id))
            taken += islice(free, quantity - len(chosen) - len(taken))
        if taken:
            await _take(session, blocks, taken, holder)
        chosen += taken
        from_block = wanted[-1] + 1
    return chosen


def _enough(candidates: list[ThousandsBlock], criteria: Criteria, quantity: int) -> list[int]:
    """The first of these blocks that together seem to have so many numbers."""
    wanted: list[int] = []
    for block in candidates:
        if quantity <= 0:
            break
        wanted.append(block.id)
        quantity -= (block.available & criteria.mask(block.id)).bit_count()
    return wanted


async def available_among(session: ReadSession, numbers: Iterable[int]) -> set[int]:
    """Those of these numbers that one could hold now; nothing is locked or held."""
    masks = by_block(numbers)
    blocks = await repository.get_blocks(session, masks)
    return _there(blocks, masks)


@dataclass(frozen=True, slots=True)
class Stock:
    """Those of some numbers that were ever put in stock: free ones, and gone ones."""

    available: frozenset[int]
    gone: frozenset[int]


async def in_stock(session: ReadSession, numbers: Iterable[int]) -> Stock:
    """Which of these numbers are of the inventory; nothing is locked or held."""
    masks = by_block(numbers)
    blocks = await repository.get_blocks(session, masks)
    available = _there(blocks, masks)
    stocked = {
        number
        for block_id, mask in masks.items()
        if block_id in blocks
        for number in numbers_of(block_id, blocks[block_id].stocked & mask)
    }
    return Stock(frozenset(available), frozenset(stocked - available))


def _there(blocks: repository.Blocks, masks: repository.Masks) -> set[int]:
    return {
        number
        for block_id, mask in masks.items()
        if block_id in blocks
        for number in numbers_of(block_id, blocks[block_id].available & mask)
    }


async def peek(session: ReadSession, criteria: Criteria, quantity: int) -> list[int]:
    """The numbers `choose` would choose now; nothing is locked or held."""
    found = await search(session, criteria, after=None, limit=quantity) if quantity else []
    return [number.number for number in found]


async def _take(
    session: WriteSession, blocks: repository.Blocks, numbers: Sequence[int], holder: Holder
) -> None:
    if not await repository.change_available(session, blocks, take=by_block(numbers)):
        raise NumbersLost(numbers)
    await _add(session, numbers, holder, in_stock=set(numbers))


async def assign(session: WriteSession, numbers: Sequence[int], holder: Holder) -> None:
    """Hold numbers that support chose: out of stock where they are in it, else as they are.

    Raises `NumbersLost` with those that are somebody's or rest; the transaction is to be rolled
    back then.
    """
    masks = by_block(numbers)
    blocks = await repository.lock_blocks(session, masks)
    in_stock = _there(blocks, masks)
    if in_stock and not await repository.change_available(session, blocks, take=by_block(in_stock)):
        raise NumbersLost(in_stock)
    await _add(session, numbers, holder, in_stock=in_stock)


async def _add(
    session: WriteSession, numbers: Sequence[int], holder: Holder, *, in_stock: set[int]
) -> None:
    added = await repository.add_numbers(
        session,
        numbers,
        organization_id=holder.organization_id,
        location_id=holder.location_id,
        order_id=holder.order_id,
        reservation_id=holder.reservation_id,
        block_id=holder.block_id,
        held_at=session.now,
        in_stock=in_stock,
    )
    if lost := set(numbers) - added.keys():
        raise NumbersLost(lost)
    await tell(session, NumbersHeld, added)


async def give_back(session: WriteSession, numbers: Sequence[int]) -> None:
    """Numbers that never became active go back to where they came from."""
    masks = by_block(numbers)
    blocks = await repository.lock_blocks(session, masks)
    gone = await repository.delete_numbers(session, sorted(numbers))
    await tell(session, NumbersGivenBack, owners_of(gone))
    stock = [number.number for number in gone if number.from_stock]
    if stock:
        await repository.change_available(session, blocks, give=by_block(stock))
