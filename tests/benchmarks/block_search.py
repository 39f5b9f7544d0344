"""A block of 100 found and ordered among 10 million numbers as fast as among 100,000 (C10).

Starts at `main`: two databases on a PostgreSQL of its own, an API and a worker on each, and the
same requests over HTTP to the one and the other in turn, so that whatever else the machine does
weighs on both. In each inventory there is one run of 100, on the border of two thousands-blocks.
Exits with 1 where the large one takes over 1.5 times as long.
"""

from __future__ import annotations

import asyncio
import math
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg

from app.core import bootstrap, embedded_postgres
from app.domains.numbering.bitmaps import SIZE, longest_run, mask_of_range
from tests.conftest import Customer, make_customer, service_on
from tests.resilience.selling import chance

SMALL, LARGE = 100_000, 10_000_000
BLOCK = 100
WARM_UPS = 60
"""So many that every connection has its statements prepared, and generic plans where it will."""
SEARCHES, ORDERS = 100, 20
ALLOWED = 1.5


OTHERS = {
    "AZ": "480",
    "CA": "415",
    "CO": "303",
    "FL": "305",
    "GA": "404",
    "IL": "312",
    "MA": "617",
    "MI": "313",
    "MN": "612",
    "NC": "704",
    "NJ": "201",
    "NY": "212",
    "OH": "216",
    "OR": "503",
    "PA": "215",
    "TN": "615",
    "TX": "214",
    "UT": "801",
    "VA": "703",
    "WI": "414",
}
"""Other states and an area code of each."""


# --- The inventories ----------------------------------------------------------------------------


COLUMNS = (
    "id",
    "country",
    "state",
    "city",
    "rate_center",
    "number_type",
    "stocked",
    "available",
    "longest_run",
)


@dataclass(frozen=True)
class Place:
    """Where a thousands-block is."""

    state: str
    area_code: str
    city: str


@dataclass
class Row:
    """A thousands-block to be."""

    id: int
    place: Place
    available: int


def inventory(numbers: int) -> list[Row]:
    """Thousands-blocks with so many numbers together, one run of 100 and no other.

    A place has a share of the whole, however large that is: Seattle a sixth, its area code a
    fourth, its state a third; the other states share the rest.
    """
    rows = list(_rows(round(numbers / SIZE / 0.98)))
    border = next(
        index
        for index, row in enumerate(rows)
        if row.place.city == "Seattle"
        and index > len(rows) / 12
        and rows[index + 1].id == row.id + 1
        and rows[index + 1].place == row.place
    )
    before, after = rows[border], rows[border + 1]
    half = BLOCK // 2
    before.available &= ~mask_of_range(SIZE - half - 5, SIZE - 1)
    before.available |= mask_of_range(SIZE - half, SIZE - 1)
    after.available &= ~mask_of_range(0, half + 5)
    after.available |= mask_of_range(0, half - 1)
    return rows


def _rows(count: int) -> Iterator[Row]:
    """A number sold after 20 to 95 that are not, on over the ends of thousands-blocks."""
    chances = chance(count)
    sold, previous = 0, 0
    for block_id, place in _places(count):
        first = block_id * SIZE
        if block_id != previous + 1:
            sold = first + chances.randint(20, 95)
        available = (1 << SIZE) - 1
        while sold < first + SIZE:
            available ^= 1 << sold - first
            sold += chances.randint(21, 96)
        previous = block_id
        yield Row(block_id, place, available)


