"""Every change of an order, a number or a document writes an event in its transaction."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from app.core import bootstrap
from app.domains.events.catalogue import EVENTS
from tests.conftest import CISCO_PSTN, SEATTLE, Api, Cluster, Customer, Service, make_customer
from tests.events.auditing import auditing
from tests.events.feed import Json, end_of, read_all
from tests.papers.papers import sent
from tests.ports.porting import (
    ACCOUNT,
    WARSAW,
    P,
    act,
    advance,
    desk,
    draft,
    fresh,
    fresh_polish,
    patch,
    ready,
    sign,
    upload,
)

Stock = Callable[..., Awaitable[list[str]]]


async def done(call: Awaitable[Any], status: int = 200) -> Any:
    answer = await call
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def numbers_are_bought_used_and_given_up(customer: Customer, stock: Stock) -> None:
    api, at = customer.api, customer.location
    numbers = await stock(40)
    for wanted in (numbers[:2], numbers[2:4]):
        body = {"type": "numbers", "phoneNumbers": wanted}
        reserved = await done(api.post(f"{at}/reservations", json=body), 201)
    await done(api.delete(f"{P}/reservations/{reserved['id']}"), 204)
    reserved = await done(api.post(f"{at}/reservations", json=body), 201)
    bought = {"type": "numbers", "phoneNumbers": numbers[2:6], "reservationId": reserved["id"]}
    order = await done(api.post(f"{at}/numberOrders", json=bought), 201)
    await api.ended(order["id"])
    await customer.accept_terms()
    lost = {"type": "numbers", "phoneNumbers": [numbers[2], numbers[6]]}
    await done(api.post(f"{at}/numberOrders", json=lost), 409)
    block = {"type": "block", "firstNumber": numbers[10], "size": 10}
    order = await done(api.post(f"{at}/numberOrders", json=block), 201)
    order = await api.ended(order["id"])
    refused = next(number for number in numbers if number.endswith("30"))
    ended = await api.ended((await done(customer.order(refused), 201))["id"])
    assert ended["status"] == "error"

    await done(api.put(f"{at}/mainNumber", json={"phoneNumber": numbers[2]}))
    own = f"{P}/numbers/{numbers[3]}/emergencyAddress"
    elsewhere = SEATTLE | {"address1": "800 5th Avenue", "postalCode": "98104"}
    await done(api.put(own, json={"emergencyAddress": elsewhere}), 204)
    await customer.connect()
    released = {"phoneNumbers": numbers[2:6]}
    await done(api.post(f"{P}/numbers/release", json={"blockId": order["blockId"]}))
    await done(api.post(f"{P}/numbers/release", json=released))
    await done(api.post(f"{P}/numbers/restore", json={"phoneNumbers": numbers[4:6]}))


async def support_finds_numbers(customer: Customer, support: Api) -> None:
    await done(
        customer.api.put(
            f"{customer.location}/connection", json={**CISCO_PSTN, "emergencyAddress": WARSAW}
        )
    )
    body = {"type": "assisted", "quantity": 1, "numberType": "local"}
    first, second, third = [
        await done(customer.api.post(f"{customer.location}/numberOrders", json=body), 201)
        for _ in range(3)
    ]
    await done(desk(support, first, "requireAction", message="Which street?"))
    case = (await customer.api.get(f"{P}/supportCases", params={"orderId": first["id"]})).json()
    comment = f"{P}/supportCases/{case['items'][0]['id']}/comments"
    await done(customer.api.post(comment, json={"message": "The main one."}), 201)
    await done(desk(support, first, "fulfil", phoneNumbers=fresh_polish(1)))
    await done(desk(support, second, "fail", message="There are none."))
    await done(customer.api.post(f"{P}/orders/{third['id']}/cancel"))


async def numbers_are_brought(customer: Customer) -> None:
    gateway = {"premiseRouteType": "TRUNK", "premiseRouteId": "trunk-1"}
    await done(customer.api.put(f"{customer.location}/connection", json=gateway), 204)
    path = f"/telephony/config/locations/{customer.location_id}/numbers"
    brought = {"phoneNumbers": fresh(80, 81)}
    await done(customer.api.post(path, json=brought | {"state": "ACTIVE"}), 201)
    for action in ("DEACTIVATE", "ACTIVATE"):
        await done(customer.api.put(path, json=brought | {"action": action}), 204)
    await done(customer.api.request("DELETE", path, json=brought), 204)


async def numbers_are_ported(customer: Customer, support: Api) -> None:
    order = await ready(customer, *fresh(50, 51, 52))
    await patch(customer, order, account={"companyName": "Northwind Traders Inc"})
    await act(
        customer, order, "removeNumbers", phoneNumbers=[order["phoneNumbers"][2]["phoneNumber"]]
    )
    await upload(customer, order, "bill")
    await sign(customer, order)
    paper = await sent(customer.api, order)
    path = f"{P}/portOrders/{order['id']}/documents/{paper['id']}"
    await done(customer.api.delete(path), 204)
    await act(customer, order, "submit")
    rejected = await ready(customer, *fresh(1))
    await act(customer, rejected, "submit")
    cancelled = await ready(customer, *fresh(20))
    await act(customer, cancelled, "submit")
    await advance(customer, days=1)
    await act(customer, cancelled, "cancel")
    await done(desk(support, cancelled, "declineCancel"))
    await done(desk(support, cancelled, "expedite"))
    await done(desk(support, cancelled, "cancel", message="As you wished."))

    split = await ready(customer, *fresh(60, 61))
    lines = [entry["phoneNumber"] for entry in split["phoneNumbers"]]
    wish = [{"phoneNumber": line, "billingTelephoneNumber": line} for line in lines]
    await act(customer, split, "split", phoneNumbers=wish)
    unfit = await draft(customer, *fresh(70, 71))
    one = {"phoneNumbers": [unfit["phoneNumbers"][0]["phoneNumber"]]}
    await done(desk(support, unfit, "setPortability", portable=False, **one))
    await done(desk(support, unfit, "requestDocument", kind="csr", message="Please."))


async def test_what_is_written_is_told_in_the_same_transaction_and_nothing_else_is(
    cluster: Cluster, service: Service, stock: Stock
) -> None:
    assert cluster.addresses.owner
    customer, polish, elsewhere = await asyncio.gather(
        make_customer(service),
        make_customer(service, connected=False, address=WARSAW),
        make_customer(service, connected=False),
    )
    support = await customer.caller("support")
    cursor = await end_of(customer.operator)
    async with auditing(cluster.addresses.owner) as audit:
        await numbers_are_bought_used_and_given_up(customer, stock)
        await support_finds_numbers(polish, support)
        await numbers_are_brought(elsewhere)
        await numbers_are_ported(customer, support)
        await advance(customer, days=100)
        written, told = await audit.of(told=False), await audit.of(told=True)

    assert Counter(thing for _, thing, _ in written - told) == {}
    assert Counter(thing for _, thing, _ in told - written) == {}
    events, _ = await read_all(customer.operator, cursor)
    assert {event["type"] for event in events} == set(EVENTS)
    for event in events:
        EVENTS[event["type"]].model_validate(event["data"])
    assert_thin(events)


def assert_thin(events: list[Json]) -> None:
    """Nobody's name, account or PIN is told."""
    secrets = [ACCOUNT["accountNumber"], ACCOUNT["pin"], ACCOUNT["authorizedName"], "Ada", "Broad"]
    assert not [secret for secret in secrets if f'"{secret}' in json.dumps(events)]


async def test_a_write_that_tells_nothing_is_caught(cluster: Cluster, customer: Customer) -> None:
    """The guard of the test above."""
    assert cluster.addresses.owner
    order = await draft(customer, *fresh(50))
    connection = await asyncpg.connect(bootstrap.dsn(cluster.addresses.owner))
    async with auditing(cluster.addresses.owner) as audit:
        await connection.execute("set pstn.organizations = '*'")
        await connection.execute(
            "update orders set version = version + 1 where id = $1", order["id"]
        )
        assert {which for _, _, which in await audit.of(told=False)} == {order["id"]}
        assert await audit.of(told=True) == set()
    await connection.close()
