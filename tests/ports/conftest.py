"""The papers of ports, put before the rules as facts until they are uploaded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.domains.port_orders.service import paperwork
from tests.ports import porting


@pytest.fixture(autouse=True)
def papers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ports of these tests have the papers that `porting.papers_of` tells of."""
    monkeypatch.setattr(paperwork, "documents_of", porting.documents_of)
    monkeypatch.setattr(paperwork, "loa_of", porting.loa_of)
    monkeypatch.setattr(paperwork, "bill_comparison_of", porting.bill_comparison_of)
    monkeypatch.setattr(paperwork, "void_loa", porting.void_loa)
    monkeypatch.setattr(paperwork, "carry_over", porting.carry_over)
    yield
    porting.PAPERS.clear()
