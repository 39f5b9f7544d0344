"""Putting a file of numbers in stock: line by line, a refused line stops no other.

`run` works in batches, a transaction each, and remembers how far it came; a second import of the
same file finds every number in stock already and changes nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

from app.core.database import EVERYTHING, Database, WriteSession
from app.domains.numbering import repository
from app.domains.numbering.bitmaps import SIZE, mask_of
from app.domains.numbering.models import ImportStatus, InventoryImport
from app.domains.numbering.policy.stocking import Range, Refused, SeenRanges, is_header, understand

LINES_A_BATCH = 2_000
BLOCKS_A_BATCH = 500
REFUSALS_KEPT = 1_000


@dataclass(slots=True)
class Batch:
    """What one transaction puts in stock."""

    ranges: list[Range] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    blocks: set[int] = field(default_factory=set)
    next_line: int = 2

    @property
    def is_full(self) -> bool:
        return (
            len(self.ranges) + len(self.refused) >= LINES_A_BATCH
            or len(self.blocks) >= BLOCKS_A_BATCH
        )


async def run(database: Database, import_id: UUID, lines: AsyncIterator[bytes]) -> None:
    """Put a file in stock, from where an earlier run of this import came to."""
    async with database.read(EVERYTHING) as session:
        known = await repository.get_import(session, import_id)
        if known is None or known.status != ImportStatus.running:
            return
        start = known.next_line
    seen, batch, number = SeenRanges(), Batch(), 0
    async for line in lines:
        number += 1
        if number == 1:
            if not is_header(line):
                await _finish(database, import_id, ImportStatus.failed, [(1, "wrongHeader")])
                return
            continue
        if not line.strip():
            continue
        try:
            found = understand(number, line)
            if not seen.add(found.first, found.last):
                raise Refused("overlappingRange")
            if number >= start:
                batch.ranges.append(found)
                batch.blocks.update(block for block, _ in found.parts())
        except Refused as refusal:
            if number >= start:
                batch.refused.append((number, str(refusal)))
        batch.next_line = number + 1
        if batch.is_full:
            await _store(database, import_id, batch)
            batch = Batch(next_line=number + 1)
    if number == 0:
        await _finish(database, import_id, ImportStatus.failed, [(1, "wrongHeader")])
        return
    await _store(database, import_id, batch)
    await _finish(database, import_id, ImportStatus.completed, [])


async def _store(database: Database, import_id: UUID, batch: Batch) -> None:
    async with database.write(EVERYTHING) as session:
        imported = await _stock(session, batch)
        known = await _locked(session, import_id)
        known.imported += imported
        known.next_line = max(known.next_line, batch.next_line)
        _refuse(known, batch.refused)


async def _stock(session: WriteSession, batch: Batch) -> int:
    """Put the batch's ranges in stock; how many numbers were not there before."""
    if not batch.ranges:
        return 0
    places = await _places(session, batch)
    await repository.add_missing_blocks(
        session,
        [
            {
                "id": block,
                "country": found.country,
                "state": found.state,
                "city": found.city,
                "rate_center": found.rate_center,
                "number_type": found.number_type,
                "stocked": 0,
                "available": 0,
                "longest_run": 0,
            }
            for block, found in sorted(places.items())
        ],
    )
    blocks = await repository.lock_blocks(session, batch.blocks)
    somebodys = dict.fromkeys(blocks, 0)
    for number in await repository.numbers_in_blocks(session, list(blocks)):
        somebodys[number // SIZE] |= mask_of([number])
    imported = 0
    for found in batch.ranges:
        parts = found.parts()
        if any(block not in blocks or blocks[block].place != found.place for block, _ in parts):
            batch.refused.append((found.line, "placeDisagrees"))
            continue
        for block_id, mask in parts:
            kept = blocks[block_id]
            # A number that has a row was never stock here; its bits stay off until it ends.
            fresh = mask & ~kept.stocked & ~somebodys[block_id]
            imported += fresh.bit_count()
            kept.stocked |= fresh
            kept.available |= fresh
    behind = {block + 1 for block in batch.blocks} - set(blocks)
    following = await repository.get_blocks(session, behind)
    repository.mend_runs(blocks, following, batch.blocks)
    await session.flush()
    return imported


async def _places(session: WriteSession, batch: Batch) -> dict[int, Range]:
    """The thousands-blocks that are new, each with the first line that may decide its place.

    A line that is refused for one of its thousands decides about none.
    """
    there = await repository.get_blocks(session, batch.blocks)
    known = {block_id: block.place for block_id, block in there.items()}
    new: dict[int, Range] = {}
    for found in batch.ranges:
        ids = [block for block, _ in found.parts()]
        if all(known.get(block, found.place) == found.place for block in ids):
            new |= {block: found for block in ids if block not in known}
            known |= dict.fromkeys(ids, found.place)
    return new


async def _finish(
    database: Database, import_id: UUID, status: ImportStatus, refused: list[tuple[int, str]]
) -> None:
    async with database.write(EVERYTHING) as session:
        known = await _locked(session, import_id)
        known.status = status
        known.finished_at = session.now
        _refuse(known, refused)


async def _locked(session: WriteSession, import_id: UUID) -> InventoryImport:
    return await session.get_one(InventoryImport, import_id, with_for_update=True)


def _refuse(known: InventoryImport, refused: list[tuple[int, str]]) -> None:
    known.refused_count += len(refused)
    room = REFUSALS_KEPT - len(known.refused)
    known.refused = known.refused + [
        {"line": line, "code": code} for line, code in sorted(refused)[:room]
    ]
