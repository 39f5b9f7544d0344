"""Cancelling orders of new numbers: nothing of them stays behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.core.database import EVERYTHING, Scope
from app.domains.number_orders.lifecycle import CANCEL_REQUESTED
from app.domains.number_orders.service import cancelling, provisioning
from app.domains.numbering.models import Number, NumberBlock
from app.integrations.carriers.simulator import SimulatedCarrier, SimulatedOrder
from tests.conftest import HEADER, Api, Customer, Service, fresh_thousand, import_csv

Stock = Callable[..., Any]


async def stock_at(api: Api, ending: int, count: int = 1) -> list[str]:
    first = fresh_thousand() + ending
    result = await import_csv(
        api, f"{HEADER}US,WA,Seattle,SEATTLE,local,+{first},+{first + count - 1}\n"
    )
    assert result["imported"] == count, result
    return [f"+{number}" for number in range(first, first + count)]


async def at_carrier(customer: Customer, order_id: str) -> None:
    async with asyncio.timeout(10):
        while True:
            order = (await customer.api.get(f"/telephony/pstn/orders/{order_id}")).json()
            if order["stage"] == "atCarrier":
                return
            await asyncio.sleep(0.02)


async def test_an_order_at_the_carrier_is_released_there_first_and_its_numbers_are_free_again(
    customer: Customer, api: Api, service: Service
) -> None:
    numbers = await stock_at(api, 31, 2)
    order_id = (await customer.order(*numbers)).json()["id"]
    await at_carrier(customer, order_id)

    response = await customer.api.post(f"/telephony/pstn/orders/{order_id}/cancel")

    assert response.status_code == 200, response.text
    assert (response.json()["status"], response.json()["stage"]) == ("pending", "cancelRequested")
    order = await customer.api.ended(order_id)
    assert (order["status"], order["nextActor"]) == ("cancelled", "nobody")
    assert [entry["status"] for entry in order["phoneNumbers"]] == ["cancelled"] * 2
    timeline = await customer.api.get(f"/telephony/pstn/orders/{order_id}/timeline")
    events = [(entry["event"], entry["actor"]) for entry in timeline.json()["items"]]
    assert events[-2:] == [("cancelRequested", "customer"), ("cancelled", "carrier")]
    async with service.database.read(EVERYTHING) as session:
        booked = await session.get(SimulatedOrder, order["orderNumber"])
    assert booked is not None
    assert booked.status == "cancelled"
    assert (await customer.order(*numbers)).status_code == 201


@pytest.mark.parametrize("delivered_first", [True, False])
async def test_whoever_reaches_the_carrier_first_the_numbers_go_back_once(
    customer: Customer, api: Api, service: Service, delivered_first: bool
) -> None:
    numbers = await stock_at(api, 31)
    order_id = UUID((await customer.order(*numbers)).json()["id"])
    organization_id = UUID(customer.organization_id)
    await at_carrier(customer, str(order_id))
    carrier = SimulatedCarrier(service.database)
    scope = Scope.of([organization_id])
    async with service.database.write(scope) as session:
        order = await cancelling.cancel(session, order_id, None, by="test")
        if delivered_first:
            session.add(
                SimulatedOrder(
                    reference=order.order_number, numbers=[int(numbers[0])], status="delivered"
                )
            )

    for _ in range(2):
        await cancelling.release(service.database, carrier, organization_id, order_id)
        await provisioning.provision(service.database, carrier, organization_id, order_id)

    ended = await customer.api.ended(str(order_id))
    assert ended["status"] == "cancelled"
    async with service.database.read(EVERYTHING) as session:
        booked = await session.get(SimulatedOrder, ended["orderNumber"])
        left = await session.scalar(select(func.count()).where(Number.order_id == order_id))
    assert booked is not None
    assert (booked.status, left) == ("cancelled", 0)
    assert order.state == CANCEL_REQUESTED


@pytest.mark.parametrize(("ending", "status"), [(0, "provisioned"), (30, "error")])
async def test_what_has_ended_is_not_cancelled(
    customer: Customer, api: Api, ending: int, status: str
) -> None:
    numbers = await stock_at(api, ending)
    order = await customer.api.ended((await customer.order(*numbers)).json()["id"])
    assert order["status"] == status

    response = await customer.api.post(f"/telephony/pstn/orders/{order['id']}/cancel")

    assert (response.status_code, response.json()["code"]) == (409, "invalidTransition")


@pytest.mark.domain("C6")
@pytest.mark.parametrize(("ending", "status"), [(31, "cancelled"), (30, "error")])
async def test_a_block_that_is_not_delivered_leaves_no_block(
    customer: Customer, api: Api, service: Service, ending: int, status: str
) -> None:
    first, *_ = await stock_at(api, ending, 10)
    order = (
        await customer.api.post(
            f"{customer.location}/numberOrders",
            json={"type": "block", "firstNumber": first, "size": 10},
        )
    ).json()
    if status == "cancelled":
        await customer.api.post(f"/telephony/pstn/orders/{order['id']}/cancel")

    ended = await customer.api.ended(order["id"])

    assert (ended["status"], ended["blockId"]) == (status, None)
    async with service.database.read(EVERYTHING) as session:
        assert await session.get(NumberBlock, UUID(order["blockId"])) is None
    again = await customer.api.get(
        f"{customer.location}/availableBlocks", params={"size": 10, "areaCode": "206", "max": 1000}
    )
    assert first in {block["firstNumber"] for block in again.json()["blocks"]}


async def test_who_may_cancel(customer: Customer, stock: Stock) -> None:
    numbers = await stock(1)
    order_id = (await customer.order(*numbers)).json()["id"]
    path = f"/telephony/pstn/orders/{order_id}/cancel"

    assert (await (await customer.caller("readOnlyAdmin")).post(path)).status_code == 403
    assert (await (await customer.caller("support")).post(path)).status_code == 403
    stale = await (await customer.caller("partnerAdmin")).post(path, headers={"If-Match": '"99"'})
    assert stale.status_code == 412
