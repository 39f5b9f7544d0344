"""Support cases in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased, selectinload

from app.core.database import ReadSession, WriteSession
from app.domains.support_cases.lifecycle import Side
from app.domains.support_cases.models import SupportCase, SupportCaseComment


def visible(session: ReadSession) -> Select[SupportCase]:
    """Every case the transaction may see; all reads go through here."""
    query = select(SupportCase).options(selectinload(SupportCase.comments))
    if session.scope.organizations is not None:
        query = query.where(SupportCase.org_id.in_(session.scope.organizations))
    return query


async def get(session: ReadSession, case_id: UUID) -> SupportCase | None:
    """A case with its comments."""
    return await session.scalar(visible(session).where(SupportCase.id == case_id))


async def get_locked(session: WriteSession, case_id: UUID) -> SupportCase | None:
    """The same, locked: one comment at a time."""
    query = visible(session).where(SupportCase.id == case_id)
    return await session.scalar(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    )


async def latest_of_order(session: WriteSession, order_id: UUID, need: str) -> SupportCase | None:
    """The latest case about an order for that need, locked."""
    query = (
        visible(session)
        .where(SupportCase.order_id == order_id, SupportCase.need == need)
        .order_by(SupportCase.id.desc())
        .limit(1)
    )
    return await session.scalar(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    )


async def last_answer(session: ReadSession, order_id: UUID) -> datetime | None:
    """When support last wrote in a case about an order in which the customer wrote too."""
    comment, asked = SupportCaseComment, aliased(SupportCaseComment)
    query = (
        select(func.max(comment.at))
        .join(SupportCase, SupportCase.id == comment.case_id)
        .where(
            SupportCase.order_id == order_id,
            comment.side == Side.support,
            exists().where(asked.case_id == comment.case_id, asked.side == Side.customer),
        )
    )
    return await session.scalar(query)


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases a list shows."""

    status: str | None = None
    need: str | None = None
    desk: str | None = None
    order_id: UUID | None = None


async def list_page(
    session: ReadSession, wanted: CaseFilter, *, after: UUID | None, limit: int
) -> list[SupportCase]:
    """Cases, the newest first."""
    query = visible(session)
    if wanted.status is not None:
        query = query.where(SupportCase.status == wanted.status)
    if wanted.need is not None:
        query = query.where(SupportCase.need == wanted.need)
    if wanted.desk is not None:
        query = query.where(SupportCase.desk == wanted.desk)
    if wanted.order_id is not None:
        query = query.where(SupportCase.order_id == wanted.order_id)
    if after is not None:
        query = query.where(SupportCase.id < after)
    return list(await session.scalars(query.order_by(SupportCase.id.desc()).limit(limit)))
