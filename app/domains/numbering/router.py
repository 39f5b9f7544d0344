"""Numbers owned, the set-up of a location, and the inventory."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Query, Request, Response, UploadFile, status
from pydantic import WithJsonSchema

from app.auth.caller import ADMINS, READERS, Caller, Role
from app.auth.guard import Read, Write, allow
from app.core.errors import INVALID_TRANSITION
from app.core.http import ApiRoute, IfMatch, Speaks, UploadRoute, Versioned, WebexRoute, set_etag
from app.core.openapi import problems
from app.core.pagination import Paged
from app.core.validation import Entries, Identifier
from app.domains.emergency_addresses import service as emergency_addresses
from app.domains.emergency_addresses.schemas import AddressSchema
from app.domains.locations import service as locations
from app.domains.locations.router import Validator
from app.domains.locations.schemas import ConnectionPut, LocationPath
from app.domains.numbering import repository
from app.domains.numbering.models import NumberState
from app.domains.numbering.policy.bringing import Action
from app.domains.numbering.repository import NumberFilter
from app.domains.numbering.schemas import (
    ImportPath,
    InventoryImportView,
    InventorySummary,
    MainNumberPut,
    NumberEmergencyAddressPut,
    NumberEmergencyAddressView,
    NumberErrors,
    Numbers,
    NumbersAdd,
    NumbersChoice,
    NumbersRemove,
    NumbersState,
    PhoneNumberPath,
    SetupView,
    StateStock,
    ValidatedNumbers,
    ValidateNumbers,
    WebexNumbers,
    WebexNumberState,
)
from app.domains.numbering.service import (
    addressing,
    bringing,
    judging,
    listing,
    owning,
    releasing,
    uploading,
)
from app.domains.numbering.service.listing import NumberKind, TelephonyType, Wish
from app.domains.numbering.service.setup import setup_of
from app.integrations.storage.store import FileStore
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber

webex = APIRouter(route_class=WebexRoute, tags=["Numbers"])
webex_locations = APIRouter(route_class=WebexRoute, tags=["Locations"])
router = APIRouter(route_class=ApiRoute, tags=["Numbers"])
uploads = APIRouter(route_class=UploadRoute, tags=["Inventory"], prefix="/inventory")
inventory = APIRouter(route_class=ApiRoute, tags=["Inventory"], prefix="/inventory")

L = "/telephony/pstn/locations/{locationId}"
NUMBERS_OF_LOCATION = "/telephony/config/locations/{locationId}/numbers"
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
    responses=problems(422),
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


def webex_wish(
    location_id: Annotated[
        Identifier | None, Query(alias="locationId", description="Only of this location.")
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
    state: Annotated[
        WebexNumberState | None, Query(description="Only in this state.", examples=["ACTIVE"])
    ] = None,
    available: Annotated[
        bool | None, Query(description="Not assigned to anybody: all are.", examples=[True])
    ] = None,
    assigned: Annotated[
        bool | None, Query(description="Assigned to somebody: none is.", examples=[False])
    ] = None,
    order: Annotated[  # noqa: ARG001 - without owners and extensions each gives the same order
        Literal["lastName", "dn", "extension"] | None,
        Query(description="How to sort: always by number.", examples=["dn"]),
    ] = None,
    owner_name: Annotated[
        str | None,
        Query(alias="ownerName", max_length=255, description="None has one.", examples=["Ada"]),
    ] = None,
    owner_id: Annotated[
        str | None,
        Query(alias="ownerId", max_length=255, description="None has one.", examples=["dHJ1bms"]),
    ] = None,
    owner_type: Annotated[
        str | None,
        Query(alias="ownerType", max_length=64, description="None has one.", examples=["PEOPLE"]),
    ] = None,
    extension: Annotated[
        str | None, Query(max_length=20, description="None has one.", examples=["1001"])
    ] = None,
    number_type: Annotated[
        NumberKind | None,
        Query(
            alias="numberType",
            description="`EXTENSION` goes with none of `available`, `assigned` and `state`.",
            examples=["NUMBER"],
        ),
    ] = None,
    phone_number_type: Annotated[
        Literal["PRIMARY", "ALTERNATE", "FAX", "DNIS", "Default"] | None,
        Query(
            alias="phoneNumberType", description="Of owned numbers: none is.", examples=["PRIMARY"]
        ),
    ] = None,
    telephony_type: Annotated[
        TelephonyType | None,
        Query(
            alias="includedTelephonyTypes",
            description="There are no mobile numbers.",
            examples=["PSTN_NUMBER"],
        ),
    ] = None,
    toll_free: Annotated[
        bool | None,
        Query(alias="tollFreeNumbers", description="Toll-free, or not.", examples=[False]),
    ] = None,
    restricted: Annotated[
        bool | None,
        Query(
            alias="restrictedNonGeoNumbers",
            description="Restricted to non-geographic use: none is.",
            examples=[False],
        ),
    ] = None,
    service: Annotated[
        bool | None,
        Query(alias="serviceNumber", description="For a service, or not.", examples=[False]),
    ] = None,
    reserved: Annotated[
        bool | None,
        Query(
            alias="reservedNumber",
            description="Reserved: none is. It goes with neither `available` nor `assigned`.",
            examples=[False],
        ),
    ] = None,
    elin: Annotated[
        bool | None,
        Query(
            alias="elinEnabled",
            description="For call-backs of emergency services: none is.",
            examples=[False],
        ),
    ] = None,
) -> Wish:
    """The filters of Webex's list."""
    owners = (owner_name, owner_id, owner_type, extension, phone_number_type)
    return Wish(
        location_id=location_id,
        phone_number=_number(phone_number) if phone_number is not None else None,
        state=state,
        available=available,
        assigned=assigned,
        of_owner=any(owner is not None for owner in owners),
        number_type=number_type,
        telephony_type=telephony_type,
        toll_free=toll_free,
        restricted_non_geographic=restricted,
        service=service,
        reserved=reserved,
        elin=elin,
    )


