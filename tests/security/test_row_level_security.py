"""Row-level security stands behind every query: the catalogue, the application's login, the pool.

Tables are read from the catalogue, so a new table is covered by being there.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from app.core import bootstrap
from app.core.database import EVERYTHING, Database, ReadSession, Scope, WriteSession
from app.core.errors import NotFound
from tests.conftest import Cluster, Service
from tests.security.surface import Owner, make_owner

SETTING = "select current_setting('pstn.organizations', true)"


@dataclass(frozen=True)
class Table:
    """A table of organisations, and its column with the organisation."""

    name: str
    column: str

    def __call__(self, statement: str) -> str:
        """A statement on this table."""
        return statement.replace("TABLE", self.name).replace("ORG", self.column)


async def tables_of(session: ReadSession) -> list[Table]:
    """Every table, view or whatever else with rows that has organisations' rows."""
    rows = await session.execute(
        text(
            "select c.oid::regclass::text, 'org_id' from pg_class c"
            " join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'"
            " join pg_namespace n on n.oid = c.relnamespace"
            " where c.relkind in ('r', 'p', 'v', 'm', 'f')"
            " and n.nspname not in ('pg_catalog', 'information_schema')"
        )
    )
    return [Table("organizations", "id"), *(Table(*row) for row in rows)]


@pytest.fixture(scope="module")
async def tables(service: Service) -> list[Table]:
    async with service.database.read(EVERYTHING) as session:
        return await tables_of(session)


@pytest.fixture(scope="module")
async def owners(service: Service) -> list[Owner]:
    return [await make_owner(service) for _ in range(2)]


@pytest.fixture(scope="module")
def ours(owners: list[Owner]) -> UUID:
    return UUID(owners[0].customer.organization_id)


@pytest.fixture(scope="module")
def theirs(owners: list[Owner]) -> UUID:
    return UUID(owners[1].customer.organization_id)


@pytest.fixture
async def login(cluster: Cluster) -> AsyncIterator[asyncpg.Connection]:
    """The application's login, with nothing set."""
    connection = await asyncpg.connect(bootstrap.dsn(cluster.addresses.app))
    yield connection
    await connection.close()


async def organizations_in(session: ReadSession, table: Table) -> set[UUID]:
    rows = await session.scalars(text(table("select distinct ORG from TABLE")))
    return {row for row in rows if row is not None}


# --- The catalogue ----------------------------------------------------------------------------


async def test_every_table_of_organizations_enforces_row_level_security(
    tables: list[Table], login: asyncpg.Connection
) -> None:
    assert len(tables) > 10
    rows = await login.fetch(
        "select c.oid::regclass::text as name, relkind::text, relrowsecurity, relforcerowsecurity,"
        " exists (select from pg_policy where polrelid = c.oid and polcmd = '*' and polpermissive"
        "         and polqual is not null and 0 = all (polroles)) as everybody"
        " from pg_class c where c.oid::regclass::text = any($1)",
        [table.name for table in tables],
    )

    assert {row["name"]: tuple(row)[1:] for row in rows} == {
        table.name: ("r", True, True, True) for table in tables
    }


async def test_no_second_policy_opens_a_table(login: asyncpg.Connection) -> None:
    crowded = await login.fetch(
        "select polrelid::regclass::text from pg_policy where polpermissive"
        " group by polrelid having count(*) > 1"
    )

    assert crowded == []


async def test_the_application_owns_nothing_and_bypasses_nothing(login: asyncpg.Connection) -> None:
    role = await login.fetchrow(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
        " from pg_roles where rolname = current_user"
    )
    assert role is not None
    assert set(role.values()) == {False}
    owned = await login.fetch(
        "select objid from pg_shdepend where deptype = 'o' and refobjid = current_user::regrole"
    )
    assert owned == []
    memberships = await login.fetch(
        "select rolname from pg_roles where rolname <> current_user"
        " and (rolsuper or rolbypassrls or rolname = 'pstn_owner')"
        " and pg_has_role(current_user, oid, 'member')"
    )
    assert memberships == []


