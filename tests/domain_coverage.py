"""Which tests show which row of the domain: `python -m tests.domain_coverage` prints it.

A test names its rows by `@pytest.mark.domain("C6", "C10")`, a module by its `pytestmark`. The
marks are read from the source, nothing is imported. Starts at `main`; exits with 1 when a row that
has to be shown is not, or when a mark names a row that there is none of (`domain_rows.csv`).
"""

from __future__ import annotations

import ast
import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).parent
ROWS = TESTS / "domain_rows.csv"
NOT_YET = ("E14", "I")
"""Billing: its rows may wait for their tests."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Coverage:
    """The tests of each row, and what is wrong with the marks."""

    rows: dict[str, str]
    tests: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)

    @property
    def without(self) -> list[str]:
        """The rows that no test names."""
        return [row for row in self.rows if row not in self.tests]

    @property
    def missing(self) -> list[str]:
        """Those of them that have to have one."""
        return [row for row in self.without if not row.startswith(NOT_YET)]


def rows_of(path: Path = ROWS) -> dict[str, str]:
    """The rows of the domain, each with its summary."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {line["row"]: line["summary"] for line in csv.DictReader(lines)}


def coverage(folder: Path, rows: dict[str, str]) -> Coverage:
    """What the tests in a folder name."""
    known = Coverage(rows)
    for path in sorted(folder.rglob("test_*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"), str(path))
        where = path.relative_to(folder).as_posix()
        of_all = [mark for node in module.body if is_pytestmark(node) for mark in marks_in(node)]
        for test in tests_in(module):
            marks = [mark for decorator in test.decorator_list for mark in marks_in(decorator)]
            for mark in [*of_all, *marks]:
                note(known, mark, f"{where}::{test.name}")
    return known


def note(known: Coverage, mark: ast.Call, test: str) -> None:
    """Put a test under the rows of a mark."""
    for argument in mark.args:
        row = argument.value if isinstance(argument, ast.Constant) else ast.unparse(argument)
        if row not in known.rows:
            known.faults.append(f"{test}, line {mark.lineno}: the domain has no row {row!r}")
        elif test not in known.tests[row]:
            known.tests[row].append(test)


def tests_in(module: ast.Module) -> Iterator[Function]:
    """The test functions of a module."""
    for node in ast.walk(module):
        if isinstance(node, Function) and node.name.startswith("test_"):
            yield node


def is_pytestmark(node: ast.stmt) -> bool:
    """Whether a statement marks its whole module."""
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"


def marks_in(node: ast.AST) -> Iterator[ast.Call]:
    """The marks of rows in there."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and ast.unparse(inner.func) == "pytest.mark.domain":
            yield inner


def report(known: Coverage) -> Iterator[str]:
    """The rows with their tests, then what is amiss."""
    for row, summary in known.rows.items():
        yield f"{row:4}{summary}"
        yield from (f"      {test}" for test in known.tests.get(row, ()))
    yield ""
    yield f"{len(known.rows) - len(known.without)} of {len(known.rows)} rows are named by a test."
    yield f"Without one: {' '.join(known.without) or 'none'}."
    if known.missing:
        yield f"These have to have one: {' '.join(known.missing)}."
    yield from known.faults


def main(arguments: Iterable[str]) -> int:
    """Print the report, with `--quiet` only what is amiss; 1 when something is."""
    known = coverage(TESTS, rows_of())
    bad = bool(known.missing or known.faults)
    if bad or "--quiet" not in arguments:
        print("\n".join(report(known)))
    return int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
