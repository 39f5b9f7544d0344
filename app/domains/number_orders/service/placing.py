"""Placing an order of new numbers: all of it in one transaction, or nothing (domain.md C)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from app.core.database import WriteSession
from app.core.identifiers import new_id
from app.domains.locations import service as locations
from app.domains.locations.models import Location
from app.domains.number_orders import repository
from app.domains.number_orders.lifecycle import LIFECYCLE, QUEUED
from app.domains.number_orders.models import ReservationStatus
from app.domains.number_orders.schemas import (
    AssistedOrderCreate,
    BlockOrderCreate,
    NumberOrderCreate,
    OnUnavailable,
    QuantityOrderCreate,
    StockOrderCreate,
)
from app.domains.number_orders.service import assisting, reserving, substitutes, wishes
from app.domains.number_orders.service.limits import limits_of
from app.domains.number_orders.service.wishes import Taken
from app.domains.numbering.service import holding, owning
from app.domains.numbering.service.holding import Holder, NumbersLost
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import OrderKind
from app.domains.orders.models import Order
from app.domains.organizations import service as organizations
from app.jobs.queue import enqueue
from app.policy.limits import Limit, LimitName
from app.policy.violation import refuse

PROVISION = "numberOrder.provision"
EXPECTED_WITHIN = timedelta(minutes=15)
SUBSTITUTES_HELD_FOR = timedelta(minutes=2)
TRIES = 5
"""How often a race may be lost again while others are taken in the place of lost numbers."""

Limits = Mapping[LimitName, Limit]


async def place(
    session: WriteSession, location_id: UUID, wish: NumberOrderCreate, *, by: str
) -> Order:
    """A new order with its numbers held, and the job that gets them from the carrier.

    Raises 404; 422 `policyViolation` with every violation; 409 `reservationExpired`; 409
    `numbersUnavailable` with `lost`, `remaining` and `substitutes`, when a number is owned, held
    or not in stock.
    """
    if isinstance(wish, AssistedOrderCreate):
        return await assisting.place(session, location_id, wish, by=by)
    location = await locations.get(session, location_id)
    # The organisation first, locked: orders that count against the same limit wait here.
    organization = await organizations.get_locked(session, location.org_id)
    reservation, reserved = None, frozenset[int]()
    if wish.reservation_id is not None:
        reservation, reserved = await reserving.usable(session, location, wish.reservation_id)
    limits = await limits_of(session, organization)
    refuse(
        wishes.violations_of(
            location, organization, limits, wish, holds=False, already_held=len(reserved)
        )
    )
    order_id = new_id()
    block_id = new_id() if isinstance(wish, BlockOrderCreate) else None
    holder = Holder(location.org_id, location.id, order_id=order_id, block_id=block_id)
    taken = await _take(session, location, wish, reserved, holder, limits)
    if reservation is not None:
        await owning.turn_over(
            session,
            reservation.id,
            taken.from_reservation,
            order_id=order_id,
            block_id=block_id,
        )
        await reserving.close(session, reservation, ReservationStatus.used)
    if block_id is not None:
        owning.add_block(
            session,
            block_id=block_id,
            organization_id=location.org_id,
            location_id=location.id,
            first_number=taken.numbers[0],
            size=len(taken.numbers),
        )
    order = await orders.open_order(
        session,
        LIFECYCLE,
        order_id=order_id,
        kind=OrderKind.new_numbers,
        organization_id=location.org_id,
        location_id=location.id,
        request=wish.model_dump(by_alias=True, mode="json", exclude_unset=True),
        numbers=taken.numbers,
        state=QUEUED,
        by=by,
        expected_by=session.now + EXPECTED_WITHIN,
        substitutions=taken.substitutions,
        block_id=block_id,
    )
    await enqueue(
        session,
        PROVISION,
        {"orderId": str(order.id), "orgId": str(order.org_id)},
        dedupe_key=f"{PROVISION}:{order.id}",
    )
    return order


async def _take(
    session: WriteSession,
    location: Location,
    wish: StockOrderCreate,
    reserved: frozenset[int],
    holder: Holder,
    limits: Limits,
) -> Taken:
    if isinstance(wish, QuantityOrderCreate):
        return await wishes.choose(
            session,
            location,
            wish,
            reserved,
            holder,
            partial=wish.on_unavailable is OnUnavailable.partial,
        )
    wanted = set(wishes.named_numbers(wish))
    taken = Taken(from_reservation=sorted(wanted & reserved))
    missing = wanted - reserved
    # A block is whole or nothing; and nobody wants another one in its place unasked.
    way = OnUnavailable.fail if isinstance(wish, BlockOrderCreate) else wish.on_unavailable
    lost: frozenset[int] = frozenset()
    for _ in range(TRIES):
        try:
            await wishes.try_to_hold(session, missing, holder, also_lock=reserved - wanted)
        except NumbersLost as race:
            lost |= race.lost & wanted
            missing -= race.lost
        else:
            taken.from_stock = sorted(missing)
            taken.substitutions = {k: v for k, v in taken.substitutions.items() if v in missing}
            if taken.numbers:
                return taken
            break
        if way is OnUnavailable.fail:
            break
        if way is OnUnavailable.substitute:
            kept = {k: v for k, v in taken.substitutions.items() if v in missing}
            country = wishes.country_of(location)
            found = await substitutes.find(session, country, lost - set(kept), wanted | missing)
            if len(found) < len(lost - set(kept)):
                break
            taken.substitutions = kept | found
            missing |= set(found.values())
    raise wishes.unavailable(
        lost, wanted - lost, offer=await _offer(session, location, lost, wanted, limits)
    )


async def _offer(
    session: WriteSession,
    location: Location,
    lost: frozenset[int],
    wanted: set[int],
    limits: Limits,
) -> dict[str, object]:
    """Substitutes for the lost numbers, held for two minutes where the limits leave room.

    The newer offer of a location takes the place of the older one.
    """
    older = await repository.get_substitutes_offer(session, location.id)
    found = await substitutes.find(session, wishes.country_of(location), lost, wanted)
    offer: dict[str, object] = {
        "substitutes": [
            {"for": f"+{number}", "phoneNumber": f"+{other}"} for number, other in found.items()
        ]
    }
    given_back = set(await owning.reserved_by(session, older.id)) if older else set()
    await holding.lock(session, given_back | set(found.values()))
    if older is not None:
        await reserving.close(session, older, ReservationStatus.released)
    if not found or not _has_room(limits, len(found) - len(given_back)):
        return offer
    reservation = reserving.open_reservation(
        session, location, SUBSTITUTES_HELD_FOR, offers_substitutes=True
    )
    holder = Holder(location.org_id, location.id, reservation_id=reservation.id)
    try:
        await wishes.try_to_hold(session, found.values(), holder)
    except NumbersLost:
        await session.delete(reservation)
        return offer
    await session.flush()
    return {
        **offer,
        "reservationId": str(reservation.id),
        "expiresAt": reservation.expires_at.isoformat().replace("+00:00", "Z"),
    }


def _has_room(limits: Limits, more: int) -> bool:
    bounds = (limits[LimitName.held_numbers], limits[LimitName.trial_numbers])
    return all(bound.remaining is None or more <= bound.remaining for bound in bounds)
