"""Support cases and their comments as tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Dialect, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from app.core.database import Model
from app.core.texts import Text


class Words(TypeDecorator[str | Text]):
    """What a person wrote, as it is; what the service wrote, to be read in either language."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: str | Text | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return value.to_json() if isinstance(value, Text) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> str | Text | None:  # noqa: ARG002
        return Text.from_json(value) if isinstance(value, dict) else value


class SupportCase(Model):
    """A thread between a customer and a desk, about an order or about anything."""

    __tablename__ = "support_cases"
    __table_args__ = (Index("ix_support_cases_org_id_id", "org_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"), index=True)
    need: Mapped[str] = mapped_column(String(20))
    desk: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str | Text] = mapped_column(Words)
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
    message: Mapped[str | Text] = mapped_column(Words)
