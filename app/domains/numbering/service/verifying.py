"""Proving the inventory: `stocked` is `available` and the rows of stock together, no overlap."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from app.core.database import EVERYTHING, Database
from app.domains.numbering import repository
from app.domains.numbering.bitmaps import SIZE, mask_of
from app.domains.numbering.models import ThousandsBlock

BLOCKS_AT_ONCE = 1_000
HIGHEST_BLOCK = 10**12


@dataclass(frozen=True, slots=True)
class Fault:
    """A thousands-block that does not add up; numbers by their last three digits."""

    block_id: int
    kind: str
    numbers: int


async def verify(database: Database) -> AsyncIterator[Fault]:
    """Every fault of the inventory, walking it in slices, each a consistent snapshot."""
    after = -1
    while True:
        # One snapshot: else a sale between two statements would look like a fault.
        async with database.read(EVERYTHING, snapshot=True) as session:
            blocks = await repository.blocks_after(session, after, BLOCKS_AT_ONCE)
            last = blocks[-1].id if blocks else HIGHEST_BLOCK
            rows = await repository.stock_numbers_between(
                session, (after + 1) * SIZE, last * SIZE + SIZE - 1
            )
        stock, strangers = _masks(rows)
        for fault in _faults(blocks, stock, strangers):
            yield fault
        if not blocks:
            return
        after = last


def _masks(rows: list[tuple[int, bool]]) -> tuple[dict[int, int], dict[int, int]]:
    stock: dict[int, int] = {}
    strangers: dict[int, int] = {}
    for number, from_stock in rows:
        masks = stock if from_stock else strangers
        masks[number // SIZE] = masks.get(number // SIZE, 0) | mask_of([number])
    return stock, strangers


def _faults(
    blocks: list[ThousandsBlock], stock: dict[int, int], strangers: dict[int, int]
) -> Iterator[Fault]:
    for block in blocks:
        owned, foreign = stock.pop(block.id, 0), strangers.get(block.id, 0)
        wrong = {
            "available and owned at once": block.available & (owned | foreign),
            "stocked, but neither available nor owned": block.stocked & ~block.available & ~owned,
            "available or owned, but never stocked": (block.available | owned) & ~block.stocked,
        }
        yield from (Fault(block.id, kind, m.bit_count()) for kind, m in wrong.items() if m)
    for block_id, mask in stock.items():
        yield Fault(block_id, "owned from stock, but in no thousands-block", mask.bit_count())
