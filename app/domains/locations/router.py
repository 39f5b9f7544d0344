"""Webex's `/locations`, PSTN connection options and emergency addresses; and the countries."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.auth.caller import ADMINS, READERS, Caller
from app.auth.guard import Read, Write, allow
from app.core.http import ApiRoute, IfMatch, Speaks, Versioned, WebexRoute, set_etag
from app.core.openapi import problems
from app.core.pagination import Paged
from app.core.validation import Identifier
from app.domains.emergency_addresses import service as emergency_addresses
from app.domains.emergency_addresses.schemas import (
    AddressError,
    AddressLookup,
    AddressMeta,
    AddressSchema,
    AddressSuggestion,
    EmergencyAddressId,
    EmergencyAddressView,
)
from app.domains.locations import repository, service
from app.domains.locations.countries import Countries, CountryView
from app.domains.locations.options import options_for
from app.domains.locations.schemas import (
    AddressPath,
    ConnectionOptions,
    ConnectionOptionView,
    ConnectionView,
    LocationChange,
    LocationId,
    LocationPath,
    Locations,
    LocationView,
    LocationWrite,
)
from app.integrations.address_validation.port import AddressValidator
from app.policy.violation import refuse
from app.telephony.country import all_countries

webex = APIRouter(route_class=WebexRoute, tags=["Locations"])
router = APIRouter(route_class=ApiRoute, tags=["Locations"])

L = "/telephony/pstn/locations/{locationId}"


def address_validator(request: Request) -> AddressValidator:
    """The adapter that judges addresses."""
    validator: AddressValidator = request.app.state.address_validator
    return validator


Validator = Annotated[AddressValidator, Depends(address_validator)]


@webex.get(
    "/locations",
    summary="List locations",
    responses=problems(400, 422),
    response_model_exclude_none=True,
)
async def list_locations(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    session: Read,
    page: Paged,
    response: Response,
    name: Annotated[
        str | None, Query(max_length=256, description="Part of a name.", examples=["Seattle"])
    ] = None,
    location_id: Annotated[
        Identifier | None, Query(alias="id", description="Only this location.")
    ] = None,
) -> Locations:
    """The locations the caller may see."""
    found = await repository.list_page(
        session,
        location_id=location_id,
        name=name,
        after=page.after_id,
        limit=page.max_items + 1,
    )
    shown = page.cut(found, response, lambda location: location.id)
    return Locations(items=[LocationView.of(location) for location in shown])


@webex.post(
    "/locations",
    status_code=status.HTTP_201_CREATED,
    summary="Make a location",
    responses=problems(409, 422),
)
async def create_location(
    caller: Annotated[Caller, allow(*ADMINS)],
    body: LocationWrite,
    session: Write,
    request: Request,
    response: Response,
) -> LocationId:
    """Make a location of an organisation."""
    location = await service.create(session, caller.required_organization(), body)
    response.headers["Location"] = str(request.url_for("get_location", locationId=location.id))
    return LocationId(id=str(location.id))


@webex.get(
    "/locations/{locationId}",
    summary="Read a location",
    responses=problems(),
    response_model_exclude_none=True,
)
async def get_location(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    session: Read,
) -> LocationView:
    """One location."""
    return LocationView.of(await service.get(session, location_id))


@webex.put(
    "/locations/{locationId}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Describe a location anew",
    responses=problems(409, 422),
)
async def update_location(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    body: LocationChange,
    session: Write,
) -> None:
    """Describe a location anew, what is absent stays; a connected one stays in its country."""
    await service.change(session, location_id, body)


@router.get("/telephony/pstn/countries", summary="List the countries", responses=problems())
async def list_countries(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    language: Speaks,
) -> Countries:
    """The countries with Cisco PSTN: how one orders there, and what a port needs."""
    return Countries(items=[CountryView.of(country, language) for country in all_countries()])


@webex.get(
    L + "/connectionOptions", summary="List PSTN connection options", responses=problems(422)
)
async def list_connection_options(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    session: Read,
    service_types: Annotated[
        list[str] | None,
        Query(
            alias="serviceTypes",
            max_length=10,
            description="Only options with these services.",
            examples=[["MOBILE_NUMBERS"]],
        ),
    ] = None,
) -> ConnectionOptions:
    """What the location may choose; Cisco PSTN only in a supported country."""
    location = await service.get(session, location_id)
    return ConnectionOptions(
        items=[
            ConnectionOptionView.of(option)
            for option in options_for(location.country)
            if not service_types or set(service_types) <= set(option.pstn_services)
        ]
    )


@webex.get(
    L + "/connection",
    summary="Read the PSTN connection",
    responses=problems(codes=(service.PSTN_NOT_CONFIGURED,)),
    response_model_exclude_none=True,
)
async def get_connection(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    session: Read,
    response: Versioned,
) -> ConnectionView:
    """The PSTN connection of the location, with Webex's fields only."""
    connection = await service.get_connection(session, location_id)
    set_etag(response, connection.version)
    return ConnectionView.of_connection(connection)


