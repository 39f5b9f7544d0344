"""Bringing a database up to what the code needs: roles, database, migrations, grants.

`addresses` tells where the database is and starts the embedded one if there is no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import make_url

from app.core import embedded_postgres
from app.core.database import Database, check_isolation
from app.core.settings import Settings

ROOT = Path(__file__).parent.parent.parent
OWNER, APP, NAME = "pstn_owner", "pstn_app", "pstn"
MIGRATION_LOCK = 7_786_001


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the database is: the application's login, the owner's, and of the embedded server its
    superuser's."""

    app: str
    owner: str | None
    superuser: str | None = None


class Revival:
    """Keeps an embedded server alive that somebody kills; does nothing for another server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._share: embedded_postgres.Cluster | None = None

    def check(self) -> None:
        """Start the server again if it is gone. Raises `EmbeddedPostgresError`."""
        if self._settings.database_url is None:
            fresh = embedded_postgres.attach(self._settings.home)
            self.close()
            self._share = fresh

    def close(self) -> None:
        """Give the share of the server back."""
        if self._share is not None:
            self._share.detach()
            self._share = None


@contextmanager
def addresses(settings: Settings) -> Iterator[Addresses]:
    """The database's addresses; an embedded server runs as long as somebody is in here."""
    if settings.database_url:
        yield Addresses(settings.database_url, settings.migration_database_url)
        return
    cluster = embedded_postgres.attach(settings.prepared_home())
    try:
        yield Addresses(
            app=cluster.url(user=APP, database=NAME),
            owner=cluster.url(user=OWNER, database=NAME),
            superuser=cluster.url(user=cluster.superuser, database="postgres"),
        )
    finally:
        cluster.detach()


async def prepare(where: Addresses) -> None:
    """Make the database ready for this version of the code.

    Raises:
        RuntimeError: the application's role bypasses row-level security.
    """
    if where.superuser:
        await create_database(where.superuser, NAME)
    elif where.owner:
        await _create_login(where.owner, where.app)
    if where.owner is None:
        await _check(where.app)
    await migrate(where.owner or where.app)
    if where.owner:
        await _grant(where.owner, make_url(where.app).username or APP)
    await _check(where.app)


async def _check(url: str) -> None:
    database = Database(url, pool_size=1)
    try:
        await check_isolation(database)
    finally:
        await database.close()


def dsn(url: str) -> str:
    """A SQLAlchemy address as asyncpg takes it."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def create_database(superuser_url: str, name: str) -> None:
    """Make the roles and a database that do not exist yet, whoever else does so at this moment."""
    connection = await asyncpg.connect(dsn(superuser_url))
    try:
        for role in (OWNER, APP):
            await _create_role(connection, role, None)
        if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
            with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
                await connection.execute(f'create database "{name}" owner {OWNER}')
    finally:
        await connection.close()


async def _create_login(owner_url: str, app_url: str) -> None:
    """Make the application's role where the owner may; else it has to exist."""
    app = make_url(app_url)
    connection = await asyncpg.connect(dsn(owner_url))
    try:
        await _create_role(connection, app.username or APP, app.password)
    except asyncpg.InsufficientPrivilegeError:
        pass
    finally:
        await connection.close()


async def _create_role(connection: asyncpg.Connection, role: str, password: str | None) -> None:
    quoted = await connection.fetchval("select quote_ident($1)", role)
    secret = await connection.fetchval("select quote_nullable($1::text)", password)
    if await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
        return
    with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        await connection.execute(
            f"create role {quoted} login password {secret}"
            " nosuperuser nobypassrls nocreatedb nocreaterole"
        )


async def migrate(owner_url: str) -> None:
    """Run the migrations that are missing, one process at a time."""
    connection = await asyncpg.connect(dsn(owner_url))
    try:
        await connection.execute(f"select pg_advisory_lock({MIGRATION_LOCK})")
        config = Config(ROOT / "alembic.ini")
        config.attributes["url"] = owner_url
        await asyncio.to_thread(command.upgrade, config, "head")
    finally:
        await connection.close()


async def _grant(owner_url: str, role: str) -> None:
    connection = await asyncpg.connect(dsn(owner_url))
    try:
        quoted = await connection.fetchval("select quote_ident($1)", role)
        for schema in ("public", "jobs"):
            await connection.execute(
                f"grant usage on schema {schema} to {quoted};"
                f"grant select, insert, update, delete on all tables in schema {schema}"
                f" to {quoted};"
                f"grant usage on all sequences in schema {schema} to {quoted};"
            )
    finally:
        await connection.close()
