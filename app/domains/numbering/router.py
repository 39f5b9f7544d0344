"""Numbers owned, the set-up of a location, and the inventory."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, Response, UploadFile, status
from pydantic import WithJsonSchema

from app.auth.caller import ADMINS, READERS, Caller, Role
from app.auth.guard import Read, Write, allow
from app.core.errors import INVALID_TRANSITION
from app.core.http import ApiRoute, IfMatch, Speaks, UploadRoute, Versioned, WebexRoute, set_etag
from app.core.openapi import problems
from app.core.pagination import Paged
from app.core.validation import Identifier
from app.domains.emergency_addresses import service as emergency_addresses
from app.domains.emergency_addresses.schemas import AddressSchema
from app.domains.locations import service as locations
from app.domains.locations.router import Validator
from app.domains.locations.schemas import ConnectionPut, LocationPath
from app.domains.numbering import repository
from app.domains.numbering.models import NumberState
from app.domains.numbering.repository import NumberFilter
from app.domains.numbering.schemas import (
    ImportPath,
    InventoryImportView,
    InventorySummary,
    MainNumberPut,
    NumberEmergencyAddressPut,
    NumberEmergencyAddressView,
    Numbers,
    NumbersChoice,
    PhoneNumberPath,
    SetupView,
    StateStock,
    ValidatedNumbers,
    ValidateNumbers,
    WebexNumbers,
    WebexNumberView,
)
from app.domains.numbering.service import addressing, judging, owning, releasing, uploading
from app.domains.numbering.service.setup import setup_of
from app.integrations.storage.store import FileStore
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber

webex = APIRouter(route_class=WebexRoute, tags=["Numbers"])
router = APIRouter(route_class=ApiRoute, tags=["Numbers"])
uploads = APIRouter(route_class=UploadRoute, tags=["Inventory"], prefix="/inventory")
inventory = APIRouter(route_class=ApiRoute, tags=["Inventory"], prefix="/inventory")

L = "/telephony/pstn/locations/{locationId}"
NO_NUMBER = -1
"""Nobody owns this number: a filter that is no number finds nothing."""

CsvFile = Annotated[
    UploadFile,
    File(description="CSV, UTF-8: country,state,city,rateCenter,numberType,firstNumber,lastNumber"),
    # Client generators take a file for a text without this format.
    WithJsonSchema({"type": "string", "format": "binary"}),
]


@webex.put(
    L + "/connection",
    summary="Connect the location to the PSTN",
    responses={
        204: {"description": "Connected, to another PSTN than Cisco's."},
        **problems(412, 422),
    },
    response_model=SetupView,
)
async def configure_connection(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    body: ConnectionPut,
    session: Write,
    validator: Validator,
    language: Speaks,
    response: Versioned,
    if_match: IfMatch = None,
) -> Any:
    """Put the location on Cisco PSTN, with contact, emergency disclaimer and emergency address.

    Another PSTN than Cisco's is answered with 204, as Webex does.
    """
    location = await locations.connect(session, validator, location_id, body, if_match)
    if not location.is_on_cisco_pstn:
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    set_etag(response, locations.connection_of(location).version)
    return await setup_of(session, location, language)


@router.get(
    L + "/setup",
    summary="Read the set-up",
    responses=problems(codes=(locations.PSTN_NOT_CONFIGURED,)),
)
async def get_setup(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    session: Read,
    language: Speaks,
    response: Versioned,
) -> SetupView:
    """The whole set-up of the location, and what remains to be done before calls are possible."""
    await locations.get_connection(session, location_id)
    location = await locations.get(session, location_id)
    set_etag(response, locations.connection_of(location).version)
    return await setup_of(session, location, language)


@router.put(
    L + "/mainNumber",
    summary="Set the main number",
    responses=problems(412, 422, codes=(locations.PSTN_NOT_CONFIGURED,)),
)
async def set_main_number(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    body: MainNumberPut,
    session: Write,
    language: Speaks,
    response: Versioned,
    if_match: IfMatch = None,
) -> SetupView:
    """Make an active number of the location its main number; no PSTN calls are possible before."""
    location = await owning.set_main_number(session, location_id, body.phone_number, if_match)
    set_etag(response, locations.connection_of(location).version)
    return await setup_of(session, location, language)


@router.get("/telephony/pstn/numbers", summary="List numbers", responses=problems(400, 422))
async def list_pstn_numbers(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    session: Read,
    page: Paged,
    response: Response,
    location_id: Annotated[
        Identifier | None, Query(alias="locationId", description="Only of this location.")
    ] = None,
    state: Annotated[
        NumberState | None, Query(description="Only in this state.", examples=["active"])
    ] = None,
    phone_number: Annotated[
        str | None,
        Query(
            alias="phoneNumber",
            max_length=20,
            description="Only this number.",
            examples=["+12062676000"],
        ),
    ] = None,
    emergency_address_missing: Annotated[
        bool | None,
        Query(
            alias="emergencyAddressMissing",
            description="`true`: only numbers in use, or about to be, for which no emergency"
            " address is known; `false`: only those that have one.",
            examples=[True],
        ),
    ] = None,
) -> Numbers:
    """The numbers the caller may see, with all that this service knows of them."""
    found = await repository.list_numbers(
        session,
        NumberFilter(
            location_id=location_id,
            states=(state,) if state else (),
            phone_number=_number(phone_number) if phone_number is not None else None,
            emergency_address_missing=emergency_address_missing,
        ),
        after=page.after_number,
        limit=page.max_items + 1,
    )
    shown = page.cut(found, response, lambda number: number.number)
    return Numbers(phone_numbers=await addressing.views_of(session, shown))


@webex.put(
    "/telephony/pstn/numbers/{phoneNumber}/emergencyAddress",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Give a number its own emergency address",
    responses=problems(409, 422),
)
async def update_number_emergency_address(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    phone_number: PhoneNumberPath,
    body: NumberEmergencyAddressPut,
    session: Write,
    validator: Validator,
) -> None:
    """Send help for this number elsewhere than for its location: a remote worker's place.

    An empty address goes back to the location's default.
    """
    await addressing.set_address(session, validator, _number(phone_number), body.emergency_address)


@router.get(
    "/telephony/pstn/numbers/{phoneNumber}/emergencyAddress",
    summary="Read a number's emergency address",
    responses=problems(),
)
async def get_number_emergency_address(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    phone_number: PhoneNumberPath,
    session: Read,
) -> NumberEmergencyAddressView:
    """Where help goes when this number calls for it, and whether that is its own address."""
    kept = await addressing.get_address(session, _number(phone_number))
    return NumberEmergencyAddressView(
        id=kept.id,
        source=kept.source,
        **AddressSchema.of(emergency_addresses.address_of(kept)).model_dump(),
    )


def _number(given: str) -> int:
    try:
        # A plus sign that nobody encoded arrives as a space.
        return PhoneNumber.parse(f"+{given.strip().removeprefix('+')}").value
    except InvalidPhoneNumber:
        return NO_NUMBER


@router.post(
    "/telephony/pstn/numbers/release",
    summary="Release numbers",
    responses=problems(
        415,
        422,
        codes=(
            releasing.BLOCK_NUMBER_NOT_RELEASABLE,
            releasing.MAIN_NUMBER_NOT_RELEASABLE,
            INVALID_TRANSITION,
        ),
    ),
)
async def release_numbers(
    caller: Annotated[Caller, allow(*ADMINS)], body: NumbersChoice, session: Write
) -> Numbers:
    """Give active numbers, or a block, up: all of them or none.

    They can be taken back for 7 days and then rest; 90 days after the release somebody else can
    have them. A number of a block goes with all of it, a main number not before the others of its
    location.
    """
    released = await releasing.release(session, caller.required_organization(), body)
    return Numbers(phone_numbers=await addressing.views_of(session, released))


@router.post(
    "/telephony/pstn/numbers/restore",
    summary="Take released numbers back",
    responses=problems(415, 422, codes=(INVALID_TRANSITION, releasing.BLOCK_NUMBER_NOT_RELEASABLE)),
)
async def restore_numbers(
    caller: Annotated[Caller, allow(*ADMINS)], body: NumbersChoice, session: Write
) -> Numbers:
    """Take released numbers, or a block, back within 7 days: all of them or none.

    They are active again; which of them is the main number has to be said again.
    """
    restored = await releasing.restore(session, caller.required_organization(), body)
    return Numbers(phone_numbers=await addressing.views_of(session, restored))


@webex.get("/telephony/config/numbers", summary="List numbers as Webex", responses=problems(400))
async def list_numbers(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    session: Read,
    request: Request,
    response: Response,
    location_id: Annotated[
        Identifier | None, Query(alias="locationId", description="Only of this location.")
    ] = None,
    max_items: Annotated[
        int, Query(alias="max", ge=1, le=2000, description="Entries a page.", examples=[100])
    ] = 2000,
    start: Annotated[
        int, Query(ge=0, le=10_000_000, description="Entries to skip.", examples=[0])
    ] = 0,
    phone_number: Annotated[
        str | None,
        Query(
            alias="phoneNumber",
            max_length=20,
            description="Only this number.",
            examples=["+12062676000"],
        ),
    ] = None,
    state: Annotated[
        str | None,
        Query(max_length=10, description="`ACTIVE` or `INACTIVE`.", examples=["ACTIVE"]),
    ] = None,
) -> WebexNumbers:
    """Numbers with Webex's fields."""
    states = {
        "ACTIVE": (NumberState.active,),
        "INACTIVE": (NumberState.inactive,),
    }.get(state or "", (NumberState.active, NumberState.inactive))
    found = await repository.list_numbers(
        session,
        NumberFilter(
            location_id=location_id,
            states=states,
            phone_number=_number(phone_number) if phone_number is not None else None,
        ),
        offset=start,
        limit=max_items + 1,
    )
    if len(found) > max_items:
        url = request.url.include_query_params(start=start + max_items, max=max_items)
        response.headers["Link"] = f'<{url}>; rel="next"'
        found = found[:max_items]
    places = await locations.get_many(session, {number.location_id for number in found})
    return WebexNumbers(
        phone_numbers=[WebexNumberView.of(number, places[number.location_id]) for number in found]
    )


