"""`/telephony/pstn/portOrders`: drafts, their completion, submission; portability; the desk."""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

from fastapi import (
    APIRouter,
    Depends,
    File,
    Form,
    Path,
    Request,
    Response,
    UploadFile,
    status,
)
from fastapi.responses import StreamingResponse
from pydantic import WithJsonSchema

from app.auth.caller import ADMINS, READERS, Caller, Role
from app.auth.guard import CUSTOMER_ADMIN_ONLY, Read, Write, allow
from app.core.database import Database, ReadSession, WriteSession
from app.core.errors import (
    INVALID_TRANSITION,
    SERVICE_UNAVAILABLE,
    VALIDATION_FAILED,
    FieldError,
    NotFound,
    Problem,
)
from app.core.http import ApiRoute, IfMatch, Speaks, Versioned, set_etag
from app.core.openapi import problems
from app.core.sealing import KeyRing
from app.core.texts import Language, text
from app.core.validation import Day, Identifier
from app.domains.locations.schemas import LocationPath
from app.domains.numbering.service import owning
from app.domains.orders.kinds import DocumentKind
from app.domains.orders.schemas import OrderPath
from app.domains.port_orders import repository
from app.domains.port_orders.errors import ERRORS
from app.domains.port_orders.models import PortDocument
from app.domains.port_orders.schemas import (
    Completion,
    DocumentRequest,
    Documents,
    DocumentView,
    FieldChanges,
    FieldChangeView,
    FocDate,
    LoaSigning,
    PortabilityChecks,
    PortabilityVerdict,
    PortErrors,
    PortErrorView,
    PortNumbersChoice,
    PortOrderPatch,
    PortOrderSplit,
    PortOrderView,
    Readiness,
    Rejection,
    SplitOrders,
)
from app.domains.port_orders.service import (
    cancelling,
    claiming,
    desk,
    documents,
    drafting,
    paperwork,
    readiness,
    removing,
    signing,
    splitting,
    submitting,
)
from app.domains.port_orders.service import form as forms
from app.domains.port_orders.service.documents import Received
from app.domains.port_orders.service.drafting import Port
from app.integrations.carriers.errors import CarrierUnavailable
from app.integrations.storage.store import FileStore
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber

router = APIRouter(route_class=ApiRoute, tags=["Ports"], prefix="/telephony/pstn")


class DocumentRoute(ApiRoute):
    """A route that takes a document, with room for what a form has around it."""

    max_body_bytes = documents.MAX_BYTES + 65_536
    too_large = documents.DOCUMENT_TOO_LARGE


uploads = APIRouter(route_class=DocumentRoute, tags=["Ports"], prefix="/telephony/pstn")
support = APIRouter(
    route_class=ApiRoute, tags=["Support"], prefix="/telephony/pstn/support/orders/{orderId}"
)

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
    loa = await paperwork.loa_of(session, port.order)
    return PortOrderView.of_port(
        port.order, document, port.form.requested_documents, loa.state, states, language
    )


DocumentFile = Annotated[
    UploadFile,
    File(description="PDF or PNG by its content, at most 10 MiB."),
    # Client generators take a file for a text without this format.
    WithJsonSchema({"type": "string", "format": "binary"}),
]
DocumentPath = Annotated[Identifier, Path(alias="documentId", description="The document.")]
FORM = frozenset({"kind", "file", "issuedOn"})


async def _received(
    request: Request,
    order_id: OrderPath,
    kind: Annotated[DocumentKind, Form(description="What it is.", examples=["bill"])],
    file: DocumentFile,
) -> AsyncIterator[Received]:
    """The file, checked, read and stored before the transaction begins."""
    if set(await request.form()) - FORM:
        unknown = text("The form has these fields: %(names)s.", names=", ".join(sorted(FORM)))
        raise Problem(VALIDATION_FAILED, violations=[FieldError("", unknown)])
    caller: Caller = request.state.caller
    database: Database = request.app.state.database
    async with database.read(caller.scope) as session:
        country = await documents.country_of_open(session, order_id)
    async with documents.received(request.app.state.store, file, kind, country) as received:
        yield received


