"""Whatever customers and time do to numbers, in whatever order: nothing is ever wrong.

Each rule of `life.LifeOfNumbers` goes over HTTP to a real service on a database of its own. That
the machine would notice is shown by `faulty`: faults put in on purpose, one of each kind.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.jobs import timers
from tests.conftest import Cluster, make_database, service_on
from tests.stateful.faulty import FAULTS
from tests.stateful.life import LifeOfNumbers, World

RUNS, STEPS = 200, 30
TRIES = 3
"""Hypothesis repeats what failed, and tells of nothing else when that goes otherwise: a service
that runs in real time need not do the same twice."""
HAPPENED = {
    "GET availableNumbers 200",
    "GET availableBlocks 200",
    "POST reservations 201",
    "POST reservations 409",
    "POST reservations 422",
    "POST extend 200",
    "POST extend 409",
    "POST numberOrders 201",
    "POST numberOrders 409",
    "POST numberOrders 422",
    "POST cancel 200",
    "POST release 200",
    "POST release 409",
    "POST restore 200",
    "POST restore 409",
    "POST advance 200",
    "order provisioned",
    "order error",
    "order cancelled",
}
"""What some run has to come to: else this test would show less than it says."""


@pytest.fixture
async def world(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """A service whose clock is nobody else's, and that looks often what is due: time moves fast."""
    monkeypatch.setattr(timers, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(timers, "IDLE_POLL_SECONDS", 0.01)
    addresses = await make_database(cluster.server, "life")
    async with service_on(addresses, tmp_path_factory.mktemp("life")) as service:
        yield World(service, asyncio.get_running_loop())


async def live(world: World) -> None:
    """Run the machine, in a thread: the service has the event loop."""

    class Life(LifeOfNumbers):
        pass

    Life.world = world
    chosen = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        # Not shrunk: that takes many minutes of real requests, and thirty steps can be read.
        phases=(Phase.generate,),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Life, settings=chosen)


async def test_whatever_happens_nothing_is_wrong(world: World) -> None:
    await live(world)

    assert set(world.seen) >= HAPPENED, HAPPENED - set(world.seen)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_the_machine_finds_a_fault_of_each_kind(
    fault: Callable[[pytest.MonkeyPatch], None], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)

    told = ""
    for _ in range(TRIES):
        with pytest.raises(BaseException) as caught:  # noqa: PT011 - Hypothesis may wrap it
            await live(world)
        told = "".join(traceback.format_exception(caught.value))
        if FAULTS[fault] in told:
            break
    assert FAULTS[fault] in told
