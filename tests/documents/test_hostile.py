"""Hostile files: refused, each with its code and its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.integrations.documents.checking import RefusedDocument, check
from app.integrations.documents.reasons import Reason
from tests.documents.hostile import Make, hostile

FILES = hostile()
UNSUPPORTED = frozenset(
    {
        Reason.empty,
        Reason.not_pdf_or_png,
        Reason.encrypted,
        Reason.truncated,
        Reason.damaged,
        Reason.no_pages,
        Reason.too_many_pages,
        Reason.page_too_large,
        Reason.picture_too_large,
        Reason.animated,
    }
)


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 60


@pytest.mark.domain("E4")
@pytest.mark.parametrize(("make", "reason"), FILES.values(), ids=FILES)
async def test_a_hostile_file_is_refused(make: Make, reason: Reason, tmp_path: Path) -> None:
    path = tmp_path / "bill.pdf"
    path.write_bytes(make())
    assert path.stat().st_size <= 10 << 20
    with pytest.raises(RefusedDocument) as refused:
        await check(path)
    assert refused.value.reason == reason
    expected = "unsupportedDocument" if reason in UNSUPPORTED else "unsafeDocument"
    assert refused.value.code == expected
