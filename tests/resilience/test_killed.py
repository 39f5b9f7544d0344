"""Real processes, killed at the worst moments: nothing acknowledged is lost, nothing done twice."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from sqlalchemy import func, select

from app.core import bootstrap, embedded_postgres
from app.core.database import EVERYTHING
from app.core.settings import Settings
from app.domains.orders.models import OrderNumber
from app.integrations.carriers.simulator import SimulatedCall, SimulatedOrder
from tests.conftest import Service
from tests.events.feed import stream
from tests.resilience import crashing
from tests.resilience.conftest import operating
from tests.resilience.running import (
    DemoCustomer,
    Homes,
    Running,
    eventually,
    free_port,
    postgres_of,
    postmaster_of,
    processes_of,
    send,
)
from tests.resilience.selling import inventory_faults

HANDED_ON_SECONDS = 90
"""A killed worker's job: 30 s until its heartbeat is missed, a poll, and a slow machine."""
KEY = "Idempotency-Key"


async def in_books(service: Service, reference: str) -> tuple[int, int]:
    """Orders and calls in the carrier's books under a reference."""
    async with service.database.read(EVERYTHING) as session:
        orders = select(func.count()).where(SimulatedOrder.reference == reference)
        calls = select(func.count()).where(SimulatedCall.reference == reference)
        return await session.scalar(orders) or 0, await session.scalar(calls) or 0


async def sold_more_than_once(service: Service) -> list[int]:
    """Numbers in several orders."""
    async with service.database.read(EVERYTHING) as session:
        query = select(OrderNumber.number).group_by(OrderNumber.number).having(func.count() > 1)
        return list(await session.scalars(query))


async def told_of(customer: DemoCustomer, order: dict[str, Any]) -> list[str]:
    """What the feed tells of an order, which is once what happened, and nothing that did not."""
    query: dict[str, Any] = {
        "max": 1000,
        "type": ["order.created", "order.statusChanged", "order.updated"],
    }
    events = (await customer.api.get("/events", params=query)).json()["items"]
    return [
        event["data"].get("change", "created")
        for event in events
        if event["data"]["orderId"] == order["id"]
    ]


