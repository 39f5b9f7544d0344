"""Placing an order of new numbers: all of it in one transaction, or nothing (domain.md C)."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never
from uuid import UUID

from app.core.database import WriteSession
from app.core.errors import Problem, ProblemType
from app.core.identifiers import new_id
from app.core.texts import Text, plural_text, text
from app.domains.locations import service as locations
from app.domains.locations.models import Location
from app.domains.number_orders import policy
from app.domains.number_orders.lifecycle import LIFECYCLE, QUEUED
from app.domains.number_orders.schemas import (
    NumberOrderCreate,
    NumbersOrderCreate,
    QuantityOrderCreate,
)
from app.domains.number_orders.service.limits import limits_of
from app.domains.numbering.repository import Criteria
from app.domains.numbering.service import holding
from app.domains.numbering.service.holding import Holder, NumbersLost
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import OrderKind
from app.domains.orders.models import Order
from app.domains.organizations import policy as account_policy
from app.domains.organizations import service as organizations
from app.jobs.queue import enqueue
from app.policy.limits import LimitName
from app.policy.violation import refuse
from app.telephony.country import Country, get_country
from app.telephony.phone_number import PhoneNumber

NUMBERS_UNAVAILABLE = ProblemType(
    "numbersUnavailable", 409, text("Some of the numbers cannot be had")
)
PROVISION = "numberOrder.provision"
EXPECTED_WITHIN = timedelta(minutes=15)


async def place(
    session: WriteSession, location_id: UUID, wish: NumberOrderCreate, *, by: str
) -> Order:
    """A new order with its numbers held, and the job that gets them from the carrier.

    Raises 404; 422 `policyViolation` with every violation; 409 `numbersUnavailable` with `lost`
    and `remaining`, when a number is owned, held or not in stock.
    """
    location = await locations.get(session, location_id)
    await _check(session, location, wish)
    order_id = new_id()
    holder = Holder(location.org_id, location.id, order_id)
    numbers = await _hold(session, location, wish, holder)
    order = await orders.open_order(
        session,
        LIFECYCLE,
        order_id=order_id,
        kind=OrderKind.new_numbers,
        organization_id=location.org_id,
        location_id=location.id,
        request=wish.model_dump(by_alias=True, mode="json", exclude_none=True),
        numbers=numbers,
        state=QUEUED,
        by=by,
        expected_by=session.now + EXPECTED_WITHIN,
    )
    await enqueue(
        session,
        PROVISION,
        {"orderId": str(order.id), "orgId": str(order.org_id)},
        dedupe_key=f"{PROVISION}:{order.id}",
    )
    return order


async def _check(session: WriteSession, location: Location, wish: NumberOrderCreate) -> None:
    # The organisation first, locked: orders that count against the same limit wait here.
    organization = await organizations.get_locked(session, location.org_id)
    limits = await limits_of(session, organization)
    facts = policy.OrderFacts(
        is_on_cisco_pstn=location.is_on_cisco_pstn,
        country=get_country(location.country),
        quantity=_quantity(wish),
        per_order=limits[LimitName.numbers_per_order],
        trial=limits[LimitName.trial_numbers],
        phone_numbers=wish.phone_numbers if isinstance(wish, NumbersOrderCreate) else (),
        criteria=_criteria(wish),
    )
    account = account_policy.check(organizations.account_facts(organization))
    refuse([*account, *policy.check(facts)])


def _quantity(wish: NumberOrderCreate) -> int:
    match wish:
        case NumbersOrderCreate():
            return len(wish.phone_numbers)
        case QuantityOrderCreate():
            return wish.quantity
        case _:
            assert_never(wish)


def _criteria(wish: NumberOrderCreate) -> policy.Criteria | None:
    if not isinstance(wish, QuantityOrderCreate):
        return None
    asked = wish.criteria
    return policy.Criteria(asked.state, asked.area_code, asked.prefix, asked.city)


async def _hold(
    session: WriteSession, location: Location, wish: NumberOrderCreate, holder: Holder
) -> list[int]:
    match wish:
        case NumbersOrderCreate():
            wanted = [PhoneNumber.parse(given).value for given in wish.phone_numbers]
            try:
                await holding.hold(session, wanted, holder)
            except NumbersLost as race:
                raise unavailable(race.lost, set(wanted) - race.lost) from None
            return wanted
        case QuantityOrderCreate():
            country = get_country(location.country)
            assert country is not None  # noqa: S101 - the policy saw to it
            criteria = inventory_criteria(country, _criteria(wish))
            chosen = await holding.choose(session, criteria, wish.quantity, holder)
            if len(chosen) < wish.quantity:
                raise unavailable(
                    (),
                    chosen,
                    plural_text(
                        "There is only %(count)s such number; order fewer, or widen the criteria.",
                        "There are only %(count)s such numbers; order fewer, or widen the"
                        " criteria.",
                        len(chosen),
                    ),
                )
            return chosen
        case _:
            assert_never(wish)


def inventory_criteria(country: Country, asked: policy.Criteria | None) -> Criteria:
    """What was asked for, as the inventory looks it up."""
    return Criteria(
        country=country.code,
        calling_code=str(country.calling_code),
        state=asked.state if asked else None,
        area_code=asked.area_code if asked else None,
        prefix=asked.prefix if asked else None,
        city=asked.city if asked else None,
    )


def unavailable(lost: object, remaining: object, detail: Text | None = None) -> Problem:
    """The answer to who lost a race, or asked for what is not in stock."""
    return Problem(
        NUMBERS_UNAVAILABLE,
        detail
        or text(
            "Nothing was ordered. Order the remaining numbers, or search for others in the place"
            " of the lost ones."
        ),
        members={"lost": _e164(lost), "remaining": _e164(remaining)},
    )


def _e164(numbers: object) -> list[str]:
    return [f"+{number}" for number in sorted(numbers)]  # type: ignore[call-overload]
