"""Notifications in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import ReadSession, WriteSession
from app.domains.notifications.models import Notification, NotificationStatus


async def of_change(session: ReadSession, history_id: UUID) -> list[Notification]:
    """The mails about a line of an order's history."""
    query = select(Notification).where(Notification.history_id == history_id)
    return list(await session.scalars(query.order_by(Notification.recipient)))


async def add(session: WriteSession, rows: Sequence[dict[str, Any]]) -> None:
    """Note mails; one that was noted at the same time stays as it is."""
    if rows:
        await session.execute(insert(Notification).values(list(rows)).on_conflict_do_nothing())


async def settle(
    session: WriteSession,
    notification: Notification,
    status: NotificationStatus,
    refusal: str | None,
) -> None:
    """Note what became of a mail."""
    await session.execute(
        update(Notification)
        .where(
            Notification.history_id == notification.history_id,
            Notification.recipient == notification.recipient,
        )
        .values(status=status, refusal=refusal, settled_at=session.now)
    )
