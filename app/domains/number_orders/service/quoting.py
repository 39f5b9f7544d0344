"""A quote: an order judged as if it were placed, and nothing of it done (domain.md C9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core.database import WriteSession
from app.core.openapi import ViolationView
from app.core.texts import Language, text
from app.domains.locations import service as locations
from app.domains.locations.models import Location
from app.domains.number_orders.schemas import (
    AssistedOrderCreate,
    Charge,
    NumberQuoteCreate,
    QuantityOrderCreate,
    QuoteView,
    StockOrderCreate,
)
from app.domains.number_orders.service import reserving, wishes
from app.domains.number_orders.service.limits import limits_of
from app.domains.numbering.service import holding
from app.domains.organizations import service as organizations
from app.domains.organizations.schemas import LimitView
from app.policy.limits import Limit, LimitName

NEW_NUMBERS = text("New numbers, billed from the day they are provisioned, prorated by day")


async def quote(
    session: WriteSession, location_id: UUID, wish: NumberQuoteCreate, language: Language
) -> QuoteView:
    """Every violation, the limits before and after, the numbers, what would be billed from when.

    With `hold`, and where nothing stands against it, the numbers are reserved. Raises 404.
    """
    location = await locations.get(session, location_id)
    organization = await organizations.get(session, location.org_id)
    reserved = frozenset[int]()
    if not isinstance(wish, AssistedOrderCreate) and wish.reservation_id is not None:
        _, reserved = await reserving.usable(session, location, wish.reservation_id)
    limits = await limits_of(session, organization)
    violations = wishes.violations_of(
        location, organization, limits, wish, holds=wish.hold, already_held=len(reserved)
    )
    numbers: list[int] = []
    missing: list[int] = []
    reservation = None
    count = 0
    if not violations:
        if isinstance(wish, AssistedOrderCreate):
            count = wish.quantity
        elif wish.hold:
            reservation, numbers = await reserving.reserve(session, location_id, wish)
        else:
            numbers, missing = await _numbers(session, location, wish, reserved)
    count = count or len(numbers)
    after = _after(limits, count - len(reserved.intersection(numbers)), held=wish.hold)
    today = session.now.astimezone(ZoneInfo(location.time_zone)).date()
    return QuoteView(
        violations=[
            ViolationView.model_validate(violation.to_json(language)) for violation in violations
        ],
        limits_before=[LimitView.of(limit, language) for limit in limits.values()],
        limits_after=[LimitView.of(limit, language) for limit in after],
        phone_numbers=[f"+{number}" for number in numbers],
        unavailable=[f"+{number}" for number in missing],
        charges=[Charge(description=NEW_NUMBERS.to(language), quantity=count, starts_on=today)]
        if count
        else [],
        reservation_id=reservation.id if reservation else None,
        expires_at=reservation.expires_at if reservation else None,
    )


async def _numbers(
    session: WriteSession,
    location: Location,
    wish: StockOrderCreate,
    reserved: frozenset[int],
) -> tuple[list[int], list[int]]:
    """What the order would get, and what it asks for in vain."""
    if isinstance(wish, QuantityOrderCreate):
        mine = sorted(reserved)[: wish.quantity]
        criteria = wishes.inventory_criteria(location, wish)
        return mine + await holding.peek(session, criteria, wish.quantity - len(mine)), []
    wanted = wishes.named_numbers(wish)
    there = await holding.available_among(session, wanted) | reserved
    return [n for n in wanted if n in there], [n for n in wanted if n not in there]


def _after(limits: Mapping[LimitName, Limit], more: int, *, held: bool) -> list[Limit]:
    counted = {LimitName.trial_numbers, *([LimitName.held_numbers] if held else [])}
    return [
        replace(limit, used=limit.used + more)
        if name in counted and limit.used is not None and limit.value is not None
        else limit
        for name, limit in limits.items()
    ]
