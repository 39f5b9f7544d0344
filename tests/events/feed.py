"""Readers of the feed and of the stream."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.conftest import Api

Json = dict[str, Any]


async def read(api: Api, **query: Any) -> Json:
    """A page of the feed."""
    answer = await api.get("/events", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def read_all(api: Api, cursor: str | None = None, **query: Any) -> tuple[list[Json], str]:
    """Everything there is behind a cursor, and where to go on."""
    found: list[Json] = []
    while True:
        page = await read(api, **query, **({} if cursor is None else {"cursor": cursor}))
        found += page["items"]
        if page["nextCursor"] == cursor or not page["items"]:
            return found, page["nextCursor"]
        cursor = page["nextCursor"]


async def end_of(api: Api) -> str:
    """Where the feed ends now."""
    return str((await read(api, cursor="latest"))["nextCursor"])


@dataclass
class Block:
    """A block of a stream of server-sent events."""

    id: str | None = None
    event: str | None = None
    data: Json | None = None
    comment: str | None = None


@asynccontextmanager
async def stream(
    api: Api, last_event_id: str | None = None, **query: Any
) -> AsyncIterator[AsyncIterator[Block]]:
    """The stream, block by block, until one closes it or it ends."""
    headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
    async with api.stream("GET", "/events/stream", params=query, headers=headers) as answer:
        if answer.status_code != 200:
            await answer.aread()
            answer.raise_for_status()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield _blocks(answer)


async def _blocks(answer: httpx.Response) -> AsyncIterator[Block]:
    block = Block()
    async for line in answer.aiter_lines():
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name if line else None:
            case None:
                yield block
                block = Block()
            case "":
                block.comment = value
            case "id":
                block.id = value
            case "event":
                block.event = value
            case "data":
                block.data = json.loads(value)
