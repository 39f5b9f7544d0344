"""Port orders, the numbers they claim, and the history of their fields, as tables."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, DateTime, ForeignKey, Index, String, Time, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model


class PortType(StrEnum):
    """Whether all numbers of the losing carrier's account move (domain.md E10)."""

    full = "full"
    partial = "partial"


class RemainingNumbers(StrEnum):
    """What becomes of the numbers that a partial port leaves behind."""

    keep = "keep"
    disconnect = "disconnect"


class PortOrder(Model):
    """What a port has beyond its order; account number and PIN are sealed to the row.

    `submitted` is the sealed document of the last submission; `submissions` counts them, `sent`
    is the last one the carrier took. `check_at` is when to ask the carrier, `foc_at` when the port
    completes.
    """

    __tablename__ = "port_orders"
    __table_args__ = (
        Index("ix_port_orders_check_at", "check_at", postgresql_where=text("check_at is not null")),
        Index("ix_port_orders_foc_at", "foc_at", postgresql_where=text("foc_at is not null")),
        Index(
            "ix_port_orders_loa_reminder_at",
            "loa_reminder_at",
            postgresql_where=text("loa_reminder_at is not null"),
        ),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    port_type: Mapped[str | None] = mapped_column(String(10))
    carrier_name: Mapped[str | None] = mapped_column(String(100))
    account_number: Mapped[bytes | None]
    billing_telephone_number: Mapped[int | None] = mapped_column(BigInteger)
    authorized_name: Mapped[str | None] = mapped_column(String(100))
    company_name: Mapped[str | None] = mapped_column(String(100))
    pin: Mapped[bytes | None]
    service_address: Mapped[dict[str, Any]] = mapped_column(JSONB)
    new_billing_telephone_number: Mapped[int | None] = mapped_column(BigInteger)
    remaining_numbers_action: Mapped[str | None] = mapped_column(String(12))
    requested_completion_date: Mapped[date | None] = mapped_column(Date)
    requested_completion_time: Mapped[time | None] = mapped_column(Time)
    notification_email: Mapped[str | None] = mapped_column(String(254))
    additional_information: Mapped[dict[str, Any]] = mapped_column(JSONB)
    bill_overrides: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    requested_documents: Mapped[list[str]] = mapped_column(JSONB)
    """Kinds that support asked for and that are not there yet (domain.md E6)."""
    submitted: Mapped[bytes | None]
    submissions: Mapped[int]
    sent: Mapped[int]
    split_from: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    check_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    foc_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    loa_awaited_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    loa_reminder_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PortDocument(Model):
    """A paper of a port, stored under a generated name; a newer one of its kind supersedes it.

    `voided_at` is when numbers or account changed under a letter of authorisation. `signature` is
    there on one signed here: `fullName`, `jobTitle`, `by` and `credentialId`. Of a bill
    `reading_outcome` tells whether it was read, and `reading` is what it says, sealed.
    """

    __tablename__ = "port_documents"
    __table_args__ = (Index("ix_port_documents_order_id_id", "order_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[str] = mapped_column(String(10))
    file_key: Mapped[str] = mapped_column(String(100), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(40))
    pages: Mapped[int]
    issued_on: Mapped[date | None] = mapped_column(Date)
    signature: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reading_outcome: Mapped[str | None] = mapped_column(String(10))
    # Large, and only for comparing: `repository.reading_of` asks for it.
    reading: Mapped[bytes | None] = mapped_column(deferred=True, deferred_raiseload=True)
    uploaded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    uploaded_by: Mapped[str] = mapped_column(String(100))
    superseded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    voided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class PortedNumber(Model):
    """A number that an unfinished port claims; the key lets no two ports have it."""

    __tablename__ = "ported_numbers"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))


class PortFieldChange(Model):
    """A field of a port that was changed, by whom; secrets are masked (domain.md E11)."""

    __tablename__ = "port_field_changes"
    __table_args__ = (Index("ix_port_field_changes_order_id_id", "order_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    by: Mapped[str] = mapped_column(String(100))
    pointer: Mapped[str] = mapped_column(String(200))
    before: Mapped[Any | None] = mapped_column(JSONB)
    after: Mapped[Any | None] = mapped_column(JSONB)
