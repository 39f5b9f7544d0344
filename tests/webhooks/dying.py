"""A worker that is killed with a message sent and not yet noted.

`python -m tests.webhooks.dying <database> <home> <organisation> <webhook>` makes a message, takes
the webhook in the same transaction, so that no other worker can, sends it, and dies.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from app.core import clock
from app.core.database import Database, Scope
from app.core.settings import Settings
from app.domains.webhooks.service import announcing
from app.domains.webhooks.service.delivering import LEASE, Courier
from app.domains.webhooks.service.managing import get_locked
from app.integrations.webhooks.http import HttpWebhookSender
from app.integrations.webhooks.port import Outcome


class DyingSender(HttpWebhookSender):
    """Dies as soon as the receiver has answered."""

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        await super().send(url, headers, body)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


async def main(url: str, home: Path, organization_id: UUID, webhook_id: UUID) -> None:
    """Send once."""
    database = Database(url, pool_size=1)
    async with database.write(Scope.of([organization_id])) as session:
        await announcing.send_test(session, webhook_id)
        webhook = await get_locked(session, webhook_id)
        webhook.leased_until = clock.real_now() + LEASE
    keys = Settings(home=home).key_ring()
    await Courier(database, "", DyingSender(allow_loopback=True), keys).serve(webhook)


if __name__ == "__main__":
    database_url, folder, organization, hooked = sys.argv[1:]
    asyncio.run(main(database_url, Path(folder), UUID(organization), UUID(hooked)))
