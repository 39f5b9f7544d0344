"""Blocks, reservations, quotes, and what the loser of a race is offered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import HEADER, Api, Customer, fresh_thousand, import_csv, make_customer

Stock = Callable[..., Any]


async def add_range(api: Api, first: int, last: int, city: str = "Seattle") -> None:
    result = await import_csv(api, f"{HEADER}US,WA,{city},SEATTLE,local,+{first},+{last}\n")
    assert result["refusedCount"] == 0, result


async def reserve(customer: Customer, *numbers: str) -> Any:
    return await customer.api.post(
        f"{customer.location}/reservations",
        json={"type": "numbers", "phoneNumbers": list(numbers)},
    )


async def blocks(customer: Customer, **query: Any) -> dict[str, Any]:
    response = await customer.api.get(f"{customer.location}/availableBlocks", params=query)
    assert response.status_code == 200, response.text
    return dict(response.json())


@pytest.mark.domain("C2", "C6", "C10")
async def test_a_block_is_found_across_the_border_of_a_thousand(
    customer: Customer, api: Api
) -> None:
    fresh_thousand()
    first = fresh_thousand() + 940
    fresh_thousand()
    await add_range(api, first, first + 99, city="Bordertown")

    found = await blocks(customer, size=100, state="WA", city="Bordertown")

    assert [block["firstNumber"] for block in found["blocks"]] == [f"+{first}"]
    order = await customer.api.post(
        f"{customer.location}/numberOrders",
        json={"type": "block", "firstNumber": f"+{first}", "size": 100},
    )
    assert order.status_code == 201, order.text
    assert order.json()["blockId"]
    assert len(order.json()["phoneNumbers"]) == 100
    ended = await customer.api.ended(order.json()["id"])
    assert ended["status"] == "provisioned"
    assert (await blocks(customer, size=100, state="WA", city="Bordertown"))["blocks"] == []


@pytest.mark.domain("C10")
async def test_without_a_block_the_longest_run_and_area_codes_that_have_one_are_told(
    customer: Customer, api: Api
) -> None:
    first = fresh_thousand()
    await add_range(api, first, first + 59, city="Sixtyville")
    await add_range(api, 12_539_990_000, 12_539_990_099, city="Tacoma")

    found = await blocks(customer, size=100, state="WA", city="Sixtyville")

    assert found["blocks"] == []
    assert found["longestRun"] == 60
    assert {"state": "WA", "areaCode": "253"} in found["alternatives"]


@pytest.mark.domain("C10")
async def test_blocks_page_without_overlap(customer: Customer, api: Api) -> None:
    first = fresh_thousand()
    await add_range(api, first + 5, first + 5 + 95 - 1, city="Pageville")

    seen, url = [], f"{customer.location}/availableBlocks?size=10&city=Pageville&max=4"
    while url:
        response = await customer.api.get(url)
        seen += [int(block["firstNumber"][1:]) for block in response.json()["blocks"]]
        url = response.links.get("next", {}).get("url", "")

    assert seen == [first + 5 + 10 * index for index in range(9)]


@pytest.mark.domain("A7", "C6")
@pytest.mark.parametrize(("size", "code"), [(10, "trialBlocksNotAllowed"), (7, "invalidBlockSize")])
async def test_a_block_a_trial_or_an_odd_size_is_refused(
    trial: Customer, stock: Stock, size: int, code: str
) -> None:
    numbers = await stock(10)
    response = await trial.api.post(
        f"{trial.location}/numberOrders",
        json={"type": "block", "firstNumber": numbers[0], "size": size},
    )
    assert response.status_code == 422
    assert code in {violation["code"] for violation in response.json()["violations"]}


@pytest.mark.domain("C7")
async def test_a_reserved_number_is_invisible_and_cannot_be_ordered_by_others(
    customer: Customer, stock: Stock, service: Any
) -> None:
    other = await make_customer(service)
    numbers = await stock(3)
    made = await reserve(customer, *numbers[:2])
    assert made.status_code == 201
    assert made.json()["phoneNumbers"] == numbers[:2]

    lost = await other.order(*numbers)
    assert lost.status_code == 409
    assert lost.json()["lost"] == numbers[:2]
    assert lost.json()["remaining"] == numbers[2:]

    used = await customer.api.post(
        f"{customer.location}/numberOrders",
        json={
            "type": "numbers",
            "phoneNumbers": numbers[:1],
            "reservationId": made.json()["id"],
        },
    )
    assert used.status_code == 201, used.text
    after = (await customer.api.get(f"/telephony/pstn/reservations/{made.json()['id']}")).json()
    assert after["status"] == "used"
    assert after["phoneNumbers"] == []
    again = await other.order(numbers[1])
    assert again.status_code == 201, again.text


@pytest.mark.domain("C7")
async def test_a_reservation_is_extended_once_and_expires_by_the_clock(
    customer: Customer, stock: Stock, api: Api
) -> None:
    numbers = await stock(1)
    made = (await reserve(customer, *numbers)).json()
    path = f"/telephony/pstn/reservations/{made['id']}"

    extended = await customer.api.post(f"{path}/extend")
    assert extended.status_code == 200
    longer = datetime.fromisoformat(extended.json()["expiresAt"]) - datetime.fromisoformat(
        made["expiresAt"]
    )
    assert longer == timedelta(minutes=15)
    twice = await customer.api.post(f"{path}/extend")
    assert (twice.status_code, twice.json()["code"]) == (409, "reservationAlreadyExtended")

    await api.post("/simulator/clock/advance", json={"seconds": 30 * 60 + 1})

    assert (await customer.api.get(path)).json()["status"] == "expired"
    late = await customer.api.post(
        f"{customer.location}/numberOrders",
        json={"type": "numbers", "phoneNumbers": numbers, "reservationId": made["id"]},
    )
    assert (late.status_code, late.json()["code"]) == (409, "reservationExpired")
    assert (await customer.order(*numbers)).status_code == 201


@pytest.mark.domain("A8", "C7")
async def test_nobody_hoards_more_than_the_cap(customer: Customer, stock: Stock, api: Api) -> None:
    await api.put(
        f"/organizations/{customer.organization_id}/limits/heldNumbers", json={"limit": 3}
    )
    numbers = await stock(4)
    assert (await reserve(customer, *numbers[:2])).status_code == 201
    response = await reserve(customer, *numbers[2:])
    assert response.status_code == 422
    violation = response.json()["violations"][0]
    assert violation["code"] == "reservationLimitExceeded"
    assert (violation["limit"], violation["used"], violation["remaining"]) == (3, 2, 1)


@pytest.mark.domain("C8")
async def test_partial_orders_what_is_left(customer: Customer, stock: Stock) -> None:
    numbers = await stock(3)
    await customer.order(numbers[0])
    response = await customer.api.post(
        f"{customer.location}/numberOrders",
        json={"type": "numbers", "phoneNumbers": numbers, "onUnavailable": "partial"},
    )
    assert response.status_code == 201
    assert [entry["phoneNumber"] for entry in response.json()["phoneNumbers"]] == numbers[1:]


@pytest.mark.domain("C8")
async def test_a_substitute_is_of_the_same_prefix_and_the_answer_says_for_which(
    customer: Customer, stock: Stock
) -> None:
    numbers = await stock(4)
    await customer.order(numbers[0])
    response = await customer.api.post(
        f"{customer.location}/numberOrders",
        json={"type": "numbers", "phoneNumbers": numbers[:2], "onUnavailable": "substitute"},
    )
    assert response.status_code == 201, response.text
    [substitution] = response.json()["substitutions"]
    assert substitution["for"] == numbers[0]
    assert substitution["phoneNumber"][:8] == numbers[0][:8]
    got = {entry["phoneNumber"] for entry in response.json()["phoneNumbers"]}
    assert got == {numbers[1], substitution["phoneNumber"]}


@pytest.mark.domain("C8")
async def test_the_loser_holds_substitutes_for_two_minutes_and_the_newer_offer_replaces_the_older(
    customer: Customer, stock: Stock
) -> None:
    numbers = await stock(6)
    await customer.order(*numbers[:2])

    first = (await customer.order(numbers[0])).json()
    second = (await customer.order(numbers[1])).json()

    older = await customer.api.get(f"/telephony/pstn/reservations/{first['reservationId']}")
    newer = await customer.api.get(f"/telephony/pstn/reservations/{second['reservationId']}")
    assert older.json()["status"] == "released"
    assert newer.json()["status"] == "active"
    [substitute] = second["substitutes"]
    assert newer.json()["phoneNumbers"] == [substitute["phoneNumber"]]
    used = await customer.api.post(
        f"{customer.location}/numberOrders",
        json={
            "type": "numbers",
            "phoneNumbers": [substitute["phoneNumber"]],
            "reservationId": second["reservationId"],
        },
    )
    assert used.status_code == 201


@pytest.mark.domain("C9")
async def test_a_quote_tells_all_and_does_nothing(trial: Customer, stock: Stock) -> None:
    numbers = await stock(3)
    path = f"{trial.location}/numberOrders/quote"

    quote = (await trial.api.post(path, json={"type": "numbers", "phoneNumbers": numbers})).json()

    assert quote["violations"] == []
    assert quote["phoneNumbers"] == numbers
    used = {
        when: next(limit["used"] for limit in quote[when] if limit["name"] == "trialNumbers")
        for when in ("limitsBefore", "limitsAfter")
    }
    assert used == {"limitsBefore": 0, "limitsAfter": 3}
    assert quote["charges"][0]["quantity"] == 3
    assert (await trial.api.get("/telephony/pstn/numbers")).json()["phoneNumbers"] == []

    too_many = (
        await trial.api.post(
            path, json={"type": "quantity", "quantity": 101, "criteria": {"state": "XX"}}
        )
    ).json()
    assert {violation["code"] for violation in too_many["violations"]} == {
        "orderLimitExceeded",
        "trialNumberLimitExceeded",
        "validationFailed",
    }


@pytest.mark.domain("C7", "C9")
async def test_a_quote_with_hold_reserves_just_what_it_shows(
    customer: Customer, stock: Stock
) -> None:
    await stock(3, city="Quotetown")
    quote = (
        await customer.api.post(
            f"{customer.location}/numberOrders/quote",
            json={
                "type": "quantity",
                "quantity": 2,
                "criteria": {"state": "WA", "city": "Quotetown"},
                "hold": True,
            },
        )
    ).json()
    held = await customer.api.get(f"/telephony/pstn/reservations/{quote['reservationId']}")
    assert held.json()["phoneNumbers"] == quote["phoneNumbers"]
    reader = await customer.caller("readOnlyAdmin")
    refused = await reader.post(
        f"{customer.location}/numberOrders/quote",
        json={"type": "numbers", "phoneNumbers": quote["phoneNumbers"], "hold": True},
    )
    assert refused.status_code == 403


@pytest.mark.domain("C9", "H1")
async def test_a_quote_promises_nothing(customer: Customer, stock: Stock, service: Any) -> None:
    numbers = await stock(1)
    other = await make_customer(service)
    quote = await customer.api.post(
        f"{customer.location}/numberOrders/quote",
        json={"type": "numbers", "phoneNumbers": numbers},
    )
    assert quote.json()["violations"] == []

    assert (await other.order(*numbers)).status_code == 201

    late = await customer.order(*numbers)
    assert (late.status_code, late.json()["lost"]) == (409, numbers)
