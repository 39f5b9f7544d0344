"""What scripts do with the public Webex client, as it is documented: each journey in `JOURNEYS`.

A journey gets the client (of the customer's administrator), the world, and the client's kind. It
uses nothing but the client, except to see what Webex's API never shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from wxc_sdk.common import NumberState, RouteType
from wxc_sdk.locations import Location
from wxc_sdk.telephony import NumberType
from wxc_sdk.telephony.emergency_address import EmergencyAddress
from wxc_sdk.telephony.location.numbers import (
    NumbersRequestAction,
    NumberUsageType,
    TelephoneNumberType,
)
from wxc_sdk.telephony.pstn import PSTNServiceType

from tests.webex.client import IS_STRICT, Calls, asked, calling, refusal
from tests.webex.world import World

Journey = Callable[[Calls, World, str], None]

JOURNEYS: dict[str, Journey] = {}

SEATTLE = EmergencyAddress(
    address1="400 Broad Street", city="Seattle", state="WA", postal_code="98109", country="US"
)
TACOMA = EmergencyAddress(
    address1="1100 Broadway", city="Tacoma", state="WA", postal_code="98402", country="US"
)
NOT_ON_CISCO_PSTN = "number(s) is supported only for non-integrated CCP and LGW locations."


def journey(taken: Journey) -> Journey:
    """One of the journeys."""
    JOURNEYS[taken.__name__] = taken
    return taken


def options_of(api: Calls, location: str) -> dict[str, Any]:
    """The connections a location may choose, by their type."""
    return {option.pstn_connection_type: option for option in api.telephony.pstn.list(location)}


def on_local_gateway(api: Calls, location: str) -> None:
    api.telephony.pstn.configure(location, premise_route_type="TRUNK", premise_route_id="trunk-1")


def on_cloud_connected_pstn(api: Calls, location: str) -> None:
    option = options_of(api, location)["NON_INTEGRATED_CCP"]
    api.telephony.pstn.configure(location, id=option.id)


@journey
def connections(api: Calls, world: World, _kind: str) -> None:
    """Connection options; a Local Gateway, Cloud Connected PSTN, and what Cisco PSTN is."""
    first, second = world.bare_locations
    options = options_of(api, first)
    assert set(options) == {"CISCO_PSTN", "LOCAL_GATEWAY", "NON_INTEGRATED_CCP"}
    assert options["LOCAL_GATEWAY"].display_name == "Premises-based PSTN"
    assert options["CISCO_PSTN"].pstn_services == [PSTNServiceType.geographic_numbers]
    mobile = [PSTNServiceType.mobile_numbers]
    assert api.telephony.pstn.list(first, service_types=mobile) == []
    assert refusal(api.telephony.pstn.read, first).status == 404

    on_local_gateway(api, first)
    read = api.telephony.pstn.read(first)
    assert (read.pstn_connection_type, read.route_type) == ("LOCAL_GATEWAY", RouteType.trunk)
    assert (read.id, read.route_id) == (options["LOCAL_GATEWAY"].id, "trunk-1")
    api.telephony.pstn.configure(
        first, premise_route_type="ROUTE_GROUP", premise_route_id="group-1"
    )
    read = api.telephony.pstn.read(first)
    assert (read.route_type, read.route_id) == (RouteType.route_group, "group-1")

    on_cloud_connected_pstn(api, second)
    read = api.telephony.pstn.read(second)
    assert (read.id, read.route_type) == (options["NON_INTEGRATED_CCP"].id, None)
    assert read.pstn_connection_type == "NON_INTEGRATED_CCP"

    cisco = api.telephony.pstn.read(world.location)
    assert (cisco.display_name, cisco.pstn_connection_type) == ("Cisco PSTN", "CISCO_PSTN")
    refused = refusal(on_local_gateway, api, world.location)
    assert refused.status == 422
    assert "Cisco PSTN" in refused.description
    assert refusal(api.telephony.pstn.configure, first, id=options["CISCO_PSTN"].id).status == 422


@journey
def a_locations_address(api: Calls, world: World, _kind: str) -> None:
    """The emergency address of a location: looked up, added, updated; a wrong one refused."""
    addresses, location = api.telephony.emergency_address, world.bare_locations[0]

    [good] = addresses.lookup_for_location(location, SEATTLE)
    assert good.errors is None
    assert good.model_dump(include={*EmergencyAddress.model_fields}) == SEATTLE.model_dump()
    assert (good.meta["houseNumber"], good.meta["zipCode"]) == ("400", "98109")

    spelt_out = SEATTLE.model_copy(update={"state": "Washington"})
    [corrected] = addresses.lookup_for_location(location, spelt_out)
    assert corrected.state == "WA"
    assert [error.code for error in corrected.errors] == ["stateNotStandard"]
    assert corrected.errors[0].detail

    wrong = EmergencyAddress(address1="Broad Street", city="Seattle", country="US")
    [faulty] = addresses.lookup_for_location(location, wrong)
    codes = {error.code for error in faulty.errors}
    assert codes >= {"houseNumberRequired", "postalCodeRequired", "stateRequired"}
    assert faulty.address1 == "Broad Street"

    refused = refusal(addresses.add_to_location, location, wrong)
    assert refused.status == 422
    assert "house number" in refused.description
    kept = addresses.add_to_location(location, corrected)
    addresses.update_for_location(location, kept, TACOMA)
    shown = asked(world, f"/telephony/pstn/locations/{location}/emergencyAddress").json()
    assert (shown["id"], shown["city"]) == (kept, "Tacoma")
    assert refusal(addresses.update_for_location, location, kept, wrong).status == 422
    assert refusal(addresses.update_for_location, world.location, kept, SEATTLE).status == 404


@journey
def a_numbers_address(api: Calls, world: World, _kind: str) -> None:
    """A number's own emergency address, and the location's again, in both of the client's ways."""
    update, number = api.telephony.emergency_address.update_for_phone_number, world.numbers[0]

    def in_effect() -> tuple[str, str]:
        shown = asked(world, f"/telephony/pstn/numbers/{number}/emergencyAddress").json()
        return shown["source"], shown["city"]

    for nothing in (EmergencyAddress(), None):
        update(number, TACOMA)
        assert in_effect() == ("number", "Tacoma")
        update(number, nothing)
        assert in_effect() == ("location", "Seattle")
    assert refusal(update, number, EmergencyAddress(city="Tacoma")).status == 422
    assert refusal(update, world.foreign, TACOMA).status == 404


