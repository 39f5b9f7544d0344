"""Searching and ordering new numbers, the terms of service, the limits."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response, status

from app.auth.caller import ADMINS, READERS, Caller, Role
from app.auth.guard import CUSTOMER_ADMIN_ONLY, Read, Write, allow
from app.core.http import ApiRoute, Speaks, set_etag
from app.core.openapi import problems
from app.core.pagination import Paged
from app.core.texts import Language
from app.domains.locations.schemas import LocationPath
from app.domains.number_orders.models import TermsAcceptance
from app.domains.number_orders.schemas import (
    NumberOrderCreate,
    TermsAcceptanceCreate,
    TermsOfServiceView,
)
from app.domains.number_orders.service import limits, placing, searching, terms
from app.domains.numbering.schemas import AvailableNumbers, AvailableNumberView
from app.domains.orders.schemas import OrderView
from app.domains.organizations import service as organizations
from app.domains.organizations.schemas import LimitChange, Limits, LimitView, OrganizationPath
from app.policy.limits import LimitName

router = APIRouter(route_class=ApiRoute, tags=["New numbers"])

L = "/telephony/pstn/locations/{locationId}"
P = "/telephony/pstn"


@router.get(
    L + "/availableNumbers", summary="Search available numbers", responses=problems(400, 422)
)
async def search_available_numbers(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    session: Read,
    page: Paged,
    response: Response,
    state: Annotated[
        str | None,
        Query(max_length=8, description="State or province, as its code.", examples=["WA"]),
    ] = None,
    area_code: Annotated[
        str | None,
        Query(
            alias="areaCode",
            pattern="^[2-9][0-9]{2}$",
            description="Area code (NPA).",
            examples=["206"],
        ),
    ] = None,
    prefix: Annotated[
        str | None,
        Query(
            pattern="^[2-9][0-9]{2}$",
            description="Prefix (NXX), within the area code.",
            examples=["267"],
        ),
    ] = None,
    city: Annotated[
        str | None,
        Query(max_length=100, description="City, in any case.", examples=["Seattle"]),
    ] = None,
    contains: Annotated[
        str | None,
        Query(
            pattern="^[0-9]{1,10}$",
            description="Digits anywhere in the national number.",
            examples=["777"],
        ),
    ] = None,
    quantity: Annotated[
        int | None,
        Query(ge=1, le=100, description="How many to preselect.", examples=[5]),
    ] = None,
) -> AvailableNumbers:
    """Numbers one can order now, ascending; nothing is held by looking.

    At least one of state, area code and city has to be given.
    """
    after, before = page.after_number_and_count
    numbers = await searching.search(
        session,
        location_id,
        searching.Wish(state, area_code, prefix, city, contains),
        after=after,
        limit=page.max_items + 1,
    )
    shown = page.cut(numbers, response, lambda number: f"{number.number}-{before + page.max_items}")
    wanted = (quantity or 0) - before
    return AvailableNumbers(
        phone_numbers=[
            AvailableNumberView.of(
                found.number, found.city, found.state, preselected=index < wanted
            )
            for index, found in enumerate(shown)
        ]
    )


@router.post(
    L + "/numberOrders",
    status_code=status.HTTP_201_CREATED,
    summary="Order new numbers",
    responses=problems(415, 422, codes=(placing.NUMBERS_UNAVAILABLE,)),
)
async def create_number_order(
    caller: Annotated[Caller, allow(*ADMINS)],
    location_id: LocationPath,
    body: NumberOrderCreate,
    session: Write,
    request: Request,
    response: Response,
    language: Speaks,
) -> OrderView:
    """Order numbers by name, or so many of the system's choice; all of them or none.

    The numbers are held at once and delivered a moment later: read the order again. They are
    inactive until the terms of service are accepted.
    """
    order = await placing.place(session, location_id, body, by=caller.name)
    response.headers["Location"] = str(request.url_for("get_order", orderId=order.id))
    set_etag(response, order.version)
    return OrderView.of(order, {}, language)


@router.get(P + "/termsOfService", summary="Read the terms of service", responses=problems(422))
async def get_terms_of_service(
    caller: Annotated[Caller, allow(*READERS)], session: Read, language: Speaks
) -> TermsOfServiceView:
    """The terms new numbers wait for, and whether the organisation has accepted them."""
    known = await terms.acceptance_of(session, caller.required_organization())
    return _terms(known, caller, language)


@router.post(
    P + "/termsOfService/acceptance",
    summary="Accept the terms of service",
    responses=problems(409, 422, codes=(CUSTOMER_ADMIN_ONLY,)),
)
async def accept_terms_of_service(
    caller: Annotated[Caller, allow(Role.customer_admin, refusal=CUSTOMER_ADMIN_ONLY)],
    body: TermsAcceptanceCreate,
    session: Write,
    language: Speaks,
) -> TermsOfServiceView:
    """Accept a version, for the whole organisation; the numbers that waited become active."""
    known = await terms.accept(
        session,
        caller.required_organization(),
        body.version,
        by=caller.name,
        credential_id=caller.credential_id,
    )
    return _terms(known, caller, language)


def _terms(known: TermsAcceptance | None, caller: Caller, language: Language) -> TermsOfServiceView:
    may_accept = caller.role is Role.customer_admin and known is None
    return TermsOfServiceView(
        version=terms.VERSION,
        text=terms.TEXT.to(language),
        accepted=known is not None,
        accepted_at=known.accepted_at if known else None,
        accepted_by=known.accepted_by if known else None,
        next_step=None if known else terms.NEXT_STEP.to(language),
        acceptance_path="/v1" + P + "/termsOfService/acceptance" if may_accept else None,
    )


@router.get(P + "/limits", summary="Read the limits", responses=problems(422))
async def list_limits(
    caller: Annotated[Caller, allow(*READERS)], session: Read, language: Speaks
) -> Limits:
    """Every limit of the organisation, with what is used of it and why there is one."""
    organization = await organizations.get(session, caller.required_organization())
    found = await limits.limits_of(session, organization)
    return Limits(items=[LimitView.of(limit, language) for limit in found.values()])


@router.put(
    "/organizations/{orgId}/limits/{name}",
    summary="Give an organisation its own limit",
    responses=problems(422),
)
async def set_limit(
    caller: Annotated[Caller, allow(Role.operator)],  # noqa: ARG001 - the guard
    org_id: OrganizationPath,
    name: Annotated[LimitName, Path(description="The limit.")],
    body: LimitChange,
    session: Write,
    language: Speaks,
) -> LimitView:
    """Set an organisation's own value of a limit; null for the default again."""
    organization = await organizations.set_limit(session, org_id, name, body.limit)
    found = await limits.limits_of(session, organization)
    return LimitView.of(found[name], language)
