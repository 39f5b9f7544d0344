"""The demo's stock is valid and has the shapes that number and block search need."""

import csv
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

import phonenumbers
import pytest

from app.cli.demo_inventory import demo_inventory_csv

COLUMNS = ["country", "state", "city", "rateCenter", "numberType", "firstNumber", "lastNumber"]

Line = dict[str, str]


@pytest.fixture(scope="module")
def content() -> bytes:
    return b"".join(demo_inventory_csv())


@pytest.fixture(scope="module")
def lines(content: bytes) -> list[Line]:
    reader = csv.DictReader(content.decode().splitlines())
    assert reader.fieldnames == COLUMNS
    return list(reader)


def _range(line: Line) -> range:
    return range(int(line["firstNumber"]), int(line["lastNumber"]) + 1)


def _runs(lines: Iterable[Line]) -> list[range]:
    """Return the ranges in ascending order, adjacent ones joined as block search sees them."""
    runs: list[range] = []
    for stock in sorted(map(_range, lines), key=lambda stock: stock.start):
        if runs and runs[-1].stop == stock.start:
            runs[-1] = range(runs[-1].start, stock.stop)
        else:
            runs.append(stock)
    return runs


def _longest(ranges: Iterable[range]) -> int:
    return max(map(len, ranges))


def _in_area_code(lines: Iterable[Line], area_code: str) -> list[Line]:
    return [line for line in lines if line["firstNumber"].startswith(f"+1{area_code}")]


def _in_city(lines: Iterable[Line], state: str, city: str) -> list[Line]:
    return [line for line in lines if (line["state"], line["city"]) == (state, city)]


def test_there_are_at_least_200_000_numbers_in_a_moderate_number_of_lines(
    lines: list[Line],
) -> None:
    assert 200_000 <= sum(len(_range(line)) for line in lines) <= 260_000
    assert len(lines) <= 15_000


def test_there_are_at_least_12_states_and_3_provinces(lines: list[Line]) -> None:
    states: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        states[line["country"]].add(line["state"])
    assert set(states) == {"US", "CA"}
    assert len(states["US"]) >= 12
    assert len(states["CA"]) >= 3


def test_the_ends_of_each_range_are_valid_numbers_of_the_lines_country(lines: list[Line]) -> None:
    for line in lines:
        for end in {line["firstNumber"], line["lastNumber"]}:
            number = phonenumbers.parse(end)
            assert phonenumbers.is_valid_number_for_region(number, line["country"]), line


def test_prefixes_that_are_never_assigned_or_left_for_ports_are_not_in_stock(
    lines: list[Line],
) -> None:
    prefixes = {line["firstNumber"][5:8] for line in lines}
    assert not prefixes & {"555", "700", "950", "958", "959", "976"}
    assert not {prefix for prefix in prefixes if prefix.endswith("11") or prefix < "200"}


def test_each_range_is_in_order_and_inside_one_thousands_block(lines: list[Line]) -> None:
    for line in lines:
        stock = _range(line)
        assert stock, line
        assert stock[0] // 1000 == stock[-1] // 1000, line


def test_no_two_ranges_overlap(lines: list[Line]) -> None:
    ranges = sorted(map(_range, lines), key=lambda stock: stock.start)
    assert all(before.stop <= after.start for before, after in pairwise(ranges))


def test_a_thousands_block_has_one_place(lines: list[Line]) -> None:
    places: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for line in lines:
        places[line["firstNumber"][:-3]].add(tuple(line[column] for column in COLUMNS[:5]))
    assert all(len(named) == 1 for named in places.values())


def test_rate_centers_are_named_as_in_the_routing_guide(lines: list[Line]) -> None:
    centers = {line["rateCenter"] for line in lines}
    assert all(center.isascii() and center.isupper() for center in centers)
    assert all(len(center) <= 10 for center in centers)


def test_all_numbers_are_local(lines: list[Line]) -> None:
    assert {line["numberType"] for line in lines} == {"local"}


def test_each_area_code_has_several_prefixes_in_one_state(lines: list[Line]) -> None:
    prefixes: dict[str, set[str]] = defaultdict(set)
    states: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        prefixes[line["firstNumber"][2:5]].add(line["firstNumber"][5:8])
        states[line["firstNumber"][2:5]].add(line["state"])
    assert all(len(found) >= 2 for found in prefixes.values())
    assert all(len(found) == 1 for found in states.values())


def test_every_call_yields_the_same_bytes(content: bytes) -> None:
    assert b"".join(demo_inventory_csv()) == content


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_the_bytes_do_not_depend_on_hash_order_or_locale(content: bytes, hash_seed: str) -> None:
    program = (
        "import sys; from app.cli.demo_inventory import demo_inventory_csv;"
        "sys.stdout.buffer.writelines(demo_inventory_csv())"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": hash_seed, "LC_ALL": "C", "PYTHONPATH": ":".join(sys.path)},
        check=True,
        capture_output=True,
    )
    assert run.stdout == content


@pytest.mark.parametrize(("state", "area_code"), [("WA", "206"), ("ON", "416")])
def test_the_area_codes_of_the_documentation_have_whole_thousands_blocks(
    lines: list[Line], state: str, area_code: str
) -> None:
    found = _in_area_code(lines, area_code)
    assert {line["state"] for line in found} == {state}
    assert sum(len(_range(line)) == 1000 for line in found) >= 8


def test_blocks_full_of_holes_have_runs_of_every_size_on_offer(lines: list[Line]) -> None:
    lengths = {len(run) for run in _runs(lines) if len(run) < 1000}
    assert {1, 10, 50, 100} <= lengths
    assert max(lengths) > 100


def test_a_run_of_120_lies_on_the_border_of_two_blocks_that_have_no_100_each(
    lines: list[Line],
) -> None:
    found = _in_area_code(lines, "541")
    assert _longest(map(_range, found)) == 60
    border = [run for run in _runs(found) if len(run) == 120]
    assert border
    assert all(run[59] % 1000 == 999 for run in border)


@pytest.mark.parametrize(("area_code", "other"), [("360", "206"), ("819", "514")])
def test_an_area_code_without_a_run_of_100_has_another_with_it_in_its_state(
    lines: list[Line], area_code: str, other: str
) -> None:
    without, with_it = _in_area_code(lines, area_code), _in_area_code(lines, other)
    assert {line["state"] for line in without} == {line["state"] for line in with_it}
    assert _longest(_runs(without)) == 50
    assert _longest(_runs(with_it)) >= 100


@pytest.mark.parametrize(("state", "city"), [("WA", "Vashon"), ("ON", "Dryden")])
def test_a_small_city_has_twelve_numbers_and_no_two_in_a_row(
    lines: list[Line], state: str, city: str
) -> None:
    runs = _runs(_in_city(lines, state, city))
    assert list(map(len, runs)) == [1] * 12
