"""Whatever is sent about ports, it is refused as a problem, never a fault and never an echo."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import Api, Customer
from tests.ports.porting import ACCOUNT, DESK, PORTS, P, draft, fresh, ready

CANARY = "canary7Q"
EXTREMES: list[Any] = [
    CANARY,
    CANARY + "\u0000",
    CANARY + "\ud800",
    CANARY * 5000,
    "",
    " ",
    None,
    True,
    -1,
    2**70,
    1e400,
    [],
    {},
    [CANARY],
    {CANARY: CANARY},
    [[CANARY]],
    "2026-13-40",
    "9999-12-31",
    "0001-01-01",
    "+" + "9" * 15,
    "🎉",
]
DOCUMENT: dict[str, Any] = {
    "portType": "full",
    "account": ACCOUNT,
    "newBillingTelephoneNumber": "+12065559000",
    "remainingNumbersAction": "keep",
    "requestedCompletionDate": "2026-11-30",
    "requestedCompletionTime": "09:00",
    "notificationEmail": "a@b.example",
    "additionalInformation": {"rio": "x"},
    "billOverrides": [{"field": "companyName", "reason": "x"}],
}
NUMBERS = {"phoneNumbers": ["+12065550199"]}
DESK_BODIES: dict[str, dict[str, Any]] = {
    "reject": {"errors": [{"code": "unknown", "phoneNumbers": ["+12065550199"], "note": "x"}]},
    "foc": {"date": "2026-11-30", "message": "x"},
    "complete": NUMBERS,
    "requestDocument": {"kind": "csr", "message": "x"},
    "setPortability": {**NUMBERS, "portable": True, "note": "x"},
    "cancel": {"message": "x"},
}


def changed(value: Any, other: Any) -> Iterator[Any]:
    """The body with another value in each of its places, and everywhere at once."""
    yield other
    if isinstance(value, dict):
        for name, member in value.items():
            for variant in changed(member, other):
                yield {**value, name: variant}
        yield {**value, CANARY: other}
    elif isinstance(value, list):
        for index, member in enumerate(value):
            for variant in changed(member, other):
                yield [*value[:index], variant, *value[index + 1 :]]


def check(response: httpx.Response) -> None:
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        problem = response.json()
        for violation in problem["violations"]:
            assert violation["code"]
            violation["pointer"] = ""
        assert CANARY not in json.dumps(problem)


async def send(api: Api, method: str, path: str, body: Any) -> httpx.Response:
    content = json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    return await api.request(method, path, content=content, headers=headers)


@pytest.mark.parametrize("extreme", EXTREMES, ids=range(len(EXTREMES)))
async def test_no_document_however_extreme_is_a_fault(customer: Customer, extreme: Any) -> None:
    order = await draft(customer, *fresh(50))
    for body in changed(DOCUMENT, extreme):
        check(await send(customer.api, "PATCH", f"{PORTS}/{order['id']}", body))
    check(await customer.api.get(f"{PORTS}/{order['id']}/readiness"))
    check(await customer.api.post(f"{PORTS}/{order['id']}/submit"))


@pytest.mark.parametrize("extreme", EXTREMES, ids=range(len(EXTREMES)))
async def test_no_action_however_extreme_is_a_fault(customer: Customer, extreme: Any) -> None:
    order = await ready(customer, *fresh(50, 51))
    split = {
        "phoneNumbers": [{"phoneNumber": "+12065550199", "billingTelephoneNumber": "+12065550100"}]
    }
    path = f"{PORTS}/{order['id']}"
    for body in changed(NUMBERS, extreme):
        check(await send(customer.api, "POST", f"{path}/removeNumbers", body))
        check(await send(customer.api, "POST", f"{customer.location}/portOrders", body))
        check(await send(customer.api, "POST", f"{P}/portabilityChecks", body))
    for body in changed(split, extreme):
        check(await send(customer.api, "POST", f"{path}/split", body))
    support = await customer.caller("support")
    for action, original in DESK_BODIES.items():
        for body in itertools.islice(changed(original, extreme), 20):
            check(await send(support, "POST", f"{DESK}/{order['id']}/{action}", body))


async def test_an_order_of_new_numbers_is_no_port(customer: Customer, stock: Any) -> None:
    [number] = await stock(1)
    order = (await customer.order(number)).json()
    await customer.api.ended(order["id"])
    support = await customer.caller("support")
    for method, path in (
        ("GET", f"{PORTS}/{order['id']}"),
        ("GET", f"{PORTS}/{order['id']}/readiness"),
        ("GET", f"{PORTS}/{order['id']}/fieldChanges"),
        ("POST", f"{PORTS}/{order['id']}/submit"),
        ("POST", f"{PORTS}/{order['id']}/cancel"),
    ):
        assert (await customer.api.request(method, path)).status_code == 404
    assert (await support.post(f"{DESK}/{order['id']}/accept")).status_code == 404


async def test_somebody_elses_port_is_not_there(customer: Customer, trial: Customer) -> None:
    order = await draft(customer, *fresh(50))
    path = f"{PORTS}/{order['id']}"
    for method, each in (
        ("GET", path),
        ("GET", f"{path}/readiness"),
        ("GET", f"{path}/fieldChanges"),
        ("POST", f"{path}/submit"),
        ("POST", f"{path}/cancel"),
    ):
        assert (await trial.api.request(method, each)).status_code == 404
    patched = await trial.api.patch(path, json={"portType": "full"})
    assert patched.status_code == 404
