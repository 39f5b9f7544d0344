"""Jobs on pgqueuer: `enqueue` in a transaction, `Jobs.job` names a handler, `run` does them.

A handler may be killed at any moment and called again: it looks at its rows before it acts.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence import qb
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job
from pgqueuer.domain.settings import DBSettings
from sqlalchemy import text

from app.core.database import ReadSession, WriteSession

log = structlog.get_logger()

SETTINGS = DBSettings(db_schema="jobs")
HEARTBEAT = timedelta(seconds=30)
LONGEST_DELAY_SECONDS = 300
LOUD_AFTER_ATTEMPTS = 5

Payload = dict[str, Any]


def queries(connection: Any) -> Queries:
    """pgqueuer's statements on a connection of asyncpg, in our schema."""
    return Queries(
        AsyncpgDriver(connection),
        qbe=qb.QueryBuilderEnvironment(SETTINGS),
        qbq=qb.QueryQueueBuilder(SETTINGS),
        qbs=qb.QuerySchedulerBuilder(SETTINGS),
    )


async def enqueue(
    session: WriteSession, name: str, payload: Payload, *, dedupe_key: str | None = None
) -> None:
    """Have a job done once this transaction is committed; nothing happens if it is not.

    While a job with the same `dedupe_key` waits or runs, another one is not added.
    """
    raw = await (await session.connection()).get_raw_connection()
    await queries(raw.driver_connection).enqueue(
        name, json.dumps(payload).encode(), dedupe_key=dedupe_key, on_conflict="skip"
    )


async def has_work(session: ReadSession) -> bool:
    """Whether a job waits or runs."""
    return bool(await session.scalar(text("select exists (select from jobs.pgqueuer)")))


DAYS_LOGGED = 30


async def forget_done(session: WriteSession) -> None:
    """Delete what pgqueuer noted of jobs done long ago."""
    await session.execute(
        text(
            "delete from jobs.pgqueuer_log"
            " where created < now() - make_interval(days => :days) and aggregated"
        ),
        {"days": DAYS_LOGGED},
    )


async def take_up_held(session: WriteSession) -> None:
    """Queue again what pgqueuer holds as failed.

    Whatever a handler raises leads to another try, so a job is held only when the database refused
    to note that; without this its order would never end.
    """
    raw = await (await session.connection()).get_raw_connection()
    known = queries(raw.driver_connection)
    if held := [job.id for job in await known.list_failed_jobs(limit=100)]:
        log.warning("jobs taken up again", job_ids=held)
        await known.requeue_jobs(held)


class Retry(Exception):  # noqa: N818 - a wish, not an error
    """Do the job again later; each time a little later."""


@dataclass(frozen=True, slots=True)
class Handler:
    """A job by name."""

    name: str
    call: Callable[[Any, Payload], Awaitable[None]]


class Jobs:
    """The jobs of one slice; `worker.py` joins them."""

    def __init__(self) -> None:
        self.handlers: list[Handler] = []

    def job(self, name: str) -> Callable[[Any], Any]:
        """Name a handler `async (context, payload)`."""

        def register(call: Callable[[Any, Payload], Awaitable[None]]) -> Any:
            self.handlers.append(Handler(name, call))
            return call

        return register


async def run(dsn: str, handlers: list[Handler], context: Any, stop: asyncio.Event) -> None:
    """Do jobs until told to stop; a job under way is finished first."""
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "pstn-worker"})
    try:
        queuer = PgQueuer(AsyncpgDriver(connection), queries=queries(connection))
        for handler in handlers:
            _register(queuer, handler, context)
        queuer.shutdown = stop
        queuer.qm.shutdown = stop
        queuer.sm.shutdown = stop
        await queuer.run(
            dequeue_timeout=timedelta(seconds=5),
            batch_size=10,
            heartbeat_timeout=HEARTBEAT,
            shutdown_on_listener_failure=True,
        )
    finally:
        await connection.close()


def _register(queuer: PgQueuer, handler: Handler, context: Any) -> None:
    async def call(job: Job) -> None:
        payload = json.loads(job.payload or b"{}")
        with structlog.contextvars.bound_contextvars(job=handler.name, job_id=job.id):
            try:
                await handler.call(context, payload)
            except Retry as wish:
                raise RetryRequested(_delay(job.attempts), str(wish)) from None
            except Exception as error:
                # An order must come to an end: a fault of ours is tried again, ever more slowly.
                loud = job.attempts >= LOUD_AFTER_ATTEMPTS
                (log.exception if loud else log.warning)("job failed", error=type(error).__name__)
                raise RetryRequested(_delay(job.attempts), type(error).__name__) from error

    queuer.entrypoint(handler.name, on_failure="hold")(call)


def _delay(attempts: int) -> timedelta:
    return timedelta(seconds=min(2**attempts, LONGEST_DELAY_SECONDS))
