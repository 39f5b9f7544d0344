"""How not to sell numbers: the functions of the holding path, each without what makes it safe.

They take the place of their namesakes in `app.domains.numbering.repository`, to show that the
tests would notice.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import WriteSession
from app.domains.numbering.models import Number, NumberState, ThousandsBlock
from app.domains.numbering.repository import Blocks, Changed, Masks, Owner

GAP_SECONDS = 0.02


async def lock_blocks(session: WriteSession, block_ids: Iterable[int]) -> Blocks:
    """Reads without a lock; what is read may be over by the time it is acted on."""
    found = await _read(session, block_ids)
    await asyncio.sleep(GAP_SECONDS)
    return found


async def _read(session: WriteSession, block_ids: Iterable[int]) -> Blocks:
    query = select(ThousandsBlock).where(ThousandsBlock.id.in_(list(block_ids)))
    return {block.id: block for block in await session.scalars(query)}


async def lock_blocks_in_any_order(session: WriteSession, block_ids: Iterable[int]) -> Blocks:
    """Locks one after the other, as they come."""
    found: Blocks = {}
    ids = list(block_ids)
    for block_id in random.sample(ids, len(ids)):
        query = select(ThousandsBlock).where(ThousandsBlock.id == block_id).with_for_update()
        for block in await session.scalars(query.execution_options(populate_existing=True)):
            found[block.id] = block
        await asyncio.sleep(GAP_SECONDS)
    return found


async def change_available(
    session: WriteSession, blocks: Blocks, *, take: Masks | None = None, give: Masks | None = None
) -> bool:
    """Writes back what was read, whatever has become of it."""
    for block_id, block in blocks.items():
        taken, given = (take or {}).get(block_id, 0), (give or {}).get(block_id, 0)
        await session.execute(
            update(ThousandsBlock)
            .where(ThousandsBlock.id == block_id)
            .values(available=block.available & ~taken | given)
            .execution_options(synchronize_session=False)
        )
    return True


async def add_numbers(
    session: WriteSession,
    numbers: Sequence[int],
    *,
    organization_id: UUID,
    location_id: UUID,
    order_id: UUID | None,
    reservation_id: UUID | None = None,
    block_id: UUID | None = None,
    held_at: datetime,
    in_stock: Container[int],
) -> Changed:
    """Takes a number also from who has it. Row-level security would forbid that: it is off."""
    await session.execute(text("select set_config('pstn.organizations', '*', true)"))
    owner = {
        "org_id": organization_id,
        "location_id": location_id,
        "state": NumberState.held,
        "from_stock": all(number in in_stock for number in numbers),
        "order_id": order_id,
        "reservation_id": reservation_id,
        "block_id": block_id,
        "held_at": held_at,
    }
    rows = [{"number": number, **owner} for number in sorted(numbers)]
    added = await session.scalars(
        insert(Number)
        .values(rows)
        .on_conflict_do_update(index_elements=["number"], set_=owner)
        .returning(Number.number)
    )
    taken = Owner(organization_id, location_id, order_id, reservation_id)
    return dict.fromkeys(added, taken)
