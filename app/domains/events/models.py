"""Events as tables: what was recorded, and how far it is published."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model


class Event(Model):
    """A thing that happened; readers see it once it has a `position`."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("position"),
        UniqueConstraint("org_id", "sequence"),
        Index("ix_events_org_id_position", "org_id", "position"),
        Index("ix_events_waiting", "insertion", postgresql_where="position is null"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    insertion: Mapped[int] = mapped_column(BigInteger, Identity())
    """Drawn when the row is written, maybe long before it is committed."""
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    type: Mapped[str] = mapped_column(String(60))
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    position: Mapped[int | None] = mapped_column(BigInteger)
    """Its place in the feed of all organisations."""
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    """Its place among the events of its organisation: 1, 2, 3, without gaps."""
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When readers could see it first, by the real clock."""


class EventFeed(Model):
    """How far the feed goes, in a single row; the publisher alone moves `last_position`."""

    __tablename__ = "event_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    last_position: Mapped[int] = mapped_column(BigInteger)
    forgotten_position: Mapped[int] = mapped_column(BigInteger)
    """Events up to here are forgotten."""


class EventCounter(Model):
    """The last `sequence` of an organisation; written by the publisher alone."""

    __tablename__ = "event_counters"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
