"""The log of deliveries: read, sent again, forgotten."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app.core import clock
from app.core.database import ReadSession, WriteSession
from app.core.errors import NotFound
from app.domains.webhooks import repository
from app.domains.webhooks.models import Delivery
from app.domains.webhooks.service.announcing import check_enabled
from app.domains.webhooks.service.managing import get_locked

KEPT_FOR = timedelta(days=30)
AT_ONCE = 50_000
"""Of a larger number, which a long standstill leaves, no statement would see the end."""


async def get(session: ReadSession, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    """A delivery. Raises 404."""
    found = await repository.get_delivery(session, webhook_id, delivery_id)
    if found is None:
        raise NotFound
    return found


async def redeliver(session: WriteSession, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    """Send a message again, now, with its old id; the schedule begins anew.

    Raises 404, 409 when the webhook is disabled.
    """
    webhook = await get_locked(session, webhook_id)
    delivery = await get(session, webhook_id, delivery_id)
    check_enabled(webhook)
    now = clock.real_now()
    delivery.begin(now)
    await session.flush()
    await repository.call_on(session, [webhook.id], now)
    return delivery


async def forget(session: WriteSession) -> None:
    """Delete the first of the deliveries that ended long ago."""
    await repository.forget_ended(session, clock.real_now() - KEPT_FOR, limit=AT_ONCE)
