"""Webhooks, their deliveries, and how far the feed of events is announced, as tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model
from app.domains.webhooks.lifecycle import TRANSITIONS, DeliveryStatus


class Webhook(Model):
    """A receiver of an organisation's events. Its times are of the real clock."""

    __tablename__ = "webhooks"
    __table_args__ = (
        Index("ix_webhooks_org_id_id", "org_id", "id"),
        Index(
            "ix_webhooks_due_at",
            "due_at",
            postgresql_where="status = 'enabled' and due_at is not null",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str] = mapped_column(String(100))
    target_url: Mapped[str] = mapped_column(String(2000))
    events: Mapped[list[str]] = mapped_column(ARRAY(String))
    status: Mapped[str] = mapped_column(String(10))
    disabled_reason: Mapped[str | None] = mapped_column(String(10))
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    secret: Mapped[bytes]
    previous_secret: Mapped[bytes | None]
    previous_secret_expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    begins_after: Mapped[int] = mapped_column(BigInteger)
    """Where the feed ended when it was last enabled: it is told of what comes behind."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int]

    failing_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """The first failure since the last success."""
    throttled_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When its earliest pending delivery is due, or its turn after those of others."""
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """Until then one worker has it; a worker that is killed gives it back by letting that pass."""


class Delivery(Model):
    """A message on its way to a webhook, and its last attempts."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("uq_webhook_deliveries_message", "webhook_id", "message_id", unique=True),
        Index("ix_webhook_deliveries_webhook_id_id", "webhook_id", "id"),
        Index("ix_webhook_deliveries_webhook_id_status_id", "webhook_id", "status", "id"),
        Index(
            "ix_webhook_deliveries_pending",
            "webhook_id",
            "next_attempt_at",
            postgresql_where="status = 'pending'",
        ),
        Index(
            "ix_webhook_deliveries_ended_at",
            "ended_at",
            postgresql_where="status <> 'pending'",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    message_id: Mapped[UUID]
    """The event's id: one event is one message, however often and to whomever it is sent."""
    event_type: Mapped[str] = mapped_column(String(60))
    body: Mapped[str]
    """As it is signed, the same at each attempt."""
    status: Mapped[str] = mapped_column(String(10))
    tries: Mapped[int]
    """Attempts of the schedule; it begins anew with a redelivery."""
    attempts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """The last ones, the oldest first."""
    next_attempt_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def begin(self, now: datetime) -> None:
        """Have it sent by the schedule, from its first attempt on."""
        self._move(DeliveryStatus.pending)
        self.tries, self.next_attempt_at, self.ended_at = 0, now, None

    def end(self, status: DeliveryStatus, now: datetime) -> None:
        """Send it no more."""
        self._move(status)
        self.next_attempt_at, self.ended_at = None, now

    def _move(self, to: DeliveryStatus) -> None:
        if to not in TRANSITIONS[DeliveryStatus(self.status)]:
            raise ValueError(f"a delivery does not go from {self.status} to {to}")
        self.status = to


class Announced(Model):
    """How far the feed of events has been made into deliveries; a single row."""

    __tablename__ = "webhook_announced"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
