"""Giving recorded events their place in the feed, so that a reader never misses one.

Identifiers and `insertion` numbers are drawn before the commit: with them as a cursor, a reader
who has seen 7 would never see 6, whose transaction commits later. So readers go by `position`:

- One publisher at a time gives positions, ascending, to rows it sees committed. Its lock is let go
  after its commit is visible: whoever sees position n sees all below n, and nothing is ever added
  below. A transaction that commits late is published late; its low `insertion` harms nobody.
- Events of one thing keep their order. Its row is locked when `insertion` is drawn, until the
  commit: so the second change has the higher number, and is not committed before the first one is.
- The lock is taken in a statement of its own: the next one's snapshot begins after it, and sees
  whatever the publisher before has committed.
- Killed, a publisher leaves nothing: its transaction ends, the rows wait for the next one.

The transactions of the business share no row for this, only the sequence behind `insertion`.
"""

from __future__ import annotations

import asyncio

from app.core.database import EVERYTHING, Database
from app.core.listening import keep_doing
from app.domains.events import repository

BATCH = 1000


async def publish(database: Database) -> int:
    """Publish whatever is committed by now; how many that were. Any process may call this."""
    published = 0
    async with database.read(EVERYTHING) as session:
        is_waiting = await repository.has_waiting(session)
    while is_waiting:
        async with database.write(EVERYTHING) as session:
            await repository.lock_feed(session)
            count = await repository.publish(session, limit=BATCH)
        published += count
        is_waiting = count == BATCH
    return published


async def keep_publishing(database: Database, dsn: str, stop: asyncio.Event) -> None:
    """Publish what is recorded as soon as it is committed, until told to stop."""
    await keep_doing(lambda: publish(database), "publish", dsn, repository.RECORDED, stop)
