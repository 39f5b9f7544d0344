"""Support cases and their comments as tables."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Model


class SupportCase(Model):
    """A thread between a customer and a desk, about an order or about anything."""

    __tablename__ = "support_cases"
    __table_args__ = (Index("ix_support_cases_org_id_id", "org_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"), index=True)
    need: Mapped[str] = mapped_column(String(20))
    desk: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(256))
    status: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int]

    comments: Mapped[list[SupportCaseComment]] = relationship(
        lazy="raise", order_by="SupportCaseComment.id"
    )


class SupportCaseComment(Model):
    """What one side wrote in a case; the first one opens it."""

    __tablename__ = "support_case_comments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("support_cases.id"), index=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    by: Mapped[str] = mapped_column(String(100))
    side: Mapped[str] = mapped_column(String(10))
    message: Mapped[str]
