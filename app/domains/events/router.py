"""`/events` and `/events/stream`."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Message, Send

from app.auth.caller import READERS, Caller
from app.auth.guard import allow, is_unchanged
from app.core.database import Database, ReadSession
from app.core.errors import INVALID_CURSOR, TOO_MANY_REQUESTS
from app.core.http import ApiRoute
from app.core.openapi import problems
from app.core.pagination import DEFAULT_MAX
from app.domains.events.catalogue import EventType
from app.domains.events.schemas import Events, EventView, decode_cursor, encode_cursor
from app.domains.events.service import reading, streaming
from app.domains.events.service.publishing import publish
from app.domains.events.service.reading import CURSOR_TOO_OLD, invalid_cursor
from app.domains.events.service.streaming import Following, Hub, Stream

log = structlog.get_logger()

router = APIRouter(route_class=ApiRoute, tags=["Events"], prefix="/events")

LATEST = "latest"
EXAMPLE = """: connected

event: order.statusChanged
data: {"id":"019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a17","type":"order.statusChanged","sequence":42,…}
id: ZXZlbnQ6NDI

: ping

"""

Types = Annotated[
    list[EventType] | None,
    Query(
        alias="type",
        max_length=len(EventType),
        description="Only events of these types; may be repeated.",
        examples=[["order.statusChanged"]],
    ),
]
Cursor = Annotated[
    str | None,
    Query(
        max_length=100,
        description="Where to go on: `nextCursor`, or the `id` of an event of the stream. With"
        " none, the oldest event that is kept comes first; with `latest`, the next one to happen.",
        examples=["ZXZlbnQ6NDI"],
    ),
]


async def _published(request: Request) -> AsyncIterator[ReadSession]:
    """A session in which a caller finds whatever it did before, also when no worker runs."""
    caller: Caller = request.state.caller
    database: Database = request.app.state.database
    await publish(database)
    async with database.read(caller.scope) as session:
        yield session


Published = Annotated[ReadSession, Depends(_published, scope="function")]


async def _position(session: ReadSession, cursor: str | None) -> int | None:
    """Where a cursor points. Raises 400 `invalidCursor`."""
    if cursor is None:
        return None
    if cursor == LATEST:
        return await reading.last_position(session)
    position = decode_cursor(cursor)
    if position is None:
        raise invalid_cursor()
    return position


@router.get(
    "",
    summary="Read the feed of events",
    responses=problems(422, codes=(INVALID_CURSOR, CURSOR_TOO_OLD)),
)
async def list_events(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    session: Published,
    request: Request,
    response: Response,
    max_items: Annotated[
        int,
        Query(alias="max", ge=1, le=1000, description="Entries a page at most.", examples=[100]),
    ] = DEFAULT_MAX,
    cursor: Cursor = None,
    types: Types = None,
) -> Events:
    """What happened to orders, numbers and documents, the oldest first, for 90 days.

    Call it again with `nextCursor`, whenever you like: nothing is skipped, and nothing comes twice,
    whatever happens at the same time. Several callers read independently of each other.
    """
    position = await _position(session, cursor)
    page = await reading.page(session, position, max_items, types or ())
    next_cursor = encode_cursor(page.position)
    if page.is_full:
        url = request.url.include_query_params(cursor=next_cursor)
        response.headers["Link"] = f'<{url}>; rel="next"'
    return Events(items=[EventView.of(event) for event in page.events], next_cursor=next_cursor)


class EventStream(StreamingResponse):
    """Server-sent events; FastAPI's own kind would be documented as OpenAPI 3.2 has it.

    It ends for a reader that takes nothing, who would keep it for ever.
    """

    media_type = "text/event-stream"

    patience_seconds: float = 30
    """With a reader that takes nothing."""

    async def stream_response(self, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(self.patience_seconds):
                await send(message)

        try:
            await super().stream_response(send_in_time)
        except TimeoutError:
            log.info("stream ended", reason="notRead")


@dataclass(frozen=True, slots=True)
class Opened:
    """A stream that may begin."""

    stream: Stream
    after: int | None


async def _opened(
    request: Request,
    cursor: Cursor = None,
    last_event_id: Annotated[
        str | None,
        Header(
            alias="Last-Event-ID",
            max_length=100,
            description="The `id` that was read last; goes before `cursor`.",
            examples=["ZXZlbnQ6NDI"],
        ),
    ] = None,
) -> AsyncIterator[Opened]:
    """Everything that can be refused, before the answer begins; no session stays open."""
    caller: Caller = request.state.caller
    database: Database = request.app.state.database
    hub: Hub = request.app.state.events
    await publish(database)
    async with database.read(caller.scope) as session:
        after = await _position(session, last_event_id or cursor)
        await reading.page(session, after, 1)
    with hub.opened(caller) as stream:
        yield Opened(stream, after)


@router.get(
    "/stream",
    summary="Follow the feed of events",
    response_class=EventStream,
    responses={
        200: {
            "description": "Server-sent events, until the stream ends.",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}},
        },
        **problems(422, codes=(INVALID_CURSOR, CURSOR_TOO_OLD, TOO_MANY_REQUESTS)),
    },
)
async def stream_events(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    opened: Annotated[Opened, Depends(_opened)],
    request: Request,
    max_seconds: Annotated[
        int | None,
        Query(
            alias="maxSeconds",
            ge=0,
            le=3600,
            description="End the stream after so many seconds; 0 ends it once it has told all there"
            " is. It may end sooner.",
            examples=[60],
        ),
    ] = None,
    types: Types = None,
) -> Response:
    """The feed as server-sent events: what is there already, then each event as it happens.

    `id` is a cursor, `event` the type, `data` an event as the list has it. The stream ends after a
    while, at a restart, and when the token's rights change: open another one with the last `id` as
    `Last-Event-ID`, and nothing is lost or comes twice. A line that begins with a colon is a sign
    of life. Send the token as a header, by a client that can (`fetch`, say; not `EventSource`).
    """
    settings = request.app.state.settings
    seconds = settings.event_stream_seconds
    if max_seconds is not None:
        seconds = min(seconds, max_seconds)
    content = streaming.follow(
        request.app.state.events,
        request.app.state.database,
        opened.stream,
        Following(opened.after, types or (), seconds, settings.event_ping_seconds),
        lambda: is_unchanged(request),
    )
    return EventStream(content, headers={"X-Accel-Buffering": "no"})