@webex.post(
    L + "/emergencyAddress/lookup",
    summary="Look an emergency address up",
    responses=problems(422),
    response_model_exclude_none=True,
)
async def lookup_emergency_address(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    body: AddressSchema,
    session: Read,
    validator: Validator,
    language: Speaks,
) -> AddressLookup:
    """Judge an address by the country's rules; a bad one comes back corrected, with its faults.

    Form only: no postal database stands behind this.
    """
    location = await service.get(session, location_id)
    address = body.to_address(country=location.country)
    judged = await emergency_addresses.judge(validator, address, country=location.country)
    shown = judged.candidate or address
    suggestion = AddressSuggestion(
        **AddressSchema.of(shown).model_dump(),
        meta=AddressMeta(
            house_number=judged.meta.house_number if judged.meta else None,
            street_name=judged.meta.street_name if judged.meta else None,
            country=shown.country,
            state=shown.state,
            city=shown.city,
            zip_code=shown.postal_code,
        ),
        errors=[AddressError.of(fault, location.country, language) for fault in judged.faults]
        or None,
    )
    return AddressLookup(addresses=[suggestion])


@webex.post(
    L + "/emergencyAddress",
    status_code=status.HTTP_201_CREATED,
    summary="Give the location an emergency address",
    responses=problems(409, 422),
)
async def create_emergency_address(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    body: AddressSchema,
    session: Write,
    validator: Validator,
    request: Request,
    response: Response,
) -> EmergencyAddressId:
    """Make an address the default of every number of the location."""
    location = await service.get_locked(session, location_id)
    address = body.to_address(country=location.country)
    refuse(
        await emergency_addresses.check(validator, address, country=location.country, pointer="")
    )
    kept = await emergency_addresses.set_default(
        session, organization_id=location.org_id, location_id=location.id, address=address
    )
    response.headers["Location"] = str(
        request.url_for("get_emergency_address", locationId=location.id)
    )
    return EmergencyAddressId(id=str(kept.id))


@webex.put(
    L + "/emergencyAddresses/{addressId}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Change an emergency address",
    responses=problems(412, 422),
)
async def update_emergency_address(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    address_id: AddressPath,
    body: AddressSchema,
    session: Write,
    validator: Validator,
    if_match: IfMatch = None,
) -> None:
    """Put another address in the place of this one."""
    location = await service.get_locked(session, location_id)
    address = body.to_address(country=location.country)
    refuse(
        await emergency_addresses.check(validator, address, country=location.country, pointer="")
    )
    await emergency_addresses.change(
        session,
        location_id=location.id,
        address_id=address_id,
        address=address,
        if_match=if_match,
    )


@router.get(
    L + "/emergencyAddress", summary="Read the location's emergency address", responses=problems()
)
async def get_emergency_address(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    location_id: LocationPath,
    session: Read,
    response: Versioned,
) -> EmergencyAddressView:
    """The default emergency address of the location's numbers, which Webex's API never shows."""
    location = await service.get(session, location_id)
    kept = await emergency_addresses.get_default_or_404(session, location.id)
    set_etag(response, kept.version)
    return EmergencyAddressView(
        id=kept.id,
        **AddressSchema.of(emergency_addresses.address_of(kept)).model_dump(),
    )
