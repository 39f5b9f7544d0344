"""The migrations up, down and up again; they make just the tables the code has, each guarded."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.core import bootstrap, embedded_postgres
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
            text(
                "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid"
                " where a.attname = 'org_id' and c.relkind = 'r'"
                " and not (c.relrowsecurity and c.relforcerowsecurity)"
            )
        )
        assert list(unguarded) == []
    await engine.dispose()
