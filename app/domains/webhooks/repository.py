"""Webhooks and deliveries in SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import ReadSession, WriteSession
from app.domains.webhooks.lifecycle import DeliveryStatus, WebhookStatus
from app.domains.webhooks.models import Announced, Delivery, Webhook


def visible(session: ReadSession) -> Select[Webhook]:
    """Every webhook the transaction may see; all reads go through here."""
    query = select(Webhook)
    if session.scope.organizations is not None:
        query = query.where(Webhook.org_id.in_(session.scope.organizations))
    return query


def visible_deliveries(session: ReadSession) -> Select[Delivery]:
    """Every delivery the transaction may see; all reads go through here."""
    query = select(Delivery)
    if session.scope.organizations is not None:
        query = query.where(Delivery.org_id.in_(session.scope.organizations))
    return query


# --- Webhooks ---------------------------------------------------------------------------------


async def get(session: ReadSession, webhook_id: UUID) -> Webhook | None:
    """A webhook."""
    return await session.scalar(visible(session).where(Webhook.id == webhook_id))


async def get_locked(session: WriteSession, webhook_id: UUID) -> Webhook | None:
    """The same, locked: before any of its deliveries, whoever changes both."""
    query = visible(session).where(Webhook.id == webhook_id)
    return await session.scalar(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    )


async def count(session: ReadSession, organization_id: UUID) -> int:
    """How many webhooks an organisation has."""
    query = select(func.count()).where(Webhook.org_id == organization_id)
    return await session.scalar(query) or 0


async def list_page(session: ReadSession, *, after: UUID | None, limit: int) -> list[Webhook]:
    """Webhooks, the oldest first."""
    query = visible(session)
    if after is not None:
        query = query.where(Webhook.id > after)
    return list(await session.scalars(query.order_by(Webhook.id).limit(limit)))


async def enabled_of(session: WriteSession, organizations: Collection[UUID]) -> list[Webhook]:
    """The enabled webhooks of these organisations, locked in the order of their ids."""
    query = visible(session).where(
        Webhook.org_id.in_(organizations), Webhook.status == WebhookStatus.enabled
    )
    return list(await session.scalars(query.order_by(Webhook.id).with_for_update(key_share=True)))


# --- Turns ------------------------------------------------------------------------------------


DUE = "pstn_webhooks_due"
"""What PostgreSQL tells listeners, at the commit."""


async def call_on(session: WriteSession, webhook_ids: Collection[UUID], now: datetime) -> None:
    """These webhooks have something to send now."""
    await session.execute(
        update(Webhook)
        .where(Webhook.id.in_(webhook_ids))
        .values(due_at=func.least(Webhook.due_at, now))
        .execution_options(synchronize_session=False)
    )
    await session.execute(select(func.pg_notify(DUE, "")))


async def lease(
    session: WriteSession, *, now: datetime, until: datetime, limit: int
) -> list[Webhook]:
    """Webhooks that have something to send and that no worker has, the longest due first."""
    free = (
        visible(session)
        .where(
            Webhook.status == WebhookStatus.enabled,
            Webhook.due_at <= now,
            or_(Webhook.leased_until.is_(None), Webhook.leased_until <= now),
            or_(Webhook.throttled_until.is_(None), Webhook.throttled_until <= now),
        )
        .order_by(Webhook.due_at)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )
    found = list(await session.scalars(free))
    for webhook in found:
        webhook.leased_until = until
    await session.flush()
    return found


async def next_due(session: ReadSession, webhook_id: UUID) -> datetime | None:
    """When the earliest pending delivery of a webhook is due."""
    return await session.scalar(
        select(func.min(Delivery.next_attempt_at)).where(
            Delivery.webhook_id == webhook_id, Delivery.status == DeliveryStatus.pending
        )
    )


# --- Deliveries -------------------------------------------------------------------------------

ROWS_AT_ONCE = 1000


async def get_delivery(
    session: ReadSession, webhook_id: UUID, delivery_id: UUID
) -> Delivery | None:
    """A delivery of a webhook."""
    query = visible_deliveries(session).where(
        Delivery.id == delivery_id, Delivery.webhook_id == webhook_id
    )
    return await session.scalar(query.execution_options(populate_existing=True))


async def list_deliveries(
    session: ReadSession,
    webhook_id: UUID,
    *,
    status: str | None,
    after: UUID | None,
    limit: int,
) -> list[Delivery]:
    """The deliveries of a webhook, the newest first."""
    query = visible_deliveries(session).where(Delivery.webhook_id == webhook_id)
    if status is not None:
        query = query.where(Delivery.status == status)
    if after is not None:
        query = query.where(Delivery.id < after)
    return list(await session.scalars(query.order_by(Delivery.id.desc()).limit(limit)))


async def due_deliveries(
    session: ReadSession, webhook_id: UUID, now: datetime, limit: int
) -> list[Delivery]:
    """What is to be sent to a webhook now, the longest due first."""
    query = visible_deliveries(session).where(
        Delivery.webhook_id == webhook_id,
        Delivery.status == DeliveryStatus.pending,
        Delivery.next_attempt_at <= now,
    )
    return list(
        await session.scalars(query.order_by(Delivery.next_attempt_at, Delivery.id).limit(limit))
    )


async def add_deliveries(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Note messages to be sent; one that is noted already stays as it is."""
    # In parts: a statement may have 32,767 parameters.
    for first in range(0, len(rows), ROWS_AT_ONCE):
        part = list(rows[first : first + ROWS_AT_ONCE])
        await session.execute(insert(Delivery).values(part).on_conflict_do_nothing())


async def cancel_pending(session: WriteSession, webhook_id: UUID, now: datetime) -> None:
    """Nothing more is sent of what waits for a webhook, locked by the caller."""
    await session.execute(
        update(Delivery)
        .where(Delivery.webhook_id == webhook_id, Delivery.status == DeliveryStatus.pending)
        .values(status=DeliveryStatus.cancelled, next_attempt_at=None, ended_at=now)
    )


async def forget_ended(session: WriteSession, before: datetime, *, limit: int) -> None:
    """Delete the first of the deliveries that ended before then."""
    old = (
        select(Delivery.id)
        .where(Delivery.status != DeliveryStatus.pending, Delivery.ended_at < before)
        .order_by(Delivery.ended_at)
        .limit(limit)
    )
    await session.execute(delete(Delivery).where(Delivery.id.in_(old)))


async def announced_position(session: ReadSession) -> int:
    """How far the feed is announced."""
    return (await session.scalars(select(Announced.position))).one()


async def announced(session: WriteSession) -> Announced:
    """The same, locked: one at a time goes on."""
    return (await session.scalars(select(Announced).with_for_update())).one()
