"""Due dates: what the calendar of domain rows makes happen, in order, each as at its own instant.

`Sweeper.run` is the one place where time makes something happen. Due dates are columns; a slice
names its own as a `Timer`. Where a simulation advances the clock, the sweeper steps from one due
instant to the next, and waits for the jobs each one made, before it goes on.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

import asyncpg
import structlog
from sqlalchemy import Select, func, select, update

from app.core import clock
from app.core.database import EVERYTHING, Database, SimulatedClock, WriteSession
from app.core.errors import Problem
from app.jobs.queue import has_work

log = structlog.get_logger()

LEADER_LOCK = 7_786_002
POLL_SECONDS = 0.2
PAUSE_AFTER_FAULT_SECONDS = 2.0
IDLE_POLL_SECONDS = 0.05


class Timer(Protocol):
    """The due dates of one kind of row."""

    name: str

    @property
    def next_due(self) -> Select[Any]:
        """Asks for the earliest instant something is due, past or future."""
        ...

    async def handle(self, session: WriteSession) -> None:
        """Do what is due at `session.now` or before, some of it at least."""
        ...


class Sweeper:
    """Handles what is due; of several workers one at a time, by an advisory lock."""

    def __init__(self, database: Database, dsn: str, timers: tuple[Timer, ...]) -> None:
        self._database = database
        self._dsn = dsn
        self._timers = timers
        # One statement: it is asked several times a second, day and night.
        self._question = select(
            SimulatedClock.offset_seconds,
            SimulatedClock.target_seconds,
            *(timer.next_due.scalar_subquery() for timer in timers),
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep until told to stop; a fault is logged and tried anew."""
        while not stop.is_set():
            try:
                await self._lead(stop)
            except Problem as problem:
                log.warning("sweep interrupted", reason=problem.kind.code)
            except Exception:
                log.exception("sweep failed")
            await _pause(stop, PAUSE_AFTER_FAULT_SECONDS)

    async def _lead(self, stop: asyncio.Event) -> None:
        connection = await asyncpg.connect(self._dsn)
        try:
            if not await connection.fetchval("select pg_try_advisory_lock($1)", LEADER_LOCK):
                return
            while not stop.is_set():
                # The lock lives with the connection: once that is lost, somebody else may lead.
                await connection.execute("select 1")
                if not await self._step(stop):
                    await _pause(stop, POLL_SECONDS)
        finally:
            await connection.close()

    async def _step(self, stop: asyncio.Event) -> bool:
        """Handle the earliest thing due; whether there was anything to do."""
        offset, target, dues = await self._look()
        if target is not None:
            # A job that waits or runs, of before the clock moved too, may make something due.
            await self._until_idle(stop)
            offset, target, dues = await self._look()
        horizon = clock.simulated(offset if target is None else target)
        due, timer = min(
            ((due, timer) for due, timer in dues if due is not None and due <= horizon),
            key=lambda pair: pair[0],
            default=(None, None),
        )
        if due is None or timer is None:
            if target is not None:
                await self._set_clock(target, reached=True)
            return target is not None
        if target is not None:
            ahead = (due - clock.real_now()).total_seconds()
            await self._set_clock(max(offset, ahead), reached=False)
        async with self._database.write(EVERYTHING) as session:
            session.now = due
            await timer.handle(session)
        return True

    async def _look(self) -> tuple[float, float | None, list[tuple[datetime | None, Timer]]]:
        """The clock and everything's next due date, all of one moment."""
        async with self._database.read(EVERYTHING) as session:
            offset, target, *dues = (await session.execute(self._question)).one()
        return offset, target, list(zip(dues, self._timers, strict=True))

    async def _set_clock(self, offset: float, *, reached: bool) -> None:
        async with self._database.write(EVERYTHING) as session:
            values: dict[str, object] = {"offset_seconds": offset}
            if reached:
                # Somebody may have asked for more in the meantime.
                values["target_seconds"] = func.nullif(SimulatedClock.target_seconds, offset)
            await session.execute(update(SimulatedClock).values(values))

    async def _until_idle(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            async with self._database.read(EVERYTHING) as session:
                if not await has_work(session):
                    return
            await asyncio.sleep(IDLE_POLL_SECONDS)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
