"""The feed and its stream: who sees what, where reading goes on, and how a stream ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from starlette.types import Message

from app.core.database import EVERYTHING, Scope
from app.core.settings import Settings
from app.domains.events import repository
from app.domains.events.catalogue import MainNumberChanged
from app.domains.events.router import EventStream
from app.domains.events.schemas import encode_cursor
from app.domains.events.service import forgetting
from app.domains.events.service.publishing import publish
from app.domains.events.service.reading import last_position
from app.domains.events.service.recording import record
from tests.conftest import Api, Customer, Service, make_customer, serving
from tests.events.feed import Block, Json, end_of, read, read_all, stream

MOST_STREAMS = 10


@pytest.fixture
async def other(service: Service) -> Customer:
    return await make_customer(service)


async def happens(customer: Customer, mark: str) -> None:
    """Something of that organisation."""
    organization_id = UUID(customer.organization_id)
    async with customer.service.database.write(Scope.of([organization_id])) as session:
        data = MainNumberChanged(location_id=UUID(customer.location_id), phone_number=mark)
        await record(session, organization_id, data)


def marks(events: list[Json]) -> list[str]:
    return [event["data"].get("phoneNumber") for event in events]


async def next_event(blocks: AsyncIterator[Block]) -> Block:
    """The next block with an event."""
    async with asyncio.timeout(10):
        async for block in blocks:
            if block.data is not None:
                return block
    raise AssertionError("the stream ended")


# --- The feed -----------------------------------------------------------------------------------


async def test_a_caller_finds_what_it_did_at_once_and_once(customer: Customer) -> None:
    cursor = await end_of(customer.api)
    await customer.api.put(f"{customer.location}/connection", json={})
    nothing = await read(customer.api, cursor=cursor)
    await happens(customer, "+1")
    first = await read(customer.api, cursor=cursor)
    again = await read(customer.api, cursor=cursor)
    behind = await read(customer.api, cursor=first["nextCursor"])

    assert (nothing["items"], behind["items"]) == ([], [])
    assert marks(first["items"]) == ["+1"]
    assert first["items"] == again["items"]
    [event] = first["items"]
    assert event["type"] == "location.mainNumberChanged"
    assert event["orgId"] == customer.organization_id
    assert event["data"] == {"locationId": customer.location_id, "phoneNumber": "+1"}


async def test_pages_name_the_next_one_with_its_filters(customer: Customer) -> None:
    cursor = await end_of(customer.api)
    for mark in "abc":
        await happens(customer, mark)
    query: dict[str, Any] = {"cursor": cursor, "max": 2, "type": "location.mainNumberChanged"}
    page = await customer.api.get("/events", params=query)
    rest = await customer.api.get(page.links["next"]["url"])
    none = await read(customer.api, cursor=cursor, type=["order.created", "order.updated"])

    assert marks(page.json()["items"]) == ["a", "b"]
    assert marks(rest.json()["items"]) == ["c"]
    assert "Link" not in rest.headers
    assert none["items"] == []
    assert (await read(customer.api, cursor=none["nextCursor"]))["items"] == []


async def test_an_organization_s_events_are_its_own(customer: Customer, other: Customer) -> None:
    cursor = await end_of(customer.operator)
    partner, support = await customer.caller("partnerAdmin"), await customer.caller("support")
    await happens(customer, "ours")
    await happens(other, "theirs")
    await happens(customer, "ours too")

    async def seen(api: Api, **query: str) -> list[str]:
        return marks((await read_all(api, cursor, **query))[0])

    assert await seen(customer.api) == ["ours", "ours too"]
    assert await seen(await customer.caller("readOnlyAdmin")) == ["ours", "ours too"]
    assert await seen(other.api) == ["theirs"]
    assert await seen(partner) == ["ours", "ours too"]
    assert await seen(support) == ["ours", "theirs", "ours too"]
    assert await seen(customer.operator, orgId=other.organization_id) == ["theirs"]
    foreign = await customer.api.get("/events", params={"orgId": other.organization_id})
    assert (foreign.status_code, foreign.json()["code"]) == (404, "notFound")
    for api in (customer.api, partner):
        told = await told_until(api, cursor, "ours too")
        assert "theirs" not in marks(told)
    own = [e["sequence"] for e in (await read_all(customer.api))[0]]
    assert own == list(range(1, len(own) + 1))


async def told_until(api: Api, cursor: str, mark: str) -> list[Json]:
    """What the stream tells, up to an event."""
    found: list[Json] = []
    async with stream(api, cursor) as blocks:
        while mark not in marks(found):
            found.append((await next_event(blocks)).data or {})
    return found


@pytest.mark.parametrize(
    "cursor",
    ["x", "", "ZXZlbnQ6", "ZXZlbnQ6LTE", encode_cursor(10**17), encode_cursor(10**30), "%00", "é"],
)
async def test_a_cursor_that_was_never_given_is_refused(cursor: str, customer: Customer) -> None:
    for path in ("/events", "/events/stream"):
        answer = await customer.api.get(path, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalidCursor"), path
    refused = await customer.api.get("/events/stream", headers={"Last-Event-ID": "x"})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalidCursor")


async def test_what_is_forgotten_is_not_skipped_in_silence(
    customer: Customer, service: Service
) -> None:
    old = await end_of(customer.api)
    await happens(customer, "forgotten")
    newer = (await read(customer.api, cursor=old))["nextCursor"]
    await happens(customer, "kept")
    await read(customer.api, cursor=newer)
    async with service.database.write(EVERYTHING) as session:
        await session.execute(
            text(
                "update events set published_at = now() - interval '91 days'"
                " where data ->> 'phoneNumber' = 'forgotten'"
            )
        )
        await forgetting.forget(session)

    for path in ("/events", "/events/stream"):
        answer = await customer.api.get(path, params={"cursor": old})
        assert (answer.status_code, answer.json()["code"]) == (410, "cursorTooOld")
        assert "90 days" in answer.json()["detail"]
    assert marks((await read(customer.api, cursor=newer))["items"]) == ["kept"]
    assert marks((await read(customer.api))["items"])[0] == "kept"
    # Who polls moves on, though nothing of its own happens.
    async with service.database.read(EVERYTHING) as session:
        end = encode_cursor(await last_position(session))
    assert (await read(customer.api, cursor=newer))["nextCursor"] == end


async def test_forgetting_looks_at_the_oldest_alone(customer: Customer, service: Service) -> None:
    await happens(customer, "young")
    await happens(customer, "old, which cannot be")
    await end_of(customer.api)
    oldest = text("select min(position) from events")
    async with service.database.write(EVERYTHING) as session:
        before = await session.scalar(oldest)
        await session.execute(
            text(
                "update events set published_at = case when position ="
                " (select min(position) from events) then now()"
                " else now() - interval '91 days' end"
            )
        )
        await repository.forget(session, older_than=forgetting.KEPT_FOR, limit=1)
        after = await session.scalar(oldest)
        await session.rollback()

    assert after == before


# --- The stream ---------------------------------------------------------------------------------


async def test_a_stream_tells_what_is_there_and_then_what_happens(customer: Customer) -> None:
    cursor = await end_of(customer.api)
    await happens(customer, "before")
    async with stream(customer.api, cursor) as blocks:
        before = await next_event(blocks)
        await happens(customer, "after")
        after = await next_event(blocks)

    listed = (await read(customer.api, cursor=cursor))["items"]
    assert [before.data, after.data] == listed
    assert [before.event, after.event] == ["location.mainNumberChanged"] * 2
    assert (await read(customer.api, cursor=before.id))["items"] == [after.data]


async def test_a_stream_of_the_latest_begins_with_what_happens_next(customer: Customer) -> None:
    await happens(customer, "before")
    async with stream(customer.api, cursor="latest") as blocks:
        first = await anext(blocks)
        await happens(customer, "after")
        event = await next_event(blocks)

    assert (event.data or {})["data"]["phoneNumber"] == "after"
    resumed = (await read(customer.api, cursor=first.id))["items"]
    assert marks(resumed) == ["after"]


async def test_a_silent_stream_gives_signs_of_life_and_moves_on(
    customer: Customer, other: Customer
) -> None:
    cursor = await end_of(customer.api)
    async with stream(customer.api, cursor) as blocks:
        await happens(other, "of somebody else")
        async for block in blocks:
            if block.comment == "ping" and block.id not in (None, cursor):
                break

    assert block.id == await end_of(customer.api)


async def test_streams_of_one_type_only(customer: Customer) -> None:
    cursor = await end_of(customer.api)
    await happens(customer, "+1")
    async with stream(customer.api, cursor, type="order.created", maxSeconds=0) as blocks:
        assert [block.data async for block in blocks if block.data] == []


async def test_a_stream_ends_when_its_time_is_over(customer: Customer) -> None:
    for mark in "abc":
        await happens(customer, mark)
    async with stream(customer.api, maxSeconds=0) as blocks:
        told = [block.data async for block in blocks if block.data]

    assert marks(told)[-3:] == ["a", "b", "c"]
    assert told == (await read_all(customer.api))[0]


async def token(customer: Customer) -> tuple[Api, str]:
    """Another administrator, and the id of its token."""
    wish = {"name": "another", "role": "customerAdmin"}
    made = (await customer.api.post("/accessTokens", json=wish)).json()
    return Api(customer.service.url, made["token"]), made["id"]


async def test_a_stream_ends_when_its_token_is_revoked(customer: Customer) -> None:
    api, token_id = await token(customer)
    async with stream(api) as blocks:
        await anext(blocks)
        started = time.monotonic()
        await customer.api.delete(f"/accessTokens/{token_id}")
        async for _ in blocks:
            pass
    assert time.monotonic() - started < 1.5
    assert (await api.get("/events/stream")).status_code == 401


async def test_a_stream_of_a_partner_ends_when_its_customers_are_others(
    customer: Customer,
) -> None:
    partner = await customer.caller("partnerAdmin")
    async with stream(partner, cursor="latest") as blocks:
        await anext(blocks)
        started = time.monotonic()
        await customer.operator.post(
            "/organizations",
            json={
                "displayName": "Another customer",
                "subscription": {"type": "paid"},
                "partner": {"id": customer.partner_id, "name": "Contoso Voice"},
            },
        )
        async for _ in blocks:
            pass
    assert time.monotonic() - started < 1.5


async def test_a_caller_has_ten_streams_at_most(customer: Customer) -> None:
    api, _ = await token(customer)
    *answers, of_another = await asyncio.gather(
        *(api.get("/events/stream") for _ in range(MOST_STREAMS + 2)),
        customer.api.get("/events/stream", params={"maxSeconds": 0}),
    )
    let_in_again = await api.get("/events/stream", params={"maxSeconds": 0})

    refused = [answer for answer in answers if answer.status_code != 200]
    assert [answer.json()["code"] for answer in refused] == ["tooManyRequests"] * 2
    assert {answer.status_code for answer in refused} == {429}
    assert all(answer.headers["Retry-After"] for answer in refused)
    assert (of_another.status_code, let_in_again.status_code) == (200, 200)


async def test_a_stream_that_nobody_reads_is_ended() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b": ping\n\n"

    taken: list[Message] = []

    async def take_three(message: Message) -> None:
        taken.append(message)
        if len(taken) > 3:
            await asyncio.Event().wait()

    async def say_nothing() -> Message:
        await asyncio.Event().wait()
        return {}

    async with asyncio.timeout(5):
        response = EventStream(endless())
        response.patience_seconds = 0.05
        await response({"type": "http"}, say_nothing, take_three)

    assert len(taken) == 4


async def test_streams_of_another_process_end_cleanly_when_it_stops(
    customer: Customer, service: Service, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = Settings(home=tmp_path_factory.mktemp("home"), demo=False, api_processes=2)
    url = service.database.engine.url.render_as_string(hide_password=False)
    cursor = await end_of(customer.api)
    async with Api("", None, **customer.api.headers) as away:
        async with serving(settings, url) as address:
            away.base_url = httpx.URL(f"{address}/v1")
            following = stream(away, cursor)
            blocks = await following.__aenter__()
            await happens(customer, "told elsewhere")
            event = await next_event(blocks)
            started = time.monotonic()
        left = [block async for block in blocks]
        stopped_after = time.monotonic() - started
        await following.__aexit__(None, None, None)

    assert (event.data or {})["data"]["phoneNumber"] == "told elsewhere"
    assert [block.data for block in left if block.data] == []
    assert stopped_after < 5


async def test_several_publish_at_once_without_harm(customer: Customer, service: Service) -> None:
    cursor = await end_of(customer.api)
    for mark in "abc":
        await happens(customer, mark)
        await asyncio.gather(*(publish(service.database) for _ in range(4)))

    assert marks((await read(customer.api, cursor=cursor))["items"]) == ["a", "b", "c"]
