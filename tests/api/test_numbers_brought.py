"""Numbers on a PSTN of the customer's own: they are no part of what Cisco PSTN counts and sells."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from app.core.database import EVERYTHING
from app.domains.events.models import Event
from app.domains.numbering.service.verifying import verify
from tests.conftest import SEATTLE, Api, Customer, Service, location_wish, make_customer

Stock = Callable[..., Any]

LOCAL_GATEWAY = {"premiseRouteType": "TRUNK", "premiseRouteId": "trunk-1"}
ADDRESS = {**SEATTLE, "address1": "410 Broad Street"}
DAY = 24 * 60 * 60
_fresh = itertools.count()


def fresh(count: int = 1) -> list[str]:
    """Numbers that no test has used, of no stock."""
    return [f"+1509557{next(_fresh):04}" for _ in range(count)]


async def gateway(customer: Customer) -> str:
    """A location of the customer's on a Local Gateway."""
    made = await customer.api.post("/locations", json=location_wish(SEATTLE))
    location_id = str(made.json()["id"])
    path = f"/telephony/pstn/locations/{location_id}/connection"
    assert (await customer.api.put(path, json=LOCAL_GATEWAY)).status_code == 204
    return location_id


def path(location_id: str) -> str:
    return f"/telephony/config/locations/{location_id}/numbers"


async def add(
    customer: Customer, location_id: str, numbers: list[str], **more: Any
) -> httpx.Response:
    return await customer.api.post(path(location_id), json={"phoneNumbers": numbers, **more})


async def remove(customer: Customer, location_id: str, numbers: list[str]) -> httpx.Response:
    return await customer.api.request("DELETE", path(location_id), json={"phoneNumbers": numbers})


async def states(customer: Customer) -> dict[str, str]:
    listed = (await customer.api.get("/telephony/pstn/numbers")).json()["phoneNumbers"]
    return {entry["phoneNumber"]: entry["state"] for entry in listed}


def refused(response: httpx.Response) -> set[tuple[str, str]]:
    assert response.status_code == 400, response.text
    assert response.headers["Content-Type"] == "application/json"
    [entry] = response.json()
    return {(error["number"], error["errorCode"]) for error in entry["errors"]}


async def events_of(customer: Customer) -> list[tuple[str, Any]]:
    """What was told of the customer's numbers."""
    query = select(Event.type, Event.data).where(
        Event.org_id == UUID(customer.organization_id), Event.type.startswith("number.")
    )
    async with customer.service.database.read(EVERYTHING) as session:
        rows = (await session.execute(query.order_by(Event.insertion))).all()
    return [(kind, data["phoneNumbers"]) for kind, data in rows]


@pytest.fixture
async def newcomer(service: Service) -> Customer:
    """A trial whose location is on no PSTN yet."""
    return await make_customer(service, subscription="trial", connected=False)


@pytest.mark.domain("A1", "A7", "C5")
async def test_they_neither_wait_for_the_terms_nor_count_against_the_trial(
    newcomer: Customer,
) -> None:
    here = await gateway(newcomer)
    numbers = fresh(11)

    added = await add(newcomer, here, numbers)
    assert (added.status_code, added.content) == (201, b"")
    assert "content-type" not in added.headers
    listed = (await newcomer.api.get(added.headers["Location"])).json()["phoneNumbers"]
    assert [entry["phoneNumber"] for entry in listed] == numbers
    inactive = {"phoneNumbers": numbers[:1], "action": "DEACTIVATE"}
    changed = await newcomer.api.put(path(here), json=inactive)
    assert (changed.status_code, changed.content) == (204, b"")
    assert "content-type" not in changed.headers
    await newcomer.accept_terms()

    assert await states(newcomer) == dict.fromkeys(numbers, "active") | {numbers[0]: "inactive"}
    limits = (await newcomer.api.get("/telephony/pstn/limits")).json()["items"]
    [trial] = [limit for limit in limits if limit["name"] == "trialNumbers"]
    assert trial["used"] == 0


@pytest.mark.domain("A1", "H2")
async def test_they_are_gone_when_removed_and_are_never_stock(
    customer: Customer, service: Service
) -> None:
    here, (number, kept) = await gateway(customer), fresh(2)
    await add(customer, here, [number, kept])
    address = f"/telephony/pstn/numbers/{number}/emergencyAddress"
    await customer.api.put(address, json={"emergencyAddress": ADDRESS})

    released = await customer.api.post(
        "/telephony/pstn/numbers/release", json={"phoneNumbers": [number]}
    )
    assert (released.status_code, released.json()["code"]) == (409, "invalidTransition")
    removed = await remove(customer, here, [number])

    assert (removed.status_code, removed.content) == (204, b"")
    assert await states(customer) == {kept: "active"}
    assert (await customer.api.get(address)).status_code == 404
    assert [fault async for fault in verify(service.database)] == []
    other = await make_customer(service)
    assert (await add(other, await gateway(other), [number])).status_code == 201