@journey
def numbers_listed(api: Calls, world: World, _kind: str) -> None:
    """Numbers with filters, counts and pages."""
    here, (service, toll_free, _) = world.bare_locations[0], world.outside
    on_local_gateway(api, here)
    api.telephony.location.number.add(
        here, [service], number_usage_type=NumberUsageType.service, state=NumberState.active
    )
    api.telephony.location.number.add(here, [toll_free], number_type=TelephoneNumberType.tollfree)
    every = sorted([*world.numbers, service, toll_free])

    def found(**filters: Any) -> list[str]:
        return [entry.phone_number for entry in api.telephony.phone_numbers(**filters)]

    assert found() == every
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"location_id": here}, sorted([service, toll_free])),
        ({"phone_number": world.numbers[1]}, world.numbers[1:2]),
        ({"phone_number": world.foreign}, []),
        ({"state": NumberState.inactive}, [toll_free]),
        ({"state": NumberState.active, "location_id": here}, [service]),
        ({"available": True}, every),
        ({"available": False}, []),
        ({"assigned": False, "order": "dn"}, every),
        ({"assigned": True}, []),
        ({"owner_name": "Ada"}, []),
        ({"extension": "1001"}, []),
        ({"number_type": NumberType.number}, every),
        ({"number_type": NumberType.extension}, []),
        ({"toll_free_numbers": True}, [toll_free]),
        ({"service_number": True}, [service]),
        ({"service_number": False, "location_id": here}, [toll_free]),
        ({"included_telephony_type": "MOBILE_NUMBER"}, []),
        ({"included_telephony_type": "PSTN_NUMBER"}, every),
        ({"reserved_number": False}, every),
        ({"elin_enabled": True}, []),
        ({"restricted_non_geo_numbers": True}, []),
        ({"details": True}, every),
    ]
    for filters, wanted in cases:
        assert found(**filters) == wanted, filters
    for excluded in (
        {"number_type": NumberType.extension, "state": NumberState.active},
        {"number_type": NumberType.extension, "available": True},
        {"reserved_number": True, "available": False},
        {"reserved_number": False, "assigned": True},
    ):
        assert refusal(found, **excluded).status == 400, excluded

    [main] = [entry for entry in api.telephony.phone_numbers() if entry.main_number]
    assert (main.phone_number, main.state) == (world.numbers[0], "ACTIVE")
    assert main.location.id == world.location
    assert main.owner is None

    count = api.telephony.phone_number_details()
    assert (count.total, count.un_assigned, count.assigned) == (len(every), len(every), 0)
    assert (count.in_active, count.toll_free_numbers, count.service_number) == (1, 1, 1)

    # The client takes the next page from the link alone.
    assert found(max=2) == every
    assert (
        found(max=2, start=1, state=NumberState.active)
        == [number for number in every if number != toll_free][1:]
    )
    page = asked(world, "/telephony/config/numbers", max="1", available="true", details="true")
    link = urlsplit(page.links["next"]["url"])
    assert f"{link.scheme}://{link.netloc}" == world.url
    assert parse_qs(link.query) == {
        "max": ["1"],
        "start": ["1"],
        "available": ["true"],
        "details": ["true"],
    }


