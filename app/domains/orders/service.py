"""What both kinds of order share: opening one, moving it through its lifecycle, reading it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.database import ReadSession, WriteSession
from app.core.errors import INVALID_TRANSITION, NotFound, Problem
from app.core.identifiers import new_id
from app.core.texts import text
from app.domains.events.catalogue import OrderCreated, OrderData, OrderStatusChanged, OrderUpdated
from app.domains.events.service.recording import record
from app.domains.orders import repository
from app.domains.orders.lifecycle import Actor, Lifecycle, OrderKind, State
from app.domains.orders.models import (
    Order,
    OrderError,
    OrderHistory,
    OrderNumber,
    OrderNumberStatus,
)
from app.domains.organizations import service as organizations
from app.domains.support_cases import events as support_cases
from app.jobs.queue import enqueue

NOTIFY = "order.notify"


async def get(session: ReadSession, order_id: UUID) -> Order:
    """An order with numbers and errors. Raises 404."""
    found = await repository.get(session, order_id)
    if found is None:
        raise NotFound
    return found


async def get_locked(session: WriteSession, order_id: UUID) -> Order:
    """The same, locked until the transaction ends. Raises 404."""
    found = await repository.get_locked(session, order_id)
    if found is None:
        raise NotFound
    return found


async def get_locked_with_organization(session: WriteSession, order_id: UUID) -> Order:
    """The same, its organisation locked before it, as whoever needs both does. Raises 404."""
    await organizations.get_locked(session, (await get(session, order_id)).org_id)
    return await get_locked(session, order_id)


async def open_order(
    session: WriteSession,
    lifecycle: Lifecycle,
    *,
    order_id: UUID,
    kind: OrderKind,
    organization_id: UUID,
    location_id: UUID,
    request: dict[str, Any],
    numbers: Sequence[int],
    state: State,
    by: str,
    expected_by: datetime | None,
    substitutions: Mapping[int, int] | None = None,
    block_id: UUID | None = None,
) -> Order:
    """A new order in its first state."""
    order = Order(
        id=order_id,
        number=await repository.next_number(session),
        org_id=organization_id,
        location_id=location_id,
        kind=kind,
        status=state.status,
        stage=state.stage,
        next_actor=lifecycle.next_actor[state],
        expected_by=expected_by,
        request=request,
        substitutions=[
            {"for": lost, "number": number} for lost, number in (substitutions or {}).items()
        ],
        block_id=block_id,
        created_at=session.now,
        updated_at=session.now,
        version=1,
        numbers=[
            OrderNumber(number=number, org_id=organization_id, status=OrderNumberStatus.pending)
            for number in sorted(numbers)
        ],
        errors=[],
    )
    session.add(order)
    await session.flush()
    _record(session, order, "created", Actor.customer, by, is_move=True)
    await session.flush()
    await record(session, order.org_id, _told(OrderCreated, order))
    return order


async def move(
    session: WriteSession,
    lifecycle: Lifecycle,
    order: Order,
    to: State,
    *,
    event: str,
    actor: Actor,
    by: str | None = None,
    expected_by: datetime | None = None,
    note: str | None = None,
    errors: Sequence[str] = (),
) -> None:
    """The one gate that writes a status: checks the move, writes it and a line of history.

    Once it is committed, a job tells the people concerned. The order is locked. Raises 409
    `invalidTransition`.
    """
    before = order.state
    if not lifecycle.allows(order.state, to):
        raise Problem(
            INVALID_TRANSITION,
            text(
                "The order is %(status)s; that is not possible now.",
                status=lifecycle.titles[order.status],
            ),
        )
    order.status, order.stage = to.status, to.stage
    order.next_actor = lifecycle.next_actor[to]
    order.expected_by = expected_by
    order.updated_at = session.now
    order.version += 1
    await _tell(session, _record(session, order, event, actor, by, note, errors, is_move=True))
    data = _told(
        OrderStatusChanged,
        order,
        previous_status=before.status,
        previous_stage=before.stage,
        change=event,
        errors=list(errors),
    )
    await record(session, order.org_id, data)


async def note_event(
    session: WriteSession,
    order: Order,
    event: str,
    *,
    actor: Actor,
    by: str | None = None,
    note: str | None = None,
) -> None:
    """A line of history for what leaves the order in its state. The order is locked."""
    await _tell(session, _record(session, order, event, actor, by, note, is_move=False))
    await note_change(session, order, event)


async def note_change(session: WriteSession, order: Order, change: str) -> None:
    """What leaves the order in its state, and is not worth a line of history. It is locked."""
    order.updated_at = session.now
    order.version += 1
    await session.flush()
    await record(session, order.org_id, _told(OrderUpdated, order, change=change))


def _told(event: type[OrderData], order: Order, **more: object) -> OrderData:
    return event.model_validate(
        {
            "order_id": order.id,
            "order_number": order.order_number,
            "order_type": order.kind,
            "location_id": order.location_id,
            "status": order.status,
            "stage": order.stage,
            "next_actor": order.next_actor,
            **more,
        }
    )


async def _tell(session: WriteSession, entry: OrderHistory) -> None:
    """Have people told of a line of history, as far as it is worth telling."""
    await session.flush()
    await enqueue(
        session,
        NOTIFY,
        {"orgId": str(entry.org_id), "orderId": str(entry.order_id), "historyId": str(entry.id)},
        dedupe_key=f"{NOTIFY}:{entry.id}",
    )


async def set_numbers(
    session: WriteSession, order: Order, status: OrderNumberStatus, numbers: Sequence[int]
) -> None:
    """What became of these numbers in the order."""
    await repository.set_number_status(session, order.id, status, numbers)
    await session.refresh(order, ["numbers"])


async def add_numbers(
    session: WriteSession, order: Order, numbers: Sequence[int], status: OrderNumberStatus
) -> None:
    """Numbers that the order did not have before."""
    order.numbers.extend(
        OrderNumber(number=number, org_id=order.org_id, status=status) for number in sorted(numbers)
    )
    await session.flush()


async def quantity_asked(
    session: ReadSession, organization_id: UUID, states: Sequence[State]
) -> int:
    """How many numbers an organisation's orders in these states ask for."""
    return await repository.quantity_asked(session, organization_id, states)


