"""How not to sell numbers: the functions of the holding path, each without what makes it safe.

They take the place of their namesakes in `app.domains.numbering.repository`, to show that the
tests would notice.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import WriteSession
from app.domains.numbering.models import Number, NumberState, ThousandsBlock

GAP_SECONDS = 0.02


async def lock_blocks(session: WriteSession, block_ids: Sequence[int]) -> list[ThousandsBlock]:
    """Reads without a lock; what is read may be over by the time it is acted on."""
    query = select(ThousandsBlock).where(ThousandsBlock.id.in_(block_ids))
    found = list(await session.scalars(query.order_by(ThousandsBlock.id)))
    await asyncio.sleep(GAP_SECONDS)
    return found


async def lock_blocks_in_any_order(
    session: WriteSession, block_ids: Sequence[int]
) -> list[ThousandsBlock]:
    """Locks one after the other, as they come."""
    found: list[ThousandsBlock] = []
    for block_id in random.sample(list(block_ids), len(block_ids)):
        query = select(ThousandsBlock).where(ThousandsBlock.id == block_id).with_for_update()
        found += await session.scalars(query.execution_options(populate_existing=True))
        await asyncio.sleep(GAP_SECONDS)
    return sorted(found, key=lambda block: block.id)


async def take(session: WriteSession, masks: Mapping[int, int]) -> int:
    """Writes back what was read, whatever has become of it."""
    query = select(ThousandsBlock).where(ThousandsBlock.id.in_(list(masks)))
    for block in await session.scalars(query.order_by(ThousandsBlock.id)):
        await session.execute(
            update(ThousandsBlock)
            .where(ThousandsBlock.id == block.id)
            .values(available=block.available & ~masks[block.id])
            .execution_options(synchronize_session=False)
        )
    return len(masks)


async def add_numbers(
    session: WriteSession,
    numbers: Sequence[int],
    *,
    organization_id: UUID,
    location_id: UUID,
    order_id: UUID | None,
    held_at: datetime,
    from_stock: bool,
) -> set[int]:
    """Takes a number also from who has it. Row-level security would forbid that: it is off."""
    await session.execute(text("select set_config('pstn.organizations', '*', true)"))
    owner = {
        "org_id": organization_id,
        "location_id": location_id,
        "state": NumberState.held,
        "from_stock": from_stock,
        "order_id": order_id,
        "held_at": held_at,
    }
    rows = [{"number": number, **owner} for number in sorted(numbers)]
    added = await session.scalars(
        insert(Number)
        .values(rows)
        .on_conflict_do_update(index_elements=["number"], set_=owner)
        .returning(Number.number)
    )
    return set(added)
