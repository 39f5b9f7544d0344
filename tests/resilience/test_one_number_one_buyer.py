"""A number is sold once, however many ask for it at once (domain.md C8)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

import pytest

from app.domains.numbering import repository
from tests.conftest import make_customer
from tests.resilience import careless
from tests.resilience.running import Running, busy_seconds
from tests.resilience.selling import (
    Attempt,
    Market,
    by_name,
    by_quantity,
    chance,
    check_answers,
    deadlocks,
    faults,
    inventory_faults,
)

ROUNDS = 20


@dataclass(frozen=True)
class Round:
    """Fresh numbers, and everybody's orders of them."""

    numbers: list[str]
    attempts: list[Attempt]


async def rush(market: Market, rounds: int) -> AsyncIterator[Round]:
    """Every buyer orders the same ten numbers, in an order of its own; as often as told."""
    shuffling = chance(rounds)
    for _ in range(rounds):
        numbers = await market.stock(10)
        wishes = [(buyer, by_name(shuffling.sample(numbers, 10))) for buyer in market.buyers]
        yield Round(numbers, await market.all_at_once(wishes))


async def check(market: Market, numbers: list[str], attempts: list[Attempt]) -> None:
    check_answers(attempts)
    assert await faults(market.service.database, numbers, attempts) == []


async def test_of_fifty_buyers_of_the_same_numbers_one_gets_them(
    busy_market: tuple[Market, Running],
) -> None:
    market, running = busy_market
    processes = running.pids("app.main")
    assert len(processes) == 2
    before = [busy_seconds(pid) for pid in processes]

    async for held in rush(market, ROUNDS):
        await check(market, held.numbers, held.attempts)
        [winner] = [attempt for attempt in held.attempts if attempt.won]
        assert winner.numbers == held.numbers
        for loser in held.attempts:
            assert loser is winner or loser.order["lost"] == held.numbers
        await market.ended([winner])
    assert deadlocks(market.service) == 0
    assert await inventory_faults(market.service.database) == []
    used = [busy_seconds(pid) - start for pid, start in zip(processes, before, strict=True)]
    assert min(used) > 1, f"one process did nearly all of it: {used}"


async def test_batches_that_overlap_in_opposite_order_end_without_a_deadlock(
    busy_market: tuple[Market, Running],
) -> None:
    market, _ = busy_market
    for seed in range(10):
        numbers, picking = await market.stock(60, blocks=3), chance(seed)
        batches = [sorted(picking.sample(numbers, 12)) for _ in market.buyers]

        attempts = await market.all_at_once(
            (buyer, by_name(batch[:: (-1) ** index]))
            for index, (buyer, batch) in enumerate(zip(market.buyers, batches, strict=True))
        )

        await check(market, numbers, attempts)
        assert any(attempt.won for attempt in attempts)
        assert any(not a.won and a.order["remaining"] for a in attempts)
        await market.ended(attempts)
    assert deadlocks(market.service) == 0
    assert await inventory_faults(market.service.database) == []


async def test_buyers_of_a_quantity_get_every_number_there_is_and_none_twice(
    busy_market: tuple[Market, Running],
) -> None:
    market, _ = busy_market
    for round_number in range(5):
        city = f"Exactly {round_number}"
        numbers = await market.stock(100, blocks=5, city=city)
        buyers = market.buyers[::2]

        attempts = await market.all_at_once((buyer, by_quantity(5, city)) for buyer in buyers)

        await check(market, numbers, attempts)
        assert [attempt.won for attempt in attempts].count(True) == 20
        assert sorted(n for a in attempts if a.won for n in a.numbers) == numbers
        await market.ended(attempts)
    assert deadlocks(market.service) == 0
    assert await inventory_faults(market.service.database) == []


async def test_nobody_is_refused_a_quantity_that_is_left_over(
    busy_market: tuple[Market, Running],
) -> None:
    market, _ = busy_market
    for round_number in range(3):
        city = f"About {round_number}"
        numbers = await market.stock(100, blocks=5, city=city)

        attempts = await market.all_at_once(
            (buyer, by_quantity(1 + index % 9, city)) for index, buyer in enumerate(market.buyers)
        )

        await check(market, numbers, attempts)
        left = len(numbers) - sum(len(a.numbers) for a in attempts if a.won)
        assert all(a.wish["quantity"] > left for a in attempts if not a.won)
        await market.ended(attempts)
    assert await inventory_faults(market.service.database) == []


