"""Workers that die, and two that want the same: nothing is lost, and ids tell what comes twice."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update

from app.core import clock
from app.core.database import EVERYTHING
from app.domains.webhooks import repository
from app.domains.webhooks.models import Announced, Delivery, Webhook
from app.domains.webhooks.service import announcing, redelivering
from tests.conftest import Cluster, Customer, Service
from tests.webhooks.hooking import Hook, happen, hook
from tests.webhooks.receiving import Receiver


async def test_a_worker_killed_before_its_note_leaves_the_message_to_another(
    hooked: Hook, receiver: Receiver, customer: Customer, cluster: Cluster
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.webhooks.dying",
        cluster.addresses.app,
        str(customer.service.home),
        customer.organization_id,
        hooked.id,
    )
    assert await process.wait() == -signal.SIGKILL
    [first] = await receiver.received(1)
    [delivery] = await hooked.deliveries()
    assert (delivery["status"], delivery["attempts"]) == ("pending", [])
    await asyncio.sleep(0.5)
    assert len(receiver.requests) == 1, "as long as it may live, nobody else sends"

    await hooked.set(leased_until=clock.real_now())

    [_, second] = await receiver.received(2)
    assert (second.id, second.body) == (first.id, first.body)
    second.verified(hooked.secret)
    assert (await hooked.attempted(1))["status"] == "delivered"


async def test_an_event_is_announced_with_the_position_or_not_at_all(
    receiver: Receiver, customer: Customer, service: Service
) -> None:
    """Killed in between, and announced by two at once: each event makes one delivery."""
    await hook(customer, receiver.url)

    async def announce(*, is_killed: bool) -> None:
        async with service.database.write(EVERYTHING) as session:
            await announcing.announce(session)
            if is_killed:
                await session.rollback()

    for _ in range(5):
        await happen(customer)
        await asyncio.gather(*(announce(is_killed=killed) for killed in (True, False) * 2))

    await receiver.received(5)
    await asyncio.sleep(0.3)
    assert len({request.id for request in receiver.requests}) == len(receiver.requests) == 5


async def test_an_event_seen_twice_makes_one_delivery(
    hooked: Hook, receiver: Receiver, customer: Customer, service: Service
) -> None:
    await happen(customer)
    await hooked.attempted(1)

    async with service.database.write(EVERYTHING) as session:
        announced = (await session.scalars(select(Announced).with_for_update())).one()
        announced.position -= 1
    await happen(customer)

    await receiver.received(2)
    await asyncio.sleep(0.3)
    assert len(receiver.requests) == 2
    assert len(await hooked.deliveries()) == 2


async def test_a_webhook_is_served_when_it_is_due_and_by_one_worker_at_a_time(
    customer: Customer, service: Service
) -> None:
    hooked = await hook(customer, "http://127.0.0.1:9/hooks")
    now = clock.real_now()
    later = now + timedelta(minutes=1)

    async def is_taken(**values: Any) -> bool:
        due = {"due_at": now, "leased_until": None, "throttled_until": None, "status": "enabled"}
        async with service.database.write(EVERYTHING) as session:
            one = Webhook.id == UUID(hooked.id)
            await session.execute(update(Webhook).where(one).values(due | values))
            found = await repository.lease(session, now=now, until=later, limit=1000)
            taken = {webhook.id for webhook in found}
            await session.rollback()
        return UUID(hooked.id) in taken

    assert await is_taken()
    assert await is_taken(leased_until=now, throttled_until=now)
    assert not await is_taken(leased_until=later)
    assert not await is_taken(throttled_until=later)
    assert not await is_taken(due_at=later)
    assert not await is_taken(due_at=None)
    assert not await is_taken(status="disabled")


async def test_what_ended_long_ago_is_forgotten(
    hooked: Hook, receiver: Receiver, customer: Customer, service: Service
) -> None:
    for _ in range(2):
        await customer.api.post(f"{hooked.path}/test")
    await receiver.received(2)
    async with asyncio.timeout(10):
        while len(await hooked.deliveries(status="delivered")) < 2:
            await asyncio.sleep(0.03)
    newest, oldest = await hooked.deliveries()

    async with service.database.write(EVERYTHING) as session:
        await session.execute(
            text(
                "update webhook_deliveries set ended_at = now() - interval '31 days' where id = :id"
            ),
            {"id": oldest["id"]},
        )
        await repository.forget_ended(session, clock.real_now(), limit=1)
        assert newest["id"] in map(str, await session.scalars(select(Delivery.id))), "a few at once"
        await redelivering.forget(session)
        left = set(await session.scalars(select(Delivery.id)))

    assert UUID(newest["id"]) in left
    assert UUID(oldest["id"]) not in left


async def test_a_deleted_webhook_takes_what_waits_with_it(
    hooked: Hook, customer: Customer, service: Service
) -> None:
    await hooked.set(leased_until=clock.real_now() + timedelta(minutes=1))
    await happen(customer, 3)
    async with asyncio.timeout(10):
        while len(await hooked.deliveries()) < 3:
            await asyncio.sleep(0.03)

    assert (await customer.api.delete(hooked.path)).status_code == 204

    async with service.database.read(EVERYTHING) as session:
        query = select(Delivery.id).where(Delivery.webhook_id == UUID(hooked.id))
        assert (await session.scalars(query)).all() == []
        assert await session.get(Webhook, UUID(hooked.id)) is None
