"""The main job from end to end: connect, search, order, accept, use."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Customer


@pytest.mark.domain("C2", "C4", "C5", "F")
async def test_numbers_ordered_by_name_are_delivered_and_wait_for_the_terms(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(3)

    response = await customer.order(*numbers)

    assert response.status_code == 201
    assert response.json()["orderNumber"].startswith("PSTN-")
    order = await customer.api.ended(response.json()["id"])
    assert order["status"] == "provisioned"
    assert order["nextActor"] == "customer"
    assert [entry["status"] for entry in order["phoneNumbers"]] == ["inactive"] * 3

    await customer.accept_terms()

    order = (await customer.api.get(f"/telephony/pstn/orders/{order['id']}")).json()
    assert order["nextActor"] == "nobody"
    owned = (await customer.api.get("/telephony/pstn/numbers")).json()["phoneNumbers"]
    assert [(entry["phoneNumber"], entry["state"]) for entry in owned] == [
        (number, "active") for number in numbers
    ]


@pytest.mark.domain("C2")
async def test_a_quantity_is_chosen_from_the_place_asked_for(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(5, city="Vashon")

    response = await customer.api.post(
        f"{customer.location}/numberOrders",
        json={"type": "quantity", "quantity": 4, "criteria": {"state": "WA", "city": "vashon"}},
    )

    assert response.status_code == 201
    assert [entry["phoneNumber"] for entry in response.json()["phoneNumbers"]] == numbers[:4]


@pytest.mark.domain("C5")
async def test_numbers_are_active_at_once_when_the_terms_are_accepted_before(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    await customer.accept_terms()
    numbers = await stock(1)

    order = await customer.api.ended((await customer.order(*numbers)).json()["id"])

    assert order["stage"] is None
    assert order["phoneNumbers"][0]["status"] == "active"