@webex.post(
    "/telephony/config/actions/validateNumbers/invoke",
    summary="Judge numbers",
    responses=problems(422),
    response_model_exclude_none=True,
)
async def validate_numbers(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    body: ValidateNumbers,
    session: Read,
) -> ValidatedNumbers:
    """Whether numbers could be added, in Webex's words; nothing is changed."""
    return await judging.validate(session, body.phone_numbers)


@uploads.post(
    "/imports",
    status_code=status.HTTP_201_CREATED,
    summary="Put a file of numbers in stock",
    responses=problems(409, 413, 415, 422),
)
async def create_inventory_import(
    caller: Annotated[Caller, allow(Role.operator)],  # noqa: ARG001 - the guard
    file: CsvFile,
    session: Write,
    language: Speaks,
    request: Request,
    response: Response,
) -> InventoryImportView:
    """Store the file and put its ranges in stock; a line that is refused stops no other.

    The same file again changes nothing.
    """
    store: FileStore = request.app.state.store
    known = await uploading.upload(session, store, file)
    response.headers["Location"] = str(request.url_for("get_inventory_import", importId=known.id))
    return InventoryImportView.of(known, language)


@inventory.get("/imports/{importId}", summary="Read an import", responses=problems())
async def get_inventory_import(
    caller: Annotated[Caller, allow(Role.operator)],  # noqa: ARG001 - the guard
    import_id: ImportPath,
    session: Read,
    language: Speaks,
) -> InventoryImportView:
    """How far an import is, and which lines it refused."""
    return InventoryImportView.of(await uploading.get(session, import_id), language)


@inventory.get("/summary", summary="Read what is in stock", responses=problems())
async def get_inventory_summary(
    caller: Annotated[Caller, allow(Role.operator)],  # noqa: ARG001 - the guard
    session: Read,
) -> InventorySummary:
    """Numbers stocked and available, by country and state."""
    rows = await repository.summary(session)
    return InventorySummary(
        items=[
            StateStock(
                country=country,
                state=state,
                thousands_blocks=blocks,
                stocked=stocked,
                available=available,
            )
            for country, state, blocks, stocked, available in rows
        ]
    )