async def test_each_change_is_told(customer: Customer) -> None:
    here, (one, two) = await gateway(customer), fresh(2)
    await add(customer, here, [two, one], state="INACTIVE")
    again = await add(customer, here, [two, one], state="ACTIVE")
    assert again.status_code == 201, "what is there already is left as it is"
    await customer.api.put(path(here), json={"phoneNumbers": [one]})
    await customer.api.put(path(here), json={"phoneNumbers": [one]})
    await customer.api.put(path(here), json={"phoneNumbers": [one, two], "action": "DEACTIVATE"})
    await remove(customer, here, [two])

    assert await events_of(customer) == [
        ("number.added", [one, two]),
        ("number.activated", [one]),
        ("number.deactivated", [one]),
        ("number.removed", [two]),
    ]


@pytest.mark.domain("H3")
async def test_the_main_number_stays(customer: Customer) -> None:
    here, (main, other) = await gateway(customer), fresh(2)
    await add(customer, here, [main, other])
    wish = {"phoneNumber": main}
    set_main = await customer.api.put(f"/telephony/pstn/locations/{here}/mainNumber", json=wish)
    assert set_main.status_code == 200, set_main.text

    assert refused(await remove(customer, here, [main, other])) == {
        (main, "mainNumberNotReleasable")
    }
    inactive = {"phoneNumbers": [main], "action": "DEACTIVATE"}
    assert refused(await customer.api.put(path(here), json=inactive)) == {
        (main, "mainNumberNotReleasable")
    }
    assert await states(customer) == {main: "active", other: "active"}


async def test_a_location_goes_with_its_numbers(customer: Customer) -> None:
    here, numbers = await gateway(customer), fresh(2)
    await add(customer, here, numbers)

    assert (await customer.api.delete(f"/locations/{here}")).status_code == 204

    assert await states(customer) == {}
    assert (await events_of(customer))[-1] == ("number.removed", numbers)


@pytest.mark.domain("H4")
async def test_an_ended_subscription_forgets_them(customer: Customer, api: Api) -> None:
    here, [number] = await gateway(customer), fresh()
    await add(customer, here, [number])
    cancelled = await customer.api.post(
        f"/organizations/{customer.organization_id}/pstnAccount/cancel"
    )
    assert cancelled.status_code == 200
    late = await add(customer, here, fresh())
    assert late.status_code == 422
    assert late.json()["violations"][0]["code"] == "subscriptionCancelled"

    await api.post("/simulator/clock/advance", json={"seconds": 31 * DAY})

    assert await states(customer) == {}


@pytest.mark.domain("C8")
async def test_of_two_organisations_one_brings_a_number(
    customer: Customer, service: Service
) -> None:
    other = await make_customer(service)
    here, there, [number] = await gateway(customer), await gateway(other), fresh()

    answers = await asyncio.gather(
        *(add(who, where, [number]) for who, where in ((customer, here), (other, there)) * 5)
    )

    lost = [answer for answer in answers if answer.status_code != 201]
    assert len(lost) == 5
    for answer in lost:
        assert refused(answer) == {(number, "8361")}
    assert len({**await states(customer), **await states(other)}) == 1


async def test_what_is_refused_changes_nothing(customer: Customer, stock: Stock) -> None:
    here, [number] = await gateway(customer), fresh()
    [sold] = await stock(1)

    assert refused(await add(customer, here, [number, sold, "12065550100"])) == {
        (sold, "8361"),
        ("12065550100", "8362"),
    }
    assert refused(await remove(customer, here, [number])) == {(number, "notFound")}
    assert await states(customer) == {}
    assert (await customer.order(sold)).status_code == 201


async def test_more_than_webex_takes_at_once_is_refused(customer: Customer) -> None:
    here = await gateway(customer)
    numbers = [f"+1509558{index:04}" for index in range(501)]

    for answer in (
        await remove(customer, here, numbers[:6]),
        await customer.api.put(path(here), json={"phoneNumbers": numbers, "action": "DEACTIVATE"}),
        await add(customer, here, []),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "validationFailed")
    assert answer.json()["violations"][0]["pointer"] == "/phoneNumbers"
