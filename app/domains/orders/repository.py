"""Orders in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import selectinload

from app.core.database import ReadSession, WriteSession
from app.domains.orders.lifecycle import State
from app.domains.orders.models import (
    ORDER_NUMBERS,
    Order,
    OrderHistory,
    OrderNumber,
    OrderNumberStatus,
)


def visible(session: ReadSession) -> Select[Order]:
    """Every order the transaction may see; all reads go through here."""
    query = select(Order).options(selectinload(Order.numbers), selectinload(Order.errors))
    if session.scope.organizations is not None:
        query = query.where(Order.org_id.in_(session.scope.organizations))
    return query


async def next_number(session: WriteSession) -> int:
    """The next order number; a transaction rolled back leaves a gap."""
    return await session.scalar(select(ORDER_NUMBERS.next_value())) or 0


async def get(session: ReadSession, order_id: UUID) -> Order | None:
    """An order with its numbers and errors."""
    return await session.scalar(visible(session).where(Order.id == order_id))


async def get_locked(session: WriteSession, order_id: UUID) -> Order | None:
    """The same, locked: one move at a time."""
    query = visible(session).where(Order.id == order_id)
    return await session.scalar(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    )


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders a list shows."""

    kind: str | None = None
    status: str | None = None
    location_id: UUID | None = None
    order_number: int | None = None
    phone_number: int | None = None
    next_actor: str | None = None
    stage: str | None = None


async def list_page(
    session: ReadSession, wanted: OrderFilter, *, after: UUID | None, limit: int
) -> list[Order]:
    """Orders, the newest first."""
    query = _filtered(visible(session), wanted)
    if after is not None:
        query = query.where(Order.id < after)
    return list(await session.scalars(query.order_by(Order.id.desc()).limit(limit)))


async def queue_page(
    session: ReadSession, wanted: OrderFilter, *, after: UUID | None, limit: int
) -> list[Order]:
    """Orders, the oldest first."""
    query = _filtered(visible(session), wanted)
    if after is not None:
        query = query.where(Order.id > after)
    return list(await session.scalars(query.order_by(Order.id).limit(limit)))


def _filtered(query: Select[Order], wanted: OrderFilter) -> Select[Order]:
    if wanted.next_actor is not None:
        query = query.where(Order.next_actor == wanted.next_actor)
    if wanted.stage is not None:
        query = query.where(Order.stage == wanted.stage)
    if wanted.kind is not None:
        query = query.where(Order.kind == wanted.kind)
    if wanted.status is not None:
        query = query.where(Order.status == wanted.status)
    if wanted.location_id is not None:
        query = query.where(Order.location_id == wanted.location_id)
    if wanted.order_number is not None:
        query = query.where(Order.number == wanted.order_number)
    if wanted.phone_number is not None:
        query = query.where(
            exists().where(
                OrderNumber.order_id == Order.id, OrderNumber.number == wanted.phone_number
            )
        )
    return query


async def history(session: ReadSession, order_id: UUID) -> list[OrderHistory]:
    """The timeline of an order, the oldest first."""
    rows = await session.scalars(
        select(OrderHistory).where(OrderHistory.order_id == order_id).order_by(OrderHistory.id)
    )
    return list(rows)


async def errors_told(
    session: ReadSession, order_ids: Sequence[UUID], actors: Sequence[str]
) -> set[str]:
    """The codes of what was wrong, as these told it in the timelines of orders."""
    codes = select(func.jsonb_array_elements_text(OrderHistory.errors)).where(
        OrderHistory.order_id.in_(order_ids), OrderHistory.actor.in_(actors)
    )
    return set(await session.scalars(codes))


async def get_history_entry(
    session: ReadSession, order_id: UUID, entry_id: UUID
) -> OrderHistory | None:
    """One line of the timeline of an order."""
    return await session.scalar(
        select(OrderHistory).where(OrderHistory.order_id == order_id, OrderHistory.id == entry_id)
    )


async def orders_in(
    session: WriteSession, organization_id: UUID, status: str, stage: str | None
) -> list[Order]:
    """The orders of an organisation in that state, locked in order."""
    query = (
        visible(session)
        .where(Order.org_id == organization_id, Order.status == status, Order.stage == stage)
        .order_by(Order.id)
        .with_for_update(key_share=True)
    )
    return list(await session.scalars(query))


async def quantity_asked(
    session: ReadSession, organization_id: UUID, states: Sequence[State]
) -> int:
    """How many numbers an organisation's orders in these states ask for."""
    query = select(func.sum(Order.request["quantity"].as_integer())).where(
        Order.org_id == organization_id,
        or_(*(and_(Order.status == s.status, Order.stage == s.stage) for s in states)),
    )
    return await session.scalar(query) or 0


async def set_number_status(
    session: WriteSession, order_id: UUID, status: OrderNumberStatus, numbers: Sequence[int]
) -> None:
    """What became of numbers in an order."""
    await session.execute(
        update(OrderNumber)
        .where(OrderNumber.order_id == order_id, OrderNumber.number.in_(numbers))
        .values(status=status)
    )
