"""A port at the carrier: sent, asked for, expedited, given up; its answers recorded.

Intention first, the call outside any transaction, the outcome in a new one. A job killed anywhere
and done again goes on: the carrier knows reference and submission.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import assert_never
from uuid import UUID

import structlog

from app.core.database import Database, ReadSession, Scope, WriteSession
from app.core.sealing import KeyRing
from app.domains.locations import service as locations
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import Actor
from app.domains.port_orders import repository
from app.domains.port_orders.errors import UNKNOWN
from app.domains.port_orders.lifecycle import (
    AT_CARRIER,
    CANCEL_REQUESTED,
    CANCELLED,
    COMMITTED,
    FOC_CANCEL_REQUESTED,
    FOC_RECEIVED,
    LIFECYCLE,
)
from app.domains.port_orders.models import PortOrder
from app.domains.port_orders.service import form as forms
from app.domains.port_orders.service.drafting import Port, get, get_locked
from app.domains.port_orders.service.editing import calendar_of
from app.domains.port_orders.service.rejecting import Rejected, reject
from app.integrations.carriers.errors import CarrierUnavailable
from app.integrations.carriers.port import (
    Carrier,
    CarrierPort,
    CarrierPortStatus,
    PortRequest,
)
from app.jobs.queue import Retry, enqueue
from app.telephony.phone_number import PhoneNumber

ASK = "portOrder.ask"
CANCEL = "portOrder.cancel"
EXPEDITE = "portOrder.expedite"
ASK_AGAIN_AFTER = timedelta(days=1)
"""Where the carrier does not say when it will know more."""
LOST_AFTER = timedelta(hours=1)

Call = Callable[[str], Awaitable[CarrierPort | None]]

log = structlog.get_logger()


async def send(
    database: Database,
    carrier: Carrier,
    keys: KeyRing,
    organization_id: UUID,
    order_id: UUID,
) -> None:
    """Ask the carrier for a port that was accepted. Raises `Retry` without an answer."""
    scope = Scope.of([organization_id])
    async with database.read(scope) as reading:
        port = await get(reading, order_id)
        if port.order.state not in AT_CARRIER or port.form.sent == port.form.submissions:
            return
        request = await _request(reading, port, keys)
    try:
        answer = await carrier.request_port(request)
    except CarrierUnavailable as silence:
        log.info("carrier unavailable", order=request.reference)
        raise Retry("carrier unavailable") from silence
    async with database.write(scope) as session:
        port = await get_locked(session, order_id)
        if port.form.submissions != request.submission:
            return
        port.form.sent = request.submission
        if port.order.state == CANCELLED:
            # Cancelled while it was under way: the carrier is told, now that it has it.
            await _enqueue(session, CANCEL, port.form)
        await _record(session, port, answer)


async def _request(session: ReadSession, port: Port, keys: KeyRing) -> PortRequest:
    document, numbers = forms.submitted(port.form, keys)
    location = await locations.get(session, port.order.location_id)
    return PortRequest(
        reference=port.order.order_number,
        submission=port.form.submissions,
        numbers=tuple(PhoneNumber(number) for number in numbers),
        document=document,
        calendar=calendar_of(location),
        is_part_of_split=port.form.split_from is not None,
    )


async def ask(database: Database, carrier: Carrier, organization_id: UUID, order_id: UUID) -> None:
    """Ask how far a port is. Raises `Retry` without an answer."""
    await _tell(database, carrier.find_port, organization_id, order_id)


async def expedite(
    database: Database, carrier: Carrier, organization_id: UUID, order_id: UUID
) -> None:
    """Have a port answered sooner. Raises `Retry` without an answer."""
    await _tell(database, carrier.expedite_port, organization_id, order_id)


async def _tell(database: Database, call: Call, organization_id: UUID, order_id: UUID) -> None:
    scope = Scope.of([organization_id])
    async with database.read(scope) as reading:
        port = await get(reading, order_id)
    if port.order.state not in AT_CARRIER:
        return
    if port.form.sent < port.form.submissions:
        raise Retry("not sent yet")
    try:
        answer = await call(port.order.order_number)
    except CarrierUnavailable as silence:
        log.info("carrier unavailable", order=port.order.order_number)
        raise Retry("carrier unavailable") from silence
    async with database.write(scope) as session:
        current = await get_locked(session, order_id)
        if answer is not None and current.form.submissions == port.form.submissions:
            await _record(session, current, answer)


async def cancel(
    database: Database, carrier: Carrier, organization_id: UUID, order_id: UUID
) -> None:
    """Have the carrier give up a port that is cancelled here. Raises `Retry` without an answer."""
    async with database.read(Scope.of([organization_id])) as reading:
        port = await get(reading, order_id)
    try:
        await carrier.cancel_port(port.order.order_number)
    except CarrierUnavailable as silence:
        log.info("carrier unavailable", order=port.order.order_number)
        raise Retry("carrier unavailable") from silence


async def _record(session: WriteSession, port: Port, answer: CarrierPort) -> None:
    """What the carrier said, if it is still its turn."""
    if port.order.state not in AT_CARRIER:
        return
    match answer.status:
        case CarrierPortStatus.received:
            port.form.check_at = answer.check_at or session.now + ASK_AGAIN_AFTER
            await session.flush()
        case CarrierPortStatus.committed:
            assert answer.foc_date is not None  # noqa: S101 - what committed means
            await commit(session, port, answer.foc_date, actor=Actor.carrier)
        case CarrierPortStatus.rejected:
            ours = set(port.portable)
            await reject(
                session,
                port,
                [
                    Rejected(error.code, sorted(ours & set(error.numbers)))
                    for error in answer.errors
                ],
                actor=Actor.carrier,
            )
        case CarrierPortStatus.cancelled:
            await reject(session, port, [Rejected(UNKNOWN)], actor=Actor.carrier)
        case _:
            assert_never(answer.status)


async def commit(
    session: WriteSession,
    port: Port,
    foc_date: date,
    *,
    actor: Actor,
    by: str | None = None,
    note: str | None = None,
) -> None:
    """The losing carrier committed itself to a day, or to another one (domain.md E7).

    The port completes on it, at the wished time or at midnight there. Raises 409
    `invalidTransition`.
    """
    location = await locations.get(session, port.order.location_id)
    foc_at = calendar_of(location).instant_of(foc_date, port.form.requested_completion_time)
    is_asked = port.order.state in CANCEL_REQUESTED.values()
    is_change = port.order.state in COMMITTED
    await orders.move(
        session,
        LIFECYCLE,
        port.order,
        FOC_CANCEL_REQUESTED if is_asked else FOC_RECEIVED,
        event="focChanged" if is_change else "focReceived",
        actor=actor,
        by=by,
        expected_by=foc_at,
        note=note,
    )
    port.order.foc_date = foc_date
    port.form.foc_at = foc_at
    port.form.check_at = None
    await session.flush()


async def _enqueue(session: WriteSession, name: str, form: PortOrder) -> None:
    await enqueue(
        session,
        name,
        {"orderId": str(form.order_id), "orgId": str(form.org_id)},
        dedupe_key=f"{name}:{form.order_id}",
    )


class CheckTimer:
    """Ports are asked for at the carrier when it said it would know more."""

    name = "portCheck"
    next_due = repository.NEXT_CHECK

    async def handle(self, session: WriteSession) -> None:
        """Have those asked for that are due; again in an hour should that get lost."""
        for form in await repository.due_checks(session, session.now):
            form.check_at = session.now + LOST_AFTER
            await _enqueue(session, ASK, form)
