"""Orders that support fulfils: placed as a case, moved by the support desk (domain.md D)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.core.database import WriteSession
from app.core.errors import INVALID_TRANSITION, Problem
from app.core.identifiers import new_id
from app.core.texts import Text, lines, text
from app.domains.locations import service as locations
from app.domains.locations.models import Location
from app.domains.number_orders import policy
from app.domains.number_orders.lifecycle import (
    ACTION_REQUIRED,
    ASSISTED,
    CANCELLED,
    ERROR,
    LIFECYCLE,
    NOT_FULFILLED,
    PROVISIONED,
    WITH_SUPPORT,
)
from app.domains.number_orders.schemas import AssistedNumberType, AssistedOrderCreate
from app.domains.number_orders.service import wishes
from app.domains.number_orders.service.limits import limits_of
from app.domains.numbering.models import NumberState
from app.domains.numbering.service import holding, owning
from app.domains.numbering.service.holding import Holder, NumbersLost
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import SUPPORT_WITHIN, Actor, OrderKind, State
from app.domains.orders.models import Order, OrderNumberStatus
from app.domains.organizations import service as organizations
from app.domains.support_cases import events
from app.domains.support_cases import service as support_cases
from app.domains.support_cases.directory import Need
from app.domains.support_cases.lifecycle import Side
from app.policy.violation import refuse
from app.telephony.country import get_country
from app.telephony.phone_number import PhoneNumber

OWNED = (NumberState.active, NumberState.inactive, NumberState.released)


async def place(
    session: WriteSession, location_id: UUID, wish: AssistedOrderCreate, *, by: str
) -> Order:
    """A new order without numbers, and the case in which support finds them.

    Raises 404; 422 `policyViolation` with every violation.
    """
    location = await locations.get(session, location_id)
    organization = await organizations.get_locked(session, location.org_id)
    limits = await limits_of(session, organization)
    refuse(wishes.violations_of(location, organization, limits, wish, holds=False))
    order = await orders.open_order(
        session,
        LIFECYCLE,
        order_id=new_id(),
        kind=OrderKind.new_numbers,
        organization_id=location.org_id,
        location_id=location.id,
        request=wish.model_dump(by_alias=True, mode="json", exclude_unset=True),
        numbers=(),
        state=WITH_SUPPORT,
        by=by,
        expected_by=session.now + SUPPORT_WITHIN,
    )
    await support_cases.open_case(
        session,
        order.org_id,
        need=Need.assisted_order,
        subject=_subject(order),
        message=_request(order, location, wish),
        side=Side.customer,
        by=by,
        order_id=order.id,
    )
    return order


NUMBER_TYPES = {
    AssistedNumberType.local: text("local"),
    AssistedNumberType.national: text("national"),
}


def _subject(order: Order) -> Text:
    return text("New numbers, order %(order)s", order=order.order_number)


def _request(order: Order, location: Location, wish: AssistedOrderCreate) -> Text:
    """What support has to know, so that nobody needs to ask for it."""
    where = location.address
    place = " ".join(str(where[part]) for part in ("state", "postal_code") if where.get(part))
    address = (where["address1"], where.get("address2"), where["city"], place)
    told = [
        text("Order: %(order)s", order=order.order_number),
        text(
            "Numbers: %(count)s, %(type)s", count=wish.quantity, type=NUMBER_TYPES[wish.number_type]
        ),
        text("Location: %(location)s", location=location.name),
        text("Address: %(address)s", address=", ".join(str(part) for part in address if part)),
        text("Country: %(country)s", country=wishes.country_of(location).name),
    ]
    if wish.details:
        told.append(text("Details: %(details)s", details=wish.details))
    return lines(*told)


async def fulfil(
    session: WriteSession, order_id: UUID, phone_numbers: Sequence[str], *, by: str
) -> Order:
    """Give an order the numbers that support found; they are active at once.

    Raises 404; 409 `invalidTransition`; 422 with every violation; 409 `numberAlreadyOwned`,
    `numbersUnavailable`.
    """
    order = await _get_assisted(session, order_id, PROVISIONED)
    location = await locations.get(session, order.location_id)
    refuse(
        policy.check_assigned(
            phone_numbers, order.request["quantity"], get_country(location.country)
        )
    )
    numbers = sorted(PhoneNumber.parse(given).value for given in phone_numbers)
    await _assign(session, order, numbers)
    await owning.deliver(session, numbers, active=True)
    await orders.add_numbers(session, order, numbers, OrderNumberStatus.delivered)
    await orders.move(
        session, LIFECYCLE, order, PROVISIONED, event="fulfilled", actor=Actor.support, by=by
    )
    await support_cases.close_about_order(session, order.id, Need.assisted_order)
    return order


async def _assign(session: WriteSession, order: Order, numbers: list[int]) -> None:
    await holding.lock(session, numbers)
    states = await owning.states_of(session, numbers)
    if owned := {number for number, state in states.items() if state in OWNED}:
        raise Problem(
            owning.NUMBER_ALREADY_OWNED,
            text("Assign other numbers in the place of those."),
            members={"phoneNumbers": [f"+{number}" for number in sorted(owned)]},
        )
    try:
        await holding.assign(
            session, numbers, Holder(order.org_id, order.location_id, order_id=order.id)
        )
    except NumbersLost as race:
        raise wishes.unavailable(
            race.lost,
            set(numbers) - race.lost,
            text("Assign other numbers in the place of the lost ones."),
        ) from None


async def require_action(session: WriteSession, order_id: UUID, message: str, *, by: str) -> Order:
    """Ask the customer for something; the answer in the case brings the order back.

    Raises 404; 409 `invalidTransition`.
    """
    order = await _get_assisted(session, order_id, ACTION_REQUIRED)
    await orders.move(
        session,
        LIFECYCLE,
        order,
        ACTION_REQUIRED,
        event="actionRequired",
        actor=Actor.support,
        by=by,
    )
    await _write(session, order, message, by)
    return order


async def fail(session: WriteSession, order_id: UUID, message: str, *, by: str) -> Order:
    """End an order that cannot be fulfilled. Raises 404; 409 `invalidTransition`."""
    order = await _get_assisted(session, order_id, ERROR)
    await orders.add_error(session, order, NOT_FULFILLED, ())
    await orders.move(session, LIFECYCLE, order, ERROR, event="failed", actor=Actor.support, by=by)
    await _write(session, order, message, by)
    return order


async def cancel(session: WriteSession, order_id: UUID, message: str, by: str) -> Order:
    """Cancel an order for the customer. Raises 404; 409 `invalidTransition`."""
    order = await _get_assisted(session, order_id, CANCELLED)
    await orders.move(
        session, LIFECYCLE, order, CANCELLED, event="cancelled", actor=Actor.support, by=by
    )
    await _write(session, order, message, by)
    return order


async def _get_assisted(session: WriteSession, order_id: UUID, to: State) -> Order:
    """An order that support fulfils and may move so, locked."""
    order = await orders.get_locked_with_organization(session, order_id)
    if order.state not in ASSISTED or not LIFECYCLE.allows(order.state, to):
        raise Problem(
            INVALID_TRANSITION,
            text("Support can do that only with an assisted order that waits for it."),
        )
    return order


async def _write(session: WriteSession, order: Order, message: str, by: str) -> None:
    await support_cases.write_about_order(
        session,
        order.org_id,
        order.id,
        need=Need.assisted_order,
        subject=_subject(order),
        message=message,
        by=by,
    )


async def customer_spoke(session: WriteSession, order_id: UUID, need: str, by: str) -> None:
    """The customer answered in the case: the order is support's again, if it waited for that."""
    if need != Need.assisted_order:
        return
    order = await orders.get_locked(session, order_id)
    if order.state != ACTION_REQUIRED:
        return
    await orders.move(
        session,
        LIFECYCLE,
        order,
        WITH_SUPPORT,
        event="customerReplied",
        actor=Actor.customer,
        by=by,
        expected_by=session.now + SUPPORT_WITHIN,
    )


events.on_customer_spoke(customer_spoke)
orders.on_support_cancel(OrderKind.new_numbers, cancel)
