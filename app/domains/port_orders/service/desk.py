"""What support does with ports at its desk (domain.md E13): every step with who and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.core.database import WriteSession
from app.core.errors import INVALID_TRANSITION, Problem
from app.core.texts import text
from app.domains.locations import service as locations
from app.domains.orders import service as orders
from app.domains.orders.kinds import DocumentKind
from app.domains.orders.lifecycle import Actor
from app.domains.port_orders import repository
from app.domains.port_orders.lifecycle import (
    AWAITING_DOCUMENT,
    EDITABLE,
    LIFECYCLE,
    REVIEW,
    SUBMITTED,
)
from app.domains.port_orders.policy.readiness import LoaState
from app.domains.port_orders.schemas import RaisedError
from app.domains.port_orders.service import (
    claiming,
    completing,
    following,
    paperwork,
    rejecting,
    submitting,
)
from app.domains.port_orders.service.drafting import Port, get_locked
from app.domains.port_orders.service.editing import calendar_of
from app.domains.port_orders.service.rejecting import Rejected
from app.domains.port_orders.service.removing import numbers_of
from app.domains.support_cases import service as support_cases
from app.domains.support_cases.directory import Need
from app.policy.violation import Violation, refuse

REVIEWED = "reviewedByPts"
"""Why a number that PTS looked at cannot move."""


async def accept(session: WriteSession, order_id: UUID, *, by: str) -> Port:
    """The review found nothing. Raises 404; 409 `invalidTransition`."""
    port = await get_locked(session, order_id)
    await submitting.accept(session, port, actor=Actor.support, by=by)
    return port


async def reject(
    session: WriteSession, order_id: UUID, errors: Sequence[RaisedError], *, by: str
) -> Port:
    """Something is wrong. Raises 404; 409 `invalidTransition`; 422 for numbers of other orders."""
    port = await get_locked(session, order_id)
    await rejecting.reject(
        session,
        port,
        [
            Rejected(error.code, numbers_of(port, error.phone_numbers or []), error.note)
            for error in errors
        ],
        actor=Actor.support,
        by=by,
    )
    return port


async def set_foc(
    session: WriteSession, order_id: UUID, day: date, message: str | None, *, by: str
) -> Port:
    """The FOC date, or another one. Raises 404; 409; 422 `focDateNotAllowed`."""
    port = await get_locked(session, order_id)
    location = await locations.get(session, port.order.location_id)
    if not calendar_of(location).may_be_foc_date(day, session.now):
        refuse(
            [
                Violation(
                    "focDateNotAllowed",
                    "/date",
                    text("A FOC date is a business day to come, at most 30 days from today."),
                )
            ]
        )
    await following.commit(session, port, day, actor=Actor.support, by=by, note=message)
    return port


async def complete(
    session: WriteSession, order_id: UUID, phone_numbers: Sequence[str] | None, *, by: str
) -> Port:
    """These numbers have moved, or all of them. Raises 404; 409; 422 for other numbers."""
    port = await get_locked(session, order_id)
    numbers = port.portable
    if phone_numbers is not None:
        movable = set(numbers)
        numbers = [n for n in numbers_of(port, phone_numbers) if n in movable]
    if not numbers:
        refuse(
            [
                Violation(
                    "validationFailed",
                    "/phoneNumbers",
                    text("None of these numbers can move."),
                )
            ]
        )
    await completing.complete(session, port, numbers, actor=Actor.support, by=by)
    return port


async def request_document(
    session: WriteSession, order_id: UUID, kind: DocumentKind, message: str, *, by: str
) -> Port:
    """Ask for a document; a review waits for it. Raises 404; 409 when the order has ended."""
    port = await get_locked(session, order_id)
    order = port.order
    if LIFECYCLE.is_final(order.state):
        raise Problem(INVALID_TRANSITION, text("The order has ended."))
    if kind not in port.form.requested_documents:
        port.form.requested_documents = [*port.form.requested_documents, kind.value]
    if order.state == REVIEW:
        await orders.move(
            session,
            LIFECYCLE,
            order,
            AWAITING_DOCUMENT,
            event="documentRequested",
            actor=Actor.support,
            by=by,
            note=message,
        )
    else:
        await orders.note_event(
            session, order, "documentRequested", actor=Actor.support, by=by, note=message
        )
    await support_cases.write_about_order(
        session,
        order.org_id,
        order.id,
        need=Need.pstn_question,
        subject=text("A document, order %(order)s", order=order.order_number),
        message=message,
        by=by,
    )
    return port


async def expedite(session: WriteSession, order_id: UUID, *, by: str) -> Port:
    """Have the carrier answer sooner. Raises 404; 409 unless it has the order and is silent."""
    port = await get_locked(session, order_id)
    if port.order.state != SUBMITTED:
        raise Problem(INVALID_TRANSITION, text("Only a port that waits for its FOC is expedited."))
    await orders.note_event(session, port.order, "expedited", actor=Actor.support, by=by)
    await submitting.send_job(session, following.EXPEDITE, port)
    return port


async def set_portability(
    session: WriteSession,
    order_id: UUID,
    phone_numbers: Sequence[str],
    *,
    portable: bool,
    note: str | None,
    by: str,
) -> Port:
    """What PTS found out about numbers (domain.md E2), before the order goes to the carrier.

    Raises 404; 409 `invalidTransition`, `numberInAnotherPort`, `numberAlreadyOwned`; 422.
    """
    port = await get_locked(session, order_id)
    if port.order.state not in (*EDITABLE, REVIEW):
        raise Problem(
            INVALID_TRANSITION,
            text("The carrier has the order already; draft another one with these numbers."),
        )
    numbers = numbers_of(port, phone_numbers)
    movable = set(port.portable)
    changed = [number for number in numbers if (number in movable) != portable]
    if changed:
        if portable:
            await claiming.claim(session, port.order, changed, changed)
        else:
            await claiming.let_go(session, port.order, changed)
        await repository.set_portability(
            session, port.order.id, changed, None if portable else REVIEWED
        )
        await session.refresh(port.order, ["numbers"])
        await paperwork.void_loa(session, port.order)
    await orders.note_event(
        session,
        port.order,
        "portabilityReviewed",
        actor=Actor.support,
        by=by,
        note=note,
    )
    loa = await paperwork.loa_of(session, port.order)
    if port.order.state == REVIEW and loa.state is not LoaState.valid:
        await submitting.await_loa(session, port)
    return port