async def insist(customer: DemoCustomer, number: str, key: str) -> httpx.Response:
    """Order a number with a key, again and again, until somebody answers."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = await customer.order(number, **{KEY: key})
                in_flight = answer.status_code == 409 and "InFlight" in answer.json()["code"]
                if answer.status_code != 503 and not in_flight:
                    return answer
            await asyncio.sleep(0.1)


# --- The API process ----------------------------------------------------------------------------


async def test_the_api_killed_around_its_commit_has_made_one_order_when_asked_again(
    homes: Homes, tmp_path: Path
) -> None:
    running = Running(homes.make(), command=crashing.COMMAND, PSTN_TEST_CRASHES=str(tmp_path))
    await running.ready()
    customer = await DemoCustomer.of(running)
    numbers = await customer.numbers(len(crashing.API_POINTS))
    made = []
    for point, number in zip(crashing.API_POINTS, numbers, strict=True):
        key, killed = str(uuid4()), await running.child("app.main")
        crashing.arm(tmp_path, point)

        with pytest.raises(httpx.TransportError):
            await customer.order(number, **{KEY: key})
        again = await insist(customer, number, key)

        assert not crashing.is_armed(tmp_path, point)
        assert await running.child("app.main") != killed
        assert again.status_code == 201, again.text
        was_committed = point == crashing.BEFORE_ANSWER
        assert ("Idempotent-Replayed" in again.headers) is was_committed, point
        made.append(again.json())
    assert {order["id"] for order in await customer.orders()} == {order["id"] for order in made}
    async with operating(running) as service:
        for order in made:
            assert (await customer.api.ended(order["id"]))["status"] == "provisioned"
            assert await in_books(service, order["orderNumber"]) == (1, 1)
            assert await told_of(customer, order) == ["created", "sentToCarrier", "provisioned"]
        assert await inventory_faults(service.database) == []


# --- The worker process -------------------------------------------------------------------------


async def test_a_worker_killed_while_the_carrier_is_slow_leaves_one_order_and_one_call(
    homes: Homes,
) -> None:
    # Slower than this test is patient: who calls the carrier again will not be done in time.
    running = Running(homes.make(), PSTN_SIMULATOR_LATENCY_SECONDS="60")
    await running.ready()
    customer = await DemoCustomer.of(running)
    async with operating(running) as service:
        placed = (await customer.order(*await customer.numbers(2))).json()
        async with asyncio.timeout(20):
            while await in_books(service, placed["orderNumber"]) != (1, 1):
                await asyncio.sleep(0.05)
        worker = await running.child("app.worker")

        send(worker, signal.SIGKILL)

        await running.child("app.worker", other_than=worker)
        pending = (await customer.api.get(f"/telephony/pstn/orders/{placed['id']}")).json()
        assert (pending["status"], pending["stage"]) == ("pending", "atCarrier")
        order = await customer.api.ended(placed["id"], HANDED_ON_SECONDS)
        assert order["status"] == "provisioned"
        assert await in_books(service, placed["orderNumber"]) == (1, 1)
        assert await inventory_faults(service.database) == []


async def test_a_worker_killed_at_any_point_of_a_job_leaves_one_order_and_one_call(
    homes: Homes, tmp_path: Path
) -> None:
    running = Running(homes.make(), command=crashing.COMMAND, PSTN_TEST_CRASHES=str(tmp_path))
    await running.ready()
    customer = await DemoCustomer.of(running)
    numbers = await customer.numbers(len(crashing.WORKER_POINTS))
    placed = {}
    async with operating(running) as service:
        for point, number in zip(crashing.WORKER_POINTS, numbers, strict=True):
            worker = await running.child("app.worker")
            crashing.arm(tmp_path, point)
            placed[point] = (await customer.order(number)).json()
            await running.child("app.worker", other_than=worker)
            assert not crashing.is_armed(tmp_path, point)

        for point, order in placed.items():
            ended = await customer.api.ended(order["id"], HANDED_ON_SECONDS)
            assert ended["status"] == "provisioned", point
            assert await in_books(service, order["orderNumber"]) == (1, 1), point
            timeline = (
                await customer.api.get(f"/telephony/pstn/orders/{order['id']}/timeline")
            ).json()["items"]
            assert [entry["event"] for entry in timeline].count("provisioned") == 1, point
            assert await told_of(customer, order) == ["created", "sentToCarrier", "provisioned"]
        assert await inventory_faults(service.database) == []


NO_SPACE = """
create function refuse() returns trigger language plpgsql as $$
begin
  raise exception using errcode = '53100', message = 'No space left on device';
end $$;
create trigger refuse before update on jobs.pgqueuer for each row
  when (old.status = 'picked' and new.status = 'queued') execute function refuse();
