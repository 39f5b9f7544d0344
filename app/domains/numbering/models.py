"""The inventory in thousands-blocks, and every number that is somebody's, as tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Computed,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model
from app.domains.numbering.bitmaps import Bitmap

HAS_SOME = text("available_count > 0")


class ThousandsBlock(Model):
    """A thousand numbers that share all but the last three digits, their place and type.

    `stocked` is what was ever put in stock, `available` what can be ordered now; the rest of
    `stocked` has a row in `numbers` each.
    """

    __tablename__ = "thousands_blocks"
    __table_args__ = (
        # Sold-out rows leave these indexes: a search never reads past them.
        Index("ix_thousands_blocks_available", "id", postgresql_where=HAS_SOME),
        Index("ix_thousands_blocks_state", "country", "state", "id", postgresql_where=HAS_SOME),
        Index(
            "ix_thousands_blocks_city",
            "country",
            text("lower(city)"),
            "id",
            postgresql_where=HAS_SOME,
        ),
        Index("ix_thousands_blocks_state_run", "country", "state", "longest_run"),
        Index("ix_thousands_blocks_city_run", "country", text("lower(city)"), "longest_run"),
        Index("ix_thousands_blocks_area_run", text("(id / 10000)"), "longest_run"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    country: Mapped[str] = mapped_column(String(2))
    state: Mapped[str | None] = mapped_column(String(8))
    city: Mapped[str] = mapped_column(String(100))
    rate_center: Mapped[str] = mapped_column(String(100))
    number_type: Mapped[str] = mapped_column(String(12))
    stocked: Mapped[int] = mapped_column(Bitmap)
    available: Mapped[int] = mapped_column(Bitmap)
    available_count: Mapped[int] = mapped_column(
        Integer, Computed("bit_count(available)", persisted=True)
    )
    longest_run: Mapped[int]
    """Of the runs of available numbers that start here, counted on into the next block of the same
    place, the longest (domain.md C10)."""

    @property
    def place(self) -> tuple[str, str | None, str, str, str]:
        """What every number here has in common; a run of numbers does not leave its place."""
        return (self.country, self.state, self.city, self.rate_center, self.number_type)


class NumberState(StrEnum):
    """What may be done with a number that left the stock (`lifecycles.md`)."""

    held = "held"
    """By an order or a reservation."""
    inactive = "inactive"
    """Delivered; waits for the terms of service."""
    active = "active"
    released = "released"
    resting = "resting"


class Number(Model):
    """A number that is somebody's, or rests; the key lets no number have two owners."""

    __tablename__ = "numbers"
    __table_args__ = (
        Index("ix_numbers_org_id_number", "org_id", "number"),
        Index("ix_numbers_location_id_number", "location_id", "number"),
        Index("ix_numbers_inactive", "org_id", postgresql_where=text("state = 'inactive'")),
        Index(
            "ix_numbers_take_back_until",
            "take_back_until",
            postgresql_where=text("state = 'released'"),
        ),
        Index("ix_numbers_rests_until", "rests_until", postgresql_where=text("state = 'resting'")),
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("locations.id"))
    state: Mapped[str] = mapped_column(String(10))
    from_stock: Mapped[bool]
    is_toll_free: Mapped[bool] = mapped_column(server_default=false())
    is_service: Mapped[bool] = mapped_column(server_default=false())
    order_id: Mapped[UUID | None] = mapped_column(index=True)
    reservation_id: Mapped[UUID | None] = mapped_column(index=True)
    block_id: Mapped[UUID | None] = mapped_column(index=True)
    held_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    activated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    released_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    take_back_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rests_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @property
    def is_brought(self) -> bool:
        """Whether its owner brought it, for another PSTN than Cisco's: it came with no order."""
        return self.order_id is None and self.reservation_id is None


class NumberBlock(Model):
    """Consecutive numbers ordered as one, and removed as one only (C6)."""

    __tablename__ = "number_blocks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("locations.id"))
    first_number: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int]


class ImportStatus(StrEnum):
    """How far an import is."""

    running = "running"
    completed = "completed"
    failed = "failed"


class InventoryImport(Model):
    """A file of numbers put, or being put, in stock.

    `next_line` is where a worker goes on that takes over from a killed one.
    """

    __tablename__ = "inventory_imports"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(10))
    file_key: Mapped[str | None] = mapped_column(String(200))
    sha256: Mapped[str | None] = mapped_column(String(64))
    next_line: Mapped[int] = mapped_column(default=2)
    imported: Mapped[int] = mapped_column(default=0)
    refused_count: Mapped[int] = mapped_column(default=0)
    refused: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
