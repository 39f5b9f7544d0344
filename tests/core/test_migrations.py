"""The migrations up, down and up again; they make just the tables the code has, each guarded."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import create_async_engine

from app.core import bootstrap, embedded_postgres
from app.core.database import Database, Scope
from app.core.texts import Language, lines, plural_text, text
from app.domains.numbering.models import Number
from app.domains.support_cases import service as support_cases
from app.domains.support_cases.lifecycle import Side
from app.domains.support_cases.schemas import SupportCaseView
from app.telephony.phone_number import PhoneNumber
from tests.conftest import Cluster


def test_the_stairway(cluster: Cluster) -> None:
    server = embedded_postgres.attach(cluster.home)
    try:
        name = f"stairway_{uuid4().hex[:8]}"
        superuser = server.url(user=server.superuser, database="postgres")
        asyncio.run(bootstrap.create_database(superuser, name))
        config = Config(bootstrap.ROOT / "alembic.ini")
        config.attributes["url"] = server.url(user=bootstrap.OWNER, database=name)

        command.upgrade(config, "head")
        command.check(config)
        command.downgrade(config, "base")
        command.upgrade(config, "head")
        command.check(config)
    finally:
        server.detach()


async def test_every_table_with_an_organisation_is_under_row_level_security(
    cluster: Cluster,
) -> None:
    assert cluster.addresses.owner
    engine = create_async_engine(cluster.addresses.owner)
    async with engine.connect() as connection:
        unguarded = await connection.scalars(
            sql(
                "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid"
                " where a.attname = 'org_id' and c.relkind = 'r'"
                " and not (c.relrowsecurity and c.relforcerowsecurity)"
            )
        )
        assert list(unguarded) == []
    await engine.dispose()


TOLL_FREE = (800, 822, 833, 844, 855, 866, 877, 888)
ID = UUID("019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a10")
FIRST_RELEASE = "2026_11_22_main_job"
AS_THE_FIRST_RELEASE_WROTE = """
    select set_config('pstn.organizations', '*', true);
    insert into partners values ('{id}', 'Example Partner', false, null);
    insert into organizations values
        ('{id}', 'Example', '{id}', 'paid', 'active', null, null, null, now(), 1);
    insert into locations values
        ('{id}', '{id}', 'Office', 'America/New_York', 'en_us', 'en_us', '{{}}', null, null, null,
         now());
    insert into numbers (number, org_id, location_id, state, from_stock, held_at)
    select number, '{id}', '{id}', 'active', false, now()
    from unnest(array[{numbers}]) as number;
    insert into support_cases values
        ('{id}', '{id}', null, 'reschedule', 'PTS', 'A "later" date', 'open', now(), now(), 1);
    insert into support_case_comments values
        ('{id}', '{id}', '{id}', now(), 'Ada Example', 'customer', '100% sure: {{"x": 1}}\nŁódź')
"""


async def test_a_database_of_the_first_release_keeps_what_it_says(cluster: Cluster) -> None:
    superuser = cluster.server.url(user=cluster.server.superuser, database="postgres")
    name = f"first_release_{uuid4().hex[:8]}"
    await bootstrap.create_database(superuser, name)
    addresses = bootstrap.Addresses(
        app=cluster.server.url(user=bootstrap.APP, database=name),
        owner=cluster.server.url(user=bootstrap.OWNER, database=name),
    )
    assert addresses.owner
    config = Config(bootstrap.ROOT / "alembic.ini")
    config.attributes["url"] = addresses.owner
    await asyncio.to_thread(command.upgrade, config, FIRST_RELEASE)
    toll_free = [int(f"1{code}5550100") for code in TOLL_FREE]
    toll_free.append(80012345678)
    others = [12125550100, 18015550100, 19995550100, 48221234567, 448005550]
    written = AS_THE_FIRST_RELEASE_WROTE.format(
        id=ID, numbers=", ".join(map(str, toll_free + others))
    )
    owner = await asyncpg.connect(bootstrap.dsn(addresses.owner))
    await owner.execute(written)
    await owner.close()

    await bootstrap.prepare(addresses)

    database = Database(addresses.app, pool_size=1)
    async with database.write(Scope.of([ID])) as session:
        case = await support_cases.comment(
            session, ID, message="Yes.", side=Side.support, by="Support"
        )
        shown = SupportCaseView.of(case, Language.pl)
        assert shown.subject == 'A "later" date'
        assert [comment.message for comment in shown.comments] == [
            '100% sure: {"x": 1}\nŁódź',
            "Yes.",
        ]
        found = {number.number: number for number in await session.scalars(select(Number))}
        assert sorted(found) == sorted(toll_free + others)
        for number, row in found.items():
            assert row.is_toll_free == (number in toll_free)
            assert row.is_toll_free == PhoneNumber.parse(f"+{number}").is_toll_free
            assert not row.is_service
        said = plural_text("%(count)s number", "%(count)s numbers", 2)
        case.subject = lines(text("The order"), said)
    await database.close()

    await asyncio.to_thread(command.downgrade, config, FIRST_RELEASE)

    owner = await asyncpg.connect(bootstrap.dsn(addresses.owner))
    await owner.execute("select set_config('pstn.organizations', '*', false)")
    assert await owner.fetchval("select subject from support_cases") == "The order\n2 numbers"
    messages = await owner.fetch("select message from support_case_comments order by at")
    assert [message for (message,) in messages] == ['100% sure: {"x": 1}\nŁódź', "Yes."]
    await owner.close()
