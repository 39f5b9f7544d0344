"""Acceptances of the terms of service as a table."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model


class TermsAcceptance(Model):
    """An organisation accepted a version of the terms of service."""

    __tablename__ = "terms_acceptances"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    version: Mapped[str] = mapped_column(String(20), primary_key=True)
    accepted_by: Mapped[str] = mapped_column(String(100))
    credential_id: Mapped[UUID]
    accepted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