@journey
def numbers_validated(api: Calls, world: World, _kind: str) -> None:
    """Numbers judged one by one, in Webex's words."""
    own, gone, free = world.numbers[0], world.foreign, world.outside[0]
    judged = api.telephony.validate_phone_numbers([own, gone, free, free, "+1800", world.spare[0]])

    assert not judged.ok
    assert [(entry.phone_number, entry.state, entry.detail) for entry in judged.phone_numbers] == [
        (own, "Duplicate", [f"[Error 8363] DN is in use : {own}"]),
        (gone, "Unavailable", [f"[Error 8361] DN is unavailable : {gone}"]),
        (free, "Available", []),
        (free, "Duplicate In List", [f"[Error 8360] Duplicate DN in the request : {free}"]),
        ("+1800", "Invalid", ["[Error 8362] DN is invalid : +1800"]),
        (world.spare[0], "Available", []),
    ]
    national = api.telephony.validate_phone_numbers([free.removeprefix("+1"), "+18005550123"])
    assert national.ok
    assert [entry.toll_free_number for entry in national.phone_numbers] == [False, True]


@journey
def numbers_brought(api: Calls, world: World, _kind: str) -> None:
    """Numbers added, activated and removed on a Local Gateway and Cloud Connected PSTN."""
    numbers = api.telephony.location.number
    first, second = world.bare_locations
    assert refusal(numbers.add, first, world.outside[:1]).status == 404, "there is no PSTN yet"
    on_local_gateway(api, first)
    on_cloud_connected_pstn(api, second)
    one, two, three = world.outside

    def states() -> dict[str, str]:
        listed = api.telephony.phone_numbers(location_id=first)
        return {entry.phone_number: entry.state for entry in listed}

    assert numbers.add(first, [one, two]).errors == []
    assert states() == {one: "INACTIVE", two: "INACTIVE"}
    numbers.activate(first, [one])
    assert states() == {one: "ACTIVE", two: "INACTIVE"}
    assert numbers.add(first, [one, two, three], state=NumberState.active).errors == []
    assert states() == {one: "ACTIVE", two: "INACTIVE", three: "ACTIVE"}, "the new one is added"
    numbers.manage_number_state(first, [three], action=NumbersRequestAction.deactivate)
    assert states()[three] == "INACTIVE"

    refused = numbers.add(
        second, [one, world.numbers[0], world.foreign, world.spare[0], "+1800", "+15095550111"] * 2
    )
    codes = {(error.number, error.error_code) for error in refused.errors}
    assert codes >= {(one, "8363"), (world.numbers[0], "8363"), (world.foreign, "8361")}
    assert codes >= {(world.spare[0], "8361"), ("+1800", "8362"), ("+15095550111", "8360")}
    assert refused.errors[0].error_message == "[Error 8362] DN is invalid : +1800"
    mobile = numbers.add(second, ["+15095550111"], number_type=TelephoneNumberType.mobile)
    assert [error.error_code for error in mobile.errors] == ["mobileNotSupported"]
    assert api.telephony.phone_numbers(location_id=second) == [], "all or none"

    for change in (numbers.activate, numbers.remove):
        refused_change = refusal(change, second, [one])
        assert refused_change.status == 400
        assert "The location has no such number." in refused_change.description

    numbers.remove(first, [two, three])
    assert states() == {one: "ACTIVE"}
    assert numbers.add(second, [two]).errors == [], "and can go elsewhere"
    api.locations.delete(second)
    assert [entry.phone_number for entry in api.telephony.phone_numbers(phone_number=two)] == []


@journey
def numbers_of_cisco_pstn_refused(api: Calls, world: World, _kind: str) -> None:
    """On Cisco PSTN numbers are neither added nor activated nor removed this way."""
    numbers, here = api.telephony.location.number, world.location
    added = numbers.add(here, world.outside[:2])
    assert [(error.number, error.error_code) for error in added.errors] == [
        (number, "ERR.V.TRM.TMN60004") for number in world.outside[:2]
    ]
    assert added.errors[0].error_message == f"ADD {NOT_ON_CISCO_PSTN}"
    for change, verb in ((numbers.activate, "ACTIVATE"), (numbers.remove, "DELETE")):
        refused = refusal(change, here, world.numbers[1:2])
        assert refused.status == 400
        assert "ERR.V.TRM.TMN60004" in refused.description
        assert f"{verb} {NOT_ON_CISCO_PSTN}" in refused.description
    listed = api.telephony.phone_numbers(location_id=here)
    assert [entry.phone_number for entry in listed] == world.numbers


