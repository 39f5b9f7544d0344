"""The walks of the README and of `docs/`, against the service as `make run` starts it."""

from __future__ import annotations

from tests.docs.walking import ROOT, differences, walk
from tests.processes import served


def test_the_walks_answer_as_they_show() -> None:
    with served() as service:  # one for both: the second walk leaves the first's numbers alone
        walk(ROOT / "README.md", service)
        walk(ROOT / "docs" / "port-a-number.md", service)


def test_a_wrong_answer_would_be_noticed() -> None:
    assert differences({"a": [{"b": "…"}]}, {"a": [{"b": "x"}, {"c": 1}], "d": 2}) == []
    assert differences({"a": 1}, {"a": 2}) != []
    assert differences({"a": [1, 2]}, {"a": [1]}) != []
    assert differences({"a": "…"}, {}) != []
