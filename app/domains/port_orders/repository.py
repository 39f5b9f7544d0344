"""Port orders in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import ReadSession, WriteSession
from app.domains.orders.kinds import DocumentKind
from app.domains.orders.models import OrderNumber
from app.domains.port_orders.models import PortDocument, PortedNumber, PortFieldChange, PortOrder


def visible(session: ReadSession) -> Select[PortOrder]:
    """Every port the transaction may see; all reads go through here."""
    query = select(PortOrder)
    if session.scope.organizations is not None:
        query = query.where(PortOrder.org_id.in_(session.scope.organizations))
    return query


async def get(session: ReadSession, order_id: UUID) -> PortOrder | None:
    """What a port has beyond its order."""
    return await session.scalar(
        visible(session)
        .where(PortOrder.order_id == order_id)
        .execution_options(populate_existing=True)
    )


async def claim(
    session: WriteSession, order_id: UUID, organization_id: UUID, numbers: Sequence[int]
) -> set[int]:
    """Claim numbers for a port; those that no other port has, the answer tells."""
    if not numbers:
        return set()
    rows = [
        {"number": number, "order_id": order_id, "org_id": organization_id}
        for number in sorted(numbers)
    ]
    # Never DO UPDATE: a claim of another organisation must not be touched, nor told of.
    claimed = await session.scalars(
        insert(PortedNumber).values(rows).on_conflict_do_nothing().returning(PortedNumber.number)
    )
    return set(claimed)


async def claimed_among(session: ReadSession, numbers: Sequence[int]) -> set[int]:
    """Those of the numbers that a port claims, as far as the transaction may see it."""
    query = select(PortedNumber.number).where(PortedNumber.number.in_(numbers))
    if session.scope.organizations is not None:
        query = query.where(PortedNumber.org_id.in_(session.scope.organizations))
    return set(await session.scalars(query))


async def let_go(session: WriteSession, order_id: UUID, numbers: Sequence[int]) -> None:
    """A port claims these no more."""
    await session.execute(
        delete(PortedNumber).where(
            PortedNumber.order_id == order_id, PortedNumber.number.in_(numbers)
        )
    )


async def hand_over(
    session: WriteSession, order_id: UUID, to_order_id: UUID, numbers: Sequence[int]
) -> None:
    """Another port of the organisation claims these from now on."""
    await session.execute(
        update(PortedNumber)
        .where(PortedNumber.order_id == order_id, PortedNumber.number.in_(numbers))
        .values(order_id=to_order_id)
    )


async def set_portability(
    session: WriteSession, order_id: UUID, numbers: Sequence[int], reason: str | None
) -> None:
    """Whether numbers of a port can move: they can where there is no reason against it."""
    await session.execute(
        update(OrderNumber)
        .where(OrderNumber.order_id == order_id, OrderNumber.number.in_(numbers))
        .values(portable=reason is None, not_portable_reason=reason)
    )


async def field_changes(session: ReadSession, order_id: UUID) -> list[PortFieldChange]:
    """The history of the fields of a port, the oldest first."""
    rows = await session.scalars(
        select(PortFieldChange)
        .where(PortFieldChange.order_id == order_id)
        .order_by(PortFieldChange.id)
    )
    return list(rows)


NEXT_CHECK = select(func.min(PortOrder.check_at))
"""When the next port is to be asked for at the carrier."""


async def due_checks(session: WriteSession, now: datetime) -> list[PortOrder]:
    """The ports that are to be asked for at the carrier, locked."""
    query = select(PortOrder).where(PortOrder.check_at <= now).order_by(PortOrder.check_at)
    return list(await session.scalars(query.limit(100).with_for_update(skip_locked=True)))


NEXT_FOC = select(func.min(PortOrder.foc_at))
"""When the next port completes."""


async def due_foc(session: ReadSession, now: datetime) -> UUID | None:
    """The order of a port that completes; not locked: its organisation comes first."""
    return await session.scalar(
        select(PortOrder.order_id)
        .where(PortOrder.foc_at <= now)
        .order_by(PortOrder.foc_at, PortOrder.order_id)
        .limit(1)
    )


def visible_documents(session: ReadSession) -> Select[PortDocument]:
    """Every document the transaction may see; all reads go through here."""
    query = select(PortDocument)
    if session.scope.organizations is not None:
        query = query.where(PortDocument.org_id.in_(session.scope.organizations))
    return query


async def documents(session: ReadSession, order_id: UUID) -> list[PortDocument]:
    """The documents of a port, superseded ones too, the oldest first."""
    rows = await session.scalars(
        visible_documents(session)
        .where(PortDocument.order_id == order_id)
        .order_by(PortDocument.id)
    )
    return list(rows)


async def get_document(
    session: ReadSession, order_id: UUID, document_id: UUID
) -> PortDocument | None:
    """A document of a port."""
    return await session.scalar(
        visible_documents(session).where(
            PortDocument.order_id == order_id, PortDocument.id == document_id
        )
    )


async def newest_document(
    session: ReadSession, order_id: UUID, kind: DocumentKind
) -> PortDocument | None:
    """The document of that kind that counts."""
    return await session.scalar(
        visible_documents(session).where(
            PortDocument.order_id == order_id,
            PortDocument.kind == kind,
            PortDocument.superseded_at.is_(None),
        )
    )


async def reading_of(session: ReadSession, document_id: UUID) -> bytes | None:
    """What was read in a document, sealed."""
    return await session.scalar(select(PortDocument.reading).where(PortDocument.id == document_id))


async def has_document_with(session: ReadSession, file_key: str) -> bool:
    """Whether some document still has that file; those made by a split share theirs."""
    found = await session.scalar(
        select(PortDocument.id).where(PortDocument.file_key == file_key).limit(1)
    )
    return found is not None


NEXT_LOA_REMINDER = select(func.min(PortOrder.loa_reminder_at))
"""When somebody is reminded next of a letter of authorisation."""


async def due_loa_reminder(session: ReadSession, now: datetime) -> UUID | None:
    """The order whose reminder is due; not locked: its organisation comes first."""
    return await session.scalar(
        select(PortOrder.order_id)
        .where(PortOrder.loa_reminder_at <= now)
        .order_by(PortOrder.loa_reminder_at, PortOrder.order_id)
        .limit(1)
    )
