"""Old events are forgotten; who has not read them by then is told so."""

from __future__ import annotations

from datetime import timedelta

from app.core.database import WriteSession
from app.domains.events import repository

KEPT_FOR = timedelta(days=90)
"""By the real clock, from when an event could be read."""
AT_ONCE = 10_000


async def forget(session: WriteSession) -> None:
    """Forget the first of the events that are too old; readers behind them get a refusal."""
    await repository.forget(session, older_than=KEPT_FOR, limit=AT_ONCE)