@webex.get(
    "/telephony/config/numbers",
    summary="List numbers as Webex",
    responses=problems(400, 422),
    response_model_exclude_none=True,
)
async def list_numbers(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    session: Read,
    request: Request,
    response: Response,
    wish: Annotated[Wish, Depends(webex_wish)],
    max_items: Annotated[
        int, Query(alias="max", ge=1, le=2000, description="Entries a page.", examples=[100])
    ] = 2000,
    start: Annotated[
        int, Query(ge=0, le=10_000_000, description="Entries to skip.", examples=[0])
    ] = 0,
    details: Annotated[
        bool, Query(description="Count too, whatever the filters.", examples=[True])
    ] = False,
) -> WebexNumbers:
    """Numbers with Webex's fields and filters."""
    found = await listing.listed(session, wish, start=start, limit=max_items + 1)
    if len(found) > max_items:
        url = request.url.include_query_params(start=start + max_items, max=max_items)
        response.headers["Link"] = f'<{url}>; rel="next"'
    return WebexNumbers(
        phone_numbers=found[:max_items],
        count=await listing.counted(session) if details else None,
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


REFUSED_BY_NUMBER: dict[int | str, Any] = problems(
    422, codes=(bringing.NUMBERS_REFUSED, locations.PSTN_NOT_CONFIGURED)
)
REFUSED_BY_NUMBER[400] = {**REFUSED_BY_NUMBER[400], "model": Entries[NumberErrors]}


@webex.post(
    NUMBERS_OF_LOCATION,
    status_code=status.HTTP_201_CREATED,
    summary="Bring numbers to a location",
    responses=REFUSED_BY_NUMBER,
    response_class=Response,
)
async def add_location_numbers(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    body: NumbersAdd,
    session: Write,
    request: Request,
) -> Response:
    """Add numbers that another carrier serves, through a Local Gateway or Cloud Connected PSTN.

    All or none; those the location has already are left as they are. Numbers of Cisco PSTN are
    ordered or ported: there this is refused, as Webex does.
    """
    await bringing.add(session, location_id, body)
    listed = request.url_for("list_numbers").include_query_params(locationId=location_id)
    return Response(status_code=status.HTTP_201_CREATED, headers={"Location": str(listed)})


@webex.put(
    NUMBERS_OF_LOCATION,
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Activate or deactivate numbers of a location",
    responses=REFUSED_BY_NUMBER,
)
async def change_location_numbers(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    body: NumbersState,
    session: Write,
) -> None:
    """Let numbers that were brought take calls, or no more; all or none. Not on Cisco PSTN."""
    await bringing.change_state(session, location_id, body.phone_numbers, Action[body.action.name])


@webex.delete(
    NUMBERS_OF_LOCATION,
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Remove numbers from a location",
    responses=REFUSED_BY_NUMBER,
)
async def remove_location_numbers(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    body: NumbersRemove,
    session: Write,
) -> None:
    """Remove numbers that were brought, all or none; never the main number. Not on Cisco PSTN."""
    await bringing.remove(session, location_id, body.phone_numbers)


@webex_locations.delete(
    "/locations/{locationId}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Remove a location",
    responses=problems(409),
)
async def delete_location(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    session: Write,
) -> None:
    """Remove a location that is not on Cisco PSTN, and what was brought there."""
    await bringing.remove_location(session, location_id)


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
