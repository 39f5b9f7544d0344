"""Reading the feed from a position on; a reader keeps its own."""

from __future__ import annotations

from collections.abc import Collection

from app.core.database import ReadSession
from app.domains.events import repository
from app.domains.events.models import Event


async def read(
    session: ReadSession, after_position: int, limit: int, types: Collection[str] | None = None
) -> list[Event]:
    """The next published events the transaction may see, in order; 0 is before the first."""
    return await repository.published(session, after_position, limit, types)


async def last_position(session: ReadSession) -> int:
    """Where the feed ends now: events recorded from now on come behind."""
    return (await repository.feed(session)).last_position
