"""Whatever is sent, the answer is a problem that tells all that is wrong with it, and no fault."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from random import Random
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.api.problems import fields, refused, rules
from tests.conftest import (
    CISCO_PSTN,
    SEATTLE,
    Api,
    Customer,
    Service,
    import_csv,
    location_wish,
    make_customer,
)

P = "/telephony/pstn"
NOBODYS_ID = "019ac1f0-0000-7000-8000-00000000dead"
TOKYO = {
    "address1": "1-1 Marunouchi",
    "city": "Tokyo",
    "postalCode": "100-0005",
    "country": "JP",
}
LONDON = {
    "address1": "10 Downing Street",
    "city": "London",
    "postalCode": "SW1A 2AA",
    "country": "GB",
}
LOCAL_GATEWAY = {"premiseRouteType": "TRUNK", "premiseRouteId": "trunk-1"}
CLOUD_CONNECTED = {"pstnConnectionType": "NON_INTEGRATED_CCP"}
GOOD = "+12062000999"
"""A good number that no test puts in stock."""

JSON = {"Content-Type": "application/json"}
NOT_IDS = ["x", "0", "%00", "%ED%A0%80", "a" * 36, "a" * 300, "-" * 36, "..%2F..", NOBODYS_ID]


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[httpx.Response]]:
    """Every answer to a request of this file, none of which is a fault of the service."""
    seen: list[httpx.Response] = []
    send = httpx.AsyncClient.send

    async def recorded(
        self: httpx.AsyncClient, request: httpx.Request, **options: Any
    ) -> httpx.Response:
        response = await send(self, request, **options)
        seen.append(response)
        return response

    monkeypatch.setattr(httpx.AsyncClient, "send", recorded)
    yield seen
    faults = [
        (answer.request.method, str(answer.request.url)[:300], answer.request.content[:300])
        for answer in seen
        if answer.status_code >= 500
    ]
    assert faults == []


@pytest.fixture(scope="module")
async def somebody(service: Service) -> Customer:
    """A paid organisation on Cisco PSTN, for tests that leave it as it is."""
    return await make_customer(service)


def order_of(*numbers: object) -> dict[str, Any]:
    return {"type": "numbers", "phoneNumbers": list(numbers)}


def quantity_of(quantity: object, **criteria: object) -> dict[str, Any]:
    return {"type": "quantity", "quantity": quantity, "criteria": {"state": "WA", **criteria}}


async def order(customer: Customer, wish: object) -> httpx.Response:
    return await customer.api.post(f"{customer.location}/numberOrders", json=wish)


async def raw(
    customer: Customer, path: str, content: bytes | str, method: str = "POST"
) -> httpx.Response:
    """A request with a body that no JSON library would write."""
    return await customer.api.request(method, path, content=content, headers=JSON)


async def search(customer: Customer, query: str = "state=WA") -> httpx.Response:
    return await customer.api.get(f"{customer.location}/availableNumbers?{query}")


# --- Numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        "",
        " ",
        "abc",
        "+",
        "+0",
        "+1",
        "+" + "1" * 31,
        "12065550100",
        "+1206555010",
        "+120655501000",
        "+99912345678",
        "+1 2065550100",
        "+1-206-555-0100",
        "+12065550100\n",
        "tel:+12065550100",
        "⁺12065550100",
        "+1206555010٠",
        "+１２０６５５５０１００",
    ],
)
async def test_what_is_no_number_is_named_by_its_place(somebody: Customer, given: str) -> None:
    response = await order(somebody, order_of(GOOD, given))

    assert rules(response) == [("invalidPhoneNumber", "/phoneNumbers/1")]


@pytest.mark.domain("A5")
@pytest.mark.parametrize("given", ["+18005550123", "+18335550123", "+18225550123", "+80012345678"])
async def test_toll_free_numbers_are_not_sold(somebody: Customer, given: str) -> None:
    response = await order(somebody, order_of(given))

    (violation,) = refused(response, 422, "policyViolation")["violations"]
    assert (violation["code"], violation["pointer"]) == ("tollFreeNotSupported", "/phoneNumbers/0")
    assert violation["phoneNumber"] == given


@pytest.mark.parametrize("given", ["+14165550123", "+442079460958", "+48221234567", "+12425550100"])
async def test_numbers_of_another_country_are_not_sold_here(somebody: Customer, given: str) -> None:
    response = await order(somebody, order_of(given))

    assert rules(response) == [("phoneNumberWrongCountry", "/phoneNumbers/0")]


async def test_a_number_named_again_is_pointed_at_where_it_comes_again(somebody: Customer) -> None:
    response = await order(somebody, order_of(GOOD, "+12062000998", GOOD, GOOD))

    assert rules(response) == [
        ("duplicatePhoneNumber", "/phoneNumbers/2"),
        ("duplicatePhoneNumber", "/phoneNumbers/3"),
    ]


async def test_everything_wrong_with_a_list_is_told_at_once(somebody: Customer) -> None:
    numbers = [GOOD, "+18005550123", "no number", "+442079460958", GOOD]

    assert rules(await order(somebody, order_of(*numbers))) == [
        ("tollFreeNotSupported", "/phoneNumbers/1"),
        ("invalidPhoneNumber", "/phoneNumbers/2"),
        ("phoneNumberWrongCountry", "/phoneNumbers/3"),
        ("duplicatePhoneNumber", "/phoneNumbers/4"),
    ]


async def test_an_order_has_at_least_one_number(somebody: Customer) -> None:
    assert fields(await order(somebody, order_of())) == ["/phoneNumbers"]


async def test_a_number_of_over_32_characters_is_not_looked_at(somebody: Customer) -> None:
    response = await order(somebody, order_of(GOOD, "+" + "1" * 32))

    assert fields(response) == ["/phoneNumbers/1"]


@pytest.mark.domain("A6", "A8")
@pytest.mark.parametrize("count", [101, 5000])
async def test_more_than_an_order_takes_is_refused_with_the_limit(
    somebody: Customer, count: int
) -> None:
    numbers = [f"+1206200{index:04}" for index in range(count)]

    response = await order(somebody, order_of(*numbers))

    (violation,) = refused(response, 422, "policyViolation")["violations"]
    assert (violation["code"], violation["pointer"]) == ("orderLimitExceeded", "/phoneNumbers")
    assert (violation["limit"], violation["used"], violation["remaining"]) == (100, 0, 100)


async def test_a_list_beyond_all_measure_is_refused_as_a_whole(somebody: Customer) -> None:
    response = await order(somebody, order_of(*[GOOD] * 10_001))

    assert fields(response) == ["/phoneNumbers"]


async def test_an_order_of_too_many_tells_of_bad_numbers_too(somebody: Customer) -> None:
    numbers = [f"+1206200{index:04}" for index in range(101)]
    numbers[100] = "+18005550123"

    assert rules(await order(somebody, order_of(*numbers))) == [
        ("orderLimitExceeded", "/phoneNumbers"),
        ("tollFreeNotSupported", "/phoneNumbers/100"),
    ]


@pytest.mark.domain("A6", "A8")
async def test_too_large_a_quantity_is_refused_with_the_limit(somebody: Customer) -> None:
    response = await order(somebody, quantity_of(101))

    (violation,) = refused(response, 422, "policyViolation")["violations"]
    assert (violation["code"], violation["pointer"]) == ("orderLimitExceeded", "/quantity")
    assert (violation["limit"], violation["used"], violation["remaining"]) == (100, 0, 100)


@pytest.mark.domain("A7", "A8")
async def test_a_trial_is_told_how_many_numbers_are_left(
    trial: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(11)
    too_many = refused(await trial.order(*numbers), 422, "policyViolation")["violations"]
    assert (await trial.order(*numbers[:8])).status_code == 201

    too_many_more = refused(await trial.order(*numbers[8:]), 422, "policyViolation")["violations"]

    told = [
        (entry["code"], entry["pointer"], entry["limit"], entry["used"], entry["remaining"])
        for entry in too_many + too_many_more
    ]
    assert told == [
        ("trialNumberLimitExceeded", "/phoneNumbers", 10, 0, 10),
        ("trialNumberLimitExceeded", "/phoneNumbers", 10, 8, 2),
    ]
    assert (await trial.order(*numbers[8:10])).status_code == 201


@pytest.mark.domain("A6", "A7")
async def test_a_trial_that_orders_too_many_breaks_both_limits(trial: Customer) -> None:
    assert rules(await order(trial, quantity_of(101))) == [
        ("orderLimitExceeded", "/quantity"),
        ("trialNumberLimitExceeded", "/quantity"),
    ]


@pytest.mark.domain("C8")
@pytest.mark.parametrize("owner", ["oneself", "another"])
async def test_numbers_owned_already_are_lost_and_the_others_remain(
    service: Service, somebody: Customer, stock: Callable[..., Any], owner: str
) -> None:
    numbers = await stock(3)
    first = somebody if owner == "oneself" else await make_customer(service)
    await first.api.ended((await first.order(numbers[1])).json()["id"])

    response = await somebody.order(*numbers)

    problem = refused(response, 409, "numbersUnavailable")
    assert problem["lost"] == [numbers[1]]
    assert problem["remaining"] == [numbers[0], numbers[2]]
    # Nothing was taken by the refusal.
    assert (await somebody.order(*problem["remaining"])).status_code == 201


@pytest.mark.domain("C8")
async def test_numbers_held_by_an_order_under_way_are_lost(
    service: Service, somebody: Customer, stock: Callable[..., Any]
) -> None:
    numbers = (await stock(34))[31:]
    other = await make_customer(service)
    held = (await other.order(numbers[0])).json()

    problem = refused(await somebody.order(*numbers), 409, "numbersUnavailable")

    assert held["status"] == "pending"
    assert problem["lost"] == [numbers[0]]
    assert problem["remaining"] == numbers[1:]


async def test_numbers_that_are_not_in_the_inventory_are_lost(
    somebody: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(2)
    never, beside = GOOD, f"+{int(numbers[-1]) + 1}"

    problem = refused(await somebody.order(never, *numbers, beside), 409, "numbersUnavailable")

    assert problem["lost"] == sorted([never, beside])
    assert problem["remaining"] == numbers


async def test_more_than_there_is_in_the_place_is_refused_and_nothing_is_taken(
    somebody: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(3, city="Shortfall")

    problem = refused(
        await order(somebody, quantity_of(4, city="Shortfall")), 409, "numbersUnavailable"
    )

    assert problem["lost"] == []
    assert problem["remaining"] == numbers
    assert (await somebody.order(*numbers)).status_code == 201


# --- Locations and accounts -------------------------------------------------------------------


def requests_of_a_location(location_id: str) -> list[tuple[str, str, object]]:
    """Every kind of request about a location."""
    location = f"{P}/locations/{location_id}"
    return [
        ("GET", f"/locations/{location_id}", None),
        ("PUT", f"/locations/{location_id}", location_wish(SEATTLE)),
        ("DELETE", f"/locations/{location_id}", None),
        ("GET", f"{location}/connectionOptions", None),
        ("GET", f"{location}/connection", None),
        ("PUT", f"{location}/connection", CISCO_PSTN),
        ("GET", f"{location}/setup", None),
        ("PUT", f"{location}/mainNumber", {"phoneNumber": GOOD}),
        ("GET", f"{location}/emergencyAddress", None),
        ("POST", f"{location}/emergencyAddress", SEATTLE),
        ("PUT", f"{location}/emergencyAddresses/{NOBODYS_ID}", SEATTLE),
        ("POST", f"{location}/emergencyAddress/lookup", SEATTLE),
        ("GET", f"{location}/availableNumbers?state=WA", None),
        ("POST", f"{location}/numberOrders", order_of(GOOD)),
        ("POST", f"{location}/numberOrders", quantity_of(1)),
    ]


async def test_the_location_of_somebody_else_does_not_exist(
    service: Service, somebody: Customer
) -> None:
    other = await make_customer(service)

    answers = await asyncio.gather(
        *(
            somebody.api.request(method, path, json=body)
            for method, path, body in requests_of_a_location(other.location_id)
        )
    )

    for answer in answers:
        refused(answer, 404, "notFound")
    kept = (await other.api.get(f"/locations/{other.location_id}")).json()
    assert kept["name"].startswith("Office")


@pytest.mark.parametrize("not_an_id", NOT_IDS)
async def test_an_id_that_is_none_is_nobodys(somebody: Customer, not_an_id: str) -> None:
    requests = [
        *requests_of_a_location(not_an_id),
        ("PUT", f"{somebody.location}/emergencyAddresses/{not_an_id}", SEATTLE),
        ("GET", f"{P}/orders/{not_an_id}", None),
        ("GET", f"{P}/orders/{not_an_id}/timeline", None),
        ("GET", f"{P}/orders?orgId={not_an_id}", None),
        ("GET", f"/organizations/{not_an_id}", None),
        ("GET", f"/organizations/{not_an_id}/pstnAccount", None),
        ("DELETE", f"/accessTokens/{not_an_id}", None),
    ]

    answers = await asyncio.gather(
        *(somebody.api.request(method, path, json=body) for method, path, body in requests)
    )

    for answer in answers:
        refused(answer, 404, "notFound")


async def test_a_filter_by_an_id_that_is_none_is_refused(somebody: Customer) -> None:
    for not_an_id in ("x", "0", "%00", "%ED%A0%80", "a" * 36, "a" * 300, "-" * 36, "{}"):
        for path in (f"{P}/orders?locationId=", f"{P}/numbers?locationId=", "/locations?id="):
            refused(await somebody.api.get(path + not_an_id), 404, "notFound")


@pytest.mark.domain("A3")
async def test_a_country_without_cisco_pstn_is_refused(service: Service) -> None:
    tokyo = await make_customer(service, address=TOKYO, connected=False)

    found = await search(tokyo)
    ordered = await order(tokyo, order_of(GOOD))
    connected = await tokyo.api.put(f"{tokyo.location}/connection", json=CISCO_PSTN)

    assert ("countryNotSupported", "") in rules(found)
    assert rules(ordered) == [("countryNotSupported", "")]
    assert ("countryNotSupported", "") in rules(connected)


@pytest.mark.domain("A3", "D1")
async def test_in_an_assisted_country_one_is_sent_to_the_assisted_order(service: Service) -> None:
    london = await make_customer(service, address=LONDON, connected=False)
    not_yet = await order(london, order_of("+442079460958"))
    connected = await london.api.put(
        f"{london.location}/connection", json={**CISCO_PSTN, "emergencyAddress": LONDON}
    )
    assert connected.status_code == 200, connected.text

    found = await search(london, "city=London")
    ordered = await order(london, order_of("+442079460958", "+12062000999"))
    chosen = await order(london, quantity_of(1))

    assert ("pstnNotEnabled", "") in rules(not_yet)
    assert ("useAssistedOrder", "/type") in rules(not_yet)
    assert [code for code, _ in rules(found)] == ["useAssistedOrder"]
    assert rules(ordered) == [
        ("useAssistedOrder", "/type"),
        ("phoneNumberWrongCountry", "/phoneNumbers/1"),
    ]
    assert ("useAssistedOrder", "/type") in rules(chosen)


@pytest.mark.domain("A4", "C1")
@pytest.mark.parametrize("elsewhere", [LOCAL_GATEWAY, CLOUD_CONNECTED])
async def test_a_location_on_another_pstn_stays_there(
    service: Service, elsewhere: dict[str, Any]
) -> None:
    customer = await make_customer(service, connected=False)
    connection = f"{customer.location}/connection"
    assert (await customer.api.put(connection, json=elsewhere)).status_code == 204

    response = await customer.api.put(connection, json=CISCO_PSTN)

    assert rules(response) == [("locationAlreadyConnected", "")]
    assert rules(await search(customer)) == [("pstnNotEnabled", "")]
    assert rules(await order(customer, order_of(GOOD))) == [("pstnNotEnabled", "")]


@pytest.mark.domain("A1")
@pytest.mark.parametrize("elsewhere", [LOCAL_GATEWAY, CLOUD_CONNECTED])
async def test_a_location_on_cisco_pstn_stays_there(
    somebody: Customer, elsewhere: dict[str, Any]
) -> None:
    response = await somebody.api.put(f"{somebody.location}/connection", json=elsewhere)

    assert rules(response) == [("locationAlreadyConnected", "")]


@pytest.mark.domain("C1")
async def test_numbers_come_after_cisco_pstn(service: Service) -> None:
    customer = await make_customer(service, connected=False)

    assert rules(await search(customer)) == [("pstnNotEnabled", "")]
    assert rules(await order(customer, order_of(GOOD, "x"))) == [
        ("pstnNotEnabled", ""),
        ("invalidPhoneNumber", "/phoneNumbers/1"),
    ]
    assert rules(await order(customer, quantity_of(1))) == [("pstnNotEnabled", "")]


NO_VAR = {"varAuthorized": False, "pstnAddendumAcceptedAt": None}
NO_ACCOUNT = [
    ("partnerNotAuthorized", ""),
    ("addendumNotAccepted", ""),
    ("outboundCallingPlanRequired", ""),
]
NOTHING_GIVEN = [
    ("validationFailed", "/contact"),
    ("disclaimerNotAccepted", "/emergencyDisclaimer"),
    ("emergencyAddressInvalid", "/emergencyAddress"),
]


@pytest.mark.domain("A2")
async def test_everything_the_account_lacks_is_told_at_once(service: Service) -> None:
    customer = await make_customer(service, partner=NO_VAR, plans=[], connected=False)

    response = await customer.api.put(f"{customer.location}/connection", json=CISCO_PSTN)

    assert rules(response) == NO_ACCOUNT


@pytest.mark.domain("A2")
async def test_a_trial_needs_no_outbound_calling_plan(service: Service) -> None:
    await make_customer(service, subscription="trial", plans=[])
    unauthorised = await make_customer(
        service, subscription="trial", plans=[], partner=NO_VAR, connected=False
    )

    response = await unauthorised.api.put(f"{unauthorised.location}/connection", json=CISCO_PSTN)

    assert rules(response) == NO_ACCOUNT[:2]


@pytest.mark.domain("A2")
async def test_an_account_that_lost_everything_orders_nothing(
    service: Service, stock: Callable[..., Any]
) -> None:
    customer = await make_customer(service)
    numbers = await stock(1)
    changed = await customer.operator.patch(
        f"/organizations/{customer.organization_id}/pstnAccount",
        json={"partner": NO_VAR, "outboundCallingPlans": []},
    )
    assert changed.status_code == 200, changed.text

    assert rules(await customer.order(*numbers)) == NO_ACCOUNT
    assert rules(await customer.order(*numbers, "x")) == [
        *NO_ACCOUNT,
        ("invalidPhoneNumber", "/phoneNumbers/1"),
    ]


@pytest.mark.domain("B1", "B2", "B3")
async def test_everything_a_connection_lacks_is_told_at_once(service: Service) -> None:
    customer = await make_customer(service, connected=False)
    connection = f"{customer.location}/connection"
    wish = {"pstnConnectionType": "CISCO_PSTN"}

    assert rules(await customer.api.put(connection, json=wish)) == NOTHING_GIVEN
    nulls = {"contact": None, "emergencyDisclaimer": None, "emergencyAddress": None}
    assert rules(await customer.api.put(connection, json=wish | nulls)) == NOTHING_GIVEN
    refused(await customer.api.get(connection), 404, "pstnNotConfigured")


async def test_account_country_and_connection_are_judged_together(service: Service) -> None:
    customer = await make_customer(
        service, address=TOKYO, partner=NO_VAR, plans=[], connected=False
    )

    response = await customer.api.put(
        f"{customer.location}/connection", json={"pstnConnectionType": "CISCO_PSTN"}
    )

    assert rules(response) == [*NO_ACCOUNT, ("countryNotSupported", ""), *NOTHING_GIVEN]


@pytest.mark.domain("B1")
async def test_every_empty_member_of_a_contact_is_named(somebody: Customer) -> None:
    response = await somebody.api.put(
        f"{somebody.location}/connection",
        json={**CISCO_PSTN, "contact": {"email": "no mail"}, "emergencyDisclaimer": {}},
    )

    assert sorted(fields(response)) == [
        "/contact/companyName",
        "/contact/email",
        "/contact/firstName",
        "/contact/lastName",
        "/emergencyDisclaimer/acceptedBy",
        "/emergencyDisclaimer/jobTitle",
    ]


async def test_a_billing_number_that_is_none_and_a_bad_address_are_told_together(
    somebody: Customer,
) -> None:
    contact = {**CISCO_PSTN["contact"], "billingTelephoneNumber": "12345"}  # type: ignore[dict-item]
    address = {**SEATTLE, "postalCode": "ABC", "address1": ""}

    response = await somebody.api.put(
        f"{somebody.location}/connection",
        json={**CISCO_PSTN, "contact": contact, "emergencyAddress": address},
    )

    assert rules(response) == [
        ("invalidPhoneNumber", "/contact/billingTelephoneNumber"),
        ("emergencyAddressInvalid", "/emergencyAddress/address1"),
        ("emergencyAddressInvalid", "/emergencyAddress/postalCode"),
    ]


# --- Bodies -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"}",
        b"{'type': 'numbers'}",
        b'{"type": "numbers",}',
        b'{"type": numbers}',
        b'{"type": "\xff\xfe"}',
        b"\xff",
        b"\x00",
        b'{"a": "\x00"}',
        b'{"quantity": 1' + b"0" * 5000 + b"}",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    ],
    ids=lambda content: repr(content[:20]),
)
async def test_a_body_that_is_no_json_cannot_be_read(somebody: Customer, content: bytes) -> None:
    for method, path in (
        ("POST", f"{somebody.location}/numberOrders"),
        ("PUT", f"{somebody.location}/connection"),
        ("POST", f"{P}/termsOfService/acceptance"),
        ("POST", "/locations"),
    ):
        refused(await raw(somebody, path, content, method), 400, "malformedRequest")


@pytest.mark.parametrize(
    "content", [b"[]", b"[{}]", b"null", b'"text"', b"5", b"true", b"NaN", b""]
)
async def test_a_body_that_is_no_object_is_refused_as_a_whole(
    somebody: Customer, content: bytes
) -> None:
    for method, path in (
        ("POST", f"{somebody.location}/numberOrders"),
        ("PUT", f"{somebody.location}/connection"),
        ("PUT", f"{somebody.location}/mainNumber"),
        ("POST", "/locations"),
    ):
        response = await raw(somebody, path, content, method)
        assert fields(response) == [""], path


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "multipart/form-data"])
async def test_a_body_of_another_media_type_is_refused(somebody: Customer, media_type: str) -> None:
    response = await somebody.api.post(
        f"{somebody.location}/numberOrders",
        content=json.dumps(order_of(GOOD)),
        headers={"Content-Type": media_type},
    )

    refused(response, 415, "unsupportedMediaType")


async def test_a_body_of_over_a_megabyte_is_too_large(somebody: Customer) -> None:
    wish = json.dumps(order_of("+" + "1" * (1 << 20)))

    refused(await raw(somebody, f"{somebody.location}/numberOrders", wish), 413, "payloadTooLarge")


async def test_a_body_too_large_in_pieces_is_too_large(somebody: Customer) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * (1 << 16)

    response = await somebody.api.post(
        f"{somebody.location}/numberOrders", content=pieces(), headers=JSON
    )

    refused(response, 413, "payloadTooLarge")


async def test_nobody_may_send_large_bodies_without_a_token(somebody: Customer) -> None:
    async with Api(somebody.service.url, None) as stranger:
        response = await stranger.post(
            f"{somebody.location}/numberOrders", content=b" " * (1 << 21), headers=JSON
        )

    refused(response, 401, "unauthorized")


async def test_a_text_of_nearly_a_megabyte_is_too_long(somebody: Customer) -> None:
    long = "a" * 1_000_000

    assert fields(await order(somebody, order_of(long))) == ["/phoneNumbers/0"]
    assert fields(await order(somebody, quantity_of(1, city=long))) == ["/criteria/city"]
    response = await somebody.api.post("/locations", json=location_wish(SEATTLE) | {"notes": long})
    assert fields(response) == ["/notes"]


async def test_what_an_order_does_not_know_is_refused(somebody: Customer) -> None:
    assert fields(await order(somebody, order_of(GOOD) | {"surprise": 1})) == ["/surprise"]
    assert fields(await order(somebody, quantity_of(1, surprise=1))) == ["/criteria/surprise"]
    # Names that are the name of the order's type as well.
    assert fields(await order(somebody, order_of(GOOD) | {"numbers": 1})) == ["/numbers"]
    both = order_of(GOOD) | {"quantity": 1, "criteria": {}}
    assert sorted(fields(await order(somebody, both))) == ["/criteria", "/quantity"]


@pytest.mark.parametrize(
    ("caller", "method", "path", "body"),
    [
        ("admin", "PUT", "{location}/mainNumber", {"phoneNumber": GOOD}),
        ("admin", "POST", P + "/termsOfService/acceptance", {"version": "0"}),
        ("admin", "POST", "/accessTokens", {"name": "x", "role": "readOnlyAdmin"}),
        ("operator", "PUT", "/organizations/{org}/limits/trialNumbers", {"limit": 10}),
        ("operator", "PATCH", "/organizations/{org}/pstnAccount", {}),
    ],
)
async def test_our_own_operations_refuse_what_they_do_not_know(
    somebody: Customer, caller: str, method: str, path: str, body: dict[str, Any]
) -> None:
    api = somebody.api if caller == "admin" else somebody.operator
    url = path.format(location=somebody.location, org=somebody.organization_id)

    response = await api.request(method, url, json=body | {"surprise": [1]})

    assert fields(response) == ["/surprise"]


async def test_webex_own_operations_ignore_what_they_do_not_know(somebody: Customer) -> None:
    more = {"surprise": {"deeply": [{"nested": 1}]}}
    contact = {**CISCO_PSTN["contact"], **more}  # type: ignore[dict-item]
    made = await somebody.api.post("/locations", json=location_wish({**SEATTLE, **more}) | more)
    answers = [
        made,
        await somebody.api.put(
            f"/locations/{made.json()['id']}", json=location_wish(SEATTLE) | more
        ),
        await somebody.api.put(
            f"{somebody.location}/connection",
            json={**CISCO_PSTN, "contact": contact, "emergencyAddress": {**SEATTLE, **more}} | more,
        ),
        await somebody.api.post(
            f"{somebody.location}/emergencyAddress/lookup", json={**SEATTLE, **more}
        ),
        await somebody.api.post(f"{somebody.location}/emergencyAddress", json={**SEATTLE, **more}),
        await somebody.api.post(
            "/telephony/config/actions/validateNumbers/invoke", json={"phoneNumbers": []} | more
        ),
        await somebody.api.get("/locations?surprise=1&surprise=2"),
        await somebody.api.get(f"{somebody.location}/connection?surprise"),
        await somebody.api.get("/telephony/config/numbers?ownerName=Ada&details=true"),
        await somebody.api.get("/people/me?callingData=true"),
    ]

    assert [answer.status_code for answer in answers] == [201, 204, 200, 200, 201, *[200] * 5]


WRONG_TYPES: list[tuple[object, str]] = [
    ({}, "/type"),
    ({"type": None}, "/type"),
    ({"type": 5}, "/type"),
    ({"type": ["numbers"]}, "/type"),
    ({"type": {"numbers": 1}}, "/type"),
    ({"type": "surprise"}, "/type"),
    ({"type": "\ud800"}, "/type"),
    ({"type": "numbers"}, "/phoneNumbers"),
    ({"type": "numbers", "phoneNumbers": None}, "/phoneNumbers"),
    ({"type": "numbers", "phoneNumbers": GOOD}, "/phoneNumbers"),
    ({"type": "numbers", "phoneNumbers": {"0": GOOD}}, "/phoneNumbers"),
    ({"type": "numbers", "phoneNumbers": 5}, "/phoneNumbers"),
    (order_of(GOOD, 12065550100), "/phoneNumbers/1"),
    (order_of(GOOD, 12065550100.5), "/phoneNumbers/1"),
    (order_of(GOOD, None), "/phoneNumbers/1"),
    (order_of(GOOD, True), "/phoneNumbers/1"),
    (order_of(GOOD, [GOOD]), "/phoneNumbers/1"),
    (order_of(GOOD, {"phoneNumber": GOOD}), "/phoneNumbers/1"),
    (order_of(GOOD, "\u0000"), "/phoneNumbers/1"),
    (order_of(GOOD, "\ud800"), "/phoneNumbers/1"),
    ({"type": "quantity", "quantity": 1}, "/criteria"),
    ({"type": "quantity", "criteria": {"state": "WA"}}, "/quantity"),
    ({"type": "quantity", "quantity": 1, "criteria": []}, "/criteria"),
    ({"type": "quantity", "quantity": 1, "criteria": "WA"}, "/criteria"),
    ({"type": "quantity", "quantity": 1, "criteria": {}}, "/criteria/state"),
    (quantity_of(0), "/quantity"),
    (quantity_of(-1), "/quantity"),
    (quantity_of(1.5), "/quantity"),
    (quantity_of("five"), "/quantity"),
    (quantity_of(None), "/quantity"),
    (quantity_of([1]), "/quantity"),
    (quantity_of(10**30), "/quantity"),
    (quantity_of(1e300), "/quantity"),
    (quantity_of(1, state=5), "/criteria/state"),
    (quantity_of(1, state=""), "/criteria/state"),
    (quantity_of(1, state="\ud800"), "/criteria/state"),
    (quantity_of(1, areaCode=206), "/criteria/areaCode"),
    (quantity_of(1, areaCode="106"), "/criteria/areaCode"),
    (quantity_of(1, areaCode="2066"), "/criteria/areaCode"),
    (quantity_of(1, areaCode="206\n"), "/criteria/areaCode"),
    (quantity_of(1, areaCode="٢٠٦"), "/criteria/areaCode"),
    (quantity_of(1, areaCode="206", prefix="99"), "/criteria/prefix"),
    (quantity_of(1, city=""), "/criteria/city"),
    (quantity_of(1, city="  "), "/criteria/city"),
    (quantity_of(1, city="Sea\u0000ttle"), "/criteria/city"),
    (quantity_of(1, city="Seattle\n"), "/criteria/city"),
    (quantity_of(1, city="\udfff"), "/criteria/city"),
    (quantity_of(1, city="a" * 300), "/criteria/city"),
    (quantity_of(1, city={"name": "Seattle"}), "/criteria/city"),
]


@pytest.mark.parametrize(
    ("wish", "pointer"), WRONG_TYPES, ids=[f"{n}{p}" for n, (_, p) in enumerate(WRONG_TYPES)]
)
async def test_a_field_of_an_order_without_its_form_is_pointed_at(
    somebody: Customer, wish: object, pointer: str
) -> None:
    response = await raw(somebody, f"{somebody.location}/numberOrders", json.dumps(wish))

    assert fields(response) == [pointer]


@pytest.mark.parametrize("given", [True, "5", 5.0])
async def test_what_can_merely_be_read_as_a_quantity_is_none(
    somebody: Customer, given: object
) -> None:
    assert fields(await order(somebody, quantity_of(given))) == ["/quantity"]


async def test_numbers_that_json_has_not_are_no_quantities(somebody: Customer) -> None:
    for number in ("NaN", "Infinity", "-Infinity", "1e400"):
        body = f'{{"type": "quantity", "quantity": {number}, "criteria": {{"state": "WA"}}}}'
        response = await raw(somebody, f"{somebody.location}/numberOrders", body)
        assert response.status_code in (400, 422), number
        if response.status_code == 422:
            assert fields(response) == ["/quantity"]


async def test_every_field_without_its_form_is_told_at_once(somebody: Customer) -> None:
    response = await order(somebody, {"type": "quantity", "quantity": 0, "criteria": {"city": 5}})

    assert sorted(fields(response)) == ["/criteria/city", "/criteria/state", "/quantity"]


async def test_what_makes_no_sense_in_criteria_is_pointed_at(somebody: Customer) -> None:
    response = await order(somebody, quantity_of(1, state="ZZ", prefix="267"))

    assert rules(response) == [
        ("validationFailed", "/criteria/state"),
        ("validationFailed", "/criteria/prefix"),
    ]


LOCATION_TEXTS = ["name", "timeZone", "preferredLanguage", "announcementLanguage", "notes"]
ADDRESS_TEXTS = ["address1", "address2", "city", "state", "postalCode", "country"]
UNSTORABLE = ["\u0000", "a\u0000b", "\ud800", "a\udfffb", 5, True, [], {}]


async def pointers_told(
    customer: Customer, method: str, path: str, wishes: list[object]
) -> list[list[str]]:
    """Where each of these bodies is at fault; all of them are refused."""
    answers = await asyncio.gather(
        *(raw(customer, path, json.dumps(wish), method) for wish in wishes)
    )
    assert [answer.status_code for answer in answers] == [422] * len(wishes), wishes
    return [[entry["pointer"] for entry in answer.json()["violations"]] for answer in answers]


@pytest.mark.parametrize("name", LOCATION_TEXTS)
async def test_no_text_of_a_location_takes_what_cannot_be_stored(
    somebody: Customer, name: str
) -> None:
    wishes: list[object] = [location_wish(SEATTLE) | {name: value} for value in UNSTORABLE]

    made = await pointers_told(somebody, "POST", "/locations", wishes)
    changed = await pointers_told(somebody, "PUT", f"/locations/{somebody.location_id}", wishes)

    assert made == changed == [[f"/{name}"]] * len(UNSTORABLE)


@pytest.mark.parametrize("name", ADDRESS_TEXTS)
async def test_no_text_of_an_address_takes_what_cannot_be_stored(
    somebody: Customer, name: str
) -> None:
    addresses = [{**SEATTLE, name: value} for value in UNSTORABLE]
    location = somebody.location

    for method, path, wishes, pointer in (
        ("POST", "/locations", [location_wish(address) for address in addresses], "/address/"),
        ("POST", f"{location}/emergencyAddress", addresses, "/"),
        (
            "PUT",
            f"{location}/connection",
            [{**CISCO_PSTN, "emergencyAddress": address} for address in addresses],
            "/emergencyAddress/",
        ),
    ):
        told = await pointers_told(somebody, method, path, list(wishes))
        assert told == [[pointer + name]] * len(UNSTORABLE)


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("contact", "companyName"),
        ("contact", "firstName"),
        ("contact", "lastName"),
        ("contact", "email"),
        ("emergencyDisclaimer", "acceptedBy"),
        ("emergencyDisclaimer", "jobTitle"),
    ],
)
async def test_no_text_of_who_signs_takes_what_cannot_be_stored(
    somebody: Customer, member: str, name: str
) -> None:
    good: Any = CISCO_PSTN[member]
    values = [*UNSTORABLE, "a" * 300]
    wishes: list[object] = [{**CISCO_PSTN, member: {**good, name: value}} for value in values]

    told = await pointers_told(somebody, "PUT", f"{somebody.location}/connection", wishes)

    assert told == [[f"/{member}/{name}"]] * len(values)


@pytest.mark.parametrize("name", ["id", "premiseRouteType", "premiseRouteId", "pstnConnectionType"])
async def test_no_text_of_a_connection_takes_what_cannot_be_stored(
    somebody: Customer, name: str
) -> None:
    wishes: list[object] = [{**LOCAL_GATEWAY, name: value} for value in UNSTORABLE]

    told = await pointers_told(somebody, "PUT", f"{somebody.location}/connection", wishes)

    assert told == [[f"/{name}"]] * len(UNSTORABLE)


async def test_a_key_that_is_no_text_is_refused(somebody: Customer) -> None:
    wish = '{"type": "numbers", "phoneNumbers": ["+12062000999"], "\\ud800": 1}'

    response = await raw(somebody, f"{somebody.location}/numberOrders", wish)

    refused(response, 422, "validationFailed")


@pytest.mark.parametrize(("depth", "taken"), [(25, True), (50, False), (800, False)])
async def test_deep_nesting_is_refused_or_ignored_but_never_a_fault(
    somebody: Customer, depth: int, *, taken: bool
) -> None:
    nested = "[" * depth + "]" * depth
    ours = await raw(
        somebody,
        f"{somebody.location}/numberOrders",
        f'{{"type": "numbers", "phoneNumbers": ["{GOOD}"], "x": {nested}}}',
    )
    address = json.dumps(SEATTLE)[:-1]
    webex = await somebody.api.post(
        f"{somebody.location}/emergencyAddress",
        content=f'{address}, "x": {nested}}}',
        headers=JSON | {"Idempotency-Key": f"deep {depth}"},
    )

    if taken:
        assert fields(ours) == ["/x"]
        assert webex.status_code == 201
    else:
        refused(ours, 400, "malformedRequest")
        refused(webex, 400, "malformedRequest")


async def test_no_input_is_given_back(somebody: Customer) -> None:
    secret = "s3cr3t"
    bodies: list[tuple[str, str, object]] = [
        ("POST", f"{somebody.location}/numberOrders", order_of(secret, secret + "1")),
        ("POST", f"{somebody.location}/numberOrders", {"type": secret}),
        ("POST", f"{somebody.location}/numberOrders", order_of(GOOD) | {"x": secret}),
        ("POST", f"{somebody.location}/numberOrders", quantity_of(secret, state=secret)),
        ("POST", f"{somebody.location}/numberOrders", quantity_of(1, state=secret)),
        ("PUT", f"{somebody.location}/mainNumber", {"phoneNumber": secret}),
        ("PUT", f"{somebody.location}/connection", {"pstnConnectionType": secret}),
        ("PUT", f"{somebody.location}/connection", {"id": secret}),
        ("POST", f"{somebody.location}/emergencyAddress", {**SEATTLE, "state": secret}),
        ("POST", "/locations", location_wish(SEATTLE, zone=secret)),
        ("POST", f"{P}/termsOfService/acceptance", {"version": secret}),
    ]

    for method, path, body in bodies:
        response = await somebody.api.request(method, path, json=body)
        assert response.status_code == 422
        assert secret not in response.text, path
    found = await search(somebody, f"state={secret}&city={secret}&contains={secret}&{secret}=1")
    assert found.status_code == 422
    assert secret not in found.text


# --- Queries ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("state=WA&max=0", "/max"),
        ("state=WA&max=-1", "/max"),
        ("state=WA&max=1001", "/max"),
        ("state=WA&max=many", "/max"),
        ("state=WA&max=1.5", "/max"),
        ("state=WA&max=", "/max"),
        ("state=WA&max=" + "9" * 50, "/max"),
        ("state=WA&max=" + "9" * 5000, "/max"),
        ("state=WA&quantity=0", "/quantity"),
        ("state=WA&quantity=101", "/quantity"),
        ("state=WA&quantity=" + "9" * 50, "/quantity"),
        ("state=WA&contains=12x", "/contains"),
        ("state=WA&contains=", "/contains"),
        ("state=WA&contains=12345678901", "/contains"),
        ("state=WA&contains=%D9%A1", "/contains"),
        ("state=WA&contains=1%0A", "/contains"),
        ("state=WA&contains=%25", "/contains"),
        ("state=WA&contains=_", "/contains"),
        ("areaCode=20", "/areaCode"),
        ("areaCode=106", "/areaCode"),
        ("areaCode=206%0A", "/areaCode"),
        ("areaCode=206%00", "/areaCode"),
        ("areaCode=206&prefix=1", "/prefix"),
        ("city=" + "a" * 300, "/city"),
        ("city=" + "a" * 30_000, "/city"),
        ("city=Sea%00ttle", "/city"),
        ("city=%00", "/city"),
        ("state=" + "W" * 300, "/state"),
        ("state=WA&cursor=" + "a" * 501, "/cursor"),
        ("state=WA&surprise=1", ""),
        ("state=WA&surprise", ""),
        ("state=WA&State=WA", ""),
    ],
    ids=lambda value: value[:40],
)
async def test_a_parameter_of_a_search_without_its_form_is_pointed_at(
    somebody: Customer, query: str, pointer: str
) -> None:
    assert fields(await search(somebody, query)) == [pointer]


@pytest.mark.parametrize("state", ["%00", "%ED%A0%80", "ZZ", "wa", "W%20A", ""])
async def test_a_state_that_the_country_has_not_is_refused(somebody: Customer, state: str) -> None:
    response = await search(somebody, f"city=Seattle&state={state}")

    assert response.status_code == 422
    assert [entry["pointer"] for entry in response.json()["violations"]] == ["/state"]


@pytest.mark.parametrize(
    "city", ["%ED%A0%80", "%FF", "%25", "_", "%27%3B--", "%5C", "%F0%9F%8F%99"]
)
async def test_an_odd_city_is_one_without_numbers(somebody: Customer, city: str) -> None:
    response = await search(somebody, f"city={city}")

    assert response.status_code == 200
    assert response.json() == {"phoneNumbers": []}


@pytest.mark.parametrize(
    "path",
    [
        f"{P}/orders?status=%00",
        f"{P}/orders?status=%ED%A0%80",
        f"{P}/orders?orderNumber=%00",
        f"{P}/orders?orderNumber=" + "9" * 20,
        f"{P}/orders?phoneNumber=%00",
        f"{P}/orders?phoneNumber=%2B%2B",
        f"{P}/numbers?phoneNumber=%00",
        "/telephony/config/numbers?phoneNumber=%00",
        "/locations?name=%00",
        "/locations?name=%ED%A0%80",
        "/locations?name=%25&name=_",
    ],
)
async def test_a_filter_that_nothing_can_match_finds_nothing_or_is_refused(
    somebody: Customer, path: str
) -> None:
    response = await somebody.api.get(path)

    assert response.status_code in (200, 422)
    if response.status_code == 422:
        assert len(fields(response)) == 1
    else:
        assert list(response.json().values()) == [[]]


@pytest.mark.parametrize(
    "path",
    [
        f"{P}/orders?surprise=1",
        f"{P}/orders?locationID={NOBODYS_ID}",
        f"{P}/orders/{NOBODYS_ID}?surprise=1",
        f"{P}/numbers?surprise=1",
        f"{P}/countries?surprise=1",
        f"{P}/limits?surprise=1",
        f"{P}/termsOfService?surprise=1",
        "/accessTokens?surprise=1",
    ],
)
async def test_a_parameter_that_an_operation_does_not_know_is_refused(
    somebody: Customer, path: str
) -> None:
    assert fields(await somebody.api.get(path)) == [""]


async def test_an_unknown_parameter_of_a_change_is_refused_before_the_change(
    somebody: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(1)
    path = f"{somebody.location}/numberOrders?dryRun=true"

    assert fields(await somebody.api.post(path, json=order_of(*numbers))) == [""]
    assert (await somebody.order(*numbers)).status_code == 201


async def test_parameters_that_come_twice_are_no_fault(somebody: Customer) -> None:
    for query in (
        "state=WA&state=OR",
        "state=WA&max=1&max=2",
        "state=WA&areaCode=206&areaCode=425",
        "state=WA&contains=1&contains=2",
        f"state=WA&orgId={somebody.organization_id}&orgId={somebody.organization_id}",
        "state=WA&cursor=&cursor=",
    ):
        assert (await search(somebody, query)).status_code in (200, 400, 422), query
    for query in ("status=pending&status=error", "type=port&type=newNumbers", "max=1&max=2"):
        assert (await somebody.api.get(f"{P}/orders?{query}")).status_code in (200, 422), query
    paged = await search(somebody, "state=WA&state=WA&max=1")
    link = paged.links.get("next")
    if link:
        assert (await somebody.api.get(link["url"])).status_code == 200


async def test_another_organisation_named_beside_ones_own_is_nobodys(
    service: Service, somebody: Customer
) -> None:
    other = await make_customer(service, connected=False)
    own, foreign = f"orgId={somebody.organization_id}", f"orgId={other.organization_id}"

    for query in (foreign, f"{own}&{foreign}", f"{foreign}&{own}"):
        response = await somebody.api.get(f"{P}/numbers?{query}")
        assert response.status_code in (200, 404), query
        if response.status_code == 200:
            assert query != foreign
    refused(await somebody.api.get(f"{P}/limits?{foreign}"), 404, "notFound")


async def test_headers_that_cannot_be_read_count_as_absent(somebody: Customer) -> None:
    for language in ("", ";;;", "pl;q=x", "*", "xx-" + "y" * 500, "pl," * 500, "\u00e9"):
        response = await somebody.api.get(
            f"{P}/orders", headers={b"Accept-Language": language.encode("latin-1")}
        )
        assert response.status_code == 200, language[:20]
    for tracking_id in ("", "a" * 200, "<script>"):
        response = await somebody.api.get(f"{P}/orders", headers={"TrackingID": tracking_id})
        assert response.headers["TrackingID"] != tracking_id


# --- Files ------------------------------------------------------------------------------------


async def test_an_upload_that_is_none_is_refused(api: Api) -> None:
    path = "/inventory/imports"
    not_multipart = {"Content-Type": "multipart/form-data; boundary=x"}

    refused(await api.post(path, json={}), 415, "unsupportedMediaType")
    refused(await api.post(path, data={"file": "text"}), 415, "unsupportedMediaType")
    refused(await api.post(path, content=b"x", headers=not_multipart), 400, "malformedRequest")
    assert fields(await api.post(path, files={"other": ("x.csv", b"")})) == ["/file"]
    for content in (b"", b"\x00" * 5000, b"\xff\xfe", b"country\n", b"a" * 100_000):
        response = await api.post(path, files={"file": ("x.csv", content)})
        assert [entry["pointer"] for entry in response.json()["violations"]] == ["/file"]


async def test_a_file_of_odd_lines_is_refused_line_by_line(api: Api) -> None:
    header = b"country,state,city,rateCenter,numberType,firstNumber,lastNumber\n"
    lines = [b"\x00", b"\xff", b",,,,,,", b'"', b"US,WA,\x00,X,local,+12062000000,+12062000000"]

    result = await import_csv(api, header + b"\n".join(lines))

    assert result["status"] == "completed"
    assert result["imported"] == 0
    assert [entry["line"] for entry in result["refused"]] == [2, 3, 4, 5, 6]


# --- Every operation --------------------------------------------------------------------------

NASTY: list[Any] = [None, True, 10**40, "", "\u0000", "\ud800", "x" * 300, [], {}, [[[]]]]
NASTY_QUERIES = ["", "%00", "%ED%A0%80", "x" * 300, "9" * 40, "-1", "%2B", "a&{name}=b"]
LEFT_ALONE = ("/simulator/", "/stream")
"""The clock is everybody's, and a stream does not end."""

