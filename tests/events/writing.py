"""Many writers of events at once: slow to commit, rolled back at times, and real orders."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from app.core.database import Database, Scope
from app.domains.events.catalogue import MainNumberChanged
from app.domains.events.service.recording import record
from tests.conftest import Customer
from tests.events.feed import Json

WRITERS = 20

Work = asyncio.Future[list[list[str]]]
"""What each writer committed, in order, once it is done."""


class Undone(Exception):  # noqa: N818 - no error
    """A transaction that is given up."""


@asynccontextmanager
async def writing(
    database: Database,
    organization_id: UUID,
    enough: asyncio.Event,
    *others: Coroutine[Any, Any, list[str]],
) -> AsyncIterator[Work]:
    """Twenty writers at work until it is enough."""
    writers = [
        _write(database, organization_id, writer, enough) for writer in range(WRITERS - len(others))
    ]
    work = asyncio.gather(*writers, *others)
    try:
        yield work
    finally:
        enough.set()
        await work


async def _write(
    database: Database, organization_id: UUID, writer: int, enough: asyncio.Event
) -> list[str]:
    pick, committed, index = random.Random(writer), list[str](), 0  # noqa: S311 - no secret
    while not enough.is_set():
        index += 1
        marks = [f"{writer}-{index}-{part}" for part in range(pick.randint(1, 3))]
        try:
            async with database.write(Scope.of([organization_id])) as session:
                for mark in marks:
                    data = MainNumberChanged(location_id=organization_id, phone_number=mark)
                    await record(session, organization_id, data)
                    await asyncio.sleep(pick.random() * 0.4)
                if pick.random() < 0.1:
                    raise Undone
        except Undone:
            continue
        committed += marks
        await asyncio.sleep(pick.random() * 0.6)
    return committed


async def order(customer: Customer, numbers: Sequence[str], enough: asyncio.Event) -> list[str]:
    """Real orders, one after another, as long as there are numbers."""
    placed: list[str] = []
    for number in numbers:
        if not enough.is_set():
            answer = await customer.order(number)
            assert answer.status_code == 201, answer.text
            placed.append(answer.json()["id"])
    return placed


def marks_of(events: Sequence[Json]) -> list[str]:
    """What the writers say they wrote, as these events tell it."""
    return [
        str(event["data"]["phoneNumber"])
        for event in events
        if event["type"] == "location.mainNumberChanged"
    ]


def is_whole(told: list[str], written: Sequence[Sequence[str]]) -> bool:
    """Whether everything was told once, and what one writer wrote in its order."""
    place = {mark: index for index, mark in enumerate(told)}
    return (
        len(place) == len(told)
        and place.keys() == {mark for marks in written for mark in marks}
        and all(sorted(marks, key=place.__getitem__) == list(marks) for marks in written)
    )
