"""The pages of `docs/` that are written from the code, and the links of all of them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from app.cli import docs
from app.core.settings import Settings
from app.domains.port_orders.errors import ERRORS

PAGES = sorted(docs.DOCS.glob("*.md"))


def test_no_page_is_stale() -> None:
    assert [path.name for path in docs.stale(docs.DOCS)] == []


def test_a_stale_page_is_noticed_and_written_anew(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    shutil.copytree(docs.DOCS, folder)
    for name, old, new in (
        ("rejections.md", "accountNumberMismatch", "accountNumberMissmatch"),
        ("states.md", "pending_draft --> pending_review", "pending_draft --> completed"),
        ("operating.md", "| `PORT` | `8000` |", "| `PORT` | `80` |"),
    ):
        path = folder / name
        content = path.read_text()
        path.write_text(content.replace(old, new))
        assert path.read_text() != content
        assert list(docs.stale(folder)) == [path]
        docs.write(folder)
        assert path.read_text() == content


def test_every_rejection_and_every_setting_is_told() -> None:
    rejections = (docs.DOCS / "rejections.md").read_text()
    assert len(ERRORS) == 19
    assert [code for code in ERRORS if f"`{code}`" not in rejections] == []
    operating = (docs.DOCS / "operating.md").read_text()
    assert len(re.findall(r"^\| `[A-Z_]+` \|", operating, re.MULTILINE)) == len(
        Settings.model_fields
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_links_to_what_is_there(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / link).exists(), link


def test_the_index_names_every_page() -> None:
    index = (docs.DOCS / "README.md").read_text()
    assert [page.name for page in PAGES if f"({page.name})" not in index] == ["README.md"]
