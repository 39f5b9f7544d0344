"""Getting an order's numbers from the carrier: intention, call outside any transaction, outcome."""

from __future__ import annotations

from uuid import UUID

import structlog

from app.core.database import Database, Scope, WriteSession
from app.domains.number_orders.lifecycle import (
    AT_CARRIER,
    AWAITING_TERMS,
    CARRIER_REFUSED,
    ERROR,
    LIFECYCLE,
    PROVISIONED,
    QUEUED,
)
from app.domains.number_orders.service.cancelling import give_up
from app.domains.number_orders.service.terms import has_accepted
from app.domains.numbering.service import owning, releasing
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import Actor
from app.domains.orders.models import Order, OrderNumberStatus
from app.domains.organizations import service as organizations
from app.integrations.carriers.errors import CarrierRejected, CarrierUnavailable
from app.integrations.carriers.port import Carrier, CarrierOrderStatus
from app.jobs.queue import Retry
from app.telephony.phone_number import PhoneNumber

log = structlog.get_logger()


async def provision(
    database: Database, carrier: Carrier, organization_id: UUID, order_id: UUID
) -> None:
    """Bring an order to its end. Raises `Retry` while the carrier gives no answer.

    Killed anywhere and called again it goes on: the reference is the order's number, and an order
    that may have reached the carrier is asked for before it is sent again.
    """
    scope = Scope.of([organization_id])
    async with database.write(scope) as session:
        order = await orders.get_locked(session, order_id)
        if order.state not in (QUEUED, AT_CARRIER):
            return
        was_sent = order.state == AT_CARRIER
        if order.state == QUEUED:
            await orders.move(
                session,
                LIFECYCLE,
                order,
                AT_CARRIER,
                event="sentToCarrier",
                actor=Actor.service,
                expected_by=order.expected_by,
            )
        reference = order.order_number
        numbers = [PhoneNumber(entry.number) for entry in order.numbers]
    try:
        refusal = await _order_once(carrier, reference, numbers, was_sent=was_sent)
    except CarrierUnavailable as silence:
        log.info("carrier unavailable", order=reference)
        raise Retry("carrier unavailable") from silence
    async with database.write(scope) as session:
        # The organisation first: its acceptance of the terms must not slip in between.
        organization = await organizations.get_locked(session, organization_id)
        order = await orders.get_locked(session, order_id)
        if order.state != AT_CARRIER:
            return
        if refusal is None:
            await _deliver(session, order)
            if organizations.has_ended(organization):
                await releasing.rest_all(session, organization_id)
        else:
            await _fail(session, order)


async def _order_once(
    carrier: Carrier, reference: str, numbers: list[PhoneNumber], *, was_sent: bool
) -> str | None:
    """Order at the carrier, unless it has the order already; the reason when it refuses."""
    if was_sent:
        known = await carrier.find_order(reference)
        if known is not None:
            is_delivered = known.status is CarrierOrderStatus.delivered
            return None if is_delivered else known.reason or known.status
    try:
        await carrier.order_numbers(reference, numbers)
    except CarrierRejected as rejection:
        return rejection.reason
    return None


async def _deliver(session: WriteSession, order: Order) -> None:
    numbers = [entry.number for entry in order.numbers]
    accepted = await has_accepted(session, order.org_id)
    await owning.deliver(session, numbers, active=accepted)
    await orders.set_numbers(session, order, OrderNumberStatus.delivered, numbers)
    await orders.move(
        session,
        LIFECYCLE,
        order,
        PROVISIONED if accepted else AWAITING_TERMS,
        event="provisioned",
        actor=Actor.carrier,
    )


async def _fail(session: WriteSession, order: Order) -> None:
    numbers = [entry.number for entry in order.numbers]
    await give_up(session, order, OrderNumberStatus.failed)
    await orders.add_error(session, order, CARRIER_REFUSED, numbers)
    await orders.move(
        session, LIFECYCLE, order, ERROR, event="refusedByCarrier", actor=Actor.carrier
    )
