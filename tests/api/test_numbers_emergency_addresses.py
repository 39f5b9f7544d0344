"""The own emergency address of a number, and the default it goes back to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete

from app.core.database import EVERYTHING
from app.domains.emergency_addresses.models import EmergencyAddress
from tests.conftest import SEATTLE, Customer, make_customer

Stock = Callable[..., Any]

HOME = {
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


def path(number: str) -> str:
    return f"/telephony/pstn/numbers/{number}/emergencyAddress"


async def listed(customer: Customer, **query: Any) -> dict[str, dict[str, Any]]:
    response = await customer.api.get("/telephony/pstn/numbers", params=query)
    assert response.status_code == 200, response.text
    return {entry["phoneNumber"]: entry for entry in response.json()["phoneNumbers"]}


@pytest.mark.domain("B3", "B5")
async def test_a_number_has_its_own_address_and_goes_back_to_the_default(
    customer: Customer, stock: Stock
) -> None:
    remote, other = await owned(customer, stock, 2)

    response = await customer.api.put(path(remote), json={"emergencyAddress": HOME})

    assert (response.status_code, response.text) == (204, "")
    own = (await customer.api.get(path(remote))).json()
    assert own["source"] == "number"
    assert {name: own[name] for name in HOME} == HOME
    numbers = await listed(customer)
    assert numbers[remote]["emergencyAddressSource"] == "number"
    assert numbers[remote]["emergencyAddress"]["city"] == "Tacoma"
    assert numbers[other]["emergencyAddressSource"] == "location"
    assert numbers[other]["emergencyAddress"]["city"] == "Seattle"

    assert (await customer.api.put(path(remote), json={"emergencyAddress": {}})).status_code == 204

    default = (await customer.api.get(path(remote))).json()
    assert default["source"] == "location"
    assert {name: default[name] for name in SEATTLE} == SEATTLE


@pytest.mark.domain("B5")
async def test_an_empty_body_is_the_sdks_way_back(customer: Customer, stock: Stock) -> None:
    [number] = await owned(customer, stock)
    await customer.api.put(path(number), json={"emergencyAddress": HOME})
    assert (await customer.api.put(path(number), json={})).status_code == 204
    assert (await customer.api.get(path(number))).json()["source"] == "location"


@pytest.mark.domain("B5")
async def test_an_own_address_is_changed_in_place(customer: Customer, stock: Stock) -> None:
    [number] = await owned(customer, stock)
    await customer.api.put(path(number), json={"emergencyAddress": HOME})
    before = (await customer.api.get(path(number))).json()

    await customer.api.put(
        path(number), json={"emergencyAddress": {**HOME, "address1": "1102 Broadway"}}
    )

    after = (await customer.api.get(path(number))).json()
    assert (after["id"], after["address1"]) == (before["id"], "1102 Broadway")


@pytest.mark.domain("B3")
async def test_a_wrong_address_is_refused_with_a_candidate(
    customer: Customer, stock: Stock
) -> None:
    [number] = await owned(customer, stock)
    wrong = {**HOME, "state": "Washington"}
    response = await customer.api.put(path(number), json={"emergencyAddress": wrong})
    assert response.status_code == 422
    [violation] = response.json()["violations"]
    assert violation["code"] == "emergencyAddressInvalid"
    assert violation["pointer"] == "/emergencyAddress/state"
    assert violation["candidate"]["state"] == "WA"


async def test_help_does_not_cross_the_border(customer: Customer, stock: Stock) -> None:
    [number] = await owned(customer, stock)
    berlin = {
        "address1": "Unter den Linden 77",
        "city": "Berlin",
        "postalCode": "10117",
        "country": "DE",
    }
    response = await customer.api.put(path(number), json={"emergencyAddress": berlin})
    assert response.status_code == 422
    assert response.json()["violations"][0]["code"] == "emergencyAddressInvalid"


@pytest.mark.parametrize(
    "body", [{"emergencyAdress": HOME}, {"emergencyAddress": {"street": "1100 Broadway"}}]
)
async def test_a_misspelt_address_takes_nothing_away(
    customer: Customer, stock: Stock, body: dict[str, Any]
) -> None:
    [number] = await owned(customer, stock)
    await customer.api.put(path(number), json={"emergencyAddress": HOME})
    assert (await customer.api.put(path(number), json=body)).status_code == 422
    assert (await customer.api.get(path(number))).json()["source"] == "number"


async def test_somebody_elses_number_is_not_there(
    customer: Customer, stock: Stock, service: Any
) -> None:
    [number] = await owned(customer, stock)
    other = await make_customer(service)
    for wanted in (number, "+12065550100", "nonsense"):
        body = {"emergencyAddress": HOME}
        assert (await other.api.put(path(wanted), json=body)).status_code == 404
        assert (await other.api.get(path(wanted))).status_code == 404
    reader = await customer.caller("readOnlyAdmin")
    assert (await reader.get(path(number))).status_code == 200
    assert (await reader.put(path(number), json={"emergencyAddress": {}})).status_code == 403


@pytest.mark.domain("B5")
async def test_numbers_without_an_address_are_found(customer: Customer, stock: Stock) -> None:
    own, without = await owned(customer, stock, 2)
    await customer.api.put(path(own), json={"emergencyAddress": HOME})
    assert await listed(customer, emergencyAddressMissing="true") == {}

    async with customer.service.database.write(EVERYTHING) as session:
        await session.execute(
            delete(EmergencyAddress).where(
                EmergencyAddress.location_id == UUID(customer.location_id),
                EmergencyAddress.phone_number.is_(None),
            )
        )

    missing = await listed(customer, emergencyAddressMissing="true")
    assert list(missing) == [without]
    assert missing[without]["emergencyAddress"] is None
    assert list(await listed(customer, emergencyAddressMissing="false")) == [own]
    assert (await customer.api.get(path(without))).status_code == 404