"""
SPACE_AGAIN = "drop trigger refuse on jobs.pgqueuer; drop function refuse"


async def test_a_job_that_cannot_be_handed_back_for_a_moment_is_done_all_the_same(
    homes: Homes,
) -> None:
    running = Running(homes.make())
    await running.ready()
    customer = await DemoCustomer.of(running)
    with bootstrap.addresses(Settings(home=running.home)) as where:
        assert where.owner is not None
        owner = await asyncpg.connect(bootstrap.dsn(where.owner))
        await owner.execute(NO_SPACE)
        # The carrier answers at the third try: this job is handed back for another time.
        placed = (await customer.order(await customer.number_ending_in("31"))).json()
        async with operating(running) as service, asyncio.timeout(20):
            while await in_books(service, placed["orderNumber"]) != (0, 1):
                await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        await owner.execute(SPACE_AGAIN)
        await owner.close()

        order = await customer.api.ended(placed["id"], HANDED_ON_SECONDS)

    assert order["status"] == "provisioned"


# --- The supervisor and everything --------------------------------------------------------------


async def test_a_killed_supervisor_takes_everything_with_it_and_the_next_one_has_everything(
    homes: Homes,
) -> None:
    running = Running(homes.make(), PSTN_API_PROCESSES="2", PSTN_WORKER_PROCESSES="2")
    await running.ready()
    customer = await DemoCustomer.of(running)
    placed = (await customer.order(*await customer.numbers(3))).json()
    assert len(postgres_of(running.home)) > 3
    before = running.demo()

    running.kill_supervisor()

    await eventually(lambda: not processes_of(running.home), 20, "everything gone")
    with pytest.raises(httpx.TransportError):
        await customer.api.get("/people/me")
    running.restart()
    await running.ready()
    assert running.demo() == before
    order = await customer.api.ended(placed["id"], HANDED_ON_SECONDS)
    assert order["status"] == "provisioned"
    for token in before["tokens"].values():
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
            assert (await client.get(f"{running.url}/v1/people/me")).status_code == 200


@dataclass
class Load:
    """Buyers who order one number after the other, and remember what they were told."""

    customer: DemoCustomer
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Order ids by number."""
    unknown: dict[str, str] = field(default_factory=dict)
    """Keys, by number, of orders whose answer never came."""
    statuses: Counter[int] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)
    """Answers that nobody should ever get."""

    async def buy(self, numbers: list[str]) -> None:
        """Order these, each sent once, until nobody is there."""
        for number in numbers:
            key = str(uuid4())
            try:
                answer = await self.customer.order(number, **{KEY: key})
            except httpx.TransportError:
                self.unknown[number] = key
                return
            self.statuses[answer.status_code] += 1
            if answer.status_code == 201:
                self.acknowledged[number] = answer.json()["id"]
                await asyncio.sleep(0.05)
                continue
            self.unknown[number] = key
            if answer.status_code != 503:
                self.strange.append(answer.text)
                continue
            check_unavailable(answer)
            await asyncio.sleep(0.1)

    @contextlib.asynccontextmanager
    async def running(self, numbers: list[str], buyers: int = 8) -> AsyncIterator[None]:
        """So many buyers at once, until the block ends."""
        tasks = [asyncio.create_task(self.buy(numbers[first::buyers])) for first in range(buyers)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def more(self, count: int) -> None:
        """Wait until so many more orders are acknowledged."""
        enough = len(self.acknowledged) + count
        await eventually(lambda: len(self.acknowledged) >= enough, 60, f"{count} more orders")

    async def check(self, service: Service) -> None:
        """Everything acknowledged is there; what was not is bought once, if sent again."""
        known = {order["id"]: order for order in await self.customer.orders()}
        for number, order_id in self.acknowledged.items():
            assert [e["phoneNumber"] for e in known[order_id]["phoneNumbers"]] == [number]
        for number, key in self.unknown.items():
            answer = await insist(self.customer, number, key)
            assert answer.status_code == 201, answer.text
        for order in await self.customer.orders():
            ended = await self.customer.api.ended(order["id"], HANDED_ON_SECONDS)
            assert ended["status"] == "provisioned"
            assert (await in_books(service, order["orderNumber"]))[0] == 1
        assert await sold_more_than_once(service) == []
        assert await inventory_faults(service.database) == []


def check_unavailable(answer: httpx.Response) -> None:
    """503 as it should be: a problem that says when to come again."""
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "serviceUnavailable"
    assert int(answer.headers["Retry-After"]) >= 1


async def test_everything_killed_at_once_the_next_start_has_every_acknowledged_order(
    homes: Homes,
) -> None:
    running = Running(homes.make())
    await running.ready()
    customer = await DemoCustomer.of(running)
    numbers = await customer.numbers(400)
    load = Load(customer)
    for attempt in range(2):
        async with load.running(numbers[attempt::2]):
            await load.more(20)
            running.kill_everything()
        assert processes_of(running.home) == {}
        running.restart()
        await running.ready()

    assert not load.strange
    async with operating(running) as service:
        await load.check(service)


async def test_sigterm_stops_cleanly_and_answers_what_it_had_begun(homes: Homes) -> None:
    running = Running(homes.make(), PSTN_API_PROCESSES="2")
    await running.ready()
    customer = await DemoCustomer.of(running)
    load = Load(customer)
    async with stream(customer.api) as blocks:
        await anext(blocks)
        async with load.running(await customer.numbers(400)):
            await load.more(20)
            status, _ = await running.terminate()
        told = [block.data async for block in blocks if block.data]  # cut off, this would raise
    assert status == 0, running.tail()
    assert len(told) >= 20
    assert processes_of(running.home) == {}
    assert not load.strange
    assert set(load.statuses) <= {201, 503}

    running.restart()
    await running.ready()
    async with operating(running) as service:
        await load.check(service)


async def test_sigterm_while_a_job_waits_for_the_carrier_stops_within_20_s(homes: Homes) -> None:
    running = Running(homes.make(), PSTN_SIMULATOR_LATENCY_SECONDS="60")
    await running.ready()
    customer = await DemoCustomer.of(running)
    placed = (await customer.order(*await customer.numbers(1))).json()
    async with operating(running) as service:
        async with asyncio.timeout(20):
            while await in_books(service, placed["orderNumber"]) != (1, 1):
                await asyncio.sleep(0.05)

    status, _ = await running.terminate()

    assert status == 0, running.tail()
    assert processes_of(running.home) == {}


async def test_sigterm_while_the_database_starts_leaves_nothing_behind(
    empty_homes: Homes,
) -> None:
    running = Running(empty_homes.make())
    pid_file = running.home / "postgres/data/postmaster.pid"
    while not pid_file.exists():
        await asyncio.sleep(0.001)

    await running.terminate()

    with contextlib.suppress(AssertionError):
        await eventually(lambda: not processes_of(running.home), 3, "everything gone")
    assert processes_of(running.home) == {}


# --- Two services -------------------------------------------------------------------------------


async def test_two_services_live_side_by_side(homes: Homes) -> None:
    one, other = Running(homes.make()), Running(homes.make())
    await asyncio.gather(one.ready(), other.ready())
    buyers = [await DemoCustomer.of(running) for running in (one, other)]
    numbers = await buyers[0].numbers(2)

    placed = await asyncio.gather(*(buyer.order(*numbers) for buyer in buyers))

    assert [answer.status_code for answer in placed] == [201, 201]
    assert (await one.terminate())[0] == 0
    assert (await buyers[1].api.ended(placed[1].json()["id"]))["status"] == "provisioned"
    assert len(await buyers[1].orders()) == 1
    assert (await other.terminate())[0] == 0


async def test_a_port_in_use_is_told_in_a_sentence_that_helps(homes: Homes) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        running = Running(homes.make(), port=taken.getsockname()[1])

        status = await asyncio.to_thread(running.process.wait, 60)

    assert status == 1
    told = running.tail()
    assert "Traceback" not in told
    assert str(running.port) in told
    assert "PORT=" in told
    assert processes_of(running.home) == {}


async def test_of_two_services_started_at_once_on_one_port_one_says_so_and_ends(
    homes: Homes,
) -> None:
    port = free_port()
    both = [Running(homes.make(), port=port) for _ in range(2)]
    await asyncio.sleep(0)

    with contextlib.suppress(AssertionError):
        await eventually(lambda: any(r.process.poll() is not None for r in both), 20, "an end")

    [loser] = [running for running in both if running.process.poll() is not None]
    assert loser.process.returncode == 1
    assert "PORT=" in loser.tail()
    [winner] = [running for running in both if running is not loser]
    await winner.ready()


# --- The database away --------------------------------------------------------------------------


@dataclass
class Watch:
    """What the service said while the database was away."""

    url: str
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)
    during: str = ""

    @contextlib.asynccontextmanager
    async def running(self, token: str) -> AsyncIterator[None]:
        """Ask again and again, from several sides, until the block ends."""
        paths = ("/readyz", "/v1/people/me", "/v1/locations", "/v1/telephony/pstn/orders")
        tasks = [asyncio.create_task(self._ask(path, token)) for path in paths]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, path: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=60) as client:
            while True:
                answer = await client.get(path)
                self.statuses[path, answer.status_code] += 1
                if answer.status_code == 503:
                    assert int(answer.headers["Retry-After"]) >= 1
                    if path != "/readyz":
                        check_unavailable(answer)
                elif answer.status_code != 200:
                    self.strange.append(f"{self.during} {path} {answer.status_code}: {answer.text}")
                await asyncio.sleep(0.05)


