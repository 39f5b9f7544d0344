"""Searching the inventory (domain.md C3): a handful of thousands-blocks at a time, never all."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.database import ReadSession
from app.domains.numbering import repository
from app.domains.numbering.bitmaps import SIZE, numbers_of
from app.domains.numbering.repository import Criteria

BLOCKS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class AvailableNumber:
    """A number one can order now, and where it is."""

    number: int
    city: str
    state: str | None


async def search(
    session: ReadSession, criteria: Criteria, *, after: int | None, limit: int
) -> list[AvailableNumber]:
    """Available numbers ascending, at most `limit` of them, behind `after`."""
    found: list[AvailableNumber] = []
    from_block = after // SIZE if after is not None else 0
    while True:
        blocks = await repository.find_blocks(
            session, criteria, from_block=from_block, limit=BLOCKS_AT_ONCE
        )
        for block in blocks:
            for number in numbers_of(block.id, block.available & criteria.mask(block.id)):
                if after is not None and number <= after:
                    continue
                found.append(AvailableNumber(number, block.city, block.state))
                if len(found) == limit:
                    return found
        if len(blocks) < BLOCKS_AT_ONCE:
            return found
        from_block = blocks[-1].id + 1


async def city_of(session: ReadSession, number: int) -> tuple[str | None, str] | None:
    """State and city of a number's thousands-block, if the inventory has it."""
    found = await repository.get_blocks(session, [number // SIZE])
    block = found.get(number // SIZE)
    return (block.state, block.city) if block is not None else None
