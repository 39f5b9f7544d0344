"""The walks of the README and of `docs/`, against the service as `make run` starts it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.docs.walking import ROOT, differences, walk
from tests.processes import Served, served


@pytest.fixture(scope="module")
def service() -> Iterator[Served]:
    """One service for the walks, each of which leaves the others' numbers alone."""
    with served() as running:
        yield running


@pytest.mark.parametrize("page", ["README.md", "docs/port-a-number.md"])
def test_a_walk_answers_as_it_shows(page: str, service: Served) -> None:
    walk(ROOT / page, service)


def test_a_wrong_answer_would_be_noticed() -> None:
    assert differences({"a": [{"b": "…"}]}, {"a": [{"b": "x"}, {"c": 1}], "d": 2}) == []
    assert differences({"a": 1}, {"a": 2}) != []
    assert differences({"a": [1, 2]}, {"a": [1]}) != []
    assert differences({"a": "…"}, {}) != []
