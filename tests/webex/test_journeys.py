"""The public Webex client works unchanged: synchronous and not, its models strict and lenient."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import (
    SEATTLE,
    Customer,
    Service,
    location_wish,
    make_customer,
    token_for,
)
from tests.webex.world import JOURNEYS, KINDS, World

SECONDS = 60
ROLES = ("customerAdmin", "readOnlyAdmin", "partnerAdmin")
_outside = count()


class Taker:
    """A process that takes journeys."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def take(self, journey: str, kind: str, world: World) -> str:
        """What went wrong on that journey."""
        wish = {"journey": journey, "kind": kind, "world": asdict(world)}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(wish).encode() + b"\n")
        async with asyncio.timeout(SECONDS):
            answer = await self._process.stdout.readline()
        assert answer, "the client's process has ended"
        return str(json.loads(answer))


@asynccontextmanager
async def taking(extra: str) -> AsyncIterator[Taker]:
    """A client whose models allow, or forbid, what they do not know."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.webex.taking",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "API_MODEL_ALLOW_EXTRA": extra},
    )
    yield Taker(process)
    assert process.stdin
    process.stdin.close()
    await process.wait()


@pytest.fixture(scope="module")
async def strict() -> AsyncIterator[Taker]:
    async with taking("forbid") as taker:
        yield taker


@pytest.fixture(scope="module")
async def lenient() -> AsyncIterator[Taker]:
    async with taking("allow") as taker:
        yield taker


@pytest.fixture(scope="module")
async def stranger(service: Service) -> Customer:
    """Somebody else's organisation, of another partner."""
    return await make_customer(service)


READING = {"numbers_validated", "numbers_of_cisco_pstn_refused", "oneself", "refusals"}
"""Journeys that leave the world as it was."""

_shared: dict[str, World] = {}


@pytest.fixture
async def world(
    journey: str, service: Service, stranger: Customer, stock: Callable[..., Any]
) -> World:
    """The world of a journey; those that only read have one together."""
    if journey not in READING:
        return await make_world(service, stranger, stock)
    if service.url not in _shared:
        _shared[service.url] = await make_world(service, stranger, stock)
    return _shared[service.url]


async def make_world(service: Service, stranger: Customer, stock: Callable[..., Any]) -> World:
    """An organisation with three numbers at its location on Cisco PSTN, and two more locations."""
    customer = await make_customer(service)
    *numbers, foreign, spare = await stock(5)
    await customer.accept_terms()
    placed = await customer.order(*numbers)
    taken = await stranger.order(foreign)
    bare = [await customer.api.post("/locations", json=location_wish(SEATTLE)) for _ in range(2)]
    who = (customer.operator, customer.organization_id, customer.partner_id)
    tokens = {role: await token_for(who[0], role, *who[1:]) for role in ROLES}
    assert (await customer.api.ended(placed.json()["id"]))["status"] == "provisioned"
    main = {"phoneNumber": numbers[0]}
    assert (await customer.api.put(f"{customer.location}/mainNumber", json=main)).status_code == 200
    assert taken.status_code == 201
    first = next(_outside) * 10
    return World(
        url=service.url,
        tokens=tokens,
        organization=customer.organization_id,
        other_organization=stranger.organization_id,
        location=customer.location_id,
        bare_locations=[made.json()["id"] for made in bare],
        numbers=numbers,
        spare=[spare],
        foreign=foreign,
        outside=[f"+1509556{first:04}", f"+1888556{first:04}", f"+1509556{first + 1:04}"],
    )


@pytest.mark.domain("A1")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("journey", JOURNEYS)
async def test_the_client_with_strict_models_takes_the_journey(
    journey: str, kind: str, strict: Taker, world: World
) -> None:
    fault = await strict.take(journey, kind, world)
    assert not fault, fault


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("journey", ["refusals", "numbers_of_cisco_pstn_refused"])
async def test_the_client_with_lenient_models_is_refused(
    journey: str, kind: str, lenient: Taker, world: World
) -> None:
    fault = await lenient.take(journey, kind, world)
    assert not fault, fault
