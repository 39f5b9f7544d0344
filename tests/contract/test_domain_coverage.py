"""The rows of the domain are named by tests, and the tool that says so would notice a gap."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.domain_coverage import TESTS, coverage, rows_of

ROWS = {"A1": "One", "C6": "Blocks", "I1": "Billing"}
MODULE = """
import pytest

pytestmark = pytest.mark.domain("A1")

@pytest.mark.parametrize("size", [10])
@pytest.mark.domain("C6", {more})
async def test_a_block(size): ...

def test_another(): ...
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tests that name A1 and C6."""
    (tmp_path / "test_it.py").write_text(MODULE.format(more='"A1"'))
    return tmp_path


def test_each_row_has_the_tests_that_name_it(folder: Path) -> None:
    known = coverage(folder, ROWS)

    assert known.tests == {
        "A1": ["test_it.py::test_a_block", "test_it.py::test_another"],
        "C6": ["test_it.py::test_a_block"],
    }
    assert (known.without, known.missing, known.faults) == (["I1"], [], [])


def test_a_row_without_a_test_is_missing(folder: Path) -> None:
    known = coverage(folder, {**ROWS, "J2": "Cases"})

    assert known.missing == ["J2"]


@pytest.mark.parametrize("more", ['"Z9"', "rows"])
def test_a_mark_of_no_row_is_a_fault(folder: Path, more: str) -> None:
    (folder / "test_it.py").write_text(MODULE.format(more=more))

    [fault] = coverage(folder, ROWS).faults
    assert more.strip('"') in fault


def test_every_row_that_has_to_be_is_named() -> None:
    known = coverage(TESTS, rows_of())

    assert known.missing == []
    assert known.faults == []
