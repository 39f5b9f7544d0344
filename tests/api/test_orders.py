"""Reading orders: the list, its filters and pages, one order, its timeline (domain.md C4, F)."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import text

from app.core.database import EVERYTHING
from tests.api.problems import fields, refused
from tests.conftest import (
    CISCO_PSTN,
    SEATTLE,
    Customer,
    Service,
    location_wish,
    make_customer,
)

ORDERS = "/telephony/pstn/orders"
NUMBERS = "/telephony/pstn/numbers"
NOBODYS_ID = "019ac1f0-0000-7000-8000-00000000dead"


async def listed(customer: Customer, query: str = "") -> list[dict[str, Any]]:
    """The orders of a list with these filters, on one page."""
    response = await customer.api.get(f"{ORDERS}?{query}")
    assert response.status_code == 200, response.text
    assert "next" not in response.links
    return list(response.json()["items"])


async def ids(customer: Customer, query: str = "") -> list[str]:
    return [order["id"] for order in await listed(customer, query)]


async def placed(customer: Customer, *numbers: str) -> dict[str, Any]:
    response = await customer.order(*numbers)
    assert response.status_code == 201, response.text
    return dict(response.json())


async def walk(customer: Customer, path: str) -> list[list[dict[str, Any]]]:
    """The pages of a list, followed by their links."""
    pages, url = [], path
    while True:
        response = await customer.api.get(url)
        assert response.status_code == 200, response.text
        (items,) = response.json().values()
        pages.append(items)
        if "next" not in response.links:
            return pages
        url = response.links["next"]["url"]


# --- One order --------------------------------------------------------------------------------


@pytest.mark.domain("C4", "F")
async def test_a_new_order_tells_what_was_asked_and_whose_turn_it_is(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(2)

    response = await customer.order(*reversed(numbers))

    assert response.status_code == 201
    order = response.json()
    assert response.headers["Location"].endswith(f"/v1{ORDERS}/{order['id']}")
    assert response.headers["ETag"]
    assert order["request"] == {"type": "numbers", "phoneNumbers": [numbers[1], numbers[0]]}
    assert order["type"] == "newNumbers"
    assert order["orgId"] == customer.organization_id
    assert order["locationId"] == customer.location_id
    assert order["status"] == "pending"
    assert order["nextActor"] == "carrier"
    assert order["expectedBy"] > order["createdAt"]
    assert order["displayStatus"]
    assert order["statusDescription"]
    assert order["errors"] == []
    assert [(n["phoneNumber"], n["status"]) for n in order["phoneNumbers"]] == [
        (number, "pending") for number in numbers
    ]


async def test_an_order_of_a_quantity_keeps_its_criteria(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(3, city="Criteria")
    request = {
        "type": "quantity",
        "quantity": 2,
        "criteria": {
            "state": "WA",
            "areaCode": "206",
            "prefix": numbers[0][5:8],
            "city": "criteria",
        },
    }

    response = await customer.api.post(f"{customer.location}/numberOrders", json=request)

    assert response.status_code == 201, response.text
    assert response.json()["request"] == request
    assert [entry["phoneNumber"] for entry in response.json()["phoneNumbers"]] == numbers[:2]


@pytest.mark.domain("C4")
async def test_order_numbers_are_read_out_and_rise(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(2)

    first, second = [(await placed(customer, number))["orderNumber"] for number in numbers]

    assert len(first) >= len("PSTN-000042")
    assert first.startswith("PSTN-")
    assert int(first[5:]) < int(second[5:])


async def test_the_etag_of_an_order_changes_with_the_order(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    created = await customer.order(*await stock(1))
    path = f"{ORDERS}/{created.json()['id']}"

    await customer.api.ended(created.json()["id"])
    delivered = await customer.api.get(path)
    unchanged = await customer.api.get(path)
    await customer.accept_terms()
    active = await customer.api.get(path)

    assert delivered.headers["ETag"] == unchanged.headers["ETag"]
    assert len({r.headers["ETag"] for r in (created, delivered, active)}) == 3
    assert active.json()["updatedAt"] >= delivered.json()["updatedAt"]


@pytest.mark.domain("F")
async def test_a_person_may_read_orders_in_polish(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    order = await placed(customer, *await stock(1))
    path = f"{ORDERS}/{order['id']}"
    polish = {"Accept-Language": "pl-PL,pl;q=0.9,en;q=0.5"}

    for answer, language in (
        (await customer.api.get(path, headers=polish), "pl"),
        (await customer.api.get(path, headers={"Accept-Language": "de, en;q=0.5"}), "en"),
        (await customer.api.get(path), "en"),
        (await customer.api.get(ORDERS, headers=polish), "pl"),
        (await customer.api.get(f"{ORDERS}/{NOBODYS_ID}", headers=polish), "pl"),
    ):
        assert answer.headers["Content-Language"] == language
        assert "Accept-Language" in answer.headers["Vary"]


async def test_an_order_of_somebody_else_does_not_exist(
    service: Service, customer: Customer, stock: Callable[..., Any]
) -> None:
    other = await make_customer(service)
    order = await placed(customer, *await stock(1))

    for path in (f"{ORDERS}/{order['id']}", f"{ORDERS}/{order['id']}/timeline"):
        refused(await other.api.get(path), 404, "notFound")
    assert await listed(other) == []
    assert await listed(other, f"orderNumber={order['orderNumber']}") == []
    assert await listed(other, f"phoneNumber={order['phoneNumbers'][0]['phoneNumber']}") == []


# --- Timeline ---------------------------------------------------------------------------------


@pytest.mark.domain("F")
async def test_the_timeline_tells_what_happened_who_did_it_and_what_the_order_was_then(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    order = await placed(customer, *await stock(1))
    await customer.api.ended(order["id"])
    await customer.accept_terms()

    items = (await customer.api.get(f"{ORDERS}/{order['id']}/timeline")).json()["items"]

    assert [(e["event"], e["actor"], e["status"], e["stage"], e["by"]) for e in items] == [
        ("created", "customer", "pending", "queued", "customerAdmin"),
        ("sentToCarrier", "service", "pending", "atCarrier", None),
        ("provisioned", "carrier", "provisioned", "awaitingTermsOfService", None),
        ("termsOfServiceAccepted", "customer", "provisioned", None, "customerAdmin"),
    ]
    assert [entry["at"] for entry in items] == sorted(entry["at"] for entry in items)


# --- Filters ----------------------------------------------------------------------------------


@pytest.mark.domain("C4")
async def test_orders_are_listed_by_each_filter_and_by_all_of_them(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    made = await customer.api.post("/locations", json=location_wish(SEATTLE))
    second = made.json()["id"]
    await customer.api.put(f"/telephony/pstn/locations/{second}/connection", json=CISCO_PSTN)
    numbers = await stock(33)
    first_order = await placed(customer, *numbers[:2])
    failed = await placed(customer, numbers[30])
    elsewhere = (
        await customer.api.post(
            f"/telephony/pstn/locations/{second}/numberOrders",
            json={"type": "numbers", "phoneNumbers": [numbers[2]]},
        )
    ).json()
    for order in (first_order, failed, elsewhere):
        await customer.api.ended(order["id"])
    one, two, three = first_order["id"], failed["id"], elsewhere["id"]
    number, encoded = numbers[1], numbers[1].replace("+", "%2B")

    expected: dict[str, list[str]] = {
        "": [three, two, one],
        "type=newNumbers": [three, two, one],
        "type=port": [],
        "status=provisioned": [three, one],
        "status=error": [two],
        "status=pending": [],
        f"locationId={customer.location_id}": [two, one],
        f"locationId={second}": [three],
        f"locationId={NOBODYS_ID}": [],
        f"orderNumber={failed['orderNumber']}": [two],
        f"orderNumber={failed['orderNumber'].lower()}": [two],
        f"orderNumber={int(failed['orderNumber'][5:])}": [two],
        f"orderNumber=%20{failed['orderNumber']}%20": [two],
        "orderNumber=PSTN-999999999": [],
        "orderNumber=PSTN": [],
        f"phoneNumber={number}": [one],
        f"phoneNumber={encoded}": [one],
        f"phoneNumber={number[1:]}": [one],
        "phoneNumber=12345": [],
        f"phoneNumber={encoded}&status=error": [],
        f"orgId={customer.organization_id}&status=error": [two],
        f"type=newNumbers&status=provisioned&locationId={customer.location_id}"
        f"&orderNumber={first_order['orderNumber']}&phoneNumber={encoded}": [one],
    }

    for query, found in expected.items():
        assert await ids(customer, query) == found, query


async def test_a_partner_sees_the_orders_of_all_its_customers_or_of_one(
    service: Service, customer: Customer, stock: Callable[..., Any]
) -> None:
    second = await make_customer(service, partner={"id": customer.partner_id})
    numbers = await stock(2)
    one, two = await placed(customer, numbers[0]), await placed(second, numbers[1])
    partner = await customer.caller("partnerAdmin")

    everything = (await partner.get(ORDERS)).json()["items"]
    named = await partner.get(ORDERS, params={"orgId": second.organization_id})

    assert [order["id"] for order in everything] == [two["id"], one["id"]]
    assert [order["id"] for order in named.json()["items"]] == [two["id"]]


# --- Pages ------------------------------------------------------------------------------------


async def test_the_pages_hold_every_order_once_while_new_orders_come(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(18)
    before = [(await placed(customer, number))["id"] for number in numbers[:9]]
    fresh = iter(numbers[9:])

    pages, url = [], f"{ORDERS}?max=2&type=newNumbers&locationId={customer.location_id}"
    while True:
        response = await customer.api.get(url)
        pages.append([order["id"] for order in response.json()["items"]])
        await placed(customer, next(fresh))
        if "next" not in response.links:
            break
        url = response.links["next"]["url"]

    shown = [order for page in pages for order in page]
    assert [len(page) for page in pages] == [2, 2, 2, 2, 1]
    assert shown == list(reversed(before))


async def test_the_next_page_is_an_absolute_address_with_every_filter(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    for number in await stock(3):
        await placed(customer, number)
    query = {
        "type": "newNumbers",
        "locationId": customer.location_id,
        "orgId": customer.organization_id,
        "max": "2",
    }

    response = await customer.api.get(ORDERS, params=query)

    link = urlsplit(response.links["next"]["url"])
    assert f"{link.scheme}://{link.netloc}" == customer.service.url
    assert link.path == f"/v1{ORDERS}"
    told = {name: values[0] for name, values in parse_qs(link.query).items()}
    assert told.pop("cursor")
    assert told == query


async def test_a_page_may_be_larger_or_smaller_than_the_one_before(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    orders = [(await placed(customer, number))["id"] for number in await stock(4)]
    first = await customer.api.get(ORDERS, params={"max": 1})
    cursor = parse_qs(urlsplit(first.links["next"]["url"]).query)["cursor"][0]

    rest = await customer.api.get(ORDERS, params={"max": 10, "cursor": cursor})

    assert [order["id"] for order in rest.json()["items"]] == list(reversed(orders[:-1]))
    assert "next" not in rest.links


async def test_a_last_page_that_is_just_full_has_none_after_it(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    for number in await stock(4):
        await placed(customer, number)

    assert [len(page) for page in await walk(customer, f"{ORDERS}?max=2")] == [2, 2]


async def test_a_cursor_belongs_to_one_list_and_its_filters(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(2)
    for number in numbers:
        await customer.api.ended((await placed(customer, number))["id"])

    async def cursor_of(path: str) -> str:
        response = await customer.api.get(path)
        return parse_qs(urlsplit(response.links["next"]["url"]).query)["cursor"][0]

    plain = await cursor_of(f"{ORDERS}?max=1")
    filtered = await cursor_of(f"{ORDERS}?max=1&type=newNumbers")
    of_numbers = await cursor_of(f"{NUMBERS}?max=1")

    for path, cursor in (
        (f"{ORDERS}?type=newNumbers", plain),
        (f"{ORDERS}?status=provisioned", plain),
        (f"{ORDERS}?orgId={customer.organization_id}", plain),
        (ORDERS + "?", filtered),
        (f"{ORDERS}?type=port", filtered),
        (f"{ORDERS}?type=newNumbers&status=provisioned", filtered),
        (ORDERS + "?", of_numbers),
        (NUMBERS + "?", plain),
        ("/locations?", plain),
        (f"{customer.location}/availableNumbers?state=WA", of_numbers),
    ):
        response = await customer.api.get(f"{path}&cursor={cursor}")
        refused(response, 400, "invalidCursor")
    assert (await customer.api.get(f"{ORDERS}?cursor={plain}")).status_code == 200


def encoded(content: object) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


GARBAGE = [
    "x",
    "====",
    "%00",
    "%C3%A9",
    "%ED%A0%80",
    "+++",
    "0" * 499,
    NOBODYS_ID,
    encoded(b"\xff\xfe"),
    encoded(b"{"),
    encoded([]),
    encoded(None),
    encoded(5),
    encoded({}),
    encoded({"a": NOBODYS_ID}),
    encoded({"a": NOBODYS_ID, "f": "0" * 16}),
    encoded({"a": None, "f": None}),
    encoded(b"[" * 300),
]


@pytest.mark.parametrize("path", [ORDERS, NUMBERS, "/locations", "/organizations", "/accessTokens"])
async def test_a_cursor_that_is_none_is_refused(customer: Customer, path: str) -> None:
    answers = await asyncio.gather(
        *(customer.api.get(f"{path}?cursor={garbage}") for garbage in GARBAGE)
    )

    for answer in answers:
        refused(answer, 400, "invalidCursor")
    assert fields(await customer.api.get(f"{path}?cursor={'a' * 501}")) == ["/cursor"]


@pytest.mark.parametrize(
    ("path", "positions"),
    [
        (ORDERS, ["", "\u0000", "x", "5", "\ud800"]),
        (NUMBERS, ["", "\u0000", "x", "-1", "9" * 30, "٥", "\ud800", NOBODYS_ID]),
    ],
)
async def test_a_cursor_tampered_with_is_refused(
    customer: Customer, stock: Callable[..., Any], path: str, positions: list[str]
) -> None:
    for number in await stock(2):
        await customer.api.ended((await placed(customer, number))["id"])
    response = await customer.api.get(f"{path}?max=1")
    cursor = parse_qs(urlsplit(response.links["next"]["url"]).query)["cursor"][0]
    content = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    assert content["a"]

    for position in positions:
        tampered = encoded(content | {"a": position})
        answer = await customer.api.get(f"{path}?max=1&cursor={tampered}")
        refused(answer, 400, "invalidCursor")


# --- The carrier's script ---------------------------------------------------------------------


async def carrier_books(service: Service, reference: str) -> tuple[int, int]:
    """How often the carrier was called for an order, and how often it has the order."""
    async with service.database.read(EVERYTHING) as session:
        counts = [
            await session.scalar(
                text(f"select count(*) from {table} where reference = :reference"),  # noqa: S608
                {"reference": reference},
            )
            for table in ("simulated_carrier_calls", "simulated_carrier_orders")
        ]
    return int(counts[0] or 0), int(counts[1] or 0)


@pytest.mark.domain("F")
async def test_an_order_that_the_carrier_refuses_leaves_none_of_its_numbers_behind(
    service: Service, customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = (await stock(33, city="Refusal"))[30:]

    order = await customer.api.ended((await placed(customer, *numbers))["id"])

    assert (order["status"], order["stage"]) == ("error", None)
    (error,) = order["errors"]
    assert error["code"] == "carrierRefused"
    assert error["title"]
    assert error["detail"]
    assert error["phoneNumbers"] == numbers
    remedies = error["remedies"]
    assert [remedy["action"] for remedy in remedies] == ["orderAgain", "contactSupport"]
    assert all(remedy["text"] for remedy in remedies)
    assert {remedy["actor"] for remedy in remedies} == {order["nextActor"]} == {"customer"}
    assert {entry["status"] for entry in order["phoneNumbers"]} == {"failed"}
    assert (await customer.api.get(NUMBERS)).json() == {"phoneNumbers": []}
    timeline = (await customer.api.get(f"{ORDERS}/{order['id']}/timeline")).json()["items"]
    assert [entry["event"] for entry in timeline] == [
        "created",
        "sentToCarrier",
        "refusedByCarrier",
    ]
    assert await carrier_books(service, order["orderNumber"]) == (1, 1)

    # They are for sale again, to the same customer and to others.
    found = await customer.api.get(
        f"{customer.location}/availableNumbers", params={"city": "Refusal", "contains": "3"}
    )
    available = {entry["phoneNumber"] for entry in found.json()["phoneNumbers"]}
    assert set(numbers) <= available
    again = await placed(await make_customer(service), numbers[2])
    assert (await customer.api.ended(order["id"])) == order
    assert again["phoneNumbers"][0]["phoneNumber"] == numbers[2]


async def test_a_carrier_that_answers_at_the_third_try_has_the_order_once(
    service: Service, customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = (await stock(34))[31:]

    placed_order = await placed(customer, *reversed(numbers))
    order = await customer.api.ended(placed_order["id"])

    assert order["status"] == "provisioned"
    assert {entry["status"] for entry in order["phoneNumbers"]} == {"inactive"}
    assert order["errors"] == []
    assert await carrier_books(service, order["orderNumber"]) == (3, 1)
    timeline = (await customer.api.get(f"{ORDERS}/{order['id']}/timeline")).json()["items"]
    assert [entry["event"] for entry in timeline] == ["created", "sentToCarrier", "provisioned"]


async def test_the_script_looks_at_the_lowest_number_only(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(32)

    order = await customer.api.ended((await placed(customer, numbers[30], numbers[29]))["id"])

    assert order["status"] == "provisioned"


async def test_many_orders_at_once_all_come_to_their_end(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(24)

    answers: list[httpx.Response] = await asyncio.gather(
        *(customer.order(number) for number in numbers)
    )
    orders = [await customer.api.ended(answer.json()["id"]) for answer in answers]

    assert {order["status"] for order in orders} == {"provisioned"}
    assert len({order["orderNumber"] for order in orders}) == len(numbers)
    owned = (await customer.api.get(NUMBERS)).json()["phoneNumbers"]
    assert [entry["phoneNumber"] for entry in owned] == numbers
    assert {entry["orderId"] for entry in owned} == {order["id"] for order in orders}
