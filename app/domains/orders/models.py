"""Orders of both kinds, their numbers, errors and history, as tables."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, DateTime, ForeignKey, Index, Sequence, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Model
from app.domains.orders.lifecycle import State

ORDER_NUMBERS = Sequence("order_number_seq", metadata=Model.metadata)


class OrderNumberStatus(StrEnum):
    """What became of a number in its order; once delivered, its own state tells more."""

    pending = "pending"
    delivered = "delivered"
    failed = "failed"
    cancelled = "cancelled"
    removed = "removed"
    """Taken out of a port that goes on."""


class Order(Model):
    """An order; `status`, `stage` and `next_actor` are written by `service.move` alone."""

    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_org_id_id", "org_id", "id"),
        Index("ix_orders_location_id_id", "location_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("locations.id"))
    kind: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str | None] = mapped_column(String(30))
    next_actor: Mapped[str] = mapped_column(String(10))
    expected_by: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    request: Mapped[dict[str, Any]] = mapped_column(JSONB)
    substitutions: Mapped[list[dict[str, int]]] = mapped_column(JSONB)
    """Numbers that took the place of lost ones (C8): `for` and `number`."""
    block_id: Mapped[UUID | None]
    foc_date: Mapped[date | None] = mapped_column(Date)
    """Of a port: the day its losing carrier committed itself to."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(default=1)

    numbers: Mapped[list[OrderNumber]] = relationship(lazy="raise", order_by="OrderNumber.number")
    errors: Mapped[list[OrderError]] = relationship(lazy="raise", order_by="OrderError.id")

    @property
    def order_number(self) -> str:
        """The number people read out (C4)."""
        return f"PSTN-{self.number:06}"

    @property
    def state(self) -> State:
        """Status and stage."""
        return State(self.status, self.stage)


class OrderNumber(Model):
    """A telephone number in an order."""

    __tablename__ = "order_numbers"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, index=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    status: Mapped[str] = mapped_column(String(10))
    portable: Mapped[bool | None]
    not_portable_reason: Mapped[str | None] = mapped_column(String(40))
    """Of a port: whether the number can move, and the code of why not (domain.md E2)."""


class OrderError(Model):
    """Something wrong with an order, as a code of its kind's table."""

    __tablename__ = "order_errors"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    code: Mapped[str] = mapped_column(String(40))
    phone_numbers: Mapped[list[int]] = mapped_column(JSONB)
    note: Mapped[str | None]
    """What who raised it had to say."""
    raised_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class OrderHistory(Model):
    """A line of an order's timeline: what happened, who did it, and what the order was then."""

    __tablename__ = "order_history"
    __table_args__ = (Index("ix_order_history_order_id_id", "order_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    event: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(10))
    by: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str | None] = mapped_column(String(30))
    note: Mapped[str | None]
    """Why, in the words of who did it."""
    errors: Mapped[list[str]] = mapped_column(JSONB)
    """The codes of what was wrong then."""
    is_move: Mapped[bool]
    """Whether the order came into its state by this; other lines leave it where it was."""
