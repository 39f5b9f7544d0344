"""`/telephony/pstn/orders`: the list of both kinds, one order, its timeline."""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.auth.caller import READERS, Caller, Role
from app.auth.guard import Read, Write, allow
from app.core.errors import INVALID_TRANSITION
from app.core.http import ApiRoute, Speaks, Versioned, set_etag
from app.core.openapi import problems
from app.core.pagination import Paged
from app.core.validation import Identifier
from app.domains.numbering.service import owning
from app.domains.orders import repository, service
from app.domains.orders.lifecycle import Actor, OrderKind
from app.domains.orders.repository import OrderFilter
from app.domains.orders.schemas import (
    OrderPath,
    Orders,
    OrderView,
    SupportMessage,
    Timeline,
    TimelineEntry,
)
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber

router = APIRouter(route_class=ApiRoute, tags=["Orders"], prefix="/telephony/pstn/orders")
support = APIRouter(route_class=ApiRoute, tags=["Support"], prefix="/telephony/pstn/support")

ORDER_NUMBER = re.compile(r"(?:PSTN-)?([0-9]{1,12})", re.IGNORECASE)
NOTHING = -1
"""No order has this number: a text that is none finds nothing."""


@router.get("", summary="List orders", responses=problems(400, 422))
async def list_orders(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    session: Read,
    page: Paged,
    response: Response,
    language: Speaks,
    kind: Annotated[
        OrderKind | None,
        Query(alias="type", description="Only this kind.", examples=["newNumbers"]),
    ] = None,
    status: Annotated[
        str | None, Query(max_length=20, description="Only this status.", examples=["pending"])
    ] = None,
    location_id: Annotated[
        Identifier | None, Query(alias="locationId", description="Only of this location.")
    ] = None,
    order_number: Annotated[
        str | None,
        Query(
            alias="orderNumber",
            max_length=20,
            description="Only this order number.",
            examples=["PSTN-000042"],
        ),
    ] = None,
    phone_number: Annotated[
        str | None,
        Query(
            alias="phoneNumber",
            max_length=20,
            description="Only orders with this number.",
            examples=["+12062676000"],
        ),
    ] = None,
) -> Orders:
    """The orders the caller may see, the newest first."""
    found = await repository.list_page(
        session,
        OrderFilter(
            kind=kind,
            status=status,
            location_id=location_id,
            order_number=_order_number(order_number),
            phone_number=_phone_number(phone_number),
        ),
        after=page.after_id,
        limit=page.max_items + 1,
    )
    shown = page.cut(found, response, lambda order: order.id)
    states = await owning.states_of(
        session, [entry.number for order in shown for entry in order.numbers]
    )
    return Orders(items=[OrderView.of(order, states, language) for order in shown])


def _order_number(given: str | None) -> int | None:
    if given is None:
        return None
    found = ORDER_NUMBER.fullmatch(given.strip())
    return int(found[1]) if found else NOTHING


def _phone_number(given: str | None) -> int | None:
    if given is None:
        return None
    try:
        # A plus sign that nobody encoded arrives as a space.
        return PhoneNumber.parse(f"+{given.strip().removeprefix('+')}").value
    except InvalidPhoneNumber:
        return NOTHING


@router.get("/{orderId}", summary="Read an order", responses=problems())
async def get_order(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    order_id: OrderPath,
    session: Read,
    response: Versioned,
    language: Speaks,
) -> OrderView:
    """One order with its numbers, its errors and whose turn it is."""
    order = await service.get(session, order_id)
    states = await owning.states_of(session, [entry.number for entry in order.numbers])
    set_etag(response, order.version)
    return OrderView.of(order, states, language)


@router.get("/{orderId}/timeline", summary="Read an order's timeline", responses=problems())
async def get_order_timeline(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    order_id: OrderPath,
    session: Read,
    language: Speaks,
) -> Timeline:
    """What happened to the order, who did it, and what the order was then."""
    order = await service.get(session, order_id)
    entries = await repository.history(session, order.id)
    return Timeline(items=[TimelineEntry.of(entry, language) for entry in entries])


@support.get(
    "/queue", summary="List the orders that wait for support", responses=problems(400, 422)
)
async def list_support_queue(
    caller: Annotated[Caller, allow(Role.support)],  # noqa: ARG001 - the guard
    session: Read,
    page: Paged,
    response: Response,
    language: Speaks,
    kind: Annotated[
        OrderKind | None,
        Query(alias="type", description="Only this kind.", examples=["newNumbers"]),
    ] = None,
    status: Annotated[
        str | None, Query(max_length=20, description="Only this status.", examples=["pending"])
    ] = None,
    stage: Annotated[
        str | None, Query(max_length=30, description="Only this stage.", examples=["withSupport"])
    ] = None,
    location_id: Annotated[
        Identifier | None, Query(alias="locationId", description="Only of this location.")
    ] = None,
) -> Orders:
    """The orders of all organisations whose next step is support's, the oldest first."""
    found = await repository.queue_page(
        session,
        OrderFilter(
            kind=kind,
            status=status,
            stage=stage,
            location_id=location_id,
            next_actor=Actor.support,
        ),
        after=page.after_id,
        limit=page.max_items + 1,
    )
    shown = page.cut(found, response, lambda order: order.id)
    states = await owning.states_of(
        session, [entry.number for order in shown for entry in order.numbers]
    )
    return Orders(items=[OrderView.of(order, states, language) for order in shown])


@support.post(
    "/orders/{orderId}/cancel",
    summary="Cancel an order for its customer",
    responses=problems(415, 422, codes=(INVALID_TRANSITION,)),
)
async def cancel_order_by_support(
    caller: Annotated[Caller, allow(Role.support)],
    order_id: OrderPath,
    body: SupportMessage,
    session: Write,
    response: Versioned,
    language: Speaks,
) -> OrderView:
    """Cancel a port or an assisted order, and say why in its case."""
    order = await service.cancel_for_customer(session, order_id, body.message, caller.name)
    states = await owning.states_of(session, [entry.number for entry in order.numbers])
    set_etag(response, order.version)
    return OrderView.of(order, states, language)
