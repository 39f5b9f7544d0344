"""The jobs of notifications."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from app.core.database import Database
from app.domains.notifications.service import notify
from app.domains.orders.service import NOTIFY
from app.integrations.mail.port import Mailer
from app.jobs.queue import Jobs, Payload

jobs = Jobs()


class Context(Protocol):
    """What these jobs need."""

    database: Database
    mailer: Mailer


@jobs.job(NOTIFY)
async def notify_of_change(context: Context, payload: Payload) -> None:
    """Tell people what happened to an order."""
    await notify(
        context.database,
        context.mailer,
        UUID(payload["orgId"]),
        UUID(payload["orderId"]),
        UUID(payload["historyId"]),
    )
