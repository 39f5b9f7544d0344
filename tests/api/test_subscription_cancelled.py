"""A subscription cancelled, restored in time, or ended with everything it had."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.core.database import EVERYTHING
from app.domains.numbering.service.verifying import verify
from app.domains.organizations.models import Organization
from tests.conftest import Api, Customer, make_customer

Stock = Callable[..., Any]

DAY = 24 * 60 * 60


async def owned(customer: Customer, stock: Stock, count: int = 1) -> list[str]:
    """Active numbers of the customer."""
    await customer.accept_terms()
    numbers: list[str] = await stock(count)
    await customer.api.ended((await customer.order(*numbers)).json()["id"])
    return numbers


async def states(customer: Customer) -> dict[str, str]:
    numbers = (await customer.api.get("/telephony/pstn/numbers")).json()["phoneNumbers"]
    return {entry["phoneNumber"]: entry["state"] for entry in numbers}


def account(customer: Customer, action: str = "") -> str:
    return f"/organizations/{customer.organization_id}/pstnAccount{action}"


async def advance(api: Api, seconds: int) -> None:
    response = await api.post("/simulator/clock/advance", json={"seconds": seconds})
    assert response.status_code == 200, response.text


def codes(response: Any) -> set[str]:
    assert response.status_code == 422, response.text
    return {violation["code"] for violation in response.json()["violations"]}


@pytest.mark.domain("H4")
@pytest.mark.parametrize(("subscription", "days"), [("paid", 30), ("trial", 15)])
async def test_a_cancelled_subscription_can_be_restored(
    service: Any, stock: Stock, api: Api, subscription: str, days: int
) -> None:
    customer = await make_customer(service, subscription=subscription)
    [number] = await owned(customer, stock)

    response = await customer.api.post(account(customer, "/cancel"))

    assert response.status_code == 200, response.text
    told = response.json()["subscription"]
    assert told["status"] == "cancelled"
    assert datetime.fromisoformat(told["restorableUntil"]) == datetime.fromisoformat(
        told["cancelledAt"]
    ) + timedelta(days=days)
    assert await states(customer) == {number: "active"}

    await advance(api, days * DAY - 3600)
    response = await customer.api.post(account(customer, "/restore"))

    assert response.status_code == 200, response.text
    told = response.json()["subscription"]
    assert (told["status"], told["cancelledAt"], told["restorableUntil"]) == ("active", None, None)
    await advance(api, DAY)
    assert await states(customer) == {number: "active"}


@pytest.mark.domain("H1", "H4")
async def test_nothing_new_under_a_cancelled_subscription(customer: Customer, stock: Stock) -> None:
    numbers = await owned(customer, stock, 2)
    await customer.api.post("/telephony/pstn/numbers/release", json={"phoneNumbers": [numbers[0]]})
    fresh = await stock(1)
    body = {"type": "numbers", "phoneNumbers": fresh}
    await customer.api.post(account(customer, "/cancel"))

    assert codes(await customer.order(*fresh)) == {"subscriptionCancelled"}
    reserved = await customer.api.post(f"{customer.location}/reservations", json=body)
    assert codes(reserved) == {"subscriptionCancelled"}
    quoted = await customer.api.post(f"{customer.location}/numberOrders/quote", json=body)
    assert [entry["code"] for entry in quoted.json()["violations"]] == ["subscriptionCancelled"]
    taken_back = await customer.api.post(
        "/telephony/pstn/numbers/restore", json={"phoneNumbers": [numbers[0]]}
    )
    assert codes(taken_back) == {"subscriptionCancelled"}
    released = await customer.api.post(
        "/telephony/pstn/numbers/release", json={"phoneNumbers": [numbers[1]]}
    )
    assert released.status_code == 200

    await customer.api.post(account(customer, "/restore"))

    assert (await customer.order(*fresh)).status_code == 201


@pytest.mark.domain("H2", "H4")
async def test_an_ended_subscription_leaves_nothing_behind(
    customer: Customer, stock: Stock, api: Api, service: Any
) -> None:
    main, released = await owned(customer, stock, 2)
    await customer.api.put(f"{customer.location}/mainNumber", json={"phoneNumber": main})
    await customer.api.post(account(customer, "/cancel"))
    await advance(api, 29 * DAY)
    await customer.api.post("/telephony/pstn/numbers/release", json={"phoneNumbers": [released]})

    await advance(api, DAY + 1)

    told = (await customer.api.get(account(customer))).json()["subscription"]
    assert told["status"] == "ended"
    assert await states(customer) == {main: "resting", released: "resting"}
    setup = (await customer.api.get(f"{customer.location}/setup")).json()
    assert setup["mainNumber"] is None
    late = await customer.api.post(account(customer, "/restore"))
    assert (late.status_code, late.json()["code"]) == (409, "invalidTransition")
    other = await make_customer(service)
    assert (await other.order(main)).status_code == 409

    await advance(api, 90 * DAY)

    assert await states(customer) == {}
    assert (await other.order(main)).status_code == 201
    assert [fault async for fault in verify(service.database)] == []


async def ends_in(customer: Customer, seconds: int) -> None:
    """Cancel the subscription, and let it end much sooner than it would."""
    assert (await customer.api.post(account(customer, "/cancel"))).status_code == 200
    async with customer.service.database.write(EVERYTHING) as session:
        await session.execute(
            update(Organization)
            .where(Organization.id == UUID(customer.organization_id))
            .values(ends_at=session.now + timedelta(seconds=seconds))
        )


@pytest.mark.domain("C7", "H4")
async def test_reservations_end_with_the_subscription(
    customer: Customer, stock: Stock, api: Api, service: Any
) -> None:
    other = await make_customer(service)
    numbers = [*await stock(1), *await stock(1)]
    reservations = []
    for number in reversed(numbers):
        made = await customer.api.post(
            f"{customer.location}/reservations", json={"type": "numbers", "phoneNumbers": [number]}
        )
        reservations.append(made.json()["id"])
    await ends_in(customer, 60)

    await advance(api, 61)

    for reservation in reservations:
        known = await customer.api.get(f"/telephony/pstn/reservations/{reservation}")
        assert known.json()["status"] == "released"
    assert (await other.order(*numbers)).status_code == 201


@pytest.mark.domain("H1", "H4")
async def test_what_an_order_delivers_after_the_end_rests_at_once(
    customer: Customer, stock: Stock, api: Api
) -> None:
    await customer.accept_terms()
    slow = (await stock(40))[31]
    order = (await customer.order(slow)).json()
    await ends_in(customer, 1)
    await advance(api, 2)

    await customer.api.ended(order["id"])

    assert await states(customer) == {slow: "resting"}


@pytest.mark.domain("H4")
async def test_it_is_cancelled_and_restored_once(customer: Customer) -> None:
    early = await customer.api.post(account(customer, "/restore"))
    assert (early.status_code, early.json()["code"]) == (409, "invalidTransition")
    etag = (await customer.api.get(account(customer))).headers["ETag"]
    stale = await customer.api.post(account(customer, "/cancel"), headers={"If-Match": '"999"'})
    assert stale.status_code == 412
    first = await customer.api.post(account(customer, "/cancel"), headers={"If-Match": etag})
    assert first.status_code == 200
    again = await customer.api.post(account(customer, "/cancel"))
    assert (again.status_code, again.json()["code"]) == (409, "invalidTransition")


async def test_the_operator_and_the_customer_cancel_and_nobody_else(
    customer: Customer, service: Any
) -> None:
    for role in ("readOnlyAdmin", "partnerAdmin", "support"):
        caller = await customer.caller(role)
        for action in ("/cancel", "/restore"):
            assert (await caller.post(account(customer, action))).status_code == 403
    other = await make_customer(service)
    assert (await other.api.post(account(customer, "/cancel"))).status_code == 404
    operator = await customer.caller("operator")
    assert (await operator.post(account(customer, "/cancel"))).status_code == 200
    assert (await operator.post(account(customer, "/restore"))).status_code == 200
