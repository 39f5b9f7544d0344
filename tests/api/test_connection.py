"""Putting a location on Cisco PSTN, and what surrounds that (domain.md A1, A4, B1 to B4, B6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.api.problems import fields, refused, rules
from tests.conftest import (
    CISCO_PSTN,
    SEATTLE,
    Customer,
    Service,
    location_wish,
    make_customer,
    token_for,
)

TOKYO = {
    "address1": "1-1 Marunouchi",
    "city": "Tokyo",
    "postalCode": "100-0005",
    "country": "JP",
}
WARSAW = {
    "address1": "ulica Marszałkowska 10",
    "city": "Warszawa",
    "postalCode": "00-590",
    "country": "PL",
}
TROIS_RIVIERES = {
    "address1": "1200 Rue Royale",
    "city": "Trois-Rivières",
    "state": "QC",
    "postalCode": "G9A 4J2",
    "country": "CA",
}
TACOMA = {
    "address1": "747 Market Street",
    "address2": "Floor 3",
    "city": "Tacoma",
    "state": "WA",
    "postalCode": "98402",
    "country": "US",
}
LOCAL_GATEWAY = {"premiseRouteType": "ROUTE_GROUP", "premiseRouteId": "group-1"}
NOBODYS_ID = "019ac1f0-0000-7000-8000-00000000dead"


@pytest.fixture
async def newcomer(service: Service) -> Customer:
    """A paid organisation whose location has no PSTN connection."""
    return await make_customer(service, connected=False)


@pytest.fixture(scope="module")
async def unconnected(service: Service) -> Customer:
    """The same, for tests that leave it so."""
    return await make_customer(service, connected=False)


async def options(customer: Customer) -> dict[str, dict[str, Any]]:
    """What the location may choose from, by type."""
    response = await customer.api.get(f"{customer.location}/connectionOptions")
    assert response.status_code == 200
    return {option["pstnConnectionType"]: option for option in response.json()["items"]}


async def setup(customer: Customer) -> dict[str, Any]:
    response = await customer.api.get(f"{customer.location}/setup")
    assert response.status_code == 200, response.text
    return dict(response.json())


async def steps(customer: Customer) -> list[str]:
    return [step["code"] for step in (await setup(customer))["nextSteps"]]


# --- Options ----------------------------------------------------------------------------------


@pytest.mark.domain("A3")
@pytest.mark.parametrize("address", [SEATTLE, TROIS_RIVIERES, WARSAW])
async def test_cisco_pstn_is_an_option_in_a_supported_country(
    service: Service, address: dict[str, Any]
) -> None:
    customer = await make_customer(service, address=address, connected=False)

    assert set(await options(customer)) == {"CISCO_PSTN", "LOCAL_GATEWAY", "NON_INTEGRATED_CCP"}


@pytest.mark.domain("A3")
async def test_elsewhere_there_are_the_other_options_only(service: Service) -> None:
    customer = await make_customer(service, address=TOKYO, connected=False)

    assert set(await options(customer)) == {"LOCAL_GATEWAY", "NON_INTEGRATED_CCP"}


async def test_options_have_webex_fields_only_and_can_be_narrowed_by_service(
    newcomer: Customer,
) -> None:
    path = f"{newcomer.location}/connectionOptions"

    for option in (await options(newcomer)).values():
        assert option.keys() == {"id", "displayName", "pstnServices", "pstnConnectionType"}
    everything = (await newcomer.api.get(path)).json()["items"]
    geographic = await newcomer.api.get(path, params={"serviceTypes": "GEOGRAPHIC_NUMBERS"})
    mobile = await newcomer.api.get(f"{path}?serviceTypes=MOBILE_NUMBERS&serviceTypes=x")
    assert [option["pstnConnectionType"] for option in geographic.json()["items"]] == [
        option["pstnConnectionType"]
        for option in everything
        if "GEOGRAPHIC_NUMBERS" in option["pstnServices"]
    ]
    assert mobile.json() == {"items": []}


# --- Connecting -------------------------------------------------------------------------------


@pytest.mark.domain("A1", "C1")
async def test_a_location_without_connection_says_so(newcomer: Customer) -> None:
    for path in ("connection", "setup"):
        response = await newcomer.api.get(f"{newcomer.location}/{path}")
        refused(response, 404, "pstnNotConfigured")
    main = await newcomer.api.put(
        f"{newcomer.location}/mainNumber", json={"phoneNumber": "+12062000000"}
    )
    refused(main, 404, "pstnNotConfigured")


@pytest.mark.parametrize("by", ["type", "id", "both"])
async def test_cisco_pstn_is_chosen_by_type_or_by_the_id_of_the_option(
    newcomer: Customer, by: str
) -> None:
    option = (await options(newcomer))["CISCO_PSTN"]
    wish = {name: value for name, value in CISCO_PSTN.items() if name != "pstnConnectionType"}
    if by in ("type", "both"):
        wish["pstnConnectionType"] = "CISCO_PSTN"
    if by in ("id", "both"):
        wish["id"] = option["id"]

    response = await newcomer.api.put(f"{newcomer.location}/connection", json=wish)

    assert response.status_code == 200, response.text
    connection = await newcomer.api.get(f"{newcomer.location}/connection")
    assert connection.json() == option


@pytest.mark.domain("B1", "B2", "B3", "B4")
async def test_the_answer_is_the_set_up_with_all_that_was_given(newcomer: Customer) -> None:
    billing = "+12062000100"
    contact = {**CISCO_PSTN["contact"], "billingTelephoneNumber": billing}  # type: ignore[dict-item]
    response = await newcomer.api.put(
        f"{newcomer.location}/connection",
        json={**CISCO_PSTN, "contact": contact, "emergencyAddress": TACOMA},
    )

    assert response.status_code == 200, response.text
    assert response.json() == await setup(newcomer)
    answer = response.json()
    assert answer["pstnConnectionType"] == "CISCO_PSTN"
    assert answer["contact"] == contact
    disclaimer = answer["emergencyDisclaimer"]
    assert disclaimer.pop("acceptedAt").endswith(("Z", "+00:00"))
    assert disclaimer == CISCO_PSTN["emergencyDisclaimer"]
    assert answer["emergencyAddress"].items() >= TACOMA.items()
    assert answer["mainNumber"] is None
    assert [step["code"] for step in answer["nextSteps"]] == ["addNumbers", "setMainNumber"]
    assert {step["actor"] for step in answer["nextSteps"]} == {"customer"}
    assert all(step["text"] for step in answer["nextSteps"])


async def test_the_connection_of_webex_has_webex_fields_only(
    service: Service, customer: Customer
) -> None:
    other = await make_customer(service, connected=False)
    await other.api.put(f"{other.location}/connection", json=LOCAL_GATEWAY)

    cisco = (await customer.api.get(f"{customer.location}/connection")).json()
    gateway = (await other.api.get(f"{other.location}/connection")).json()

    assert cisco.keys() == {"id", "displayName", "pstnServices", "pstnConnectionType"}
    assert gateway.keys() == cisco.keys() | {"routeType", "routeId"}
    assert gateway["pstnConnectionType"] == "LOCAL_GATEWAY"
    assert (gateway["routeType"], gateway["routeId"]) == ("ROUTE_GROUP", "group-1")


@pytest.mark.domain("A1")
async def test_another_pstn_is_answered_with_nothing_as_webex_does(service: Service) -> None:
    for wish in (
        LOCAL_GATEWAY,
        LOCAL_GATEWAY | {"pstnConnectionType": "LOCAL_GATEWAY"},
        {"pstnConnectionType": "NON_INTEGRATED_CCP"},
        {"id": "NON_INTEGRATED_CCP"},
    ):
        customer = await make_customer(service, connected=False)
        if "id" in wish:
            wish = {"id": (await options(customer))[wish["id"]]["id"]}  # noqa: PLW2901
        response = await customer.api.put(f"{customer.location}/connection", json=wish)

        assert response.status_code == 204, (wish, response.text)
        assert response.content == b""
        assert "Content-Type" not in response.headers
        shown = (await customer.api.get(f"{customer.location}/connection")).json()
        assert shown["pstnConnectionType"] != "CISCO_PSTN"


@pytest.mark.domain("A1", "A3")
async def test_in_a_country_without_cisco_pstn_another_pstn_can_be_had(service: Service) -> None:
    customer = await make_customer(service, address=TOKYO, connected=False)

    response = await customer.api.put(f"{customer.location}/connection", json=LOCAL_GATEWAY)

    assert response.status_code == 204
    assert await steps(customer) == []


@pytest.mark.domain("A1")
async def test_each_location_of_an_organisation_has_a_pstn_of_its_own(newcomer: Customer) -> None:
    wishes = {
        "CISCO_PSTN": CISCO_PSTN,
        "LOCAL_GATEWAY": LOCAL_GATEWAY,
        "NON_INTEGRATED_CCP": {"pstnConnectionType": "NON_INTEGRATED_CCP"},
    }
    locations = [newcomer.location]
    while len(locations) < len(wishes):
        made = await newcomer.api.post("/locations", json=location_wish(SEATTLE))
        locations.append(f"/telephony/pstn/locations/{made.json()['id']}")

    for location, wish in zip(locations, wishes.values(), strict=True):
        assert (await newcomer.api.put(f"{location}/connection", json=wish)).is_success

    for location, chosen in zip(locations, wishes, strict=True):
        shown = (await newcomer.api.get(f"{location}/connection")).json()
        assert shown["pstnConnectionType"] == chosen
    found = [
        (await newcomer.api.get(f"{location}/availableNumbers?state=WA")).status_code
        for location in locations
    ]
    assert found == [200, 422, 422]


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({}, "/id"),
        ({"id": NOBODYS_ID}, "/id"),
        ({"id": ""}, "/id"),
        ({"pstnConnectionType": "INTEGRATED_CCP"}, "/id"),
        ({"pstnConnectionType": "CISCO_PSTN", "premiseRouteId": "trunk-1"}, "/id"),
        ({"pstnConnectionType": "LOCAL_GATEWAY"}, "/premiseRouteId"),
        ({"pstnConnectionType": "LOCAL_GATEWAY", "premiseRouteType": "TRUNK"}, "/premiseRouteId"),
    ],
)
async def test_a_choice_that_names_no_option_is_refused(
    unconnected: Customer, wish: dict[str, Any], pointer: str
) -> None:
    response = await unconnected.api.put(f"{unconnected.location}/connection", json=wish)

    assert rules(response) == [("validationFailed", pointer)]
    response = await unconnected.api.get(f"{unconnected.location}/connection")
    refused(response, 404, "pstnNotConfigured")


async def test_an_id_and_a_type_that_contradict_each_other_are_refused(newcomer: Customer) -> None:
    wish = {**CISCO_PSTN, "id": (await options(newcomer))["NON_INTEGRATED_CCP"]["id"]}

    response = await newcomer.api.put(f"{newcomer.location}/connection", json=wish)

    assert rules(response) == [("validationFailed", "/id")]


@pytest.mark.domain("B1", "B2", "B3")
async def test_connecting_again_changes_contact_disclaimer_and_address(customer: Customer) -> None:
    before = await setup(customer)
    contact = {**CISCO_PSTN["contact"], "firstName": "Grace"}  # type: ignore[dict-item]
    disclaimer = {"acceptedBy": "Grace Example", "jobTitle": "Head of Voice"}
    wish = {
        **CISCO_PSTN,
        "contact": contact,
        "emergencyDisclaimer": disclaimer,
        "emergencyAddress": TACOMA,
    }

    response = await customer.api.put(f"{customer.location}/connection", json=wish)

    assert response.status_code == 200
    after = await setup(customer)
    assert after == response.json()
    assert after["contact"]["firstName"] == "Grace"
    assert after["emergencyDisclaimer"]["acceptedBy"] == "Grace Example"
    assert after["emergencyAddress"]["city"] == "Tacoma"
    assert after["emergencyAddress"]["id"] == before["emergencyAddress"]["id"]


@pytest.mark.domain("B1")
async def test_a_billing_number_that_is_left_out_again_is_gone(customer: Customer) -> None:
    contact = {**CISCO_PSTN["contact"], "billingTelephoneNumber": "+12062000100"}  # type: ignore[dict-item]
    path = f"{customer.location}/connection"
    with_number = await customer.api.put(path, json={**CISCO_PSTN, "contact": contact})
    assert with_number.json()["contact"]["billingTelephoneNumber"] == "+12062000100"

    without = await customer.api.put(path, json=CISCO_PSTN)

    assert without.json()["contact"].get("billingTelephoneNumber") is None


async def test_a_change_of_a_connection_that_has_changed_since_is_refused(
    customer: Customer,
) -> None:
    path = f"{customer.location}/connection"
    read = await customer.api.get(path)
    assert (
        read.headers["ETag"]
        == (await customer.api.get(f"{customer.location}/setup")).headers["ETag"]
    )
    current = {"If-Match": read.headers["ETag"]}
    changed = await customer.api.put(path, json=CISCO_PSTN, headers=current)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != read.headers["ETag"]

    for stale in (read.headers["ETag"], '"0"', '"999"', "W/" + read.headers["ETag"], "x"):
        response = await customer.api.put(path, json=CISCO_PSTN, headers={"If-Match": stale})
        refused(response, 412, "preconditionFailed")
        response = await customer.api.put(
            f"{customer.location}/mainNumber",
            json={"phoneNumber": "+12062000000"},
            headers={"If-Match": stale},
        )
        assert response.status_code in (412, 422)

    for form in ("{}", "*", '"0", {}'):
        fresh = form.format(changed.headers["ETag"])
        changed = await customer.api.put(path, json=CISCO_PSTN, headers={"If-Match": fresh})
        assert changed.status_code == 200, fresh


async def test_of_two_changes_of_the_same_version_one_is_refused(customer: Customer) -> None:
    path = f"{customer.location}/connection"
    current = {"If-Match": (await customer.api.get(path)).headers["ETag"]}

    answers = await asyncio.gather(
        *(customer.api.put(path, json=CISCO_PSTN, headers=current) for _ in range(6))
    )

    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 5]


@pytest.mark.domain("A4")
async def test_of_two_kinds_of_pstn_asked_for_at_once_one_wins(newcomer: Customer) -> None:
    path = f"{newcomer.location}/connection"

    answers = await asyncio.gather(
        *(newcomer.api.put(path, json=wish) for wish in [CISCO_PSTN, LOCAL_GATEWAY] * 4)
    )

    won = [answer.status_code for answer in answers if answer.is_success]
    assert won in ([200] * 4, [204] * 4)
    for answer in answers:
        if not answer.is_success:
            assert rules(answer) == [("locationAlreadyConnected", "")]


async def test_the_partner_connects_for_its_customer_and_a_reader_does_not(
    service: Service, newcomer: Customer
) -> None:
    path = f"{newcomer.location}/connection"

    refused(
        await (await newcomer.caller("readOnlyAdmin")).put(path, content=b"{"), 403, "forbidden"
    )
    refused(await newcomer.operator.put(path, json=CISCO_PSTN), 403, "forbidden")
    stranger = await make_customer(service, connected=False)
    token = await token_for(newcomer.operator, "partnerAdmin", "", stranger.partner_id)
    foreign = await newcomer.api.put(
        path, json=CISCO_PSTN, headers={"Authorization": f"Bearer {token}"}
    )
    refused(foreign, 404, "notFound")
    connected = await (await newcomer.caller("partnerAdmin")).put(path, json=CISCO_PSTN)
    assert connected.status_code == 200


# --- What remains to be done ------------------------------------------------------------------


@pytest.mark.domain("B4", "B6", "C5")
async def test_the_next_steps_follow_the_numbers_the_terms_and_the_main_number(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    assert await steps(customer) == ["addNumbers", "setMainNumber"]

    numbers = await stock(33)
    # The carrier answers an order of a number ending in 31 at the third try only.
    await customer.order(numbers[31])
    assert await steps(customer) == ["awaitNumbers", "setMainNumber"]

    number = numbers[32]
    await customer.api.ended((await customer.order(number)).json()["id"])
    assert await steps(customer) == ["acceptTermsOfService", "setMainNumber"]
    path, wish = f"{customer.location}/mainNumber", {"phoneNumber": number}
    waiting = await customer.api.put(path, json=wish)
    assert rules(waiting) == [("numberNotActive", "/phoneNumber")]

    await customer.accept_terms()
    assert await steps(customer) == ["setMainNumber"]

    main = await customer.api.put(path, json=wish)
    assert main.status_code == 200
    assert main.json() == await setup(customer)
    assert main.json()["mainNumber"] == number
    assert main.json()["nextSteps"] == []
    listed = (await customer.api.get("/telephony/config/numbers")).json()["phoneNumbers"]
    assert [(entry["phoneNumber"], entry["mainNumber"]) for entry in listed] == [(number, True)]


@pytest.mark.domain("B6")
async def test_connecting_again_keeps_the_main_number(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    await customer.accept_terms()
    (number,) = await stock(1)
    await customer.api.ended((await customer.order(number)).json()["id"])
    await customer.api.put(f"{customer.location}/mainNumber", json={"phoneNumber": number})

    await customer.connect()

    assert (await setup(customer))["mainNumber"] == number


@pytest.mark.domain("B6")
async def test_a_main_number_is_an_active_number_of_the_location(
    service: Service, customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(3)
    other = await make_customer(service)
    for buyer, number in ((customer, numbers[0]), (other, numbers[1])):
        await buyer.accept_terms()
        await buyer.api.ended((await buyer.order(number)).json()["id"])
    second = await customer.api.post("/locations", json=location_wish(SEATTLE))
    second_location = f"/telephony/pstn/locations/{second.json()['id']}"
    await customer.api.put(f"{second_location}/connection", json=CISCO_PSTN)

    for location, number, code in (
        (customer.location, "main", "invalidPhoneNumber"),
        (customer.location, "", "invalidPhoneNumber"),
        (customer.location, numbers[1], "numberNotActive"),
        (customer.location, numbers[2], "numberNotActive"),
        (customer.location, "+18005550123", "numberNotActive"),
        (second_location, numbers[0], "numberNotActive"),
    ):
        response = await customer.api.put(f"{location}/mainNumber", json={"phoneNumber": number})
        assert rules(response) == [(code, "/phoneNumber")], number

    read = await customer.api.get(f"{customer.location}/setup")
    path, wish = f"{customer.location}/mainNumber", {"phoneNumber": numbers[0]}
    stale = await customer.api.put(path, json=wish, headers={"If-Match": '"0"'})
    refused(stale, 412, "preconditionFailed")
    fresh = await customer.api.put(path, json=wish, headers={"If-Match": read.headers["ETag"]})
    assert fresh.status_code == 200
    assert fresh.headers["ETag"] != read.headers["ETag"]


# --- Emergency addresses ----------------------------------------------------------------------


@pytest.mark.domain("B3")
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"state": "Washington"}, "/state"),
        ({"state": "wa"}, "/state"),
        ({"state": None}, "/state"),
        ({"country": "us"}, "/country"),
        ({"country": "United States"}, "/country"),
        ({"address1": " 400  Broad Street"}, "/address1"),
        ({"postalCode": " 98109"}, "/postalCode"),
    ],
)
async def test_a_corrected_address_is_offered_and_taken_only_when_it_is_sent(
    newcomer: Customer, change: dict[str, Any], pointer: str
) -> None:
    path = f"{newcomer.location}/connection"
    wish = {**CISCO_PSTN, "emergencyAddress": {**SEATTLE, **change}}

    refusal = await newcomer.api.put(path, json=wish)

    assert rules(refusal) == [("emergencyAddressInvalid", "/emergencyAddress" + pointer)]
    candidate = refusal.json()["violations"][0]["candidate"]
    assert candidate == SEATTLE
    refused(await newcomer.api.get(path), 404, "pstnNotConfigured")
    taken = await newcomer.api.put(path, json={**CISCO_PSTN, "emergencyAddress": candidate})
    assert taken.status_code == 200
    assert taken.json()["emergencyAddress"].items() >= SEATTLE.items()


@pytest.mark.domain("B3")
@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"postalCode": "97201"}, ["/postalCode"]),
        ({"postalCode": "981"}, ["/postalCode"]),
        ({"postalCode": "V6B 1A1"}, ["/postalCode"]),
        ({"state": "OR"}, ["/postalCode"]),
        ({"state": "ZZ", "postalCode": ""}, ["/state", "/postalCode"]),
        ({"address1": "P.O. Box 5"}, ["/address1"]),
        ({"address1": "Broad Street"}, ["/address1"]),
        ({"address1": "", "city": "", "postalCode": "x"}, ["/address1", "/city", "/postalCode"]),
        ({"country": "JP"}, ["/country"]),
        ({"country": "CA", "state": "BC", "postalCode": "V6B 1A1"}, ["/country"]),
    ],
)
async def test_an_address_that_cannot_be_corrected_is_refused_by_field(
    unconnected: Customer, change: dict[str, Any], pointers: list[str]
) -> None:
    address = {**SEATTLE, **change}
    requests = [
        ("PUT", "connection", {**CISCO_PSTN, "emergencyAddress": address}, "/emergencyAddress"),
        ("POST", "emergencyAddress", address, ""),
    ]

    for method, path, body, above in requests:
        url = f"{unconnected.location}/{path}"
        response = await unconnected.api.request(method, url, json=body)
        assert rules(response) == [("emergencyAddressInvalid", above + p) for p in pointers]
        assert not any("candidate" in entry for entry in response.json()["violations"])


@pytest.mark.domain("B3")
async def test_an_address_without_country_is_in_the_country_of_the_location(
    service: Service,
) -> None:
    customer = await make_customer(service, address=WARSAW, connected=False)
    address = {name: value for name, value in WARSAW.items() if name != "country"}

    response = await customer.api.put(
        f"{customer.location}/connection", json={**CISCO_PSTN, "emergencyAddress": address}
    )

    assert response.status_code == 200, response.text
    assert response.json()["emergencyAddress"].items() >= WARSAW.items()


@pytest.mark.domain("B5")
async def test_an_emergency_address_is_made_changed_and_read(newcomer: Customer) -> None:
    path = f"{newcomer.location}/emergencyAddress"
    refused(await newcomer.api.get(path), 404, "notFound")

    made = await newcomer.api.post(path, json=SEATTLE)
    assert made.status_code == 201
    assert made.json().keys() == {"id"}
    first = await newcomer.api.get(path)
    assert first.json().items() >= SEATTLE.items()
    assert first.json()["id"] == made.json()["id"]
    assert made.headers["Location"].endswith(path)

    changed = await newcomer.api.put(
        f"{newcomer.location}/emergencyAddresses/{made.json()['id']}", json=TACOMA
    )
    assert (changed.status_code, changed.content) == (204, b"")
    second = await newcomer.api.get(path)
    assert second.json() == {**TACOMA, "id": made.json()["id"]}
    assert second.headers["ETag"] != first.headers["ETag"]

    again = await newcomer.api.post(path, json=SEATTLE)
    assert again.json() == made.json()
    assert (await newcomer.api.get(path)).json()["address2"] is None


@pytest.mark.domain("B5")
async def test_the_set_up_shows_an_emergency_address_changed_later(customer: Customer) -> None:
    response = await customer.api.post(f"{customer.location}/emergencyAddress", json=TACOMA)

    assert response.status_code == 201
    assert (await setup(customer))["emergencyAddress"].items() >= TACOMA.items()


async def test_an_address_of_another_location_cannot_be_changed_from_here(
    service: Service, customer: Customer
) -> None:
    other = await make_customer(service)
    second = (await customer.api.post("/locations", json=location_wish(SEATTLE))).json()["id"]
    for address_id in (
        NOBODYS_ID,
        (await other.api.get(f"{other.location}/emergencyAddress")).json()["id"],
        (await customer.api.get(f"{customer.location}/emergencyAddress")).json()["id"],
    ):
        response = await customer.api.put(
            f"/telephony/pstn/locations/{second}/emergencyAddresses/{address_id}", json=TACOMA
        )
        refused(response, 404, "notFound")


async def test_a_change_of_an_emergency_address_that_has_changed_since_is_refused(
    customer: Customer,
) -> None:
    path = f"{customer.location}/emergencyAddress"
    read = await customer.api.get(path)
    own = f"{customer.location}/emergencyAddresses/{read.json()['id']}"
    headers = {"If-Match": read.headers["ETag"]}
    assert (await customer.api.put(own, json=TACOMA, headers=headers)).status_code == 204

    refused(await customer.api.put(own, json=SEATTLE, headers=headers), 412, "preconditionFailed")
    assert (await customer.api.get(path)).json()["city"] == "Tacoma"


async def test_addresses_given_at_the_same_time_become_one(newcomer: Customer) -> None:
    await asyncio.gather(*(newcomer.api.get("/people/me") for _ in range(20)))
    for _ in range(3):
        made = await newcomer.api.post("/locations", json=location_wish(SEATTLE))
        path = f"/telephony/pstn/locations/{made.json()['id']}/emergencyAddress"

        answers = await asyncio.gather(*(newcomer.api.post(path, json=SEATTLE) for _ in range(20)))

        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.domain("B3")
async def test_a_look_up_judges_and_corrects_and_changes_nothing(newcomer: Customer) -> None:
    path = f"{newcomer.location}/emergencyAddress"

    good = await newcomer.api.post(f"{path}/lookup", json=SEATTLE)
    corrected = await newcomer.api.post(f"{path}/lookup", json={**SEATTLE, "state": "washington"})
    bad = await newcomer.api.post(f"{path}/lookup", json={**SEATTLE, "postalCode": "97201"})
    empty = await newcomer.api.post(f"{path}/lookup", json={})

    (address,) = good.json()["addresses"]
    assert "errors" not in address
    assert address.items() >= SEATTLE.items()
    assert (
        address["meta"].items()
        >= {
            "houseNumber": "400",
            "streetName": "Broad Street",
            "city": "Seattle",
            "state": "WA",
            "zipCode": "98109",
            "country": "US",
        }.items()
    )
    (address,) = corrected.json()["addresses"]
    assert address.items() >= SEATTLE.items()
    assert [error["code"] for error in address["errors"]] == ["stateNotStandard"]
    assert address["errors"][0].keys() == {"code", "title", "detail"}
    (address,) = bad.json()["addresses"]
    assert [error["code"] for error in address["errors"]] == ["postalCodeNotInState"]
    (address,) = empty.json()["addresses"]
    assert {"streetAddressRequired", "cityRequired", "postalCodeRequired"} <= {
        error["code"] for error in address["errors"]
    }
    refused(await newcomer.api.get(path), 404, "notFound")


async def test_a_reader_may_look_an_address_up_and_not_give_one(newcomer: Customer) -> None:
    reader = await newcomer.caller("readOnlyAdmin")
    path = f"{newcomer.location}/emergencyAddress"

    assert (await reader.post(f"{path}/lookup", json=SEATTLE)).status_code == 200
    refused(await reader.post(path, json=SEATTLE), 403, "forbidden")


# --- Locations --------------------------------------------------------------------------------


async def test_a_location_is_given_back_as_it_was_made(newcomer: Customer) -> None:
    wish = location_wish(TACOMA) | {
        "latitude": 47.25,
        "longitude": -122.44,
        "notes": "Floor 3,\nto the left",
        "preferredLanguage": "pl_PL",
    }
    made = await newcomer.api.post("/locations", json=wish)
    assert made.status_code == 201
    assert made.json().keys() == {"id"}
    path = f"/locations/{made.json()['id']}"
    assert made.headers["Location"].endswith(path)

    shown = (await newcomer.api.get(path)).json()

    assert shown["orgId"] == newcomer.organization_id
    assert (shown["latitude"], shown["longitude"]) == ("47.25", "-122.44")
    assert shown["address"] == TACOMA
    for name in ("name", "timeZone", "notes", "preferredLanguage"):
        assert shown[name] == wish[name]
    # What was read can be sent back.
    assert (await newcomer.api.put(path, json=shown)).status_code == 204
    assert (await newcomer.api.get(path)).json() == shown


async def test_a_connected_location_stays_in_its_country_and_another_does_not(
    newcomer: Customer, customer: Customer
) -> None:
    abroad = location_wish(WARSAW, zone="Europe/Warsaw")

    free = await newcomer.api.put(f"/locations/{newcomer.location_id}", json=abroad)
    bound = await customer.api.put(f"/locations/{customer.location_id}", json=abroad)
    moved = await customer.api.put(f"/locations/{customer.location_id}", json=location_wish(TACOMA))

    assert free.status_code == 204
    refused(bound, 409, "invalidTransition")
    assert moved.status_code == 204
    shown = (await customer.api.get(f"/locations/{customer.location_id}")).json()
    assert shown["address"]["city"] == "Tacoma"


async def test_a_location_without_connection_can_be_removed(newcomer: Customer) -> None:
    path = f"/locations/{newcomer.location_id}"
    await newcomer.api.post(f"{newcomer.location}/emergencyAddress", json=SEATTLE)

    removed = await newcomer.api.delete(path)

    assert (removed.status_code, removed.content) == (204, b"")
    refused(await newcomer.api.get(path), 404, "notFound")
    refused(await newcomer.api.delete(path), 404, "notFound")
    refused(await newcomer.api.get(f"{newcomer.location}/setup"), 404, "notFound")


async def test_a_location_on_another_pstn_can_be_removed(newcomer: Customer) -> None:
    await newcomer.api.put(f"{newcomer.location}/connection", json=LOCAL_GATEWAY)

    removed = await newcomer.api.delete(f"/locations/{newcomer.location_id}")

    assert removed.status_code == 204, removed.text


async def test_a_location_on_cisco_pstn_cannot_be_removed(customer: Customer) -> None:
    refused(
        await customer.api.delete(f"/locations/{customer.location_id}"), 409, "invalidTransition"
    )


async def test_locations_are_listed_by_part_of_their_name_in_any_case(newcomer: Customer) -> None:
    names = ["100% Öffice", "office_b", "Depot"]
    for name in names:
        await newcomer.api.post("/locations", json=location_wish(SEATTLE) | {"name": name})

    async def found(part: str) -> list[str]:
        response = await newcomer.api.get("/locations", params={"name": part})
        return [location["name"] for location in response.json()["items"]]

    assert await found("öff") == ["100% Öffice"]
    assert await found("%") == ["100% Öffice"]
    assert await found("_") == ["office_b"]
    assert await found("DEPOT") == ["Depot"]


async def test_a_location_needs_its_time_zone_and_country_in_form(newcomer: Customer) -> None:
    wish = location_wish({**SEATTLE, "country": "usa"}, zone="Mars/Olympus") | {"latitude": 91}

    response = await newcomer.api.post("/locations", json=wish)

    assert sorted(fields(response)) == ["/address/country", "/latitude", "/timeZone"]
