"""Acceptances of the terms of service, and reservations, as tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, text
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


class ReservationStatus(StrEnum):
    """What became of a reservation (`lifecycles.md`); only an active one holds numbers."""

    active = "active"
    used = "used"
    expired = "expired"
    released = "released"


class Reservation(Model):
    """Numbers held for a while (C7); they are the rows of `numbers` that name it.

    `offers_substitutes` marks the one that a lost race left behind: the next one replaces it.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        Index("ix_reservations_due", "expires_at", postgresql_where=text("status = 'active'")),
        Index(
            "uq_reservations_substitutes",
            "location_id",
            unique=True,
            postgresql_where=text("status = 'active' and offers_substitutes"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("locations.id"))
    status: Mapped[str] = mapped_column(String(10))
    offers_substitutes: Mapped[bool]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    extended: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int]
