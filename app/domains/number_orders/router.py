"""Searching and ordering new numbers, the terms of service, the limits."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response, status

from app.auth.caller import ADMINS, READERS, Caller, Role
from app.auth.guard import CUSTOMER_ADMIN_ONLY, Read, Write, allow
from app.core.database import ReadSession
from app.core.errors import FORBIDDEN, INVALID_TRANSITION, Problem
from app.core.http import ApiRoute, IfMatch, Speaks, Versioned, set_etag
from app.core.openapi import problems
from app.core.pagination import Paged
from app.core.texts import Language, text
from app.core.validation import form
from app.domains.locations.schemas import LocationPath
from app.domains.number_orders.models import TermsAcceptance
from app.domains.number_orders.schemas import (
    THREE_DIGITS,
    AvailableBlocks,
    AvailableBlockView,
    BlockAlternative,
    Fulfilment,
    NumberOrderCreate,
    NumberQuoteCreate,
    QuoteView,
    ReservationPath,
    ReservationView,
    StockOrderCreate,
    TermsAcceptanceCreate,
    TermsOfServiceView,
)
from app.domains.number_orders.service import (
    assisting,
    cancelling,
    limits,
    placing,
    quoting,
    reserving,
    searching,
    terms,
    wishes,
)
from app.domains.numbering.schemas import AvailableNumbers, AvailableNumberView
from app.domains.numbering.service import owning
from app.domains.orders.models import Order
from app.domains.orders.schemas import OrderPath, OrderView, SupportMessage
from app.domains.organizations import service as organizations
from app.domains.organizations.schemas import LimitChange, Limits, LimitView, OrganizationPath
from app.policy.limits import LimitName

router = APIRouter(route_class=ApiRoute, tags=["New numbers"])
support = APIRouter(
    route_class=ApiRoute, tags=["Support"], prefix="/telephony/pstn/support/orders/{orderId}"
)

L = "/telephony/pstn/locations/{locationId}"
P = "/telephony/pstn"

State = Annotated[
    str | None,
    Query(max_length=8, description="State or province, as its code.", examples=["WA"]),
]
AreaCode = Annotated[
    str | None,
    Query(
        alias="areaCode",
        pattern=THREE_DIGITS,
        description="Area code (NPA).",
        examples=["206"],
    ),
]
Prefix = Annotated[
    str | None,
    Query(
        pattern=THREE_DIGITS,
        description="Prefix (NXX), within the area code.",
        examples=["267"],
    ),
]
City = Annotated[
    str | None,
    Query(max_length=100, description="City, in any case.", examples=["Seattle"]),
]


@router.get(
    L + "/availableNumbers", summary="Search available numbers", responses=problems(400, 422)
)
async def search_available_numbers(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    session: Read,
    page: Paged,
    response: Response,
    state: State = None,
    area_code: AreaCode = None,
    prefix: Prefix = None,
    city: City = None,
    contains: Annotated[
        str | None,
        Query(
            pattern=form("^[0-9]{1,10}$", text("1 to 10 digits are needed.")),
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
    responses=problems(415, 422, codes=(wishes.NUMBERS_UNAVAILABLE, reserving.RESERVATION_EXPIRED)),
)
async def create_number_order(
    caller: Annotated[Caller, allow(*ADMINS)],
    location_id: LocationPath,
    body: NumberOrderCreate,
    session: Write,
    request: Request,
    response: Versioned,
    language: Speaks,
) -> OrderView:
    """Order numbers by name, or so many of the system's choice; all of them or none.

    The numbers are held at once and delivered a moment later: read the order again. They are
    inactive until the terms of service are accepted. An order of type `assisted` has no numbers
    yet: it opens a support case, and support finds them.
    """
    order = await placing.place(session, location_id, body, by=caller.name)
    response.headers["Location"] = str(request.url_for("get_order", orderId=order.id))
    set_etag(response, order.version)
    return OrderView.of(order, {}, language)


@router.post(
    P + "/orders/{orderId}/cancel",
    summary="Cancel an order",
    tags=["Orders"],
    responses=problems(412, 422, codes=(INVALID_TRANSITION,)),
)
async def cancel_order(
    caller: Annotated[Caller, allow(*ADMINS)],
    order_id: OrderPath,
    session: Write,
    response: Versioned,
    language: Speaks,
    if_match: IfMatch = None,
) -> OrderView:
    """Cancel an order of new numbers that is pending; its numbers are free again.

    What is at the carrier is released there first: until then the stage is `cancelRequested`.
    """
    order = await cancelling.cancel(session, order_id, if_match, by=caller.name)
    return await _shown(session, order, response, language)


async def _shown(
    session: ReadSession, order: Order, response: Response, language: Language
) -> OrderView:
    states = await owning.states_of(session, [entry.number for entry in order.numbers])
    set_etag(response, order.version)
    return OrderView.of(order, states, language)


@router.post(
    L + "/numberOrders/quote",
    summary="Judge an order of new numbers",
    responses=problems(409, 415, 422),
)
async def quote_number_order(
    caller: Annotated[Caller, allow(*ADMINS, Role.read_only_admin)],
    location_id: LocationPath,
    body: NumberQuoteCreate,
    session: Write,
    language: Speaks,
) -> QuoteView:
    """What an order of this body would come to: every violation, limits, numbers, charges.

    Nothing is done, but for a reservation with `hold: true`.
    """
    if body.hold and caller.role is Role.read_only_admin:
        raise Problem(FORBIDDEN, text("Reading only; ask without hold."))
    return await quoting.quote(session, location_id, body, language)


@router.post(
    L + "/reservations",
    status_code=status.HTTP_201_CREATED,
    summary="Reserve numbers",
    responses=problems(415, 422, codes=(wishes.NUMBERS_UNAVAILABLE,)),
)
async def create_reservation(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    body: StockOrderCreate,
    session: Write,
    request: Request,
    response: Versioned,
) -> ReservationView:
    """Hold what an order of this body would order, for 15 minutes.

    Nobody else can order or see the numbers; an order with the `reservationId` uses it up.
    """
    reservation, numbers = await reserving.reserve(session, location_id, body)
    response.headers["Location"] = str(
        request.url_for("get_reservation", reservationId=reservation.id)
    )
    set_etag(response, reservation.version)
    return ReservationView.of(reservation, numbers)


@router.get(P + "/reservations/{reservationId}", summary="Read a reservation", responses=problems())
async def get_reservation(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    reservation_id: ReservationPath,
    session: Read,
    response: Versioned,
) -> ReservationView:
    """What a reservation holds, and until when."""
    reservation, numbers = await reserving.get(session, reservation_id)
    set_etag(response, reservation.version)
    return ReservationView.of(reservation, numbers)


@router.delete(
    P + "/reservations/{reservationId}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Release a reservation",
    responses=problems(),
)
async def delete_reservation(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    reservation_id: ReservationPath,
    session: Write,
) -> None:
    """Give back what a reservation holds; nothing happens when it is over."""
    await reserving.release(session, reservation_id)


@router.post(
    P + "/reservations/{reservationId}/extend",
    summary="Extend a reservation",
    responses=problems(codes=(reserving.RESERVATION_EXPIRED, reserving.ALREADY_EXTENDED)),
)
async def extend_reservation(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    reservation_id: ReservationPath,
    session: Write,
    response: Versioned,
) -> ReservationView:
    """Hold the numbers 15 minutes longer, once."""
    reservation, numbers = await reserving.extend(session, reservation_id)
    set_etag(response, reservation.version)
    return ReservationView.of(reservation, numbers)


@router.get(L + "/availableBlocks", summary="Search available blocks", responses=problems(400, 422))
async def search_available_blocks(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    session: Read,
    page: Paged,
    response: Response,
    size: Annotated[
        int, Query(ge=1, le=1000, description="How many consecutive numbers.", examples=[100])
    ],
    state: State = None,
    area_code: AreaCode = None,
    prefix: Prefix = None,
    city: City = None,
) -> AvailableBlocks:
    """Blocks of consecutive numbers, also across thousands; all of a block or none.

    Where there is none: the longest run there is, and the state's area codes that have one.
    """
    found = await searching.search_blocks(
        session,
        location_id,
        searching.Wish(state, area_code, prefix, city, None),
        size,
        after=page.after_number,
        limit=page.max_items + 1,
    )
    shown = page.cut(found.blocks, response, lambda block: block.last)
    return AvailableBlocks(
        blocks=[
            AvailableBlockView(
                first_number=f"+{block.first}",
                last_number=f"+{block.last}",
                size=block.size,
                city=block.city,
                state=block.state,
            )
            for block in shown
        ],
        longest_run=found.longest_run,
        alternatives=None
        if found.alternatives is None
        else [
            BlockAlternative(state=other.state, area_code=other.area_code)
            for other in found.alternatives
        ],
    )


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
    found = await limits.all_limits_of(session, organization)
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
    found = await limits.all_limits_of(session, organization)
    return LimitView.of(found[name], language)


@support.post(
    "/fulfil",
    summary="Give an assisted order its numbers",
    responses=problems(
        415,
        422,
        codes=(owning.NUMBER_ALREADY_OWNED, wishes.NUMBERS_UNAVAILABLE, INVALID_TRANSITION),
    ),
)
async def fulfil_order(
    caller: Annotated[Caller, allow(Role.support)],
    order_id: OrderPath,
    body: Fulfilment,
    session: Write,
    response: Versioned,
    language: Speaks,
) -> OrderView:
    """Assign just as many numbers of the country as were ordered; they are active at once."""
    order = await assisting.fulfil(session, order_id, body.phone_numbers, by=caller.name)
    return await _shown(session, order, response, language)


@support.post(
    "/requireAction",
    summary="Ask the customer of an order for something",
    responses=problems(415, 422, codes=(INVALID_TRANSITION,)),
)
async def require_order_action(
    caller: Annotated[Caller, allow(Role.support)],
    order_id: OrderPath,
    body: SupportMessage,
    session: Write,
    response: Versioned,
    language: Speaks,
) -> OrderView:
    """Write in the order's case; the order waits until the customer answers there."""
    order = await assisting.require_action(session, order_id, body.message, by=caller.name)
    return await _shown(session, order, response, language)


@support.post(
    "/fail",
    summary="End an order that cannot be fulfilled",
    responses=problems(415, 422, codes=(INVALID_TRANSITION,)),
)
async def fail_order(
    caller: Annotated[Caller, allow(Role.support)],
    order_id: OrderPath,
    body: SupportMessage,
    session: Write,
    response: Versioned,
    language: Speaks,
) -> OrderView:
    """End an assisted order in `error`, and say why in its case."""
    order = await assisting.fail(session, order_id, body.message, by=caller.name)
    return await _shown(session, order, response, language)
