"""Emergency service addresses as a table."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model


class AddressSource(StrEnum):
    """Whose address a number has (B5)."""

    number = "number"
    location = "location"


class EmergencyAddress(Model):
    """The default of a location, or the own address of one number (`phone_number`)."""

    __tablename__ = "emergency_addresses"
    __table_args__ = (
        Index(
            "uq_emergency_addresses_default",
            "location_id",
            unique=True,
            postgresql_where="phone_number is null",
        ),
        Index(
            "uq_emergency_addresses_number",
            "phone_number",
            unique=True,
            postgresql_where="phone_number is not null",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("locations.id", ondelete="CASCADE"))
    phone_number: Mapped[int | None] = mapped_column(BigInteger)
    address: Mapped[dict[str, Any]] = mapped_column(JSONB)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(default=1)

    @property
    def source(self) -> AddressSource:
        """Whether it is one number's own, or the default of a location."""
        return AddressSource.location if self.phone_number is None else AddressSource.number
