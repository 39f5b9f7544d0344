"""Making messages: of the events that are published, and one to try a webhook out.

The feed is read from a position of our own, which moves on in the transaction that writes the
deliveries: each event makes one delivery for each webhook that wants it, whoever is killed.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.database import EVERYTHING, Database, WriteSession
from app.core.errors import INVALID_TRANSITION, Problem
from app.core.identifiers import new_id
from app.core.listening import keep_doing
from app.core.texts import text
from app.domains.events.models import Event
from app.domains.events.service import reading
from app.domains.webhooks import repository
from app.domains.webhooks.lifecycle import DeliveryStatus, WebhookStatus
from app.domains.webhooks.models import Delivery, Webhook
from app.domains.webhooks.policy.subscribing import wants
from app.domains.webhooks.schemas import TEST
from app.domains.webhooks.service.managing import get_locked

BATCH = 500


async def keep_announcing(database: Database, dsn: str, stop: asyncio.Event) -> None:
    """Announce what is published, as soon as it is, until told to stop."""

    async def catch_up() -> None:
        while await _is_behind(database):
            async with database.write(EVERYTHING) as session:
                await announce(session)

    await keep_doing(catch_up, "announce", dsn, reading.PUBLISHED, stop)


async def _is_behind(database: Database) -> bool:
    async with database.read(EVERYTHING) as session:
        announced = await repository.announced_position(session)
        return announced < await reading.last_position(session)


async def announce(session: WriteSession) -> None:
    """Make deliveries of the next published events."""
    announced = await repository.announced(session)
    # Before they are read: what is published in between comes behind.
    last = await reading.last_position(session)
    events = await reading.read(session, announced.position, BATCH)
    if not events:
        announced.position = last  # they are forgotten
        return
    now = clock.real_now()
    webhooks = await repository.enabled_of(session, {event.org_id for event in events})
    rows = [
        _row(webhook, event.id, event.type, body_of(event), now)
        for event in events
        for webhook in webhooks
        if _is_told(webhook, event)
    ]
    await repository.add_deliveries(session, rows)
    await repository.call_on(session, {row["webhook_id"] for row in rows}, now)
    announced.position = events[-1].position or 0


def _is_told(webhook: Webhook, event: Event) -> bool:
    return (
        webhook.org_id == event.org_id
        and (event.position or 0) > webhook.begins_after
        and wants(webhook.events, event.type)
    )


async def send_test(session: WriteSession, webhook_id: UUID) -> Delivery:
    """A message that tells nothing, to try a webhook out. Raises 404, 409 when it is disabled."""
    webhook = await get_locked(session, webhook_id)
    check_enabled(webhook)
    now, message_id = clock.real_now(), new_id()
    body = _body(message_id, TEST, now, webhook.org_id, {"webhookId": str(webhook.id)})
    row = _row(webhook, message_id, TEST, body, now)
    await repository.add_deliveries(session, [row])
    await repository.call_on(session, [webhook.id], now)
    delivery = await repository.get_delivery(session, webhook.id, row["id"])
    assert delivery is not None  # noqa: S101 - its message has a fresh id
    return delivery


def check_enabled(webhook: Webhook) -> None:
    """Raise 409 when nothing is sent to a webhook."""
    if webhook.status != WebhookStatus.enabled:
        raise Problem(
            INVALID_TRANSITION, text("The webhook is disabled; set its status to enabled first.")
        )


def body_of(event: Event) -> str:
    """The body that tells of an event: what the feed tells, with the standard's names for it."""
    return _body(
        event.id, event.type, event.occurred_at, event.org_id, event.data, sequence=event.sequence
    )


def _body(
    message_id: UUID,
    event_type: str,
    at: datetime,
    organization_id: UUID,
    data: dict[str, Any],
    **more: object,
) -> str:
    content = {
        "type": event_type,
        "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": data,
        "id": str(message_id),
        "orgId": str(organization_id),
        **more,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _row(
    webhook: Webhook, message_id: UUID, event_type: str, body: str, now: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "org_id": webhook.org_id,
        "webhook_id": webhook.id,
        "message_id": message_id,
        "event_type": event_type,
        "body": body,
        "status": DeliveryStatus.pending,
        "tries": 0,
        "attempts": [],
        "next_attempt_at": now,
        "created_at": now,
    }
