"""Good files: taken as what they are, whatever their name says."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.integrations.documents.checking import RefusedDocument, check
from app.integrations.documents.limited import Limits
from tests.documents.good import Make, good
from tests.documents.making import pdf, stream, zeros

FILES = good()


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 60


@pytest.mark.domain("E4")
@pytest.mark.parametrize(("make", "media_type", "pages"), FILES.values(), ids=FILES)
async def test_a_good_file_is_taken(
    make: Make, media_type: str, pages: int, tmp_path: Path
) -> None:
    path = tmp_path / "photo.jpeg"
    path.write_bytes(make())
    found = await check(path)
    assert (found.media_type, found.pages) == (media_type, pages)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(memory_bytes=100 << 20), "memoryLimit"),
        (Limits(wall_seconds=0.01), "timeLimit"),
        (Limits(output_bytes=3), "unreadable"),
    ],
)
async def test_a_check_that_comes_to_its_limits_refuses(
    limits: Limits, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "bill.pdf"
    path.write_bytes(pdf(content=stream(zeros(90 << 20), b"/Filter /FlateDecode")))
    with pytest.raises(RefusedDocument) as refused:
        await check(path, limits)
    assert (refused.value.code, refused.value.reason) == ("unsafeDocument", reason)
