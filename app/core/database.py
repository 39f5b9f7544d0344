"""Sessions on PostgreSQL: a transaction each, seeing only the organisations it may.

`Database.write` and `Database.read` open one. Row-level security stands behind every query: the
organisations are set at the start of the transaction (`set_config(…, true)`) and gone with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy import MetaData, func, select, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.core import clock
from app.core.errors import SERVICE_UNAVAILABLE, Problem
from app.core.texts import text as localised

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    """The base of every table; relationships are loaded explicitly or not at all."""

    metadata = MetaData(naming_convention=NAMING)


class SimulatedClock(Model):
    """How far the simulation's clock is ahead of the real one; a single row."""

    __tablename__ = "simulated_clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    offset_seconds: Mapped[float]
    target_seconds: Mapped[float | None]
    """The offset that was asked for and that a worker is on the way to."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The organisations a transaction may see: named ones, or all (`None`)."""

    organizations: frozenset[UUID] | None

    @classmethod
    def of(cls, organizations: Iterable[UUID]) -> Scope:
        """Only these organisations."""
        return cls(frozenset(organizations))

    def includes(self, organization_id: UUID) -> bool:
        """Whether that organisation is seen."""
        return self.organizations is None or organization_id in self.organizations

    def __str__(self) -> str:
        if self.organizations is None:
            return "*"
        return "{" + ",".join(sorted(map(str, self.organizations))) + "}"


EVERYTHING = Scope(None)
"""For support, the operator, authentication and the sweep only."""


class ReadSession(AsyncSession):
    """A read-only transaction. `now` is its time, `scope` what it may see."""

    now: datetime
    scope: Scope


class WriteSession(ReadSession):
    """A transaction that may write; whoever opened it commits, services never do."""


BEGIN = text(
    "select set_config('pstn.organizations', :scope, true),"
    " set_config('transaction_read_only', :read_only, true),"
    " (select offset_seconds from simulated_clock)"
)


class Database:
    """The pool of connections and the two kinds of session on it."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            hide_parameters=True,
            pool_timeout=30,
            connect_args={
                "timeout": 10,
                # A server that is frozen ends no statement itself.
                "command_timeout": 25,
                "server_settings": {
                    "application_name": "pstn",
                    "statement_timeout": "20s",
                    "lock_timeout": "15s",
                    "idle_in_transaction_session_timeout": "60s",
                    "jit": "off",
                },
            },
        )

    async def close(self) -> None:
        """Give every connection back to the server."""
        await self.engine.dispose()

    @asynccontextmanager
    async def write(self, scope: Scope) -> AsyncIterator[WriteSession]:
        """A transaction, committed at the end, rolled back when an exception passes.

        A `Problem` that keeps its changes commits and passes all the same. Raises a 503 `Problem`
        when the server is away.
        """
        async with self._answering(), WriteSession(self.engine, expire_on_commit=False) as session:
            await self._begin(session, scope, read_only=False)
            try:
                yield session
            except Problem as problem:
                if problem.keeps_changes:
                    await session.commit()
                raise
            await session.commit()

    @asynccontextmanager
    async def read(self, scope: Scope, *, snapshot: bool = False) -> AsyncIterator[ReadSession]:
        """A read-only transaction; as a `snapshot` all its statements see the same moment.

        Raises a 503 `Problem` when the server is away.
        """
        async with self._answering(), ReadSession(self.engine, expire_on_commit=False) as session:
            await self._begin(session, scope, read_only=True, snapshot=snapshot)
            yield session

    async def _begin(
        self, session: ReadSession, scope: Scope, *, read_only: bool, snapshot: bool = False
    ) -> None:
        try:
            if snapshot:
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            row = await session.execute(
                BEGIN, {"scope": str(scope), "read_only": "on" if read_only else "off"}
            )
        except OSError as error:
            # A socket that is not there, say; only here is such an error sure to be the server's.
            raise ConnectionError(str(error)) from error
        session.now = clock.simulated(row.one()[2] or 0)
        session.scope = scope

    @asynccontextmanager
    async def _answering(self) -> AsyncIterator[None]:
        try:
            yield
        except Exception as error:
            if not is_database_away(error):
                raise
            raise Problem(
                SERVICE_UNAVAILABLE,
                localised("The database is away; nothing was changed. Try again shortly."),
                headers={"Retry-After": "2"},
            ) from error


def is_database_away(error: BaseException) -> bool:
    """Whether an error says that the server is gone, or too busy to take the transaction.

    A server that dies shows itself in many ways, not all of them SQLAlchemy's.
    """
    if isinstance(error, PoolTimeoutError | ConnectionError | TimeoutError):
        return True
    if isinstance(error, OperationalError | InterfaceError):
        return True
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        origin = getattr(error.orig, "__cause__", None)
        return isinstance(
            origin,
            asyncpg.PostgresConnectionError
            | asyncpg.OperatorInterventionError
            | asyncpg.TransactionRollbackError
            | asyncpg.LockNotAvailableError
            | asyncpg.InsufficientResourcesError
            | asyncpg.InternalClientError,
        )
    return isinstance(error, asyncpg.PostgresConnectionError | asyncpg.InternalClientError)


async def check_isolation(database: Database) -> None:
    """Refuse to run under a role that row-level security does not bind.

    Raises:
        RuntimeError: the role bypasses it; the message says the way out.
    """
    async with database.engine.connect() as connection:
        role, bypasses = (
            await connection.execute(
                text(
                    "select rolname, rolsuper or rolbypassrls from pg_roles"
                    " where rolname = current_user"
                )
            )
        ).one()
    if bypasses:
        raise RuntimeError(
            f'The database role "{role}" bypasses row-level security, so organisations would not be'
            " kept apart. Start the service with DATABASE_URL of an ordinary role, and give the"
            " owner's address in PSTN_MIGRATION_DATABASE_URL, for example:\n"
            f"  PSTN_MIGRATION_DATABASE_URL=<the address you gave>  "
            "DATABASE_URL=postgresql+asyncpg://pstn_app:<password>@<host>/<database>\n"
            "The start makes the role of DATABASE_URL when it does not exist."
        )


READY_SECONDS = 3


async def is_ready(database: Database) -> bool:
    """Whether the database answers."""
    try:
        async with asyncio.timeout(READY_SECONDS), database.engine.connect() as connection:
            await connection.execute(select(func.now()))
    except Exception as error:
        if is_database_away(error) or isinstance(error, OSError | DBAPIError):
            return False
        raise
    return True
