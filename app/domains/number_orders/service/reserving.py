"""Reservations: numbers held for a while, for one organisation only (domain.md C7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from app.core.database import ReadSession, WriteSession
from app.core.errors import NotFound, Problem, ProblemType
from app.core.identifiers import new_id
from app.core.texts import text
from app.domains.locations import service as locations
from app.domains.locations.models import Location
from app.domains.number_orders import repository
from app.domains.number_orders.models import Reservation, ReservationStatus
from app.domains.number_orders.schemas import QuantityOrderCreate, StockOrderCreate
from app.domains.number_orders.service import wishes
from app.domains.number_orders.service.limits import limits_of
from app.domains.numbering.service import holding, owning
from app.domains.numbering.service.holding import Holder, NumbersLost
from app.domains.organizations import service as organizations
from app.policy.violation import refuse

RESERVATION_EXPIRED = ProblemType(
    "reservationExpired",
    409,
    text("The reservation is over"),
    text(
        "Its numbers are free again: search and reserve anew, or order them without a reservation."
    ),
)
ALREADY_EXTENDED = ProblemType(
    "reservationAlreadyExtended",
    409,
    text("A reservation is extended once"),
    text("Order what it holds before expiresAt, or reserve anew once it has ended."),
)
HOLDS_FOR = timedelta(minutes=15)


async def reserve(
    session: WriteSession, location_id: UUID, wish: StockOrderCreate
) -> tuple[Reservation, list[int]]:
    """Hold what an order of this body would order, for 15 minutes.

    Raises 404; 422 with every violation; 409 `numbersUnavailable`.
    """
    location = await locations.get(session, location_id)
    organization = await organizations.get_locked(session, location.org_id)
    limits = await limits_of(session, organization)
    refuse(wishes.violations_of(location, organization, limits, wish, holds=True))
    reservation = open_reservation(session, location, HOLDS_FOR)
    numbers = await _hold(session, location, wish, reservation)
    await session.flush()
    return reservation, numbers


def open_reservation(
    session: WriteSession,
    location: Location,
    holds_for: timedelta,
    *,
    offers_substitutes: bool = False,
) -> Reservation:
    """An active reservation of nothing yet."""
    reservation = Reservation(
        id=new_id(),
        org_id=location.org_id,
        location_id=location.id,
        status=ReservationStatus.active,
        offers_substitutes=offers_substitutes,
        expires_at=session.now + holds_for,
        extended=False,
        created_at=session.now,
        version=1,
    )
    session.add(reservation)
    return reservation


async def _hold(
    session: WriteSession, location: Location, wish: StockOrderCreate, reservation: Reservation
) -> list[int]:
    holder = Holder(location.org_id, location.id, reservation_id=reservation.id)
    if isinstance(wish, QuantityOrderCreate):
        taken = await wishes.choose(session, location, wish, frozenset(), holder, partial=False)
        return taken.numbers
    wanted = wishes.named_numbers(wish)
    try:
        await wishes.try_to_hold(session, wanted, holder)
    except NumbersLost as race:
        raise wishes.unavailable(race.lost, set(wanted) - race.lost) from None
    return sorted(wanted)


async def get(session: ReadSession, reservation_id: UUID) -> tuple[Reservation, list[int]]:
    """A reservation and what it holds. Raises 404."""
    found = await repository.get_reservation(session, reservation_id)
    if found is None:
        raise NotFound
    return found, await owning.reserved_by(session, found.id)


async def usable(
    session: WriteSession, location: Location, reservation_id: UUID
) -> tuple[Reservation, frozenset[int]]:
    """A reservation of this location that an order may use up, locked.

    Raises 404; 409 `reservationExpired` when it is over, by the clock too.
    """
    found = await _locked(session, reservation_id)
    if found.location_id != location.id:
        raise NotFound
    _refuse_unless_active(found, session.now)
    return found, frozenset(await owning.reserved_by(session, found.id))


async def extend(session: WriteSession, reservation_id: UUID) -> tuple[Reservation, list[int]]:
    """Hold it 15 minutes longer, once. Raises 404, 409."""
    found = await _locked(session, reservation_id)
    _refuse_unless_active(found, session.now)
    if found.extended:
        raise Problem(
            ALREADY_EXTENDED, text("Order what it holds, or let it end and reserve anew.")
        )
    found.extended = True
    found.expires_at += HOLDS_FOR
    found.version += 1
    await session.flush()
    return found, await owning.reserved_by(session, found.id)


async def release(session: WriteSession, reservation_id: UUID) -> None:
    """Give back what it holds; nothing happens when it is over. Raises 404."""
    found = await _locked(session, reservation_id)
    if found.status == ReservationStatus.active:
        await close(session, found, ReservationStatus.released)


async def close(session: WriteSession, reservation: Reservation, status: ReservationStatus) -> None:
    """End a reservation; what it still holds goes back."""
    numbers = await owning.reserved_by(session, reservation.id)
    if numbers:
        await holding.give_back(session, numbers)
    reservation.status = status
    reservation.version += 1
    await session.flush()


async def _locked(session: WriteSession, reservation_id: UUID) -> Reservation:
    found = await repository.get_reservation_locked(session, reservation_id)
    if found is None:
        raise NotFound
    return found


def _refuse_unless_active(reservation: Reservation, now: datetime) -> None:
    if reservation.status != ReservationStatus.active or reservation.expires_at <= now:
        raise Problem(
            RESERVATION_EXPIRED, text("Its numbers are free again; reserve or order anew.")
        )


class ExpiryTimer:
    """Reservations end by themselves."""

    name = "reservationExpiry"
    next_due = repository.NEXT_EXPIRY

    async def handle(self, session: WriteSession) -> None:
        """End one that is over."""
        found = await repository.lock_expired(session, session.now)
        if found is not None:
            await close(session, found, ReservationStatus.expired)
