"""Cancelling a port: at once while it is with us, else asked for and confirmed (domain.md E13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from app.core.database import WriteSession
from app.core.errors import INVALID_TRANSITION, Problem, ProblemType
from app.core.http import check_if_match
from app.core.texts import text
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import SUPPORT_WITHIN, Actor, OrderKind
from app.domains.orders.models import Order, OrderNumberStatus
from app.domains.port_orders.lifecycle import (
    AT_CARRIER,
    CANCEL_REQUESTED,
    CANCELLED,
    COMMITTED,
    COMPLETED_IN_PART,
    FOC_CANCEL_REQUESTED,
    FOC_RECEIVED,
    LIFECYCLE,
    SUBMITTED,
    SUBMITTED_CANCEL_REQUESTED,
)
from app.domains.port_orders.service import claiming
from app.domains.port_orders.service.drafting import Port, get_locked
from app.domains.port_orders.service.following import CANCEL
from app.domains.port_orders.service.submitting import send_job
from app.domains.support_cases import service as support_cases
from app.domains.support_cases.directory import Need

TOO_LATE = timedelta(hours=48)
CANCEL_TOO_LATE = ProblemType(
    "cancelTooLate",
    409,
    text("It is too late to cancel the port"),
    text(
        "Within 48 hours of the FOC a port cannot be cancelled; open a support case on the order"
        " with the need afterFoc."
    ),
)


async def cancel(session: WriteSession, order_id: UUID, if_match: str | None, *, by: str) -> Port:
    """Cancel a port, or ask for it once the port has left us.

    Raises 404, 412; 409 `invalidTransition`, `cancelTooLate` within 48 hours of the FOC.
    """
    port = await get_locked(session, order_id)
    check_if_match(if_match, port.order.version)
    if port.order.state not in (*AT_CARRIER, *COMMITTED):
        await _end(session, port, actor=Actor.customer, by=by)
        return port
    asked = CANCEL_REQUESTED.get(port.order.state)
    if asked is None:
        raise Problem(
            INVALID_TRANSITION,
            text("Some of the numbers have moved already; take out the others instead.")
            if port.order.state == COMPLETED_IN_PART
            else text("That is asked for already; PTS confirms it or declines."),
        )
    _check_in_time(session, port)
    await orders.move(
        session,
        LIFECYCLE,
        port.order,
        asked,
        event="cancelRequested",
        actor=Actor.customer,
        by=by,
        expected_by=session.now + SUPPORT_WITHIN,
    )
    return port


def _check_in_time(session: WriteSession, port: Port) -> None:
    foc_at = port.form.foc_at
    if foc_at is not None and session.now > foc_at - TOO_LATE:
        raise Problem(
            CANCEL_TOO_LATE,
            text("A port is cancelled 48 hours before its FOC at the latest."),
            members={"focDate": str(port.order.foc_date)},
        )


async def confirm(session: WriteSession, order_id: UUID, *, by: str) -> Port:
    """The desk confirms what the customer asked for. Raises 404; 409 `invalidTransition`."""
    port = await _get_asked(session, order_id)
    await _end(session, port, actor=Actor.support, by=by)
    return port


async def decline(session: WriteSession, order_id: UUID, *, by: str) -> Port:
    """The desk declines it: the port goes on. Raises 404; 409 `invalidTransition`."""
    port = await _get_asked(session, order_id)
    before = {
        SUBMITTED_CANCEL_REQUESTED: SUBMITTED,
        FOC_CANCEL_REQUESTED: FOC_RECEIVED,
    }[port.order.state]
    await orders.move(
        session,
        LIFECYCLE,
        port.order,
        before,
        event="cancelDeclined",
        actor=Actor.support,
        by=by,
        expected_by=port.form.foc_at or port.form.check_at,
    )
    return port


async def _get_asked(session: WriteSession, order_id: UUID) -> Port:
    port = await get_locked(session, order_id)
    if port.order.state not in CANCEL_REQUESTED.values():
        raise Problem(INVALID_TRANSITION, text("Nobody asked for the port to be cancelled."))
    return port


async def cancel_for_customer(
    session: WriteSession, order_id: UUID, message: str, by: str
) -> Order:
    """The desk cancels a port and says why. Raises 404; 409 as `cancel` does."""
    port = await get_locked(session, order_id)
    _check_in_time(session, port)
    await _end(session, port, actor=Actor.support, by=by, note=message)
    await support_cases.write_about_order(
        session,
        port.order.org_id,
        port.order.id,
        need=Need.cancellation,
        subject=text("Cancelled, order %(order)s", order=port.order.order_number),
        message=message,
        by=by,
    )
    return port.order


async def _end(
    session: WriteSession, port: Port, *, actor: Actor, by: str, note: str | None = None
) -> None:
    await orders.move(
        session,
        LIFECYCLE,
        port.order,
        CANCELLED,
        event="cancelled",
        actor=actor,
        by=by,
        note=note,
    )
    await give_up(session, port, port.portable)


async def give_up(session: WriteSession, port: Port, held: Sequence[int]) -> None:
    """The port claims these numbers no more, and the carrier is told if it knows of the port."""
    pending = port.pending
    if held:
        await claiming.let_go(session, port.order, held)
    if pending:
        await orders.set_numbers(session, port.order, OrderNumberStatus.cancelled, pending)
    await orders.clear_errors(session, port.order)
    port.form.check_at = port.form.foc_at = None
    if port.form.sent:
        await send_job(session, CANCEL, port)
    await session.flush()


orders.on_support_cancel(OrderKind.port, cancel_for_customer)
