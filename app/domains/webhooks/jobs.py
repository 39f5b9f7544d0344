"""The jobs of webhooks."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from app.core.database import Database
from app.domains.webhooks.service.telling import TELL_DISABLED, tell
from app.integrations.mail.port import Mailer
from app.jobs.queue import Jobs, Payload

jobs = Jobs()


class Context(Protocol):
    """What these jobs need."""

    database: Database
    mailer: Mailer


@jobs.job(TELL_DISABLED)
async def tell_of_disabled(context: Context, payload: Payload) -> None:
    """Tell people that a webhook of theirs is disabled."""
    await tell(context.database, context.mailer, UUID(payload["orgId"]), UUID(payload["webhookId"]))
