"""Many buyers, few numbers, and who ends up with what. Starts at `Market`; `faults` judges."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from app.core.database import EVERYTHING, Database
from app.domains.numbering import bitmaps, repository
from app.domains.numbering.bitmaps import SIZE, numbers_of
from app.domains.numbering.models import Number
from app.domains.numbering.service.verifying import verify
from app.domains.orders.models import OrderNumber, OrderNumberStatus
from tests.conftest import (
    HEADER,
    Api,
    Customer,
    Service,
    import_csv,
    make_customer,
)

_thousands = itertools.count()
WYOMING = 13_077_000
"""The first thousands-block of these tests; nobody else stocks area code 307."""


Wish = dict[str, Any]
Owner = tuple[UUID | None, UUID]
"""An order or a reservation, and its organisation."""


@dataclass
class Market:
    """A service with buyers: several organisations, with several buyers each."""

    service: Service
    operator: Api
    buyers: list[Customer] = field(default_factory=list)

    @classmethod
    async def open(cls, service: Service, *, organizations: int, buyers_each: int) -> Market:
        """Every buyer has a token of its own."""
        market = cls(service, Api(service.url, service.operator_token))
        for _ in range(organizations):
            first = await make_customer(service)
            market.buyers.append(first)
            for _ in range(buyers_each - 1):
                market.buyers.append(
                    Customer(
                        await first.caller("customerAdmin"),
                        first.organization_id,
                        first.partner_id,
                        first.location_id,
                        service,
                        first.operator,
                    )
                )
        return market

    async def stock(self, count: int, *, blocks: int = 1, city: str = "Cody") -> list[str]:
        """Put so many numbers in stock, spread evenly over new thousands-blocks."""
        each, lines, numbers = count // blocks, HEADER, []
        for block in itertools.islice(_thousands, blocks):
            first = (WYOMING + block) * SIZE
            lines += f"US,WY,{city},CODY,local,+{first},+{first + each - 1}\n"
            numbers += [f"+{number}" for number in range(first, first + each)]
        result = await import_csv(self.operator, lines)
        assert result["imported"] == each * blocks, result
        return numbers

    async def stock_across(self, count: int, *, city: str = "Cody") -> list[str]:
        """Put so many consecutive numbers in stock, half of them in the next thousands-block."""
        block, _ = itertools.islice(_thousands, 2)
        first = (WYOMING + block + 1) * SIZE - count // 2
        line = f"US,WY,{city},CODY,local,+{first},+{first + count - 1}\n"
        result = await import_csv(self.operator, HEADER + line)
        assert result["imported"] == count, result
        return [f"+{number}" for number in range(first, first + count)]

    async def all_at_once(self, wishes: Iterable[tuple[Customer, Wish]]) -> list[Attempt]:
        """Send every order at the same moment."""
        given = list(wishes)
        answers = await asyncio.gather(
            *(buyer.api.post(f"{buyer.location}/numberOrders", json=wish) for buyer, wish in given)
        )
        return [
            Attempt(buyer, wish, answer)
            for (buyer, wish), answer in zip(given, answers, strict=True)
        ]

    async def ended(self, attempts: Iterable[Attempt]) -> None:
        """Wait until the carrier has delivered what was ordered."""
        for attempt in attempts:
            if attempt.won:
                order = await attempt.buyer.api.ended(attempt.order["id"], 60)
                assert order["status"] == "provisioned", order


def by_name(numbers: Sequence[str]) -> Wish:
    """These numbers."""
    return {"type": "numbers", "phoneNumbers": list(numbers)}


def by_block(numbers: Sequence[str]) -> Wish:
    """These consecutive numbers as one block."""
    return {"type": "block", "firstNumber": numbers[0], "size": len(numbers)}


def by_quantity(quantity: int, city: str) -> Wish:
    """So many numbers of a city."""
    return {"type": "quantity", "quantity": quantity, "criteria": {"state": "WY", "city": city}}


def chance(seed: int) -> random.Random:
    """The same chances each time."""
    return random.Random(seed)  # noqa: S311 - orders are shuffled, nothing is kept secret


@dataclass(frozen=True)
class Attempt:
    """An order that somebody sent, and its answer."""

    buyer: Customer
    wish: Wish
    answer: httpx.Response

    @property
    def won(self) -> bool:
        """Whether it was accepted."""
        return self.answer.status_code == 201

    @property
    def order(self) -> dict[str, Any]:
        """The answer."""
        return dict(self.answer.json())

    @property
    def numbers(self) -> list[str]:
        """The numbers of an accepted order."""
        return [entry["phoneNumber"] for entry in self.order["phoneNumbers"]]

    @property
    def wanted(self) -> set[str]:
        """The numbers asked for, where they were asked for by name or as a block."""
        match self.wish["type"]:
            case "numbers":
                return set(self.wish["phoneNumbers"])
            case "block":
                first = int(self.wish["firstNumber"])
                return {f"+{number}" for number in range(first, first + self.wish["size"])}
            case _:
                return set()

    @property
    def offered(self) -> list[str]:
        """The substitutes that are held for who lost."""
        if self.won or "reservationId" not in self.order:
            return []
        return [substitute["phoneNumber"] for substitute in self.order["substitutes"]]


def check_answers(attempts: Iterable[Attempt]) -> None:
    """Everybody got the numbers, or was told which were lost; nothing else happened to anyone."""
    attempts = list(attempts)
    gone = {number for attempt in attempts if attempt.won for number in attempt.numbers}
    gone |= {number for attempt in attempts for number in attempt.offered}
    for attempt in attempts:
        assert attempt.answer.status_code in (201, 409), attempt.answer.text
        wanted = attempt.wanted
        if attempt.won:
            assert not wanted or set(attempt.numbers) == wanted
            continue
        problem = attempt.order
        assert problem["code"] == "numbersUnavailable"
        lost, remaining = set(problem["lost"]), set(problem["remaining"])
        if wanted:
            assert lost
            assert lost <= gone
            assert lost | remaining == wanted
            assert not lost & remaining


async def faults(
    database: Database, stock: Sequence[str], attempts: Iterable[Attempt]
) -> list[str]:
    """What is wrong with who has which number of that stock, in the answers and in the database.

    Nothing else may have been sold of it before.
    """
    answered: dict[int, list[Owner]] = defaultdict(list)
    offered: dict[int, list[Owner]] = defaultdict(list)
    for attempt in attempts:
        organization = UUID(attempt.buyer.organization_id)
        for phone_number in attempt.numbers if attempt.won else ():
            answered[int(phone_number)].append((UUID(attempt.order["id"]), organization))
        for phone_number in attempt.offered:
            holder = (UUID(attempt.order["reservationId"]), organization)
            offered[int(phone_number)].append(holder)
    wanted = sorted(int(phone_number) for phone_number in stock)
    async with database.read(EVERYTHING, snapshot=True) as session:
        ordered = Counter(
            await session.scalars(
                select(OrderNumber.number).where(
                    OrderNumber.number.in_(wanted), OrderNumber.status != OrderNumberStatus.failed
                )
            )
        )
        query = repository.visible(session).where(Number.number.in_(wanted))
        rows = {row.number: row for row in await session.scalars(query)}
        blocks = await repository.blocks_after(
            session, min(wanted) // SIZE - 1, len(bitmaps.by_block(wanted))
        )
    available = {n for block in blocks for n in numbers_of(block.id, block.available)}
    owned = {n: (row.order_id, row.org_id) for n, row in rows.items() if row.order_id}
    held = {n: (row.reservation_id, row.org_id) for n, row in rows.items() if row.reservation_id}
    found = []
    for number in wanted:
        winners = answered[number]
        if len(winners) > 1:
            found.append(f"{number} was promised {len(winners)} times")
        if ordered[number] != len(winners):
            found.append(f"{number} was promised {len(winners)}, ordered {ordered[number]} times")
        if ordered[number] > 1:
            found.append(f"{number} is in {ordered[number]} orders")
        if winners and owned.get(number) not in winners:
            found.append(f"{number} does not belong to who was promised it")
        if not winners and number in owned:
            found.append(f"{number} belongs to somebody whom nobody promised it")
        if number in held and held[number] not in offered[number]:
            found.append(f"{number} is held for somebody to whom nobody offered it")
        if (number in available) is (bool(winners) or number in held):
            found.append(f"{number} is {'' if number in available else 'not '}for sale")
    return found


async def inventory_faults(database: Database) -> list[Any]:
    """What the service's own proof of the inventory finds."""
    return [fault async for fault in verify(database)]


def deadlocks(service: Service) -> int:
    """How many deadlocks PostgreSQL has broken so far, by its log."""
    return (service.home / "postgres/server.log").read_bytes().count(b"deadlock detected")