async def test_a_name_and_a_quantity_never_get_the_same_number(market: Market) -> None:
    for round_number in range(3):
        city = f"Both {round_number}"
        numbers = await market.stock(25, city=city)
        named = [by_name([number]) for number in numbers]
        wishes = [*named, *[by_quantity(5, city)] * (len(market.buyers) - len(named))]

        attempts = await market.all_at_once(zip(market.buyers[::-1], wishes, strict=True))

        await check(market, numbers, attempts)
        await market.ended(attempts)
    assert await inventory_faults(market.service.database) == []


@pytest.mark.parametrize("sizes", [(6, 6), (5, 6), (10, 1), (4, 4, 4)])
async def test_a_trial_gets_no_eleventh_number_by_orders_at_once(
    market: Market, sizes: tuple[int, ...]
) -> None:
    for _ in range(3):
        trial = await make_customer(market.service, subscription="trial")
        numbers = await market.stock(sum(sizes))
        rest = iter(numbers)

        attempts = await market.all_at_once(
            (trial, by_name([next(rest) for _ in range(size)])) for size in sizes
        )

        refused = [attempt for attempt in attempts if not attempt.won]
        assert len(refused) == 1
        assert refused[0].answer.status_code == 422, refused[0].answer.text
        [violation] = refused[0].order["violations"]
        assert violation["code"] == "trialNumberLimitExceeded"
        assert violation["limit"] == 10
        assert violation["used"] + violation["remaining"] == 10
        assert await faults(market.service.database, numbers, attempts) == []
    assert await inventory_faults(market.service.database) == []


# --- Would the tests above notice? --------------------------------------------------------------

Replace = Callable[[Iterable[str]], None]


@pytest.fixture
def replace(monkeypatch: pytest.MonkeyPatch) -> Replace:
    """Put the careless function of each name in the place of the careful one."""

    def careless_instead(names: Iterable[str]) -> None:
        for name in names:
            monkeypatch.setattr(repository, name, getattr(careless, name))

    return careless_instead


async def test_the_checks_find_the_double_sales_of_a_careless_seller(
    spoilt_market: Market, replace: Replace
) -> None:
    replace(["lock_blocks", "change_available", "add_numbers"])

    async for held in rush(spoilt_market, 3):
        winners = [attempt for attempt in held.attempts if attempt.won]
        assert len(winners) > 1
        found = await faults(spoilt_market.service.database, held.numbers, held.attempts)
        for number in held.numbers:
            assert f"{number[1:]} was promised {len(winners)} times" in found
            assert f"{number[1:]} is in {len(winners)} orders" in found


async def test_the_proof_of_the_inventory_finds_what_a_careless_seller_lost(
    spoilt_market: Market, replace: Replace
) -> None:
    assert await inventory_faults(spoilt_market.service.database) == []
    replace(["lock_blocks", "change_available"])
    numbers = await spoilt_market.stock(50)

    # Each its own number: nobody is in anybody's way, but for what is written back.
    attempts = await spoilt_market.all_at_once(
        (buyer, by_name([number]))
        for buyer, number in zip(spoilt_market.buyers, numbers, strict=True)
    )

    assert any(attempt.won for attempt in attempts)
    found = await faults(spoilt_market.service.database, numbers, attempts)
    assert any(fault.endswith("is for sale") for fault in found)
    kinds = {fault.kind for fault in await inventory_faults(spoilt_market.service.database)}
    assert "available and owned at once" in kinds


@pytest.mark.parametrize(
    "gone",
    [
        ("lock_blocks", "change_available"),
        ("lock_blocks", "add_numbers"),
        ("change_available", "add_numbers"),
    ],
    ids=["the key of numbers", "the conditional update", "the lock"],
)
async def test_each_guard_alone_keeps_a_number_from_two_buyers(
    spoilt_market: Market, replace: Replace, gone: tuple[str, ...]
) -> None:
    replace(gone)

    async for held in rush(spoilt_market, 3):
        await check(spoilt_market, held.numbers, held.attempts)


async def test_the_checks_find_the_deadlocks_of_locks_in_any_order(
    spoilt_market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "lock_blocks", careless.lock_blocks_in_any_order)
    before = deadlocks(spoilt_market.service)
    numbers = await spoilt_market.stock(60, blocks=3)

    attempts = await spoilt_market.all_at_once(
        (buyer, by_name(numbers[index::6])) for index, buyer in enumerate(spoilt_market.buyers[:6])
    )

    assert deadlocks(spoilt_market.service) > before
    with pytest.raises(AssertionError):
        check_answers(attempts)
