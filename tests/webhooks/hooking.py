"""Making webhooks and events, and looking at what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from app.core import clock
from app.core.database import EVERYTHING
from app.core.identifiers import new_id
from app.domains.events.catalogue import OrderUpdated
from app.domains.events.service import publishing, recording
from app.domains.webhooks import repository
from app.domains.webhooks.models import Delivery, Webhook
from tests.conftest import Customer

Json = dict[str, Any]


@dataclass(frozen=True)
class Hook:
    """A webhook of a customer's."""

    customer: Customer
    id: str
    secret: str

    @property
    def path(self) -> str:
        return f"/webhooks/{self.id}"

    async def now(self) -> Json:
        """The webhook as it is."""
        return dict((await self.customer.api.get(self.path)).json())

    async def deliveries(self, **query: str) -> list[Json]:
        """Its deliveries, the newest first."""
        response = await self.customer.api.get(f"{self.path}/deliveries", params=query)
        assert response.status_code == 200, response.text
        return list(response.json()["items"])

    async def delivery(self, when: Callable[[Json], bool], timeout_seconds: float = 10) -> Json:
        """Its one delivery, once that is true of it."""
        async with asyncio.timeout(timeout_seconds):
            while True:
                found = await self.deliveries()
                if found and when(found[0]):
                    [only] = found
                    return only
                await asyncio.sleep(0.03)

    async def attempted(self, times: int) -> Json:
        """Its one delivery, once it was attempted so often."""
        return await self.delivery(lambda it: len(it["attempts"]) == times)

    async def until(self, when: Callable[[Json], bool], timeout_seconds: float = 10) -> Json:
        """The webhook, once that is true of it."""
        async with asyncio.timeout(timeout_seconds):
            while not when(found := await self.now()):
                await asyncio.sleep(0.03)
        return found

    async def hurry(self, made_at: datetime | None = None, **values: Any) -> None:
        """Let what waits for a later attempt or for the end of a pause be due now."""
        service, now = self.customer.service, clock.real_now()
        async with service.database.write(EVERYTHING) as session:
            await session.execute(
                update(Delivery)
                .where(Delivery.webhook_id == UUID(self.id), Delivery.status == "pending")
                .values(next_attempt_at=now, created_at=made_at or Delivery.created_at)
            )
        await self.set(**{"throttled_until": None, "due_at": now, **values})

    async def set(self, **values: Any) -> None:
        """Make the webhook's row say that."""
        async with self.customer.service.database.write(EVERYTHING) as session:
            await session.execute(
                update(Webhook).where(Webhook.id == UUID(self.id)).values(**values)
            )
            await session.execute(select(func.pg_notify(repository.DUE, "")))


async def hook(customer: Customer, url: str, *events: str, name: str = "Tests") -> Hook:
    """Make a webhook."""
    wish = {"name": name, "targetUrl": url, "events": list(events) or ["order.updated"]}
    response = await customer.api.post("/webhooks", json=wish)
    assert response.status_code == 201, response.text
    return Hook(customer, response.json()["id"], response.json()["secret"])


async def happen(customer: Customer, count: int = 1, change: str = "corrected") -> None:
    """Have so many events happen to an order of the customer's."""
    database = customer.service.database
    async with database.write(EVERYTHING) as session:
        for _ in range(count):
            await recording.record(
                session,
                UUID(customer.organization_id),
                OrderUpdated(
                    order_id=new_id(),
                    order_number="PSTN-000123",
                    order_type="port",
                    location_id=UUID(customer.location_id),
                    status="draft",
                    stage=None,
                    next_actor="customer",
                    change=change,
                ),
            )
    await publishing.publish(database)


def delay(delivery: Json) -> timedelta:
    """Between the last attempt's end and the next attempt."""
    last = delivery["attempts"][-1]
    took = timedelta(milliseconds=last["durationMilliseconds"])
    return _time(delivery["nextAttemptAt"]) - _time(last["at"]) - took


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value)
