"""Runs migrations on the address `bootstrap.migrate` gives, with a limit on waiting for locks."""

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.auth import models as _auth
from app.core import idempotency as _idempotency
from app.core.database import Model
from app.domains.emergency_addresses import models as _emergency_addresses
from app.domains.events import models as _events
from app.domains.locations import models as _locations
from app.domains.notifications import models as _notifications
from app.domains.number_orders import models as _number_orders
from app.domains.numbering import models as _numbering
from app.domains.orders import models as _orders
from app.domains.organizations import models as _organizations
from app.domains.support_cases import models as _support_cases
from app.domains.webhooks import models as _webhooks
from app.integrations.carriers import simulator as _simulator

__all__ = [
    "_auth",
    "_emergency_addresses",
    "_events",
    "_idempotency",
    "_locations",
    "_notifications",
    "_number_orders",
    "_numbering",
    "_orders",
    "_organizations",
    "_simulator",
    "_support_cases",
    "_webhooks",
]


def run(connection: Connection) -> None:
    """Run them all in one transaction."""
    # Nobody should wait long behind a migration that waits for a lock.
    connection.execute(text("set lock_timeout = '5s'"))
    context.configure(connection=connection, target_metadata=Model.metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def main() -> None:
    """Connect and run."""
    engine = create_async_engine(context.config.attributes["url"])
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(main())
