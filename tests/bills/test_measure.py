"""How well bills are read, measured on the layouts kept aside (domain.md E8)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.domains.port_orders.policy.bill_labels import BillPart
from app.integrations.documents.reading import is_ocr_there
from tests.bills.layouts import LAYOUTS
from tests.bills.layouts_kept_aside import LAYOUTS_KEPT_ASIDE
from tests.bills.measure import measure, read_pdf, read_png, samples, table

DEMANDED = (BillPart.account_number, BillPart.billing_telephone_number, BillPart.issued_on)


def test_there_are_ten_layouts_and_half_of_them_are_kept_aside() -> None:
    assert len(LAYOUTS) + len(LAYOUTS_KEPT_ASIDE) >= 10
    assert len(LAYOUTS_KEPT_ASIDE) >= 5
    assert not set(LAYOUTS) & set(LAYOUTS_KEPT_ASIDE)


@pytest.mark.domain("E8")
def test_pdf_bills_of_layouts_kept_aside_are_read_with_precision_and_recall() -> None:
    scores = measure(samples(LAYOUTS_KEPT_ASIDE, each=6, seed=2), read_pdf)
    for field in DEMANDED:
        assert scores[field].precision >= 0.95, table(scores)
        assert scores[field].recall >= 0.95, table(scores)


def test_the_same_seed_makes_the_same_bills() -> None:
    first, again = (
        [(sample.bill, sample.shown) for sample in samples(LAYOUTS, each=1, seed=3)]
        for _ in range(2)
    )
    assert first == again


@pytest.mark.skipif(
    not is_ocr_there(), reason="tesseract is not installed: the text of pictures is not read"
)
def test_png_bills_are_measured(record_property: Callable[[str, object], None]) -> None:
    # No figure is demanded of pictures: it depends on the program installed.
    scores = measure(samples(LAYOUTS_KEPT_ASIDE, each=1, seed=2), read_png)
    print(table(scores))
    for field, score in scores.items():
        record_property(f"{field} precision", round(score.precision, 3))
        record_property(f"{field} recall", round(score.recall, 3))
    assert sum(score.read for score in scores.values()) > 0
