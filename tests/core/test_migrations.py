"""The migrations make exactly the tables that the models describe."""

from __future__ import annotations

import asyncio

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.bootstrap import ROOT
from tests.conftest import Cluster


async def test_nothing_is_missing_in_the_migrations(cluster: Cluster) -> None:
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = cluster.addresses.owner
    await asyncio.to_thread(command.check, config)


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
