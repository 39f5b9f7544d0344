"""Locations and PSTN connections as tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Float, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Model


class ConnectionType(StrEnum):
    """How a location reaches the PSTN (A1)."""

    local_gateway = "LOCAL_GATEWAY"
    non_integrated_ccp = "NON_INTEGRATED_CCP"
    integrated_ccp = "INTEGRATED_CCP"
    cisco_pstn = "CISCO_PSTN"


class PremiseRouteType(StrEnum):
    """Where a Local Gateway sends calls."""

    trunk = "TRUNK"
    route_group = "ROUTE_GROUP"


class Location(Model):
    """A place of an organisation, with Webex's fields."""

    __tablename__ = "locations"
    __table_args__ = (Index("ix_locations_org_id_name", "org_id", text("lower(name)")),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str] = mapped_column(String(256))
    time_zone: Mapped[str] = mapped_column(String(64))
    preferred_language: Mapped[str] = mapped_column(String(16))
    announcement_language: Mapped[str] = mapped_column(String(16))
    address: Mapped[dict[str, Any]] = mapped_column(JSONB)
    latitude: Mapped[float | None] = mapped_column(Float(53))
    longitude: Mapped[float | None] = mapped_column(Float(53))
    notes: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    connection: Mapped[PstnConnection | None] = relationship(
        lazy="raise", passive_deletes=True, cascade="all, delete"
    )

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-2."""
        return str(self.address["country"])

    @property
    def is_on_cisco_pstn(self) -> bool:
        """Whether Cisco PSTN is enabled."""
        return self.connection is not None and self.connection.type == ConnectionType.cisco_pstn


class PstnConnection(Model):
    """The PSTN connection of a location; for Cisco PSTN with who signed and who answers for it."""

    __tablename__ = "pstn_connections"

    location_id: Mapped[UUID] = mapped_column(
        ForeignKey("locations.id", ondelete="CASCADE"), primary_key=True
    )
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    type: Mapped[str] = mapped_column(String(20))
    option_id: Mapped[UUID]
    route_type: Mapped[str | None] = mapped_column(String(20))
    route_id: Mapped[str | None] = mapped_column(String(256))
    contact: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    emergency_disclaimer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    main_number: Mapped[int | None] = mapped_column(BigInteger)
    connected_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(default=1)
