"""What one does with support cases: open one, write in it, close it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.core.database import ReadSession, WriteSession
from app.core.errors import INVALID_TRANSITION, NotFound, Problem
from app.core.http import check_if_match
from app.core.identifiers import new_id
from app.core.texts import Text, text
from app.domains.organizations import service as organizations
from app.domains.support_cases import events, repository
from app.domains.support_cases.directory import Need, contact_for
from app.domains.support_cases.lifecycle import AFTER_COMMENT, TRANSITIONS, CaseStatus, Side
from app.domains.support_cases.models import SupportCase, SupportCaseComment


async def get(session: ReadSession, case_id: UUID) -> SupportCase:
    """A case with its comments. Raises 404."""
    found = await repository.get(session, case_id)
    if found is None:
        raise NotFound
    return found


async def open_case(
    session: WriteSession,
    organization_id: UUID,
    *,
    need: Need,
    subject: str | Text,
    message: str | Text,
    side: Side,
    by: str,
    order_id: UUID | None = None,
) -> SupportCase:
    """A new case at the desk that the need is for; an order, if any, is the organisation's."""
    case = SupportCase(
        id=new_id(),
        org_id=organization_id,
        order_id=order_id,
        need=need,
        desk=contact_for(need).desk,
        subject=subject,
        status=AFTER_COMMENT[side],
        created_at=session.now,
        updated_at=session.now,
        version=1,
        comments=[_comment(session, organization_id, message, side, by)],
    )
    session.add(case)
    await session.flush()
    return case


async def ask(
    session: WriteSession,
    organization_id: UUID | None,
    *,
    need: Need,
    subject: str,
    message: str,
    side: Side,
    by: str,
    order_id: UUID | None,
) -> SupportCase:
    """A new case, from an order or without one; the order says whose it is. Raises 404."""
    if order_id is not None:
        organization_id = await events.organization_of_order(session, order_id)
    assert organization_id is not None  # noqa: S101 - the router asked for it
    await organizations.get_locked(session, organization_id)
    case = await open_case(
        session,
        organization_id,
        need=need,
        subject=subject,
        message=message,
        side=side,
        by=by,
        order_id=order_id,
    )
    await _tell(session, case, side, by)
    return case


async def comment(
    session: WriteSession,
    case_id: UUID,
    message: str,
    *,
    side: Side,
    by: str,
    if_match: str | None = None,
) -> SupportCase:
    """Write in a case; it is the other side's turn then. Raises 404, 412, 409 when it is closed."""
    case = await _get_locked(session, case_id, if_match)
    await _write(session, case, message, side, by)
    await _tell(session, case, side, by)
    return case


async def close(session: WriteSession, case_id: UUID, if_match: str | None = None) -> SupportCase:
    """Close a case for good. Raises 404, 412, 409 when it is closed."""
    case = await _get_locked(session, case_id, if_match)
    await _move(session, case, CaseStatus.closed)
    return case


async def write_about_order(
    session: WriteSession,
    organization_id: UUID,
    order_id: UUID,
    *,
    need: Need,
    subject: Text,
    message: str,
    by: str,
) -> SupportCase:
    """Support writes to the customer about an order: in its case, or in a new one if closed."""
    case = await repository.latest_of_order(session, order_id, need)
    if case is None or case.status == CaseStatus.closed:
        return await open_case(
            session,
            organization_id,
            need=need,
            subject=subject,
            message=message,
            side=Side.support,
            by=by,
            order_id=order_id,
        )
    await _write(session, case, message, Side.support, by)
    return case


async def last_answer(session: ReadSession, order_id: UUID) -> datetime | None:
    """When support last answered the customer about an order."""
    return await repository.last_answer(session, order_id)


async def close_about_order(session: WriteSession, order_id: UUID, need: Need) -> None:
    """Nothing is left to say about an order: its case is closed, if it is not yet."""
    case = await repository.latest_of_order(session, order_id, need)
    if case is not None and case.status != CaseStatus.closed:
        await _move(session, case, CaseStatus.closed)


async def _get_locked(session: WriteSession, case_id: UUID, if_match: str | None) -> SupportCase:
    # The organisation first: a comment may move an order, and locks go in one order.
    await organizations.get_locked(session, (await get(session, case_id)).org_id)
    found = await repository.get_locked(session, case_id)
    if found is None:
        raise NotFound
    check_if_match(if_match, found.version)
    return found


async def _write(
    session: WriteSession, case: SupportCase, message: str, side: Side, by: str
) -> None:
    await _move(session, case, AFTER_COMMENT[side])
    case.comments.append(_comment(session, case.org_id, message, side, by))
    await session.flush()


async def _move(session: WriteSession, case: SupportCase, to: CaseStatus) -> None:
    if to not in TRANSITIONS[CaseStatus(case.status)]:
        raise Problem(INVALID_TRANSITION, text("The case is closed; open a new one."))
    case.status = to
    case.updated_at = session.now
    case.version += 1
    await session.flush()


async def _tell(session: WriteSession, case: SupportCase, side: Side, by: str) -> None:
    if case.order_id is None:
        return
    match side:
        case Side.customer:
            await events.customer_spoke(session, case.order_id, case.need, by)
        case Side.support:
            await events.support_spoke(session, case.order_id, case.need, by)


def _comment(
    session: WriteSession, organization_id: UUID, message: str | Text, side: Side, by: str
) -> SupportCaseComment:
    return SupportCaseComment(
        id=new_id(), org_id=organization_id, at=session.now, by=by, side=side, message=message
    )
