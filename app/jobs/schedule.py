"""Work that comes round: done by one worker at a time, whichever is first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog
from sqlalchemy import func, select

from app.core.database import EVERYTHING, Database, WriteSession
from app.core.errors import Problem

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Round:
    """Something to do every so many seconds, in a transaction that sees everything.

    `lock` is its key among the advisory locks: no two workers do it at once.
    """

    name: str
    every_seconds: float
    lock: int
    call: Callable[[WriteSession], Awaitable[None]]


async def keep_going(database: Database, work: Round, stop: asyncio.Event) -> None:
    """Do it again and again until told to stop; a failure is logged and tried anew."""
    while not stop.is_set():
        try:
            async with database.write(EVERYTHING) as session:
                if await session.scalar(select(func.pg_try_advisory_xact_lock(work.lock))):
                    await work.call(session)
        except Problem as problem:
            log.warning("round not done", round=work.name, reason=problem.kind.code)
        except Exception:
            log.exception("round failed", round=work.name)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), work.every_seconds)