def _places(count: int) -> Iterator[tuple[int, Place]]:
    """Whole prefixes of ten thousands each, ascending in an area code."""
    for share, state, area_code, cities in _areas():
        blocks = max(2, math.ceil(count * share))
        for index in range(blocks):
            prefix, thousand = 200 + index // 10, index % 10
            city = cities[index * len(cities) // blocks]
            yield int(f"1{area_code}{prefix}{thousand}"), Place(state, area_code, city)


def _areas() -> list[tuple[float, str, str, list[str]]]:
    washington = [
        (1 / 4, "WA", "206", ["Seattle", "Seattle", "Shoreline"]),
        (1 / 24, "WA", "253", ["Tacoma", "Auburn"]),
        (1 / 24, "WA", "425", ["Bellevue", "Everett"]),
    ]
    rest = (1 - sum(area[0] for area in washington)) / len(OTHERS)
    return washington + [
        (rest, state, area_code, [f"{state} North", f"{state} South"])
        for state, area_code in OTHERS.items()
    ]


def proved(rows: list[Row]) -> list[tuple[Any, ...]]:
    """The rows as the table has them, when there is just the one run in them."""
    following = {row.id: row for row in rows}
    table, long_ones = [], 0
    for row in rows:
        after = following.get(row.id + 1)
        goes_on = after is not None and after.place == row.place
        longest = longest_run(row.available, after.available if after and goes_on else 0)
        long_ones += longest >= BLOCK
        mirrored = int(f"{row.available:0{SIZE}b}"[::-1], 2)
        bits = asyncpg.BitString.frombytes(mirrored.to_bytes(SIZE // 8, "big"), SIZE)
        city = row.place.city
        table.append(
            (row.id, "US", row.place.state, city, city.upper(), "local", bits, bits, longest)
        )
    assert long_ones == 1
    return table


# --- The services -------------------------------------------------------------------------------


@dataclass
class Side:
    """A service, its inventory, a customer, and how long it took at what."""

    customer: Customer
    numbers: int
    blocks: int
    run: int
    owner: asyncpg.Connection
    seconds: dict[str, list[float]] = field(default_factory=dict)

    async def search(self, what: str, resource: str, **query: Any) -> dict[str, Any]:
        """One search, timed."""
        started = time.perf_counter()
        response = await self.customer.api.get(f"{self.customer.location}/{resource}", params=query)
        self._note(what, started)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def order(self, what: str, wish: dict[str, Any]) -> None:
        """One order, timed until it is accepted; then all as before, but for the order's record."""
        started = time.perf_counter()
        response = await self.customer.api.post(f"{self.customer.location}/numberOrders", json=wish)
        self._note(what, started)
        assert response.status_code == 201, response.text
        ended = await self.customer.api.ended(response.json()["id"])
        assert ended["status"] == "provisioned", ended
        await self._put_back()

    async def _put_back(self) -> None:
        # As fast as this and exactly as it was: a release would rest for 90 days.
        async with self.owner.transaction():
            await self.owner.execute("select set_config('pstn.organizations', '*', true)")
            await self.owner.execute("delete from numbers")
            await self.owner.execute("delete from number_blocks")
            await self.owner.execute(
                "update thousands_blocks b set available = o.available, longest_run = o.longest_run"
                " from original o where o.id = b.id and o.available <> b.available"
            )
            await self.owner.execute(
                "update thousands_blocks b set longest_run = o.longest_run"
                " from original o where o.id = b.id and o.longest_run <> b.longest_run"
            )

    def _note(self, what: str, started: float) -> None:
        self.seconds.setdefault(what, []).append(time.perf_counter() - started)


@asynccontextmanager
async def side(cluster: embedded_postgres.Cluster, home: Path, numbers: int) -> AsyncIterator[Side]:
    """A service with an inventory of so many numbers."""
    name = f"bench_{numbers}_{uuid4().hex[:8]}"
    where = bootstrap.Addresses(
        app=cluster.url(user=bootstrap.APP, database=name),
        owner=cluster.url(user=bootstrap.OWNER, database=name),
    )
    await bootstrap.create_database(cluster.url(user=cluster.superuser, database="postgres"), name)
    await bootstrap.prepare(where)
    rows = inventory(numbers)
    table = proved(rows)
    run = next(row[0] for row in table if row[-1] >= BLOCK) * SIZE + SIZE - BLOCK // 2
    owner = await asyncpg.connect(bootstrap.dsn(where.owner or ""))
    await owner.copy_records_to_table("thousands_blocks", records=table, columns=COLUMNS)
    await owner.execute("create table original as select * from thousands_blocks")
    # As PostgreSQL does by itself within a minute.
    await owner.execute("alter table original add primary key (id)")
    await owner.execute("vacuum analyze")
    try:
        async with service_on(where, home) as service:
            customer = await make_customer(service)
            await customer.accept_terms()
            available = sum(row.available.bit_count() for row in rows)
            yield Side(customer, available, len(rows), run, owner)
    finally:
        await owner.close()


# --- The measurement ----------------------------------------------------------------------------

BLOCK_SEARCHES: dict[str, dict[str, str]] = {
    "by state": {"state": "WA"},
    "by area code": {"areaCode": "206"},
    "by state and area code": {"state": "WA", "areaCode": "206"},
    "by city": {"city": "Seattle"},
    "by state and city": {"state": "WA", "city": "Seattle"},
}
NONE_SEARCHES: dict[str, dict[str, str]] = {
    "none in state": {"state": "OR"},
    "none in area code, another has": {"state": "WA", "areaCode": "253"},
    "none in city, an area code has": {"state": "WA", "city": "Tacoma"},
    "none in a large city's other part": {"state": "WA", "city": "Shoreline"},
}
NUMBER_SEARCHES: dict[str, dict[str, str]] = {
    "by state": {"state": "WA"},
    "by area code": {"areaCode": "206"},
    "by city": {"city": "Seattle"},
    "by digits": {"state": "WA", "contains": "77"},
}
QUANTITY = {"type": "quantity", "quantity": 10, "criteria": {"state": "WA", "areaCode": "206"}}


async def measure(sides: Iterable[Side], rounds: int, orders: int) -> None:
    """Every request so often, to one side after the other."""
    for _ in range(rounds):
        for name, query in BLOCK_SEARCHES.items():
            for each in sides:
                found = await each.search(
                    f"block of 100 {name}", "availableBlocks", size=BLOCK, **query
                )
                [block] = found["blocks"]
                assert block["firstNumber"] == f"+{each.run}"
        for name, query in NONE_SEARCHES.items():
            for each in sides:
                found = await each.search(
                    f"block of 100, {name}", "availableBlocks", size=BLOCK, **query
                )
                assert found["blocks"] == []
                assert 50 <= found["longestRun"] < BLOCK
                assert [other["areaCode"] for other in found["alternatives"]] == (
                    ["206"] if query["state"] == "WA" else []
                )
        for name, query in BLOCK_SEARCHES.items():
            for each in sides:
                found = await each.search(
                    f"block of 50 {name}", "availableBlocks", size=50, max=10, **query
                )
                assert len(found["blocks"]) == 10
        for name, query in NUMBER_SEARCHES.items():
            for each in sides:
                await each.search(f"numbers {name}", "availableNumbers", max=10, **query)
    for _ in range(orders):
        for each in sides:
            wish = {"type": "block", "firstNumber": f"+{each.run}", "size": BLOCK}
            await each.order("order of the block of 100", wish)
        for each in sides:
            await each.order("order of 10 by quantity", QUANTITY)


def report(small: Side, large: Side) -> bool:
    """Print the medians; whether all ratios are as they are allowed to be."""
    print(f"{'median, ms':44}{small.numbers:>12,}{large.numbers:>12,}{'ratio':>8}")
    good = True
    for what, times in small.seconds.items():
        one, other = statistics.median(times), statistics.median(large.seconds[what])
        ratio = other / one
        good = good and ratio <= ALLOWED
        mark = "" if ratio <= ALLOWED else f"  over {ALLOWED}"
        print(f"{what:44}{one * 1000:>12.1f}{other * 1000:>12.1f}{ratio:>8.2f}{mark}")
    return good


async def run(home: Path) -> bool:
    """Both services, the measurement and its table."""
    cluster = embedded_postgres.attach(home)
    try:
        async with side(cluster, home, SMALL) as small, side(cluster, home, LARGE) as large:
            sides = (small, large)
            print(f"thousands-blocks: {small.blocks:,} and {large.blocks:,}")
            await measure(sides, WARM_UPS, 2)
            for each in sides:
                each.seconds.clear()
            await measure(sides, SEARCHES, ORDERS)
            return report(small, large)
    finally:
        cluster.detach()


def main() -> None:
    """Measure, and tidy up."""
    home = Path(tempfile.mkdtemp(prefix="pstn-bench-"))
    try:
        good = asyncio.run(run(home))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