async def _stored(request: Request, document: PortDocument, name: str) -> StreamingResponse:
    """The file of a document, to be saved and not shown."""
    store: FileStore = request.app.state.store
    try:
        content = await store.opened(document.file_key)
    except FileNotFoundError:
        raise NotFound from None
    ending = "png" if document.media_type == "image/png" else "pdf"
    return StreamingResponse(
        content,
        media_type=document.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{ending}"',
            "Content-Length": str(document.size),
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def _files(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """How an operation that answers with a file is described."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": "The file.", "content": dict.fromkeys(media_types, binary)}}


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
    response: Versioned,
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
    response: Versioned,
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
    response: Versioned,
    language: Speaks,
    if_match: IfMatch = None,
) -> PortOrderView:
    """A merge patch: what is absent stays, null takes away. A draft need not be complete."""
    port = await submitting.correct(
        session, keys, order_id, body.to_patch(), if_match, by=caller.name
    )
    return await answered(session, keys, port, response, language)


async def answered(
    session: WriteSession, keys: KeyRing, port: Port, response: Response, language: Language
) -> PortOrderView:
    """The port as it is now, with its version."""
    set_etag(response, port.order.version)
    return await shown(session, keys, port, language)


@router.get(PORT + "/readiness", summary="Read what a port still needs", responses=problems())
async def get_port_readiness(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    order_id: OrderPath,
    keys: Keys,
    session: Read,
    language: Speaks,
) -> Readiness:
    """Field by field what is missing, how the bill compares, which dates may be wished for."""
    port = await drafting.get(session, order_id)
    return await readiness.read(session, keys, port, language)


@router.get(
    PORT + "/fieldChanges", summary="List the changes of a port's fields", responses=problems()
)
async def list_port_field_changes(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    order_id: OrderPath,
    session: Read,
) -> FieldChanges:
    """What was changed by whom; account numbers and PINs are masked."""
    port = await drafting.get(session, order_id)
    changes = await repository.field_changes(session, port.order.id)
    return FieldChanges(items=[FieldChangeView.of(change) for change in changes])


@router.post(
    PORT + "/submit",
    summary="Submit a port",
    responses=problems(412, 422, codes=(INVALID_TRANSITION,)),
)
async def submit_port_order(
    caller: Annotated[Caller, allow(*ADMINS)],
    order_id: OrderPath,
    keys: Keys,
    session: Write,
    response: Versioned,
    language: Speaks,
    if_match: IfMatch = None,
) -> PortOrderView:
    """Submit a draft, or again what was rejected once its remedies are done.

    Nothing is submitted while something is missing. Where the bill differs from the order the
    answer is the order, `rejected` with its errors.
    """
    port = await submitting.submit(session, keys, order_id, if_match, by=caller.name)
    return await answered(session, keys, port, response, language)


@router.post(
    PORT + "/cancel",
    summary="Cancel a port",
    responses=problems(412, 422, codes=(INVALID_TRANSITION, cancelling.CANCEL_TOO_LATE)),
)
async def cancel_port_order(
    caller: Annotated[Caller, allow(*ADMINS)],
    order_id: OrderPath,
    keys: Keys,
    session: Write,
    response: Versioned,
    language: Speaks,
    if_match: IfMatch = None,
) -> PortOrderView:
    """Cancel at once what is not with the carrier; else ask for it, and PTS confirms or declines.

    Within 48 hours of the FOC it is too late.
    """
    port = await cancelling.cancel(session, order_id, if_match, by=caller.name)
    return await answered(session, keys, port, response, language)


@router.post(
    PORT + "/removeNumbers",
    summary="Take numbers out of a port",
    responses=problems(412, 415, 422, codes=(INVALID_TRANSITION,)),
)
async def remove_port_numbers(
    caller: Annotated[Caller, allow(*ADMINS)],
    order_id: OrderPath,
    body: PortNumbersChoice,
    keys: Keys,
    session: Write,
    response: Versioned,
    language: Speaks,
    if_match: IfMatch = None,
) -> PortOrderView:
    """The numbers stay with their carrier, the others go on."""
    port = await removing.remove(
        session, keys, order_id, body.phone_numbers, if_match, by=caller.name
    )
    return await answered(session, keys, port, response, language)


@router.post(
    PORT + "/split",
    summary="Split a port by billing number",
    responses=problems(412, 415, 422, codes=(INVALID_TRANSITION,)),
)
async def split_port_order(
    caller: Annotated[Caller, allow(*ADMINS)],
    order_id: OrderPath,
    body: PortOrderSplit,
    keys: Keys,
    session: Write,
    language: Speaks,
    if_match: IfMatch = None,
) -> SplitOrders:
    """One draft for each billing number, with everything carried over; this order is cancelled."""
    ports = await splitting.split(
        session, keys, order_id, body.phone_numbers, if_match, by=caller.name
    )
    return SplitOrders(orders=[await shown(session, keys, port, language) for port in ports])


@router.get("/portErrors", summary="List the errors of ports", responses=problems())
async def list_port_errors(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    language: Speaks,
) -> PortErrors:
    """Every error a port can have, and what to do about it."""
    return PortErrors(items=[PortErrorView.of(kind, language) for kind in ERRORS.values()])


Support = Annotated[Caller, allow(Role.support)]


@uploads.post(
    PORT + "/documents",
    status_code=status.HTTP_201_CREATED,
    summary="Add a document to a port",
    responses=problems(413, 415, 422, codes=(INVALID_TRANSITION, documents.DOCUMENT_TOO_LARGE)),
)
async def add_port_document(
    caller: Annotated[Caller, allow(*ADMINS)],
    order_id: OrderPath,
    kind: Annotated[DocumentKind, Form(description="What it is.", examples=["bill"])],
    file: Annotated[Received, Depends(_received, scope="function")],
    keys: Keys,
    session: Write,
    request: Request,
    response: Response,
    issued_on: Annotated[
        Day | None,
        Form(
            alias="issuedOn",
            description="When a bill was issued; read from the bill when absent.",
            examples=["2026-11-02"],
        ),
    ] = None,
) -> DocumentView:
    """A bill of the last 30 days, a letter of authorisation, a service record, or another paper.

    The file is checked: what is encrypted, has scripts, other files or anything beyond pages in
    it, is refused with a `reason`. A newer document supersedes the earlier one of its kind. A bill
    is read here: readiness compares it with the order, and `reading` tells when it could not be.
    """
    document = await documents.add(session, keys, order_id, file, kind, issued_on, by=caller.name)
    response.headers["Location"] = str(
        request.url_for("get_port_document", orderId=order_id, documentId=document.id)
    )
    return DocumentView.of(document)


@router.get(PORT + "/documents", summary="List the documents of a port", responses=problems())
async def list_port_documents(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    order_id: OrderPath,
    session: Read,
) -> Documents:
    """Every document, superseded ones too."""
    found = await documents.list_of(session, order_id)
    return Documents(items=[DocumentView.of(document) for document in found])


@router.get(PORT + "/documents/{documentId}", summary="Read about a document", responses=problems())
async def get_port_document(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    order_id: OrderPath,
    document_id: DocumentPath,
    session: Read,
) -> DocumentView:
    """What is known of a document; its file is at `content`."""
    return DocumentView.of(await documents.get_document(session, order_id, document_id))


@router.get(
    PORT + "/documents/{documentId}/content",
    summary="Download a document",
    response_class=StreamingResponse,
    responses=problems() | _files("application/pdf", "image/png"),
)
async def download_port_document(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    order_id: OrderPath,
    document_id: DocumentPath,
    session: Read,
    request: Request,
) -> StreamingResponse:
    """The file as it was uploaded."""
    document = await documents.get_document(session, order_id, document_id)
    return await _stored(request, document, f"{document.kind}-{document.id}")


@router.delete(
    PORT + "/documents/{documentId}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Delete a document of a port",
    responses=problems(codes=(INVALID_TRANSITION,)),
)
async def delete_port_document(
    caller: Annotated[Caller, allow(*ADMINS)],
    order_id: OrderPath,
    document_id: DocumentPath,
    session: Write,
) -> None:
    """Of a draft or a rejected order; what the document superseded does not come back."""
    await documents.delete(session, order_id, document_id, by=caller.name)


@router.post(
    PORT + "/loa/sign",
    summary="Sign the letter of authorisation",
    responses=problems(412, 415, 422, codes=(INVALID_TRANSITION, CUSTOMER_ADMIN_ONLY)),
)
async def sign_loa(
    caller: Annotated[Caller, allow(Role.customer_admin, refusal=CUSTOMER_ADMIN_ONLY)],
    order_id: OrderPath,
    body: LoaSigning,
    keys: Keys,
    session: Write,
    request: Request,
    response: Versioned,
    language: Speaks,
    if_match: IfMatch = None,
) -> PortOrderView:
    """The account's authorised person signs for the numbers and the account as they are now.

    Any later change of them voids the letter.
    """
    port = await signing.sign(
        session,
        keys,
        request.app.state.store,
        order_id,
        body.full_name,
        body.job_title,
        if_match,
        by=caller.name,
        credential_id=caller.credential_id,
    )
    return await answered(session, keys, port, response, language)


@router.get(
    PORT + "/loa",
    summary="Download the letter of authorisation",
    response_class=StreamingResponse,
    responses=problems() | _files("application/pdf", "image/png"),
)
async def download_loa(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    order_id: OrderPath,
    session: Read,
    request: Request,
) -> StreamingResponse:
    """The newest one, as signed here or uploaded."""
    document = await signing.letter_of(session, order_id)
    return await _stored(request, document, f"loa-{document.id}")


@support.post(
    "/accept",
    summary="Accept a port after review",
    responses=problems(codes=(INVALID_TRANSITION,)),
)
async def accept_port_order(
    caller: Support,
    order_id: OrderPath,
    keys: Keys,
    session: Write,
    response: Versioned,
    language: Speaks,
) -> PortOrderView:
    """The review found nothing: the port goes to the carrier."""
    port = await desk.accept(session, order_id, by=caller.name)
    return await answered(session, keys, port, response, language)


@support.post(
    "/reject",
    summary="Reject a port",
    responses=problems(415, 422, codes=(INVALID_TRANSITION,)),
)
async def reject_port_order(
    caller: Support,
    order_id: OrderPath,
    body: Rejection,
    keys: Keys,
    session: Write,
    response: Versioned,
    language: Speaks,
) -> PortOrderView:
    """Give a port back with what is wrong; a code that is not known becomes `unknown`."""
    port = await desk.reject(session, order_id, body.errors, by=caller.name)
    return await answered(session, keys, port, response, language)


@support.post(
    "/foc",
    summary="Set the FOC date of a port",
    responses=problems(415, 422, codes=(INVALID_TRANSITION,)),
)
async def set_foc_date(
    caller: Support,
    order_id: OrderPath,
    body: FocDate,
    keys: Keys,
    session: Write,
    response: Versioned,
    language: Speaks,
) -> PortOrderView:
    """The day the losing carrier committed itself to; again to change it."""
    port = await desk.set_foc(session, order_id, body.day, body.message, by=caller.name)
    return await answered(session, keys, port, response, language)


@support.post(
    "/complete",
    summary="Complete a port, or a part of it",
    responses=problems(415, 422, codes=(INVALID_TRANSITION,)),
)
async def complete_port_order(
    caller: Support,
    order_id: OrderPath,
    keys: Keys,
    session: Write,
    response: Versioned,
    language: Speaks,
    body: Completion | None = None,
) -> PortOrderView:
    """The numbers have moved: they are active, and billed from now on."""
    numbers = body.phone_numbers if body else None
    port = await desk.complete(session, order_id, numbers, by=caller.name)
    return await answered(session, keys, port, response, language)


@support.post(
    "/requestDocument",
    summary="Ask for a document",
    responses=problems(415, 422, codes=(INVALID_TRANSITION,)),
)
async def request_document(
    caller: Support,
    order_id: OrderPath,
    body: DocumentRequest,
    keys: Keys,
    session: Write,
    response: Versioned,
    language: Speaks,
) -> PortOrderView:
    """Ask the customer for a document, in the order's support case; a review waits for it."""
    port = await desk.request_document(session, order_id, body.kind, body.message, by=caller.name)
    return await answered(session, keys, port, response, language)


@support.post(
    "/confirmCancel",
    summary="Confirm that a port is cancelled",
    responses=problems(codes=(INVALID_TRANSITION,)),
)
async def confirm_port_cancel(
    caller: Support,
    order_id: OrderPath,
    keys: Keys,
    session: Write,
    response: Versioned,
    language: Speaks,
) -> PortOrderView:
    """The customer asked for it; the carrier is told."""
    port = await cancelling.confirm(session, order_id, by=caller.name)
    return await answered(session, keys, port, response, language)


@support.post(
    "/declineCancel",
    summary="Decline to cancel a port",
    responses=problems(codes=(INVALID_TRANSITION,)),
)
async def decline_port_cancel(
    caller: Support,
    order_id: OrderPath,
    keys: Keys,
    session: Write,
    response: Versioned,
    language: Speaks,
) -> PortOrderView:
    """The port goes on as before it was asked for."""
    port = await cancelling.decline(session, order_id, by=caller.name)
    return await answered(session, keys, port, response, language)


@support.post(
    "/expedite", summary="Expedite a port", responses=problems(codes=(INVALID_TRANSITION,))
)
async def expedite_port_order(
    caller: Support,
    order_id: OrderPath,
    keys: Keys,
    session: Write,
    response: Versioned,
    language: Speaks,
) -> PortOrderView:
    """Have the carrier answer sooner."""
    port = await desk.expedite(session, order_id, by=caller.name)
    return await answered(session, keys, port, response, language)


@support.post(
    "/setPortability",
    summary="Tell whether numbers of a port can move",
    responses=problems(
        415,
        422,
        codes=(
            INVALID_TRANSITION,
            claiming.NUMBER_IN_ANOTHER_PORT,
            owning.NUMBER_ALREADY_OWNED,
        ),
    ),
)
async def set_portability(
    caller: Support,
    order_id: OrderPath,
    body: PortabilityVerdict,
    keys: Keys,
    session: Write,
    response: Versioned,
    language: Speaks,
) -> PortOrderView:
    """What PTS found out; before the order goes to the carrier."""
    port = await desk.set_portability(
        session,
        order_id,
        body.phone_numbers,
        portable=body.portable,
        note=body.note,
        by=caller.name,
    )
    return await answered(session, keys, port, response, language)
