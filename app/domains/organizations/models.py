"""Organisations, their partners, Outbound Calling Plans and own limits as tables."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import Model


class SubscriptionType(StrEnum):
    """What the organisation pays for."""

    trial = "trial"
    paid = "paid"


class SubscriptionStatus(StrEnum):
    """Whether the subscription lives (`lifecycles.md`)."""

    active = "active"
    cancelled = "cancelled"
    ended = "ended"


class PlanSource(StrEnum):
    """Where an Outbound Calling Plan was ordered."""

    ccw = "ccw"
    control_hub = "controlHub"


class Partner(Model):
    """A partner; only an authorised reseller with the PSTN addendum may bring Cisco PSTN (A2)."""

    __tablename__ = "partners"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(256))
    var_authorized: Mapped[bool]
    pstn_addendum_accepted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Organization(Model):
    """A customer."""

    __tablename__ = "organizations"
    __table_args__ = (
        Index(
            "ix_organizations_ends_at",
            "ends_at",
            postgresql_where=text("subscription_status = 'cancelled'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    display_name: Mapped[str] = mapped_column(String(256))
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partners.id"), index=True)
    subscription_type: Mapped[str] = mapped_column(String(10))
    subscription_status: Mapped[str] = mapped_column(String(10))
    trial_ends_on: Mapped[date | None]
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When a cancelled subscription ends; until then it can be restored (H4)."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(default=1)

    partner: Mapped[Partner] = relationship(lazy="raise")
    plans: Mapped[list[OutboundCallingPlan]] = relationship(
        lazy="raise", order_by="OutboundCallingPlan.id"
    )


class OutboundCallingPlan(Model):
    """An order of Outbound Calling Plan licences."""

    __tablename__ = "outbound_calling_plans"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    quantity: Mapped[int]
    source: Mapped[str] = mapped_column(String(12))
    requested_service_date: Mapped[date | None]


class LimitOverride(Model):
    """An organisation's own value of a limit, set by the operator (A8)."""

    __tablename__ = "limit_overrides"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]
