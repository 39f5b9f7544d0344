"""Finding consecutive numbers, also across neighbouring thousands-blocks (domain.md C6, C10).

All or nothing: a block that is offered is whole. The index of longest runs leads straight to the
thousands-blocks in which one starts, however large the inventory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.core.database import ReadSession
from app.domains.numbering import repository
from app.domains.numbering.bitmaps import SIZE, leading_run, runs_of
from app.domains.numbering.models import ThousandsBlock
from app.domains.numbering.repository import Criteria

ROWS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class AvailableBlock:
    """Consecutive numbers one can order now, and where they are."""

    first: int
    size: int
    city: str
    state: str | None

    @property
    def last(self) -> int:
        """The last number."""
        return self.first + self.size - 1


async def search(
    session: ReadSession, criteria: Criteria, size: int, *, after: int | None, limit: int
) -> list[AvailableBlock]:
    """Blocks of that size ascending, none overlapping another, all of them behind `after`."""
    found: list[AvailableBlock] = []
    behind = -1 if after is None else after
    # A block may begin in the thousands-block before the one that `after` is in, never earlier.
    from_block = max(behind, 0) // SIZE
    while True:
        rows = await repository.find_with_run(
            session, criteria, size, from_block=from_block, limit=ROWS_AT_ONCE
        )
        following = await repository.get_blocks(session, {row.id + 1 for row in rows})
        for row in rows:
            for first in _firsts(row, following.get(row.id + 1), size, behind):
                behind = first + size - 1
                found.append(AvailableBlock(first, size, row.city, row.state))
                if len(found) == limit:
                    return found
        if len(rows) < ROWS_AT_ONCE:
            return found
        from_block = rows[-1].id + 1


def _firsts(
    row: ThousandsBlock, following: ThousandsBlock | None, size: int, behind: int
) -> Iterator[int]:
    """The first numbers of blocks that begin in this row, behind that number."""
    base = row.id * SIZE
    for position, length in runs_of(row.available):
        if position + length == SIZE and following is not None and following.place == row.place:
            length += leading_run(following.available)  # noqa: PLW2901 - the run goes on
        first, end = max(base + position, behind + 1), base + position + length
        while first + size <= end and first < base + SIZE:
            yield first
            first += size


@dataclass(frozen=True, slots=True)
class Alternative:
    """An area code of the same state that has a block of the size."""

    state: str
    area_code: str


async def longest_run(session: ReadSession, criteria: Criteria) -> int:
    """The longest run there is at a place."""
    return await repository.longest_run_at(session, criteria)


async def alternatives(session: ReadSession, criteria: Criteria, size: int) -> list[Alternative]:
    """The area codes of the state that have one, ascending."""
    if criteria.state is None:
        return []
    areas = await repository.areas_with_run(session, criteria.country, criteria.state, size)
    return [
        Alternative(criteria.state, str(area).removeprefix(criteria.calling_code)) for area in areas
    ]
