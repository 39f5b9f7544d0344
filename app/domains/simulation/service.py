"""Reading and advancing the simulation's clock; a worker does what falls due on the way."""

from __future__ import annotations

import asyncio
from datetime import datetime

from sqlalchemy import func, select, update

from app.core.database import EVERYTHING, Database, SimulatedClock
from app.core.errors import SERVICE_UNAVAILABLE, Problem
from app.core.texts import text

WAIT_SECONDS = 60
POLL_SECONDS = 0.05


async def now(database: Database) -> datetime:
    """What time it is."""
    async with database.read(EVERYTHING) as session:
        return session.now


async def advance(database: Database, seconds: float) -> datetime:
    """Advance the clock; the time when all that fell due is done.

    Raises 503 when no worker does it within a minute; it is then done as soon as one runs.
    """
    async with database.write(EVERYTHING) as session:
        column = func.coalesce(SimulatedClock.target_seconds, SimulatedClock.offset_seconds)
        target = await session.scalar(
            update(SimulatedClock)
            .values(target_seconds=column + seconds)
            .returning(SimulatedClock.target_seconds)
        )
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not await _has_reached(database, target or 0):
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise Problem(
            SERVICE_UNAVAILABLE,
            text("No worker advanced the clock within a minute; see that one runs."),
            headers={"Retry-After": "5"},
        ) from None
    return await now(database)


async def _has_reached(database: Database, target: float) -> bool:
    async with database.read(EVERYTHING) as session:
        return bool(
            await session.scalar(
                select(
                    (SimulatedClock.offset_seconds >= target)
                    & SimulatedClock.target_seconds.is_distinct_from(target)
                )
            )
        )
