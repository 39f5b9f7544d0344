"""`/telephony/pstn/portOrders`: drafts, their completion, submission; portability; the desk."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status

from app.auth.caller import ADMINS, READERS, Caller
from app.auth.guard import Read, Write, allow
from app.core.database import ReadSession
from app.core.errors import INVALID_TRANSITION, SERVICE_UNAVAILABLE, Problem
from app.core.http import ApiRoute, IfMatch, Speaks, set_etag
from app.core.openapi import problems
from app.core.sealing import KeyRing
from app.core.texts import Language, text
from app.domains.locations.schemas import LocationPath
from app.domains.numbering.service import owning
from app.domains.orders.schemas import OrderPath
from app.domains.port_orders.schemas import (
    PortabilityChecks,
    PortNumbersChoice,
    PortOrderPatch,
    PortOrderView,
)
from app.domains.port_orders.service import claiming, drafting, editing
from app.domains.port_orders.service import form as forms
from app.domains.port_orders.service.drafting import Port
from app.integrations.carriers.errors import CarrierUnavailable
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber

router = APIRouter(route_class=ApiRoute, tags=["Ports"], prefix="/telephony/pstn")

PORT = "/portOrders/{orderId}"


def key_ring(request: Request) -> KeyRing:
    """The keys of secrets at rest."""
    keys: KeyRing = request.app.state.keys
    return keys


Keys = Annotated[KeyRing, Depends(key_ring)]


async def _asked_carrier(request: Request, body: PortNumbersChoice) -> Mapping[int, str]:
    """What the carrier says about the numbers; asked before the transaction begins."""
    numbers = []
    for given in body.phone_numbers:
        try:
            numbers.append(PhoneNumber.parse(given))
        except InvalidPhoneNumber:
            continue  # the policy tells of it
    try:
        return await claiming.ask_carrier(request.app.state.carrier, numbers)
    except CarrierUnavailable:
        raise Problem(
            SERVICE_UNAVAILABLE,
            text("The carrier does not answer; nothing was changed. Try again shortly."),
            headers={"Retry-After": "10"},
        ) from None


Carriers = Annotated[Mapping[int, str], Depends(_asked_carrier)]


async def shown(
    session: ReadSession, keys: KeyRing, port: Port, language: Language
) -> PortOrderView:
    """A port as it is answered with."""
    states = await owning.states_of(session, [entry.number for entry in port.order.numbers])
    document = forms.shown(forms.document_of(port.form, keys))
    return PortOrderView.of_port(
        port.order, document, port.form.requested_documents, states, language
    )


@router.post(
    "/portabilityChecks", summary="Check whether numbers can move", responses=problems(415, 422)
)
async def check_portability(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    body: PortNumbersChoice,
    carriers: Carriers,
    session: Read,
) -> PortabilityChecks:
    """Which of the numbers can move to Cisco PSTN, and of the others why not."""
    return PortabilityChecks(
        phone_numbers=await claiming.check(session, body.phone_numbers, carriers)
    )


@router.post(
    "/locations/{locationId}/portOrders",
    status_code=status.HTTP_201_CREATED,
    summary="Draft a port",
    responses=problems(
        415, 422, codes=(claiming.NUMBER_IN_ANOTHER_PORT, owning.NUMBER_ALREADY_OWNED)
    ),
)
async def create_port_order(
    caller: Annotated[Caller, allow(*ADMINS)],
    location_id: LocationPath,
    body: PortNumbersChoice,
    carriers: Carriers,
    keys: Keys,
    session: Write,
    request: Request,
    response: Response,
    language: Speaks,
) -> PortOrderView:
    """A draft from numbers alone; complete it by PATCH, in any order, as its readiness says.

    Numbers that cannot move are marked and reviewed by PTS; the others go on.
    """
    port = await drafting.draft(session, location_id, body.phone_numbers, carriers, by=caller.name)
    response.headers["Location"] = str(request.url_for("get_port_order", orderId=port.order.id))
    set_etag(response, port.order.version)
    return await shown(session, keys, port, language)


@router.get(PORT, summary="Read a port", responses=problems())
async def get_port_order(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    order_id: OrderPath,
    keys: Keys,
    session: Read,
    response: Response,
    language: Speaks,
) -> PortOrderView:
    """A port with its document; account number and PIN are masked."""
    port = await drafting.get(session, order_id)
    set_etag(response, port.order.version)
    return await shown(session, keys, port, language)


@router.patch(
    PORT,
    summary="Complete or correct a port",
    responses=problems(412, 415, 422, codes=(INVALID_TRANSITION,)),
)
async def update_port_order(
    caller: Annotated[Caller, allow(*ADMINS)],
    order_id: OrderPath,
    body: PortOrderPatch,
    keys: Keys,
    session: Write,
    response: Response,
    language: Speaks,
    if_match: IfMatch = None,
) -> PortOrderView:
    """A merge patch: what is absent stays, null takes away. A draft need not be complete."""
    port = await editing.edit(session, keys, order_id, body.to_patch(), if_match, by=caller.name)
    set_etag(response, port.order.version)
    return await shown(session, keys, port, language)
