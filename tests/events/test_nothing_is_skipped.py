"""Many writers, and readers that stop and go on: nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.core.database import EVERYTHING, Database, Scope
from app.domains.events.models import Event
from app.domains.events.repository import FEED_LOCK
from tests.conftest import Api, Cluster, Customer
from tests.events.feed import Json, end_of, stream
from tests.events.writing import WRITERS, Work, is_whole, marks_of, order, writing

STOPS = 200
DISCONNECTS = 100


@pytest.fixture
async def writers(cluster: Cluster) -> AsyncIterator[Database]:
    """Connections for all writers at once."""
    database = Database(cluster.addresses.app, pool_size=WRITERS + 1)
    yield database
    await database.close()


@asynccontextmanager
async def killing_publishers(database: Database) -> AsyncIterator[list[int]]:
    """The server ends the connection of whoever publishes, again and again; how often."""
    kills = [0]
    query = text(
        "select count(pg_terminate_backend(pid)) from pg_locks"
        " where locktype = 'advisory' and objid = :lock and granted"
    )

    async def kill() -> None:
        while True:
            async with database.read(EVERYTHING) as session:
                killed = await session.scalar(query, {"lock": FEED_LOCK}) or 0
            kills[0] += killed
            await asyncio.sleep(0.2 if killed else 0.02)

    task = asyncio.create_task(kill())
    try:
        yield kills
    finally:
        task.cancel()


async def page(api: Api, cursor: str, size: int) -> Json:
    """A page of the feed, by a caller who comes again when told to."""
    while True:
        answer = await api.get("/events", params={"cursor": cursor, "max": size})
        if answer.status_code == 200:
            return dict(answer.json())
        assert answer.status_code == 503, answer.text


async def read_with_stops(
    api: Api, cursor: str, stops: int, pick: random.Random
) -> tuple[list[Json], str]:
    """Read a few events at a time, each time as if somebody new went on."""
    found: list[Json] = []
    for _ in range(stops):
        seen = await page(api, cursor, pick.randint(1, 30))
        found += seen["items"]
        cursor = seen["nextCursor"]
    return found, cursor


async def rest_of(api: Api, cursor: str, work: Work) -> list[Json]:
    """What is left once all is written."""
    await work
    found: list[Json] = []
    while (seen := await page(api, cursor, 1000))["items"]:
        found += seen["items"]
        cursor = seen["nextCursor"]
    return found


async def test_twenty_writers_and_a_reader_that_stops_200_times_lose_and_repeat_nothing(
    writers: Database, customer: Customer, stock: Callable[..., Awaitable[list[str]]]
) -> None:
    numbers, enough, pick = await stock(20), asyncio.Event(), random.Random(7)  # noqa: S311
    cursor = await end_of(customer.api)
    buyers = [order(customer, numbers[:10], enough), order(customer, numbers[10:], enough)]
    async with writing(writers, UUID(customer.organization_id), enough, *buyers) as work:
        found, cursor = await read_with_stops(customer.api, cursor, STOPS // 2, pick)
        async with killing_publishers(writers) as kills:
            more, cursor = await read_with_stops(customer.api, cursor, STOPS // 2, pick)
        enough.set()
        found += more + await rest_of(customer.api, cursor, work)

    *written, placed, also_placed = await work
    assert is_whole(marks_of(found), written)
    assert kills[0] >= 3
    assert len({event["id"] for event in found}) == len(found)
    created = [e["data"]["orderId"] for e in found if e["type"] == "order.created"]
    assert sorted(created) == sorted(placed + also_placed)
    sequences = [event["sequence"] for event in found]
    assert sequences == list(range(sequences[0], sequences[0] + len(found)))


async def test_a_reader_by_the_order_of_writing_would_lose_events(
    writers: Database, customer: Customer
) -> None:
    """The guard of the test above: without a publisher, the same writers leave gaps behind."""
    organization_id, enough = UUID(customer.organization_id), asyncio.Event()
    cursor, told = 0, list[str]()

    async def read() -> None:
        nonlocal cursor
        async with writers.read(Scope.of([organization_id])) as session:
            query = select(Event).where(
                Event.insertion > cursor, Event.type == "location.mainNumberChanged"
            )
            for event in await session.scalars(query.order_by(Event.insertion)):
                cursor = event.insertion
                told.append(event.data["phoneNumber"])

    async with writing(writers, organization_id, enough) as work:
        for _ in range(50):
            await read()
            await asyncio.sleep(0.01)
        enough.set()
        await work
        await read()

    assert not is_whole(told, await work)
    assert set(told) < {mark for marks in await work for mark in marks}


async def test_a_stream_resumed_after_100_disconnects_loses_and_repeats_nothing(
    writers: Database, customer: Customer
) -> None:
    pick, enough = random.Random(3), asyncio.Event()  # noqa: S311 - no secret
    found, cursor = list[Json](), await end_of(customer.api)
    async with writing(writers, UUID(customer.organization_id), enough) as work:
        for _ in range(DISCONNECTS):
            wanted = pick.randint(0, 4)
            async with stream(customer.api, cursor) as blocks:
                async for block in blocks:
                    cursor = block.id or cursor
                    found += [] if block.data is None else [block.data]
                    wanted -= block.data is not None
                    if wanted <= 0:
                        break
        enough.set()
        found += await rest_of(customer.api, cursor, work)

    assert is_whole(marks_of(found), await work)
