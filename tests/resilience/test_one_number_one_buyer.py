"""A number is sold once, by itself or with its block, however many ask at once (domain.md C6, C8).

Starts at `check`; the last tests show that it would notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import select

from app.core.database import EVERYTHING
from app.domains.numbering import repository
from app.domains.numbering.models import Number, NumberBlock
from tests.conftest import make_customer
from tests.resilience import careless
from tests.resilience.running import Running, busy_seconds
from tests.resilience.selling import (
    Attempt,
    Market,
    by_block,
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

    @property
    def sold(self) -> list[Attempt]:
        """The orders that were accepted."""
        return [attempt for attempt in self.attempts if attempt.won]


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


async def rush_at_a_block(
    market: Market, rounds: int, *, across: bool = False
) -> AsyncIterator[Round]:
    """Of forty buyers twenty want a block of ten, the others one of its numbers each."""
    shuffling = chance(rounds)
    for _ in range(rounds):
        numbers = await (market.stock_across(10) if across else market.stock(10))
        wishes = [by_block(numbers)] * 20 + [by_name([number]) for number in numbers * 2]
        buyers = shuffling.sample(market.buyers, len(wishes))
        pairs = list(zip(buyers, shuffling.sample(wishes, len(wishes)), strict=True))
        yield Round(numbers, await market.all_at_once(pairs))


async def block_faults(market: Market, held: Round) -> list[str]:
    """Where the block was sold: what else was, or is held; where not: what remembers a block."""
    first, members = int(held.numbers[0]), [int(number) for number in held.numbers]
    sold = [attempt for attempt in held.sold if attempt.wish["type"] == "block"]
    async with market.service.database.read(EVERYTHING, snapshot=True) as session:
        query = repository.visible(session).where(Number.number.in_(members))
        rows = list(await session.scalars(query))
        known = set(
            await session.scalars(select(NumberBlock.id).where(NumberBlock.first_number == first))
        )
    of_a_block = {row.block_id for row in rows} - {None}
    found = []
    if sold and len(held.sold) > 1:
        found.append(f"block {first} was sold, and so were {len(held.sold) - 1} orders of parts")
    if known != {UUID(attempt.order["blockId"]) for attempt in sold}:
        found.append(f"block {first} was sold {len(sold)} times and is known {len(known)} times")
    if of_a_block != known or (sold and not all(row.block_id for row in rows)):
        found.append(f"block {first} has other numbers than were sold with it")
    return found


@pytest.mark.domain("C8")
async def test_of_fifty_buyers_of_the_same_numbers_one_gets_them(
    busy_market: tuple[Market, Running],
) -> None:
    market, running = busy_market
    processes = running.pids("app.main")
    assert len(processes) == 2
    before = [busy_seconds(pid) for pid in processes]

    async for held in rush(market, ROUNDS):
        await check(market, held.numbers, held.attempts)
        [winner] = held.sold
        assert winner.numbers == held.numbers
        for loser in held.attempts:
            assert loser is winner or loser.order["lost"] == held.numbers
        await market.ended([winner])
    assert deadlocks(market.service) == 0
    assert await inventory_faults(market.service.database) == []
    used = [busy_seconds(pid) - start for pid, start in zip(processes, before, strict=True)]
    assert min(used) > 1, f"one process did nearly all of it: {used}"


@pytest.mark.domain("C8")
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


@pytest.mark.domain("C8")
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


@pytest.mark.domain("C8")
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


@pytest.mark.domain("C8")
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


@pytest.mark.domain("C6", "C8", "C10")
@pytest.mark.parametrize("across", [False, True], ids=["in one thousand", "across two"])
async def test_either_the_block_is_sold_or_its_numbers(
    busy_market: tuple[Market, Running], across: bool
) -> None:
    market, _ = busy_market

    async for held in rush_at_a_block(market, 10, across=across):
        await check(market, held.numbers, held.attempts)
        assert await block_faults(market, held) == []
        assert held.sold
        await market.ended(held.sold)
    assert deadlocks(market.service) == 0
    assert await inventory_faults(market.service.database) == []


@pytest.mark.domain("A7")
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
        winners = held.sold
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


async def test_the_checks_find_a_block_sold_with_its_numbers_by_a_careless_seller(
    spoilt_market: Market, replace: Replace
) -> None:
    replace(["lock_blocks", "change_available", "add_numbers"])

    async for held in rush_at_a_block(spoilt_market, 3):
        assert len({attempt.wish["type"] for attempt in held.sold}) == 2
        found = await block_faults(spoilt_market, held)
        assert any("orders of parts" in fault for fault in found)
        assert await faults(spoilt_market.service.database, held.numbers, held.attempts)


@pytest.mark.domain("C8")
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

    # One guard keeps numbers apart, no more: orders may meet in a deadlock and be told to come
    # again, and what is for sale may be wrong.
    async for held in rush(spoilt_market, 3):
        assert held.sold
        assert await faults_of_owners(spoilt_market, held) == []
    async for held in rush_at_a_block(spoilt_market, 3):
        assert held.sold
        assert await faults_of_owners(spoilt_market, held) == []
        assert await block_faults(spoilt_market, held) == []


async def faults_of_owners(market: Market, held: Round) -> list[str]:
    """What is wrong with who has which number."""
    assert {attempt.answer.status_code for attempt in held.attempts} <= {201, 409, 503}
    found = await faults(market.service.database, held.numbers, held.attempts)
    return [fault for fault in found if not fault.endswith("for sale")]


async def test_the_checks_find_the_deadlocks_of_locks_in_any_order(
    spoilt_market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "lock_blocks", careless.lock_blocks_in_any_order)
    before = deadlocks(spoilt_market.service)
    numbers = await spoilt_market.stock(60, blocks=3)

    attempts = await spoilt_market.all_at_once(
        (buyer, by_name(numbers[index::6])) for index, buyer in enumerate(spoilt_market.buyers[:6])
    )

    async with asyncio.timeout(10):
        while deadlocks(spoilt_market.service) <= before:
            await asyncio.sleep(0.1)  # the server writes its log a little later
    with pytest.raises(AssertionError):
        check_answers(attempts)


async def test_the_checks_find_the_deadlocks_of_blocks_across_two_thousands(
    spoilt_market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "lock_blocks", careless.lock_blocks_in_any_order)
    before = deadlocks(spoilt_market.service)

    async for held in rush_at_a_block(spoilt_market, 2, across=True):
        if deadlocks(spoilt_market.service) > before:
            with pytest.raises(AssertionError):
                check_answers(held.attempts)
            return
    raise AssertionError("not one deadlock")
