"""Releasing numbers, taking them back, their rest, and that they are stock again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from app.core.database import EVERYTHING
from app.domains.numbering.models import Number
from app.domains.numbering.service.verifying import verify
from tests.conftest import Api, Customer, fresh_thousand, make_customer

Stock = Callable[..., Any]

DAY = 24 * 60 * 60
TACOMA = {
    "address1": "1100 Broadway",
    "city": "Tacoma",
    "state": "WA",
    "postalCode": "98402",
    "country": "US",
}


async def owned(customer: Customer, stock: Stock, count: int = 1) -> list[str]:
    """Active numbers of the customer."""
    await customer.accept_terms()
    numbers: list[str] = await stock(count)
    await customer.api.ended((await customer.order(*numbers)).json()["id"])
    return numbers


async def owned_block(customer: Customer, stock: Stock) -> tuple[str, list[str]]:
    """An active block of the customer."""
    await customer.accept_terms()
    numbers: list[str] = await stock(10)
    response = await customer.api.post(
        f"{customer.location}/numberOrders",
        json={"type": "block", "firstNumber": numbers[0], "size": 10},
    )
    assert response.status_code == 201, response.text
    await customer.api.ended(response.json()["id"])
    return response.json()["blockId"], numbers


async def release(customer: Customer, *numbers: str, **body: Any) -> Any:
    wish = {"phoneNumbers": list(numbers)} if numbers else {}
    return await customer.api.post("/telephony/pstn/numbers/release", json={**wish, **body})


async def restore(customer: Customer, *numbers: str, **body: Any) -> Any:
    wish = {"phoneNumbers": list(numbers)} if numbers else {}
    return await customer.api.post("/telephony/pstn/numbers/restore", json={**wish, **body})


async def listed(customer: Customer, **query: Any) -> dict[str, dict[str, Any]]:
    response = await customer.api.get("/telephony/pstn/numbers", params=query)
    assert response.status_code == 200, response.text
    return {entry["phoneNumber"]: entry for entry in response.json()["phoneNumbers"]}


async def advance(api: Api, seconds: int) -> None:
    response = await api.post("/simulator/clock/advance", json={"seconds": seconds})
    assert response.status_code == 200, response.text


def refused(response: Any) -> tuple[int, str, set[str]]:
    """Status, code, and the codes of the violations."""
    body = response.json()
    return response.status_code, body["code"], {entry["code"] for entry in body["violations"]}


@pytest.mark.domain("H2")
async def test_a_released_number_can_be_taken_back_for_seven_days(
    customer: Customer, stock: Stock, api: Api
) -> None:
    number, other = await owned(customer, stock, 2)

    response = await release(customer, number)

    assert response.status_code == 200, response.text
    [shown] = response.json()["phoneNumbers"]
    assert (shown["phoneNumber"], shown["state"]) == (number, "released")
    released_at = datetime.fromisoformat(shown["releasedAt"])
    assert datetime.fromisoformat(shown["takeBackUntil"]) == released_at + timedelta(days=7)
    assert datetime.fromisoformat(shown["restsUntil"]) == released_at + timedelta(days=90)
    assert list(await listed(customer, state="released")) == [number]
    assert list(await listed(customer, state="active")) == [other]
    assert (await customer.order(number)).status_code == 409

    await advance(api, 7 * DAY - 3600)
    response = await restore(customer, number)

    assert response.status_code == 200, response.text
    [shown] = response.json()["phoneNumbers"]
    assert shown["state"] == "active"
    assert shown["releasedAt"] is shown["takeBackUntil"] is shown["restsUntil"] is None


@pytest.mark.domain("H2")
async def test_a_number_rests_and_is_stock_again_after_ninety_days(
    customer: Customer, stock: Stock, api: Api, service: Any
) -> None:
    other = await make_customer(service)
    numbers = await owned(customer, stock, 3)
    number = numbers[1]
    await customer.api.put(
        f"/telephony/pstn/numbers/{number}/emergencyAddress", json={"emergencyAddress": TACOMA}
    )
    await release(customer, number)
    assert (await listed(customer))[number]["emergencyAddressSource"] == "number"

    await advance(api, 7 * DAY + 1)

    resting = (await listed(customer, state="resting"))[number]
    assert resting["takeBackUntil"] is None
    assert resting["restsUntil"] is not None
    assert resting["emergencyAddress"] is None
    assert refused(await restore(customer, number)) == (
        409,
        "invalidTransition",
        {"invalidTransition"},
    )
    assert (await other.order(number)).status_code == 409

    await advance(api, 83 * DAY)

    assert number not in await listed(customer)
    order = await other.order(number)
    assert order.status_code == 201, order.text
    await other.api.ended(order.json()["id"])
    assert (await listed(other))[number]["emergencyAddressSource"] == "location"
    assert [fault async for fault in verify(service.database)] == []


@pytest.mark.domain("H1", "H2")
async def test_a_number_that_was_never_stock_is_dropped_after_its_rest(
    customer: Customer, stock: Stock, api: Api
) -> None:
    [number] = await owned(customer, stock)
    foreign = fresh_thousand() + 123
    async with customer.service.database.write(EVERYTHING) as session:
        session.add(
            Number(
                number=foreign,
                org_id=UUID(customer.organization_id),
                location_id=UUID(customer.location_id),
                state="active",
                from_stock=False,
                order_id=uuid4(),
                held_at=session.now,
            )
        )
    assert (await release(customer, f"+{foreign}", number)).status_code == 200
    await advance(api, 90 * DAY + 1)
    assert await listed(customer) == {}
    assert (await customer.order(number)).status_code == 201
    assert (await customer.order(f"+{foreign}")).status_code == 409


@pytest.mark.domain("C6", "H3")
async def test_a_number_of_a_block_goes_with_all_of_it_only(
    customer: Customer, stock: Stock, api: Api
) -> None:
    block_id, numbers = await owned_block(customer, stock)
    assert (await listed(customer))[numbers[0]]["blockId"] == block_id

    alone = await release(customer, numbers[3])

    assert refused(alone) == (409, "blockNumberNotReleasable", {"blockNumberNotReleasable"})
    assert alone.json()["blocks"] == [{"blockId": block_id, "phoneNumbers": numbers}]
    whole = await release(customer, blockId=block_id)
    assert whole.status_code == 200
    assert {entry["state"] for entry in whole.json()["phoneNumbers"]} == {"released"}
    assert refused(await restore(customer, numbers[3]))[1] == "blockNumberNotReleasable"
    assert (await restore(customer, blockId=block_id)).status_code == 200
    assert (await release(customer, *numbers)).status_code == 200

    await advance(api, 90 * DAY + 1)

    found = await customer.api.get(
        f"{customer.location}/availableBlocks",
        params={"size": 10, "state": "WA", "areaCode": "206", "prefix": numbers[0][5:8]},
    )
    assert numbers[0] in {block["firstNumber"] for block in found.json()["blocks"]}


@pytest.mark.domain("H3")
async def test_a_main_number_goes_last(customer: Customer, stock: Stock) -> None:
    main, other = await owned(customer, stock, 2)
    await customer.api.put(f"{customer.location}/mainNumber", json={"phoneNumber": main})

    assert refused(await release(customer, main)) == (
        409,
        "mainNumberNotReleasable",
        {"mainNumberNotReleasable"},
    )

    assert (await release(customer, main, other)).status_code == 200
    setup = (await customer.api.get(f"{customer.location}/setup")).json()
    assert setup["mainNumber"] is None
    assert "setMainNumber" in {step["code"] for step in setup["nextSteps"]}
    await restore(customer, main)
    assert (await release(customer, main)).status_code == 200


async def test_every_violation_is_told_at_once_and_nothing_is_released(
    customer: Customer, stock: Stock
) -> None:
    _, block = await owned_block(customer, stock)
    [main, plain] = await owned(customer, stock, 2)
    await customer.api.put(f"{customer.location}/mainNumber", json={"phoneNumber": main})
    await release(customer, plain)
    [good] = await owned(customer, stock)

    assert refused(await release(customer, good, main, plain, block[0])) == (
        409,
        "blockNumberNotReleasable",
        {"blockNumberNotReleasable", "mainNumberNotReleasable", "invalidTransition"},
    )
    assert (await listed(customer))[good]["state"] == "active"


async def test_what_is_on_order_or_reserved_is_not_released(
    customer: Customer, stock: Stock
) -> None:
    reserved, ordered = await stock(2)
    await customer.api.post(
        f"{customer.location}/reservations", json={"type": "numbers", "phoneNumbers": [reserved]}
    )
    await customer.api.ended((await customer.order(ordered)).json()["id"])
    assert (await listed(customer))[ordered]["state"] == "inactive"
    assert refused(await release(customer, reserved, ordered)) == (
        409,
        "invalidTransition",
        {"invalidTransition"},
    )


async def test_somebody_elses_number_or_block_is_not_there(
    customer: Customer, stock: Stock, service: Any
) -> None:
    other = await make_customer(service)
    block_id, block = await owned_block(customer, stock)
    [mine] = await owned(other, stock)
    assert refused(await release(other, mine, block[0])) == (404, "notFound", {"notFound"})
    assert (await release(other, blockId=block_id)).status_code == 404
    assert (await restore(other, blockId=block_id)).status_code == 404
    assert (await listed(other))[mine]["state"] == "active"


async def test_a_choice_is_numbers_or_a_block(customer: Customer, stock: Stock) -> None:
    [number] = await owned(customer, stock)
    both = {"blockId": customer.location_id}
    assert (await release(customer, number, **both)).status_code == 422
    assert (await release(customer)).status_code == 422
    assert refused(await release(customer, number, number, "+1206")) == (
        422,
        "policyViolation",
        {"duplicatePhoneNumber", "invalidPhoneNumber"},
    )


async def test_only_administrators_release_and_a_partner_says_for_whom(
    customer: Customer, stock: Stock
) -> None:
    [number] = await owned(customer, stock)
    path, body = "/telephony/pstn/numbers/release", {"phoneNumbers": [number]}
    for role in ("readOnlyAdmin", "support", "operator"):
        assert (await (await customer.caller(role)).post(path, json=body)).status_code == 403
    partner = await customer.caller("partnerAdmin")
    unsaid = await partner.post(path, json=body)
    assert refused(unsaid)[2] == {"orgIdRequired"}
    said = await partner.post(f"{path}?orgId={customer.organization_id}", json=body)
    assert said.status_code == 200, said.text


@pytest.mark.domain("A7", "H2")
async def test_a_released_number_counts_against_a_trial_until_it_rests(
    trial: Customer, stock: Stock, api: Api
) -> None:
    async def used() -> int:
        limits = (await trial.api.get("/telephony/pstn/limits")).json()["items"]
        return int(next(entry["used"] for entry in limits if entry["name"] == "trialNumbers"))

    numbers = await owned(trial, stock, 3)
    await release(trial, numbers[0])
    assert await used() == 3
    await advance(api, 7 * DAY + 1)
    assert await used() == 2


@pytest.mark.domain("H2")
async def test_a_rest_lasts_as_long_as_its_date_says(
    customer: Customer, stock: Stock, api: Api
) -> None:
    [number] = await owned(customer, stock)
    await release(customer, number)
    await advance(api, 7 * DAY + 1)
    async with customer.service.database.write(EVERYTHING) as session:
        await session.execute(
            update(Number)
            .where(Number.number == int(number[1:]))
            .values(rests_until=session.now + timedelta(days=200))
        )
    await advance(api, 100 * DAY)
    assert list(await listed(customer, state="resting")) == [number]


async def test_of_two_releases_at_once_one_is_done(customer: Customer, stock: Stock) -> None:
    main, *others = await owned(customer, stock, 4)
    responses = await asyncio.gather(
        *(release(customer, *order) for order in (others, others[::-1], others)),
        customer.api.put(f"{customer.location}/mainNumber", json={"phoneNumber": others[0]}),
        customer.api.put(f"{customer.location}/mainNumber", json={"phoneNumber": main}),
    )
    *released, _, _ = responses
    assert all(response.status_code < 500 for response in responses)
    assert sum(response.status_code == 200 for response in released) <= 1
    setup = (await customer.api.get(f"{customer.location}/setup")).json()
    if setup["mainNumber"] is not None:
        assert (await listed(customer))[setup["mainNumber"]]["state"] == "active"