AN_OPERATION = 25
"""So many requests to each operation, the same in every run."""


async def test_no_operation_meets_any_input_with_a_fault_of_its_own(
    service: Service, answers: list[httpx.Response]
) -> None:
    document = (await httpx.AsyncClient(base_url=service.url).get("/openapi.json")).json()
    customer = await make_customer(service)
    ids = {
        "locationId": customer.location_id,
        "orgId": customer.organization_id,
        "name": "trialNumbers",
        "phoneNumber": GOOD,
    }
    requests = [request for all_of in _nasty_requests(document, ids) for request in all_of]
    before = len(answers)

    async def send_all(share: list[Request]) -> None:
        for method, path, body in share:
            for caller in (customer.api, customer.operator):
                headers = JSON if body is not None else {}
                response = await caller.request(method, path, content=body, headers=headers)
                if response.status_code != 403:
                    break
            # Webex has refusals of numbers that are lists.
            if response.status_code >= 400 and isinstance(response.json(), dict):
                refused(response, response.status_code, response.json()["code"])

    async with asyncio.TaskGroup() as group:
        for start in range(16):
            group.create_task(send_all(requests[start::16]))

    assert len(answers) - before >= len(requests) > 300


Request = tuple[str, str, bytes | None]


def _nasty_requests(document: dict[str, Any], ids: dict[str, str]) -> Iterator[list[Request]]:
    """For each operation a choice of requests that do not fit it, and one that does."""
    for template, operations in document["paths"].items():
        if not template.startswith("/v1/") or any(part in template for part in LEFT_ALONE):
            continue
        path = template.removeprefix("/v1")
        for name, value in ids.items():
            path = path.replace(f"{{{name}}}", quote(value))
        for part in [part for part in path.split("/") if part.startswith("{")]:
            path = path.replace(part, NOBODYS_ID)
        for method, operation in operations.items():
            good, *bad = _requests_of(method, path, operation)
            chosen = Random(operation["operationId"]).sample(bad, min(len(bad), AN_OPERATION))  # noqa: S311
            yield [good, *chosen]


def _requests_of(method: str, path: str, operation: dict[str, Any]) -> Iterator[Request]:
    examples = list(_examples(operation))
    good = json.dumps(examples[0]).encode() if examples else None
    yield method, path, good
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query":
            name = parameter["name"]
            for value in NASTY_QUERIES:
                yield method, f"{path}?{name}={value.format(name=name)}", good
    for example in examples:
        for wish in _mutations(example):
            yield method, path, json.dumps(wish).encode()


def _examples(operation: dict[str, Any]) -> Iterator[Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if "example" in content:
        yield content["example"]
    yield from (entry["value"] for entry in content.get("examples", {}).values())


def _mutations(example: Any) -> Iterator[Any]:
    """The example with each of its members, and members' members, in turn made nasty."""
    if not isinstance(example, dict):
        return
    for name, member in example.items():
        for value in NASTY:
            yield {**example, name: value}
        inner = member[0] if isinstance(member, list) and member else member
        for nested in _mutations(inner):
            yield {**example, name: [nested] if isinstance(member, list) else nested}
        if isinstance(member, list):
            yield from ({**example, name: [value]} for value in NASTY)
