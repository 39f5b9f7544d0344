"""Reading the feed from a position on; a reader keeps its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.core.database import ReadSession
from app.core.errors import INVALID_CURSOR, Problem, ProblemType
from app.core.texts import text
from app.domains.events import repository
from app.domains.events.models import Event

PUBLISHED = repository.PUBLISHED
"""What listeners hear when there are new events."""

CURSOR_TOO_OLD = ProblemType(
    "cursorTooOld",
    410,
    text("The events behind this cursor are forgotten"),
    text(
        "Read your orders, numbers and documents as they are now, then begin the feed again without"
        " a cursor."
    ),
)


async def read(
    session: ReadSession, after_position: int, limit: int, types: Collection[str] = ()
) -> list[Event]:
    """The next published events the transaction may see, in order; 0 is before the first.

    For readers of our own, who are never 90 days behind.
    """
    _, events = await repository.published(session, after_position, limit, types)
    return events


async def last_position(session: ReadSession) -> int:
    """Where the feed ends now: events recorded from now on come behind."""
    return (await repository.feed(session)).last_position


@dataclass(frozen=True, slots=True)
class Page:
    """Events in order, and where to go on; `is_full` when more may be there already."""

    events: Sequence[Event]
    position: int
    is_full: bool


async def page(
    session: ReadSession, after: int | None, limit: int, types: Collection[str] = ()
) -> Page:
    """The next events behind a position, or the oldest there are.

    A reader of whom there is nothing new moves on all the same, so that it is not left behind when
    old events are forgotten. Raises 410 `cursorTooOld`; 400 `invalidCursor` for a position that
    this feed never had, of another database, say.
    """
    feed, events = await repository.published(session, after or 0, limit, types)
    if after is not None and after < feed.forgotten_position:
        raise Problem(
            CURSOR_TOO_OLD,
            text(
                "Events are kept for 90 days. Some of those behind this cursor are gone: read what"
                " you keep a copy of anew, then begin again without a cursor."
            ),
        )
    if after is not None and after > feed.last_position:
        raise invalid_cursor()
    is_full = len(events) == limit
    position = events[-1].position if is_full else feed.last_position
    assert position is not None  # noqa: S101 - published events have one
    return Page(events, position, is_full)


def invalid_cursor() -> Problem:
    """The answer to a cursor that none of our answers gave."""
    return Problem(
        INVALID_CURSOR,
        text(
            "Take nextCursor of an answer, or the id of an event of the stream, as it is; or begin"
            " again without a cursor."
        ),
    )
