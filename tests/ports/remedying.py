"""A client that knows no code of any error: it does what the remedies of an answer point at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.conftest import SEATTLE, Customer
from tests.ports.porting import CASES, PORTS, act, patch, sign, upload

OTHER_VALUES: Mapping[str, Any] = {
    "/account/accountNumber": "8834-22191",
    "/account/authorizedName": "Grace Example",
    "/account/billingTelephoneNumber": "+12065559001",
    "/account/companyName": "Northwind Traders Ltd.",
    "/account/pin": "1147",
    "/account/serviceAddress/address1": "402 Broad Street",
    "/account/serviceAddress/city": SEATTLE["city"],
    "/account/serviceAddress/state": SEATTLE["state"],
    "/account/serviceAddress/postalCode": "98121",
}
"""What the customer knows better, by where it belongs."""


async def remedy(customer: Customer, order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Do the remedy advised first of every error; the orders to go on with."""
    orders = [dict(order)]
    for error in order["errors"]:
        for each in list(orders):
            made = await follow(customer, each, error["remedies"][0])
            if made:
                orders = made
    return orders


async def follow(
    customer: Customer, order: Mapping[str, Any], advice: Mapping[str, Any]
) -> list[dict[str, Any]] | None:
    """Do one remedy; the orders that took the place of this one, if any did."""
    match advice["action"]:
        case "updateField":
            for pointer in advice["pointers"]:
                await patch(customer, order, **await change(customer, order, pointer))
        case "removeNumbers":
            await act(customer, order, "removeNumbers", phoneNumbers=advice["phoneNumbers"])
        case "uploadDocument":
            await upload(customer, order, advice["documentKind"])
        case "signLoa":
            await sign(customer, order)
        case "contactSupport":
            await ask_support(customer, order)
        case "splitOrder":
            entries = [
                {"phoneNumber": number, "billingTelephoneNumber": f"+1206555900{index}"}
                for index, number in enumerate(advice["phoneNumbers"])
            ]
            made = await act(customer, order, "split", phoneNumbers=entries)
            return list(made["orders"])
        case unknown:
            raise AssertionError(unknown)
    return None


async def change(customer: Customer, order: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """A merge patch with another value at a pointer."""
    value = OTHER_VALUES.get(pointer)
    if value is None:
        readiness = (await customer.api.get(f"{PORTS}/{order['id']}/readiness")).json()
        value = readiness["allowedCompletionDates"][1]
    for name in reversed(pointer.split("/")[1:]):
        value = {name: value}
    return dict(value)


async def ask_support(customer: Customer, order: Mapping[str, Any]) -> None:
    """Open a case on the order, and have support answer."""
    wish = {"need": "rejection", "orderId": order["id"], "subject": "Why?", "message": "Why?"}
    case = await customer.api.post(CASES, json=wish)
    assert case.status_code == 201, case.text
    support = await customer.caller("support")
    answer = await support.post(
        f"{CASES}/{case.json()['id']}/comments", json={"message": "Try again."}
    )
    assert answer.status_code == 201, answer.text


async def submit_again(customer: Customer, order: Mapping[str, Any]) -> dict[str, Any]:
    """Submit, doing first what the refusals of that advise."""
    path = f"{PORTS}/{order['id']}/submit"
    for _ in range(5):
        response = await customer.api.post(path)
        if response.status_code == 200:
            return dict(response.json())
        assert response.status_code == 422, response.text
        for violation in response.json()["violations"]:
            await follow(customer, order, violation["remedies"][0])
    raise AssertionError(response.text)