@journey
def oneself(api: Calls, world: World, _kind: str) -> None:
    """Who calls, the organisation, its licences."""
    for calling_data in (False, True):
        me = api.people.me(calling_data=calling_data)
        assert (me.org_id, me.roles) == (world.organization, ["customerAdmin"])
        assert me.display_name
    [organization] = api.organizations.list()
    assert organization.org_id == world.organization
    assert api.organizations.details(world.organization) == organization
    assert organization.created.tzinfo is not None
    [licence] = api.licenses.list()
    assert (licence.total_units, licence.consumed_units) == (5, 0)
    assert licence.name == "Webex Calling - Outbound Calling Plan"


@journey
def locations(api: Calls, world: World, _kind: str) -> None:
    """Locations made, found, changed in whole and in part, removed."""
    made = api.locations.create(
        name="Pike Place", time_zone="America/Los_Angeles", preferred_language="en_US",
        announcement_language="en_us", address1="85 Pike Street", city="Seattle", state="WA",
        postal_code="98101", country="US", latitude="47.6", longitude="-122.34", notes="By the sea",
    )  # fmt: skip
    every = {place.location_id for place in api.locations.list()}
    assert every == {world.location, *world.bare_locations, made}
    assert {place.location_id for place in api.locations.list(max=1)} == every
    [found] = api.locations.list(name="pike")
    assert found == api.locations.by_name("Pike Place") == api.locations.details(made)
    assert [place.location_id for place in api.locations.list(location_id=made)] == [made]
    assert (found.latitude, found.longitude) == (47.6, -122.34)
    assert (found.org_id, found.address.city) == (world.organization, "Seattle")

    found.name, found.notes = "Pike Place Market", None
    api.locations.update(made, found)
    changed = api.locations.details(made)
    assert (changed.name, changed.notes, changed.latitude) == ("Pike Place Market", None, 47.6)
    api.locations.update(made, Location(time_zone="America/Denver"))
    changed = api.locations.details(made)
    assert (changed.name, changed.time_zone) == ("Pike Place Market", "America/Denver")
    assert changed.address == found.address

    api.locations.delete(made)
    assert refusal(api.locations.details, made).status == 404
    assert refusal(api.locations.delete, world.location).status == 409, "on Cisco PSTN"


@journey
def a_partner(_api: Calls, world: World, kind: str) -> None:
    """A partner names its customer by `orgId`; nobody sees another's."""
    one = {"org_id": world.organization}
    with calling(kind, world, "partnerAdmin") as api:
        assert world.organization in {entry.org_id for entry in api.organizations.list()}
        assert {place.org_id for place in api.locations.list(**one)} == {world.organization}
        found = api.telephony.phone_numbers(**one)
        assert [entry.phone_number for entry in found] == world.numbers
        assert api.telephony.phone_number_details(**one).total == len(world.numbers)
        assert api.licenses.list(**one)[0].total_units == 5
        refused = refusal(api.licenses.list)
        assert refused.status == 422
        assert "orgId" in refused.description
        assert api.telephony.pstn.read(world.location, **one).display_name == "Cisco PSTN"
        here, number = world.bare_locations[0], world.outside[0]
        api.telephony.pstn.configure(
            here, premise_route_type="TRUNK", premise_route_id="trunk-1", **one
        )
        assert api.telephony.location.number.add(here, [number], **one).errors == []
        api.telephony.location.number.activate(here, [number], **one)
        judged = api.telephony.validate_phone_numbers([number], **one)
        assert [entry.state for entry in judged.phone_numbers] == ["Duplicate"]
        api.telephony.location.number.remove(here, [number], **one)
        api.telephony.emergency_address.update_for_phone_number(world.numbers[0], TACOMA, **one)
        other = {"org_id": world.other_organization}
        assert refusal(api.licenses.list, **other).status == 404
        assert refusal(api.telephony.phone_number_details, **other).status == 404


@journey
def refusals(_api: Calls, world: World, kind: str) -> None:
    """A refusal is an error with its status, and the synchronous client reads what is wrong."""
    is_read = kind == "sync" and not IS_STRICT
    with calling(kind, world, "nobody") as api:
        refused = refusal(api.people.me)
        assert refused.status == 401
        assert "Send a valid token" in refused.description
        assert refused.description.startswith("{") is not is_read
    with calling(kind, world, "readOnlyAdmin") as api:
        here = world.bare_locations[0]
        assert api.telephony.pstn.list(here)
        assert refusal(on_local_gateway, api, here).status == 403
        assert refusal(api.telephony.location.number.add, here, world.outside).status == 403
        refused = refusal(api.telephony.phone_numbers, max=0)
        assert refused.status == 422
        assert (
            refused.description == "Not less than 1."
            if is_read
            else '"/max"' in refused.description
        )
