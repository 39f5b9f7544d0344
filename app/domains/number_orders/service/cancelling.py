"""Cancelling an order of new numbers; what is at the carrier is released there first."""

from __future__ import annotations

from uuid import UUID

import structlog

from app.core.database import Database, Scope, WriteSession
from app.core.errors import INVALID_TRANSITION, Problem
from app.core.http import check_if_match
from app.core.texts import text
from app.domains.number_orders.lifecycle import (
    ASSISTED,
    AT_CARRIER,
    CANCEL_REQUESTED,
    CANCELLED,
    LIFECYCLE,
)
from app.domains.numbering.service import holding, owning
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import Actor, OrderKind
from app.domains.orders.models import Order, OrderNumberStatus
from app.domains.support_cases import service as support_cases
from app.domains.support_cases.directory import Need
from app.integrations.carriers.errors import CarrierUnavailable
from app.integrations.carriers.port import Carrier
from app.jobs.queue import Retry, enqueue

RELEASE = "numberOrder.release"

log = structlog.get_logger()


async def cancel(session: WriteSession, order_id: UUID, if_match: str | None, *, by: str) -> Order:
    """Cancel an order that is pending: at once, or once the carrier has let go of it.

    Raises 404, 412; 409 `invalidTransition` when the order is no longer pending, or is a port.
    """
    order = await orders.get_locked_with_organization(session, order_id)
    check_if_match(if_match, order.version)
    if order.kind != OrderKind.new_numbers:
        raise Problem(INVALID_TRANSITION, text("A port is cancelled on a path of its own."))
    if order.state != AT_CARRIER:
        is_assisted = order.state in ASSISTED
        await orders.move(
            session, LIFECYCLE, order, CANCELLED, event="cancelled", actor=Actor.customer, by=by
        )
        await give_up(session, order, OrderNumberStatus.cancelled)
        if is_assisted:
            await support_cases.close_about_order(session, order.id, Need.assisted_order)
        return order
    await orders.move(
        session,
        LIFECYCLE,
        order,
        CANCEL_REQUESTED,
        event="cancelRequested",
        actor=Actor.customer,
        by=by,
        expected_by=order.expected_by,
    )
    await enqueue(
        session,
        RELEASE,
        {"orderId": str(order.id), "orgId": str(order.org_id)},
        dedupe_key=f"{RELEASE}:{order.id}",
    )
    return order


async def release(
    database: Database, carrier: Carrier, organization_id: UUID, order_id: UUID
) -> None:
    """Have the carrier let go of an order, then end it. Raises `Retry` without an answer."""
    scope = Scope.of([organization_id])
    async with database.read(scope) as reading:
        order = await orders.get(reading, order_id)
        if order.state != CANCEL_REQUESTED:
            return
    try:
        await carrier.cancel_order(order.order_number)
    except CarrierUnavailable as silence:
        log.info("carrier unavailable", order=order.order_number)
        raise Retry("carrier unavailable") from silence
    async with database.write(scope) as session:
        order = await orders.get_locked_with_organization(session, order_id)
        if order.state != CANCEL_REQUESTED:
            return
        await orders.move(
            session, LIFECYCLE, order, CANCELLED, event="cancelled", actor=Actor.carrier
        )
        await give_up(session, order, OrderNumberStatus.cancelled)


async def give_up(session: WriteSession, order: Order, status: OrderNumberStatus) -> None:
    """None of what the order held stays behind: the numbers go back, its block is none."""
    numbers = [entry.number for entry in order.numbers]
    if numbers:
        await holding.give_back(session, numbers)
        await orders.set_numbers(session, order, status, numbers)
    if order.block_id is not None:
        await owning.remove_block(session, order.block_id)
        order.block_id = None
        await session.flush()