class Apart:
    """The API as a process of its own, on a database that this test starts and stops."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.server = embedded_postgres.attach(home)
        self.api = Running(
            home,
            command=(sys.executable, "-m", "app.main"),
            DATABASE_URL=self.server.url(user="pstn_app", database="pstn"),
        )

    def stop(self, number: signal.Signals) -> None:
        """End the server: SIGINT cleanly, SIGQUIT at once, SIGKILL without its knowing."""
        postmaster = postmaster_of(self.home)
        assert postmaster is not None
        send(postmaster, number)
        while postgres_of(self.home):
            time.sleep(0.02)

    def start(self) -> None:
        """Start it again; one more share of it, which the next `start` still has."""
        self.server = embedded_postgres.attach(self.home)


async def test_while_the_database_is_away_everything_is_503_and_it_comes_back_by_itself(
    homes: Homes,
) -> None:
    apart = Apart(homes.make())
    await apart.api.ready()
    customer = await DemoCustomer.of(apart.api)
    numbers = await customer.numbers(400)
    load, watch = Load(customer), Watch(apart.api.url)
    async with load.running(numbers), watch.running(apart.api.demo()["tokens"]["customerAdmin"]):
        for how in (signal.SIGKILL, signal.SIGQUIT, signal.SIGINT):
            watch.during = how.name
            await load.more(10)
            await asyncio.to_thread(apart.stop, how)
            async with httpx.AsyncClient(base_url=apart.api.url) as client:
                ready = await client.get("/readyz")
                assert ready.status_code == 503
                assert ready.json()["checks"]["database"] == "away"
                assert (await client.get("/healthz")).status_code == 200
            await asyncio.sleep(1)
            await asyncio.to_thread(apart.start)
            await apart.api.ready(10)
            assert apart.api.process.poll() is None
        await load.more(10)

    assert watch.statuses["/v1/people/me", 503] > 0
    assert load.statuses[503] > 0
    assert not watch.strange, watch.strange[0]
    assert not load.strange, load.strange[0]


async def test_a_frozen_database_is_not_waited_for_without_end(homes: Homes) -> None:
    apart = Apart(homes.make())
    await apart.api.ready()
    customer = await DemoCustomer.of(apart.api)
    frozen = postgres_of(apart.home)
    for pid in frozen:
        send(pid, signal.SIGSTOP)
    try:
        async with httpx.AsyncClient(base_url=apart.api.url, timeout=10) as client:
            assert (await client.get("/readyz")).status_code == 503
    finally:
        for pid in frozen:
            send(pid, signal.SIGCONT)
    await apart.api.ready(10)
    assert (await customer.api.get("/locations")).status_code == 200


async def another_server(home: Path, lost: int) -> None:
    """Wait until another PostgreSQL than that one serves a home."""
    await eventually(lambda: postmaster_of(home) not in (None, lost), 20, "another PostgreSQL")


async def test_the_supervisor_starts_its_database_again(homes: Homes) -> None:
    running = Running(homes.make())
    await running.ready()
    customer = await DemoCustomer.of(running)
    load, watch = Load(customer), Watch(running.url)
    async with (
        load.running(await customer.numbers(400)),
        watch.running(running.demo()["tokens"]["customerAdmin"]),
    ):
        for how in (signal.SIGKILL, signal.SIGINT):
            watch.during = how.name
            await load.more(10)
            lost = postmaster_of(running.home)
            assert lost is not None
            send(lost, how)
            await another_server(running.home, lost)
            await running.ready(20)
        await load.more(10)

    assert not watch.strange, watch.strange[0]
    assert not load.strange, load.strange[0]
    async with operating(running) as service:
        await load.check(service)
    status, _ = await running.terminate()
    assert status == 0, running.tail()
    assert processes_of(running.home) == {}
