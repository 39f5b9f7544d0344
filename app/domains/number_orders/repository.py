"""Acceptances of the terms of service in SQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, Uuid, column, func, select, table

from app.core.database import ReadSession, WriteSession
from app.domains.number_orders.models import Reservation, ReservationStatus, TermsAcceptance

# Their slice stands above this one, and the limits tell of every slice.
WEBHOOKS = table("webhooks", column("org_id", Uuid))


async def count_webhooks(session: ReadSession, organization_id: UUID) -> int:
    """How many webhooks an organisation has."""
    query = select(func.count()).select_from(WEBHOOKS).where(WEBHOOKS.c.org_id == organization_id)
    return await session.scalar(query) or 0


def visible(session: ReadSession) -> Select[TermsAcceptance]:
    """Every acceptance the transaction may see; all reads go through here."""
    query = select(TermsAcceptance)
    if session.scope.organizations is not None:
        query = query.where(TermsAcceptance.org_id.in_(session.scope.organizations))
    return query


async def get_acceptance(
    session: ReadSession, organization_id: UUID, version: str | None = None
) -> TermsAcceptance | None:
    """The acceptance of a version, or the latest of any."""
    query = visible(session).where(TermsAcceptance.org_id == organization_id)
    if version is not None:
        query = query.where(TermsAcceptance.version == version)
    return await session.scalar(query.order_by(TermsAcceptance.accepted_at.desc()).limit(1))


def visible_reservations(session: ReadSession) -> Select[Reservation]:
    """Every reservation the transaction may see; all reads go through here."""
    query = select(Reservation)
    if session.scope.organizations is not None:
        query = query.where(Reservation.org_id.in_(session.scope.organizations))
    return query


async def get_reservation(session: ReadSession, reservation_id: UUID) -> Reservation | None:
    """A reservation."""
    return await session.scalar(
        visible_reservations(session).where(Reservation.id == reservation_id)
    )


async def get_reservation_locked(session: WriteSession, reservation_id: UUID) -> Reservation | None:
    """The same, locked: it is used, extended or ended once."""
    return await session.scalar(
        visible_reservations(session)
        .where(Reservation.id == reservation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def get_substitutes_offer(session: WriteSession, location_id: UUID) -> Reservation | None:
    """What a lost race left behind at a location, locked."""
    return await session.scalar(
        visible_reservations(session)
        .where(
            Reservation.location_id == location_id,
            Reservation.offers_substitutes,
            Reservation.status == ReservationStatus.active,
        )
        .with_for_update()
    )


async def lock_active_reservations(
    session: WriteSession, organization_id: UUID
) -> list[Reservation]:
    """The active reservations of an organisation, locked."""
    query = visible_reservations(session).where(
        Reservation.org_id == organization_id, Reservation.status == ReservationStatus.active
    )
    return list(await session.scalars(query.order_by(Reservation.id).with_for_update()))


NEXT_EXPIRY = select(func.min(Reservation.expires_at)).where(
    Reservation.status == ReservationStatus.active
)
"""When the next active reservation ends."""


async def lock_expired(session: WriteSession, now: datetime) -> Reservation | None:
    """A reservation that is over, locked; one that is being used or extended is left alone."""
    return await session.scalar(
        select(Reservation)
        .where(Reservation.status == ReservationStatus.active, Reservation.expires_at <= now)
        .order_by(Reservation.expires_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
