"""Hearing what transactions tell by `pg_notify`, on a connection of one's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from app.core.errors import Problem

log = structlog.get_logger()

CHECK_SECONDS = 5
PAUSE_AFTER_FAULT_SECONDS = 2
POLL_SECONDS = 1.0


@asynccontextmanager
async def listening(dsn: str, channel: str, bell: asyncio.Event) -> AsyncIterator[None]:
    """Set the bell whenever somebody notifies the channel.

    While the server is away nothing is heard, and what is told then is lost: who waits for the
    bell looks by itself from time to time.
    """
    task = asyncio.create_task(_listen(dsn, channel, bell))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _listen(dsn: str, channel: str, bell: asyncio.Event) -> None:
    while True:
        try:
            await _listen_once(dsn, channel, bell)
        except Exception as error:
            # A server that dies shows itself in many ways, not all of them errors of PostgreSQL's.
            log.warning("listening interrupted", channel=channel, error=type(error).__name__)
        await asyncio.sleep(PAUSE_AFTER_FAULT_SECONDS)


async def _listen_once(dsn: str, channel: str, bell: asyncio.Event) -> None:
    connection = await asyncpg.connect(
        dsn, timeout=10, command_timeout=10, server_settings={"application_name": "pstn-listener"}
    )
    try:
        await connection.add_listener(channel, lambda *_: bell.set())
        bell.set()  # for what was told before
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await connection.execute("select 1")
    finally:
        connection.terminate()


async def either(bell: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    """Wait for the bell, for the word to stop, or for so long."""
    waiting = [asyncio.ensure_future(event.wait()) for event in (bell, stop)]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


async def keep_doing(
    work: Callable[[], Awaitable[object]], name: str, dsn: str, channel: str, stop: asyncio.Event
) -> None:
    """Do it whenever somebody notifies the channel, and every second, until told to stop.

    A fault is logged and tried anew.
    """
    bell = asyncio.Event()
    async with listening(dsn, channel, bell):
        while not stop.is_set():
            bell.clear()
            try:
                await work()
            except Problem as problem:
                log.warning("work not done", work=name, reason=problem.kind.code)
            except Exception:
                log.exception("work failed", work=name)
            await either(bell, stop, POLL_SECONDS)
