"""Thousands of a test's own, outside of those that other tests stock: starts at `thousand`."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from app.core.database import EVERYTHING, WriteSession
from tests.conftest import Service

_counters: dict[str, Iterator[int]] = {}


def thousand(area_code: str = "701") -> int:
    """The first number of a thousand in that area code that nobody else uses."""
    index = next(_counters.setdefault(area_code, itertools.count()))
    return int(f"1{area_code}{200 + index // 10}{index % 10}000")


def prefix_of_its_own(area_code: str = "701") -> int:
    """The first number of ten thousands in a row, a whole prefix, that nobody else uses."""
    counter = _counters.setdefault(area_code, itertools.count())
    index = next(counter)
    while index % 10:
        index = next(counter)
    for _ in range(9):
        next(counter)
    return int(f"1{area_code}{200 + index // 10}0000")


def place(name: str = "Place") -> str:
    """A city that nobody else uses."""
    return f"{name} {uuid4().hex[:8]}"


def line(
    first: int,
    last: int | None = None,
    *,
    city: str = "Fargo",
    state: str = "ND",
    country: str = "US",
    kind: str = "local",
) -> str:
    """A line of a file of numbers."""
    return f"{country},{state},{city},{city.upper()},{kind},+{first},+{last or first}\n"


@asynccontextmanager
async def undone(service: Service) -> AsyncIterator[WriteSession]:
    """A transaction that sees what it writes and leaves nothing behind."""
    async with service.database.write(EVERYTHING) as session:
        yield session
        await session.rollback()


async def rows(service: Service, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """What a query finds."""
    async with service.database.read(EVERYTHING) as session:
        return [tuple(row) for row in await session.execute(text(query), parameters)]


async def execute(service: Service, statement: str, **parameters: Any) -> None:
    """Change the tables behind the service's back."""
    async with service.database.write(EVERYTHING) as session:
        await session.execute(text(statement), parameters)


BLOCKS = """
    select id, country, state, city, rate_center, number_type, stocked::text, available::text,
           available_count
    from thousands_blocks where id between :first and :last order by id
"""


async def blocks(service: Service, first: int, last: int | None = None) -> list[tuple[Any, ...]]:
    """The thousands-blocks from that of one number to that of another, as they are stored."""
    return await rows(service, BLOCKS, first=first // 1000, last=(last or first) // 1000)


def bits(stored: str) -> list[int]:
    """The last three digits of the numbers in a bitmap as it is stored."""
    return [index for index, bit in enumerate(stored) if bit == "1"]