async def test_the_application_can_neither_empty_nor_change_a_table(
    login: asyncpg.Connection, tables: list[Table]
) -> None:
    for table in tables:
        for privilege in ("truncate", "trigger", "references"):
            assert not await login.fetchval(
                "select has_table_privilege($1, $2)", table.name, privilege
            ), (table, privilege)
        for change in ("disable row level security", "no force row level security"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await login.execute(table(f"alter table TABLE {change}"))
    for schema in ("public", "jobs"):
        assert not await login.fetchval("select has_schema_privilege($1, 'create')", schema)


async def test_no_function_lends_its_owner_s_eyes(login: asyncpg.Connection) -> None:
    lent = await login.fetch(
        "select oid::regprocedure::text from pg_proc where prosecdef"
        " and pronamespace::regnamespace::text not in ('pg_catalog', 'information_schema')"
    )

    assert lent == []


# --- What a transaction sees ------------------------------------------------------------------


@pytest.mark.parametrize("setting", [None, "", "{}"])
async def test_a_transaction_that_named_nobody_sees_nothing(
    setting: str | None, login: asyncpg.Connection, tables: list[Table], owners: list[Owner]
) -> None:
    assert owners
    async with login.transaction():
        if setting is not None:
            await login.execute("select set_config('pstn.organizations', $1, true)", setting)
        seen = {t.name: await login.fetchval(t("select count(*) from TABLE")) for t in tables}

    assert seen == dict.fromkeys(seen, 0)


async def test_a_setting_that_cannot_be_read_shows_nothing(
    login: asyncpg.Connection, tables: list[Table], owners: list[Owner]
) -> None:
    assert owners
    for setting in ("*,", "all", "{*}", "' or true --"):
        for table in tables:
            async with login.transaction():
                await login.execute("select set_config('pstn.organizations', $1, true)", setting)
                with suppress(asyncpg.DataError):
                    assert await login.fetchval(table("select count(*) from TABLE")) == 0


async def test_a_transaction_sees_the_rows_of_its_organizations_only(
    service: Service, tables: list[Table], ours: UUID, theirs: UUID
) -> None:
    filled: dict[str, set[UUID]] = {}
    for scope in ({ours}, {theirs}, {ours, theirs}):
        async with service.database.read(Scope.of(scope)) as session:
            for table in tables:
                seen = await organizations_in(session, table)
                assert seen <= scope, table
                filled[table.name] = filled.get(table.name, set()) | seen

    async with service.database.read(EVERYTHING) as session:
        for table in tables:
            everything = await organizations_in(session, table)
            assert filled[table.name] == everything & {ours, theirs}, table
    empty = {name for name, found in filled.items() if found != {ours, theirs}}
    assert not empty, "let make_owner of tests/security/surface.py make rows of these tables"


# --- What a transaction changes ---------------------------------------------------------------


async def test_a_foreign_row_is_neither_changed_nor_deleted_nor_locked(
    service: Service, tables: list[Table], ours: UUID, theirs: UUID
) -> None:
    for table in tables:
        for statement in (
            "update TABLE set ORG = ORG where ORG = :theirs returning 1",
            "update TABLE set ORG = :ours where ORG = :theirs returning 1",
            "delete from TABLE where ORG = :theirs returning 1",
            "select 1 from TABLE where ORG = :theirs for update",
        ):
            values = {"theirs": theirs} | ({"ours": ours} if ":ours" in statement else {})
            async with service.database.write(Scope.of([ours])) as session:
                touched = await session.execute(text(table(statement)), values)
                assert touched.all() == [], (table, statement)


COPY_IN_ANOTHER_S_NAME = """
    insert into TABLE
    select (jsonb_populate_record(
        null::TABLE, to_jsonb(t) || jsonb_build_object('ORG', cast(:theirs as uuid))
    )).*
    from TABLE t where ORG = :ours
"""
HAND_OVER = "update TABLE set ORG = :theirs where ORG = :ours"


async def test_a_row_is_not_given_to_a_foreign_organization(
    service: Service, tables: list[Table], ours: UUID, theirs: UUID
) -> None:
    tried = 0
    for table in tables:
        async with service.database.read(Scope.of([ours])) as session:
            if not await organizations_in(session, table):
                continue
        for statement in (COPY_IN_ANOTHER_S_NAME, HAND_OVER):
            with pytest.raises(ProgrammingError, match="row-level security policy"):
                await _write(service, ours, table(statement), {"ours": ours, "theirs": theirs})
        tried += 1
    assert tried == len(tables)


async def _write(service: Service, scope: UUID, statement: str, values: dict[str, UUID]) -> None:
    async with service.database.write(Scope.of([scope])) as session:
        await session.execute(text(statement), values)


async def test_a_read_writes_nothing(service: Service, ours: UUID) -> None:
    with pytest.raises(Exception, match="read-only transaction"):
        async with service.database.read(Scope.of([ours])) as session:
            await session.execute(text("update organizations set version = version"))


# --- The pool ---------------------------------------------------------------------------------


async def test_nothing_of_a_transaction_is_left_on_its_connection(
    cluster: Cluster, ours: UUID, theirs: UUID
) -> None:
    """Transactions of every ending, interleaved on two connections, each see their own only."""
    database = Database(cluster.addresses.app, pool_size=2)
    chance = random.Random(7)  # noqa: S311 - the same interleaving each time
    scopes = [{ours}, {theirs}, {ours, theirs}, set()]

    async def transaction(scope: set[UUID], ending: str) -> None:
        opened = database.read if ending == "read" else database.write
        with suppress(NotFound, ValueError, TimeoutError):
            async with opened(Scope.of(scope)) as session:
                for _ in range(2):
                    seen = await organizations_in(session, Table("organizations", "id"))
                    assert seen == scope
                    await asyncio.sleep(0)
                await _end(session, ending)

    wished = [
        (chance.choice(scopes), chance.choice(["commit", "read", "problem", "fault", "everything"]))
        for _ in range(200)
    ]
    await asyncio.gather(*(transaction(*wish) for wish in wished))
    await _nothing_is_left(database)
    await asyncio.gather(*(_cancelled(database, ours) for _ in range(4)))
    await _nothing_is_left(database)
    await database.close()


async def _nothing_is_left(database: Database) -> None:
    async with database.engine.connect() as one, database.engine.connect() as two:
        for connection in (one, two):
            left = await connection.scalar(text(SETTING))
            rows = await connection.scalar(text("select count(*) from organizations"))
            read_only = await connection.scalar(text("show transaction_read_only"))
            assert (left or "", rows, read_only) == ("", 0, "off")


async def _end(session: ReadSession, ending: str) -> None:
    if ending == "problem":
        raise NotFound
    if ending == "fault":
        raise ValueError
    if ending == "everything":
        assert isinstance(session, WriteSession)
        await session.execute(text("select set_config('pstn.organizations', '*', true)"))


async def _cancelled(database: Database, scope: UUID) -> None:
    async def sleep() -> None:
        async with database.write(Scope.of([scope])) as session:
            await session.execute(text("select pg_sleep(5)"))

    task = asyncio.create_task(sleep())
    await asyncio.sleep(0.05)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


# --- The start --------------------------------------------------------------------------------


def address(cluster: Cluster, user: str, database: str) -> str:
    url = make_url(cluster.addresses.app).set(username=user, database=database)
    return url.render_as_string(hide_password=False)


@pytest.fixture
async def empty_database(cluster: Cluster) -> AsyncIterator[str]:
    """The name of a database with nothing in it, that the owner owns."""
    name = f"empty_{uuid4().hex[:8]}"
    superuser = address(cluster, "postgres", "postgres")
    await bootstrap.create_database(superuser, name)
    yield name
    connection = await asyncpg.connect(bootstrap.dsn(superuser))
    await connection.execute(f'drop database "{name}" with (force)')
    await connection.close()


@pytest.fixture
async def bypassing_role(cluster: Cluster) -> AsyncIterator[str]:
    """An ordinary role but for one right."""
    name = f"bypassing_{uuid4().hex[:8]}"
    connection = await asyncpg.connect(bootstrap.dsn(address(cluster, "postgres", "postgres")))
    await connection.execute(f"create role {name} login bypassrls")
    yield name
    await connection.execute(f"drop role {name}")
    await connection.close()


async def tables_in(cluster: Cluster, database: str) -> int:
    connection = await asyncpg.connect(bootstrap.dsn(address(cluster, "postgres", database)))
    try:
        return int(
            await connection.fetchval(
                "select count(*) from pg_class where relkind = 'r' and relnamespace::regnamespace"
                "::text not in ('pg_catalog', 'information_schema')"
            )
        )
    finally:
        await connection.close()


def names_the_way_out(message: str, role: str) -> bool:
    return all(part in message for part in (role, "DATABASE_URL", "PSTN_MIGRATION_DATABASE_URL"))


@pytest.mark.parametrize("role", ["postgres", None])
async def test_a_start_with_a_login_that_bypasses_is_refused_before_anything_is_made(
    role: str | None, cluster: Cluster, empty_database: str, bypassing_role: str
) -> None:
    login = role or bypassing_role
    where = bootstrap.Addresses(app=address(cluster, login, empty_database), owner=None)

    with pytest.raises(RuntimeError) as refusal:
        await bootstrap.prepare(where)

    assert names_the_way_out(str(refusal.value), login)
    assert await tables_in(cluster, empty_database) == 0


async def test_a_start_with_a_superuser_s_login_is_refused_beside_an_owner_s_too(
    cluster: Cluster, empty_database: str
) -> None:
    where = bootstrap.Addresses(
        app=address(cluster, "postgres", empty_database),
        owner=address(cluster, bootstrap.OWNER, empty_database),
    )

    with pytest.raises(RuntimeError) as refusal:
        await bootstrap.prepare(where)

    assert names_the_way_out(str(refusal.value), "postgres")


async def test_a_start_with_the_owner_s_login_alone_keeps_organizations_apart(
    cluster: Cluster, empty_database: str
) -> None:
    """One ordinary login that owns its tables: `force` binds it as well."""
    url = address(cluster, bootstrap.OWNER, empty_database)

    await bootstrap.prepare(bootstrap.Addresses(app=url, owner=None))

    database = Database(url, pool_size=1)
    async with database.write(EVERYTHING) as session:
        partner, organization = uuid4(), uuid4()
        await session.execute(
            text("insert into partners (id, name, var_authorized) values (:id, 'Partner', true)"),
            {"id": partner},
        )
        await session.execute(
            text(
                "insert into organizations (id, display_name, partner_id, subscription_type,"
                " subscription_status, created_at, version)"
                " values (:id, 'Organisation', :partner, 'paid', 'active', now(), 1)"
            ),
            {"id": organization, "partner": partner},
        )
    for scope, seen in ((Scope.of([uuid4()]), set()), (Scope.of([organization]), {organization})):
        async with database.read(scope) as session:
            assert await organizations_in(session, Table("organizations", "id")) == seen
    await database.close()
