"""`/telephony/pstn/supportContacts` and `/telephony/pstn/supportCases`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status

from app.auth.caller import ADMINS, READERS, Caller, Role
from app.auth.guard import Read, Write, allow
from app.core.errors import INVALID_TRANSITION
from app.core.http import ApiRoute, IfMatch, Speaks, Versioned, set_etag
from app.core.openapi import problems
from app.core.pagination import Paged
from app.core.validation import Identifier
from app.domains.support_cases import repository, service
from app.domains.support_cases.directory import CONTACTS, Desk, Need, Region
from app.domains.support_cases.lifecycle import CaseStatus, Side
from app.domains.support_cases.repository import CaseFilter
from app.domains.support_cases.schemas import (
    CasePath,
    CommentCreate,
    Contacts,
    ContactView,
    SupportCaseCreate,
    SupportCases,
    SupportCaseView,
)

router = APIRouter(route_class=ApiRoute, tags=["Support"], prefix="/telephony/pstn")

WRITERS = (*ADMINS, Role.support)


def side_of(caller: Caller) -> Side:
    """For whom a caller speaks."""
    return Side.support if caller.role is Role.support else Side.customer


@router.get("/supportContacts", summary="Whom to turn to", responses=problems(422))
async def list_support_contacts(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    language: Speaks,
    need: Annotated[
        Need | None, Query(description="Only the desk for this need.", examples=["loaForm"])
    ] = None,
    region: Annotated[
        Region | None,
        Query(description="Only telephone numbers of this region.", examples=["EMEA"]),
    ] = None,
) -> Contacts:
    """The desks of support: what each is for, and how one reaches it."""
    return Contacts(
        items=[
            ContactView.of(contact, region, language)
            for contact in CONTACTS
            if need is None or need in contact.needs
        ]
    )


@router.post(
    "/supportCases",
    status_code=status.HTTP_201_CREATED,
    summary="Open a support case",
    responses=problems(415, 422),
)
async def create_support_case(
    caller: Annotated[Caller, allow(*WRITERS)],
    body: SupportCaseCreate,
    session: Write,
    request: Request,
    response: Versioned,
    language: Speaks,
) -> SupportCaseView:
    """Open a case, from an order or without one; the need chooses the desk."""
    case = await service.ask(
        session,
        caller.required_organization() if body.order_id is None else None,
        need=body.need,
        subject=body.subject,
        message=body.message,
        side=side_of(caller),
        by=caller.name,
        order_id=body.order_id,
    )
    response.headers["Location"] = str(request.url_for("get_support_case", caseId=case.id))
    set_etag(response, case.version)
    return SupportCaseView.of(case, language)


@router.get("/supportCases", summary="List support cases", responses=problems(400, 422))
async def list_support_cases(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    session: Read,
    page: Paged,
    response: Response,
    language: Speaks,
    case_status: Annotated[
        CaseStatus | None,
        Query(alias="status", description="Only this status.", examples=["open"]),
    ] = None,
    need: Annotated[
        Need | None, Query(description="Only this need.", examples=["reschedule"])
    ] = None,
    desk: Annotated[Desk | None, Query(description="Only this desk.", examples=["PTS"])] = None,
    order_id: Annotated[
        Identifier | None, Query(alias="orderId", description="Only about this order.")
    ] = None,
) -> SupportCases:
    """The cases the caller may see, the newest first."""
    found = await repository.list_page(
        session,
        CaseFilter(status=case_status, need=need, desk=desk, order_id=order_id),
        after=page.after_id,
        limit=page.max_items + 1,
    )
    shown = page.cut(found, response, lambda case: case.id)
    return SupportCases(items=[SupportCaseView.of(case, language) for case in shown])


@router.get("/supportCases/{caseId}", summary="Read a support case", responses=problems())
async def get_support_case(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    case_id: CasePath,
    session: Read,
    response: Versioned,
    language: Speaks,
) -> SupportCaseView:
    """A case with everything both sides wrote."""
    case = await service.get(session, case_id)
    set_etag(response, case.version)
    return SupportCaseView.of(case, language)


@router.post(
    "/supportCases/{caseId}/comments",
    status_code=status.HTTP_201_CREATED,
    summary="Write in a support case",
    responses=problems(412, 415, 422, codes=(INVALID_TRANSITION,)),
)
async def create_support_case_comment(
    caller: Annotated[Caller, allow(*WRITERS)],
    case_id: CasePath,
    body: CommentCreate,
    session: Write,
    request: Request,
    response: Versioned,
    language: Speaks,
    if_match: IfMatch = None,
) -> SupportCaseView:
    """Add a comment: support's answers the case, the customer's opens it again."""
    case = await service.comment(
        session,
        case_id,
        body.message,
        side=side_of(caller),
        by=caller.name,
        if_match=if_match,
    )
    response.headers["Location"] = str(request.url_for("get_support_case", caseId=case.id))
    set_etag(response, case.version)
    return SupportCaseView.of(case, language)


@router.post(
    "/supportCases/{caseId}/close",
    summary="Close a support case",
    responses=problems(412, 422, codes=(INVALID_TRANSITION,)),
)
async def close_support_case(
    caller: Annotated[Caller, allow(*WRITERS)],  # noqa: ARG001 - the guard
    case_id: CasePath,
    session: Write,
    response: Versioned,
    language: Speaks,
    if_match: IfMatch = None,
) -> SupportCaseView:
    """Close a case; it takes no further comments."""
    case = await service.close(session, case_id, if_match)
    set_etag(response, case.version)
    return SupportCaseView.of(case, language)
