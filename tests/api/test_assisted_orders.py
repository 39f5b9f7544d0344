"""Orders that support fulfils, and the desk where it does."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from app.core.database import EVERYTHING
from app.domains.numbering.models import Number, ThousandsBlock
from tests.conftest import CISCO_PSTN, HEADER, Api, Customer, Service, import_csv, make_customer

Stock = Callable[..., Any]

WARSAW = {
    "address1": "ul. Prosta 20",
    "city": "Warszawa",
    "postalCode": "00-850",
    "country": "PL",
}
ORDERS = "/telephony/pstn/orders"
DESK = "/telephony/pstn/support"
CASES = "/telephony/pstn/supportCases"

_hundreds = itertools.count(100)


def fresh_polish(count: int) -> list[str]:
    """Numbers of Warsaw that no other test of this worker uses."""
    first = 48_225_000_000 + next(_hundreds) * 1000
    return [f"+{number}" for number in range(first, first + count)]


async def in_warsaw(service: Service, subscription: str = "paid") -> Customer:
    customer = await make_customer(
        service, connected=False, address=WARSAW, subscription=subscription
    )
    response = await customer.api.put(
        f"{customer.location}/connection", json={**CISCO_PSTN, "emergencyAddress": WARSAW}
    )
    assert response.status_code == 200, response.text
    return customer


@pytest.fixture
async def polish(service: Service) -> Customer:
    return await in_warsaw(service)


async def ask(customer: Customer, quantity: int = 2, **changes: Any) -> Any:
    wish = {"type": "assisted", "quantity": quantity, "numberType": "local", **changes}
    return await customer.api.post(f"{customer.location}/numberOrders", json=wish)


async def asked(customer: Customer, quantity: int = 2, **changes: Any) -> dict[str, Any]:
    response = await ask(customer, quantity, **changes)
    assert response.status_code == 201, response.text
    return dict(response.json())


async def case_of(customer: Customer, order: dict[str, Any]) -> dict[str, Any]:
    listed = await customer.api.get(CASES, params={"orderId": order["id"]})
    [case] = listed.json()["items"]
    return dict(case)


async def desk(support: Api, order: dict[str, Any], action: str, **body: Any) -> Any:
    return await support.post(f"{DESK}/orders/{order['id']}/{action}", json=body)


async def limit(customer: Customer, name: str) -> dict[str, Any]:
    limits = (await customer.api.get("/telephony/pstn/limits")).json()["items"]
    return next(entry for entry in limits if entry["name"] == name)


@pytest.mark.domain("D1", "J2")
async def test_an_assisted_order_opens_a_case_with_the_locations_data(polish: Customer) -> None:
    order = await asked(polish, 3, details="W jednym ciągu, jeśli można.")

    assert order["orderNumber"].startswith("PSTN-")
    assert (order["status"], order["stage"]) == ("pending", "withSupport")
    assert (order["nextActor"], order["phoneNumbers"]) == ("support", [])
    assert order["expectedBy"]
    case = await case_of(polish, order)
    assert (case["desk"], case["status"]) == ("PTS", "open")
    message = case["comments"][0]["message"]
    for part in (order["orderNumber"], "ul. Prosta 20", "00-850", "Warszawa", "Poland", "ciągu"):
        assert part in message
    support = await polish.caller("support")
    queue = (await support.get(f"{DESK}/queue", params={"orgId": polish.organization_id})).json()
    assert [entry["id"] for entry in queue["items"]] == [order["id"]]


@pytest.mark.domain("D3")
async def test_support_fulfils_with_numbers_of_stock_and_others_active_without_the_terms(
    polish: Customer, api: Api, service: Service
) -> None:
    stocked, other = fresh_polish(1)[0], fresh_polish(1)[0]
    result = await import_csv(api, f"{HEADER}PL,,Warszawa,WARSZAWA,local,{stocked},{stocked}\n")
    assert result["imported"] == 1, result
    order = await asked(polish)
    support = await polish.caller("support")

    response = await desk(support, order, "fulfil", phoneNumbers=[other, stocked])

    assert response.status_code == 200, response.text
    done = response.json()
    assert (done["status"], done["stage"], done["nextActor"]) == ("provisioned", None, "nobody")
    assert [entry["status"] for entry in done["phoneNumbers"]] == ["active", "active"]
    owned = (await polish.api.get("/telephony/pstn/numbers")).json()["phoneNumbers"]
    assert {entry["phoneNumber"] for entry in owned} == {stocked, other}
    async with service.database.read(EVERYTHING) as session:
        from_stock = await session.get(Number, int(stocked))
        from_elsewhere = await session.get(Number, int(other))
        block = await session.get(ThousandsBlock, int(stocked) // 1000)
    assert from_stock is not None
    assert from_elsewhere is not None
    assert block is not None
    assert (from_stock.from_stock, from_elsewhere.from_stock) == (True, False)
    assert block.available == 0
    assert (await case_of(polish, order))["status"] == "closed"
    timeline = (await polish.api.get(f"{ORDERS}/{order['id']}/timeline")).json()["items"]
    assert [(entry["event"], entry["actor"]) for entry in timeline] == [
        ("created", "customer"),
        ("fulfilled", "support"),
    ]
    again = await desk(support, order, "fulfil", phoneNumbers=fresh_polish(2))
    assert (again.status_code, again.json()["code"]) == (409, "invalidTransition")


@pytest.mark.domain("D2", "D3", "F", "J2")
async def test_action_is_required_until_the_customer_answers_in_the_case(
    polish: Customer,
) -> None:
    order = await asked(polish)
    support = await polish.caller("support")

    asking = await desk(support, order, "requireAction", message="Which district?")

    assert asking.status_code == 200, asking.text
    waiting = asking.json()
    assert (waiting["status"], waiting["nextActor"]) == ("actionRequired", "customer")
    assert waiting["displayStatus"] == "Action required"
    case = await case_of(polish, order)
    assert (case["status"], case["comments"][-1]["side"]) == ("answered", "support")
    assert case["comments"][-1]["message"] == "Which district?"
    path = f"{CASES}/{case['id']}/comments"
    await support.post(path, json={"message": "Only the district."})
    order = (await polish.api.get(f"{ORDERS}/{order['id']}")).json()
    assert order["status"] == "actionRequired"
    early = await desk(support, order, "fulfil", phoneNumbers=fresh_polish(2))
    assert early.status_code == 409

    replied = await polish.api.post(path, json={"message": "Wola."})

    assert (replied.status_code, replied.json()["status"]) == (201, "open")
    order = (await polish.api.get(f"{ORDERS}/{order['id']}")).json()
    assert (order["status"], order["stage"]) == ("pending", "withSupport")
    assert order["nextActor"] == "support"
    done = await desk(support, order, "fulfil", phoneNumbers=fresh_polish(2))
    assert done.json()["status"] == "provisioned"


@pytest.mark.domain("D3", "F")
@pytest.mark.parametrize(
    ("action", "status", "polish_status"),
    [("fail", "error", "Błąd"), ("cancel", "cancelled", "Anulowano")],
)
async def test_support_ends_an_order_and_says_why(
    polish: Customer, action: str, status: str, polish_status: str
) -> None:
    order = await asked(polish)
    support = await polish.caller("support")

    response = await desk(support, order, action, message="There are none.")

    assert (response.status_code, response.json()["status"]) == (200, status)
    read = await polish.api.get(f"{ORDERS}/{order['id']}", headers={"Accept-Language": "pl"})
    assert read.json()["displayStatus"] == polish_status
    errors = [error["code"] for error in read.json()["errors"]]
    assert errors == (["notFulfilled"] if action == "fail" else [])
    assert (await case_of(polish, order))["comments"][-1]["message"] == "There are none."
    again = await desk(support, order, action, message="Still none.")
    assert again.status_code == 409


async def test_the_customer_cancels(polish: Customer) -> None:
    order = await asked(polish)
    response = await polish.api.post(f"{ORDERS}/{order['id']}/cancel")
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    assert (await case_of(polish, order))["status"] == "closed"


async def test_what_support_may_not_assign(polish: Customer) -> None:
    support = await polish.caller("support")
    order = await asked(polish)

    response = await desk(
        support, order, "fulfil", phoneNumbers=["+12062676000", "+48800123456", "nonsense"]
    )

    assert response.status_code == 422
    found = {(entry["code"], entry["pointer"]) for entry in response.json()["violations"]}
    assert found == {
        ("validationFailed", "/phoneNumbers"),
        ("phoneNumberWrongCountry", "/phoneNumbers/0"),
        ("tollFreeNotSupported", "/phoneNumbers/1"),
        ("invalidPhoneNumber", "/phoneNumbers/2"),
    }


async def test_numbers_owned_or_held_are_not_assigned_and_nothing_changes(
    customer: Customer, stock: Stock, service: Service
) -> None:
    other = await make_customer(service)
    numbers = await stock(3)
    await other.api.post(
        f"{other.location}/reservations", json={"type": "numbers", "phoneNumbers": numbers[:1]}
    )
    owned = await other.order(numbers[1])
    await other.api.ended(owned.json()["id"])
    order = await asked(customer)
    support = await customer.caller("support")

    held = await desk(support, order, "fulfil", phoneNumbers=[numbers[0], numbers[2]])
    taken = await desk(support, order, "fulfil", phoneNumbers=[numbers[1], numbers[2]])

    assert (held.status_code, held.json()["code"]) == (409, "numbersUnavailable")
    assert held.json()["lost"] == numbers[:1]
    assert (taken.status_code, taken.json()["code"]) == (409, "numberAlreadyOwned")
    assert (await customer.api.get(f"{ORDERS}/{order['id']}")).json()["status"] == "pending"
    assert (await other.order(numbers[2])).status_code == 201


@pytest.mark.domain("A8")
async def test_limits_count_what_waits_for_support(service: Service) -> None:
    trial = await in_warsaw(service, subscription="trial")
    order = await asked(trial, 7)
    assert (await limit(trial, "trialNumbers"))["used"] == 7

    refused = await ask(trial, 4)

    assert refused.status_code == 422
    [violation] = refused.json()["violations"]
    assert violation["code"] == "trialNumberLimitExceeded"
    assert (violation["limit"], violation["used"], violation["remaining"]) == (10, 7, 3)
    support = await trial.caller("support")
    await desk(support, order, "requireAction", message="Why?")
    assert (await limit(trial, "trialNumbers"))["used"] == 7
    await desk(support, order, "cancel", message="No.")
    assert (await limit(trial, "trialNumbers"))["used"] == 0


@pytest.mark.domain("A3", "D1")
async def test_who_orders_what_where(polish: Customer, customer: Customer) -> None:
    assert (await ask(customer, 1)).status_code == 201
    assert (await ask(polish, 1, numberType="national")).status_code == 201
    too_many = await ask(polish, 101)
    assert [v["code"] for v in too_many.json()["violations"]] == ["orderLimitExceeded"]
    no_such_type = await ask(customer, 1, numberType="national")
    assert no_such_type.json()["violations"][0]["pointer"] == "/numberType"
    by_name = await polish.order("+48225551234")
    assert "useAssistedOrder" in {v["code"] for v in by_name.json()["violations"]}
    reserved = await polish.api.post(
        f"{polish.location}/reservations",
        json={"type": "assisted", "quantity": 1, "numberType": "local"},
    )
    assert reserved.status_code == 422
    quote = await polish.api.post(
        f"{polish.location}/numberOrders/quote",
        json={"type": "assisted", "quantity": 5, "numberType": "local"},
    )
    assert quote.status_code == 200, quote.text
    assert (quote.json()["violations"], quote.json()["charges"][0]["quantity"]) == ([], 5)


@pytest.mark.domain("C1")
async def test_cisco_pstn_comes_first(service: Service) -> None:
    customer = await make_customer(service, connected=False, address=WARSAW)
    response = await ask(customer, 1)
    assert [v["code"] for v in response.json()["violations"]] == ["pstnNotEnabled"]


async def test_the_desk_is_supports_alone_and_for_assisted_orders(
    polish: Customer, customer: Customer, stock: Stock
) -> None:
    order = await asked(polish)
    for role in ("customerAdmin", "partnerAdmin", "operator"):
        caller = polish.operator if role == "operator" else await polish.caller(role)
        assert (await desk(caller, order, "fail", message="No.")).status_code == 403
        assert (await caller.get(f"{DESK}/queue")).status_code == 403
    support = await polish.caller("support")
    self_service = (await customer.order(*await stock(1))).json()
    for action in ("fail", "cancel", "requireAction"):
        assert (await desk(support, self_service, action, message="No.")).status_code == 409
