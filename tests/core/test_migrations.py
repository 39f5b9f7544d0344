"""The migrations up, down and up again, and that they make just the tables the code has."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from alembic import command
from alembic.config import Config

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
