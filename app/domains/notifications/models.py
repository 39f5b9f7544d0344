"""What people were told by mail, as a table."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from sqlalchemy import DateTime, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model


class NotificationStatus(StrEnum):
    """What became of a mail."""

    waiting = "waiting"
    sent = "sent"
    refused = "refused"


class Notification(Model):
    """A mail to one recipient about one line of an order's history, written before it is sent."""

    __tablename__ = "notifications"

    history_id: Mapped[UUID] = mapped_column(ForeignKey("order_history.id"), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254), primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str]
    body: Mapped[str]
    status: Mapped[str] = mapped_column(String(10))
    refusal: Mapped[str | None] = mapped_column(String(200))
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @property
    def message_id(self) -> UUID:
        """The same for this change and recipient, whatever happens to this row."""
        return uuid5(self.history_id, self.recipient)
