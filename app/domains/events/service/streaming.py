"""The feed as a stream of server-sent events; starts at `follow`.

A stream keeps no connection of the database: one listener of the process wakes those whose
organisations have something new, and each reads with its caller's rights, as the list does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from fastapi.sse import format_sse_event

from app.auth.caller import Caller
from app.core.database import EVERYTHING, Database, Scope
from app.core.errors import TOO_MANY_REQUESTS, Problem
from app.core.listening import keep_doing
from app.core.texts import text
from app.domains.events import repository
from app.domains.events.schemas import EventView, encode_cursor
from app.domains.events.service import reading
from app.domains.events.service.publishing import publish

log = structlog.get_logger()

MOST_OF_ONE_CALLER = 10
AT_ONCE = 100
SECONDS_UNTIL_ANOTHER = 5


@dataclass(eq=False, slots=True)
class Stream:
    """An open stream; the bell says that it should look."""

    credential_id: UUID
    scope: Scope
    bell: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """The streams of this process."""

    def __init__(self, database: Database, dsn: str) -> None:
        self._database = database
        self._dsn = dsn
        self._streams: set[Stream] = set()
        self._position: int | None = None
        self.is_closing = False

    @contextmanager
    def opened(self, caller: Caller) -> Iterator[Stream]:
        """A stream of that caller, as long as it is open. Raises 429 when there are too many."""
        own = sum(stream.credential_id == caller.credential_id for stream in self._streams)
        if own >= MOST_OF_ONE_CALLER:
            raise Problem(
                TOO_MANY_REQUESTS,
                text(
                    "At most %(limit)s streams at a time; close one first.",
                    limit=MOST_OF_ONE_CALLER,
                ),
                headers={"Retry-After": str(SECONDS_UNTIL_ANOTHER)},
            )
        stream = Stream(caller.credential_id, caller.scope)
        self._streams.add(stream)
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    def close(self) -> None:
        """End all streams; their readers go on elsewhere, or here after a restart."""
        self.is_closing = True
        for stream in self._streams:
            stream.bell.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Wake streams as long as this lasts."""
        never = asyncio.Event()
        work = keep_doing(self._look, "wakeStreams", self._dsn, repository.PUBLISHED, never)
        task = asyncio.create_task(work)
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _look(self) -> None:
        self._position = await self._wake(self._position) if self._streams else None

    async def _wake(self, position: int | None) -> int:
        """Wake those whose organisations have events behind that position; where the feed ends."""
        await publish(self._database)  # should no worker do it
        async with self._database.read(EVERYTHING) as session:
            last = await reading.last_position(session)
            fresh = set()
            if position is not None and position < last:
                fresh = await repository.organizations_since(session, position)
        for stream in self._streams:
            if position is None or any(map(stream.scope.includes, fresh)):
                stream.bell.set()
        return last


@dataclass(frozen=True, slots=True)
class Following:
    """How a stream is read: from where, what, for how long, and how often it is looked after."""

    after: int | None
    types: Collection[str]
    seconds: float
    ping_seconds: float


async def follow(
    hub: Hub,
    database: Database,
    stream: Stream,
    wish: Following,
    is_unchanged: Callable[[], Awaitable[bool]],
) -> AsyncIterator[bytes]:
    """The stream as it goes over the wire, until it is over in one of many ways.

    Whoever read it knows by the last `id` where to go on.
    """
    clock = asyncio.get_running_loop().time
    ends_at = clock() + wish.seconds
    after = told = wish.after
    yield format_sse_event(comment="connected", id=_cursor(after))
    try:
        while True:
            pings_at = clock() + wish.ping_seconds
            is_full = True
            while not hub.is_closing and clock() < pings_at:
                stream.bell.clear()
                async with database.read(stream.scope) as session:
                    page = await reading.page(session, after, AT_ONCE, wish.types)
                for event in page.events:
                    told = event.position
                    yield format_sse_event(
                        id=_cursor(told),
                        event=event.type,
                        data_str=EventView.of(event).model_dump_json(by_alias=True),
                    )
                after, is_full = page.position, page.is_full
                if not is_full:
                    left = min(pings_at, ends_at) - clock()
                    if left <= 0:
                        break
                    with suppress(TimeoutError):
                        await asyncio.wait_for(stream.bell.wait(), left)
            if hub.is_closing or not await is_unchanged():
                return
            # Where nothing came for this caller, it goes on from here all the same.
            yield format_sse_event(comment="ping", id=_cursor(after) if after != told else None)
            told = after
            if not is_full and clock() >= ends_at:
                return
    except Problem as problem:
        # Opened again, it is refused with the same words.
        log.info("stream ended", reason=problem.kind.code)


def _cursor(position: int | None) -> str | None:
    return None if position is None else encode_cursor(position)