async def add_error(
    session: WriteSession,
    order: Order,
    code: str,
    phone_numbers: Sequence[int],
    note: str | None = None,
) -> None:
    """Something went wrong, by its code."""
    order.errors.append(
        OrderError(
            id=new_id(),
            org_id=order.org_id,
            code=code,
            phone_numbers=list(phone_numbers),
            note=note,
            raised_at=session.now,
        )
    )
    await session.flush()


async def errors_told(
    session: ReadSession, order_ids: Sequence[UUID], actors: Sequence[Actor]
) -> set[str]:
    """The codes with which these ever rejected one of the orders."""
    return await repository.errors_told(session, order_ids, actors)


async def clear_errors(session: WriteSession, order: Order) -> None:
    """What was wrong is put right; the timeline keeps it."""
    for error in order.errors:
        await session.delete(error)
    await session.flush()
    await session.refresh(order, ["errors"])


def _record(
    session: WriteSession,
    order: Order,
    event: str,
    actor: Actor,
    by: str | None,
    note: str | None = None,
    errors: Sequence[str] = (),
    *,
    is_move: bool,
) -> OrderHistory:
    entry = OrderHistory(
        id=new_id(),
        order_id=order.id,
        org_id=order.org_id,
        at=session.now,
        event=event,
        actor=actor,
        by=by,
        status=order.status,
        stage=order.stage,
        note=note,
        errors=list(errors),
        is_move=is_move,
    )
    session.add(entry)
    return entry


async def get_history_entry(session: ReadSession, order_id: UUID, entry_id: UUID) -> OrderHistory:
    """A line of an order's history. Raises 404."""
    found = await repository.get_history_entry(session, order_id, entry_id)
    if found is None:
        raise NotFound
    return found


SupportCancel = Callable[[WriteSession, UUID, str, str], Awaitable[Order]]

_support_cancels: dict[OrderKind, SupportCancel] = {}


def on_support_cancel(kind: OrderKind, cancel: SupportCancel) -> None:
    """How support cancels orders of a kind: order, message, who."""
    _support_cancels[kind] = cancel


async def cancel_for_customer(
    session: WriteSession, order_id: UUID, message: str, by: str
) -> Order:
    """Support cancels an order of any kind, and says why. Raises 404; 409 if it cannot be."""
    kind = OrderKind((await get(session, order_id)).kind)
    return await _support_cancels[kind](session, order_id, message, by)


async def in_state(session: WriteSession, organization_id: UUID, state: State) -> list[Order]:
    """The orders of an organisation in that state, locked in order."""
    return await repository.orders_in(session, organization_id, state.status, state.stage)


async def organization_of(session: ReadSession, order_id: UUID) -> UUID:
    """Whose an order is. Raises 404."""
    return (await get(session, order_id)).org_id


support_cases.know_orders(organization_of)
