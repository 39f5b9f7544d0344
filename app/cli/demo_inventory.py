"""The numbers a demo has in stock, as lines of an inventory import: `demo_inventory_csv`."""

import csv
from collections.abc import Iterator
from enum import StrEnum
from hashlib import shake_128
from importlib.resources import files
from typing import assert_never

_HEADER = b"country,state,city,rateCenter,numberType,firstNumber,lastNumber\n"
_THOUSAND = 1_000

# A byte of noise picks from these; sixteen entries each, so that all are equally likely.
_SHORT_RUNS = (1, 1, 1, 2, 3, 5, 8, 10, 10, 12, 15, 20, 25, 40, 50, 50)
_RUNS = (1, 1, 1, 2, 3, 5, 8, 10, 10, 12, 20, 50, 50, 60, 100, 150)
_GAPS = (1, 1, 2, 3, 5, 8, 10, 20, 30, 40, 50, 60, 80, 100, 150, 200)


class _Stock(StrEnum):
    """What a prefix has in stock; `demo_places.csv` gives each prefix one."""

    WHOLE = "whole"
    """Two whole thousands-blocks."""
    HOLES = "holes"
    """Two thousands-blocks with runs of 1 to 150 numbers."""
    SPARSE = "sparse"
    """Two thousands-blocks without a run of more than 50."""
    BORDER = "border"
    """As sparse, but for one run of 120 numbers, half in each of the two blocks."""
    FEW = "few"
    """Twelve single numbers."""


def demo_inventory_csv() -> Iterator[bytes]:
    """Yield the header, then a UTF-8 line for each range of numbers, the same bytes at every call.

    Each range lies in one thousands-block; no two overlap.
    """
    yield _HEADER
    with (files("app.cli") / "demo_places.csv").open(encoding="utf-8") as places:
        for place in csv.DictReader(places):
            named = f"{place['country']},{place['state']},{place['city']},{place['rateCenter']}"
            for run in _runs(_Stock(place["stock"]), place["areaCode"], place["prefix"]):
                yield f"{named},local,+{run[0]},+{run[-1]}\n".encode()


def _runs(stock: _Stock, area_code: str, prefix: str) -> Iterator[range]:
    # Stock shall not begin in the same thousands everywhere; nine leaves room for a second block.
    start = int(f"1{area_code}{prefix}0000") + int(prefix) % 9 * _THOUSAND
    border = start + _THOUSAND
    end = border + _THOUSAND
    match stock:
        case _Stock.WHOLE:
            yield range(start, border)
            yield range(border, end)
        case _Stock.HOLES:
            yield from _scattered(start, border, _RUNS)
            yield from _scattered(border, end, _RUNS)
        case _Stock.SPARSE:
            yield from _scattered(start, border, _SHORT_RUNS)
            yield from _scattered(border, end, _SHORT_RUNS)
        case _Stock.BORDER:
            yield from _scattered(start, border - 61, _SHORT_RUNS)
            yield range(border - 60, border)
            yield range(border, border + 60)
            yield from _scattered(border + 60, end, _SHORT_RUNS)
        case _Stock.FEW:
            yield from (range(number, number + 1) for number in range(start + 7, border, 83))
        case _:
            assert_never(stock)


def _scattered(start: int, end: int, lengths: tuple[int, ...]) -> Iterator[range]:
    # A hash of the first number, unlike one generator for all, keeps the other places' numbers
    # when a place is added; and a gap comes first, so that runs of neighbouring blocks never join.
    noise = iter(shake_128(str(start).encode()).digest(2 * _THOUSAND))
    first = start
    for gap, length in zip(noise, noise, strict=True):
        first += _GAPS[gap % len(_GAPS)]
        if first >= end:
            return
        run = range(first, min(first + lengths[length % len(lengths)], end))
        yield run
        first = run.stop
