"""Reading the text of documents: PDF in the child, pictures by `tesseract` where it is."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pypdfium2
import pytest

from app.integrations.documents import reading
from app.integrations.documents.limited import Limits
from app.integrations.documents.reading import ReadingOutcome, is_ocr_there, read
from tests.bills.invented import invent
from tests.bills.layouts import LAYOUTS
from tests.bills.sheet import Sheet

TABLE = "\n".join(
    "\t".join(row)
    for row in (
        (
            *("level", "page_num", "block_num", "par_num", "line_num", "word_num"),
            *("left", "top", "width", "height", "conf", "text"),
        ),
        ("1", "1", "0", "0", "0", "0", "0", "0", "1000", "1000", "-1", ""),
        ("4", "1", "1", "1", "1", "0", "100", "50", "200", "20", "-1", ""),
        ("5", "1", "1", "1", "1", "1", "100", "50", "80", "20", "91.5", "Konto"),
        ("5", "1", "1", "1", "1", "2", "190", "50", "60", "9", "88.0", "„"),
    )
)


def pdf_of(layout: str, language: str) -> bytes:
    draw, font = LAYOUTS[layout]
    rng = Random(7)  # noqa: S311 - no secret
    sheet = Sheet(invent(rng, language), rng, font)
    draw(sheet)
    return sheet.pdf()


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    path = tmp_path / "bill"
    path.write_bytes(pdf_of("secondPage", "pl"))
    return path


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "bill.png"
    page = pypdfium2.PdfDocument(pdf_of("classic", "pl"))[0]
    page.render(scale=1, grayscale=True).to_pil().save(path)
    return path


@pytest.fixture
def scan(tmp_path: Path, picture: Path) -> Path:
    """A PDF that is only a picture."""
    from fpdf import FPDF  # noqa: PLC0415 - only here

    pdf = FPDF()
    pdf.add_page()
    pdf.image(picture, w=180)
    path = tmp_path / "scan"
    path.write_bytes(bytes(pdf.output()))
    return path


@pytest.fixture
def no_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    reading._tesseract.cache_clear()
    yield
    reading._tesseract.cache_clear()


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A program that takes what `tesseract` takes and answers as it does."""
    folder = tmp_path / "bin"
    folder.mkdir()
    table = folder / "table"
    table.write_text(TABLE)
    script = folder / "tesseract"
    script.write_text(
        "#!/bin/sh\n"
        f'if [ "$1" = --list-langs ]; then echo eng; echo pol; else cat >&2; cat {table}; fi\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    reading._tesseract.cache_clear()
    yield
    reading._tesseract.cache_clear()


@pytest.mark.domain("E8")
async def test_a_pdf_is_read_with_the_places_of_its_words(bill: Path) -> None:
    answer = await read(bill, "application/pdf")
    assert answer.outcome is ReadingOutcome.read
    assert [page.number for page in answer.pages] == [1, 2]
    words = {word.text: word for word in answer.pages[1].words}
    assert words["Dane"].left < words["konta"].left
    assert words["Dane"].bottom < words["Firma"].top


async def test_a_document_that_takes_too_long_is_left_unread(bill: Path) -> None:
    answer = await read(bill, "application/pdf", Limits(wall_seconds=0.01))
    assert answer == reading.Read(ReadingOutcome.failed)


async def test_what_the_reader_cannot_read_is_left_unread(tmp_path: Path) -> None:
    path = tmp_path / "broken"
    path.write_bytes(b"%PDF-1.7 and no more")
    assert (await read(path, "application/pdf")).outcome is ReadingOutcome.failed


@pytest.mark.domain("E8")
@pytest.mark.usefixtures("no_program")
async def test_without_tesseract_a_picture_is_not_read_and_the_answer_says_so(
    picture: Path, scan: Path
) -> None:
    assert not is_ocr_there()
    assert (await read(picture, "image/png")).outcome is ReadingOutcome.no_ocr
    assert (await read(scan, "application/pdf")).outcome is ReadingOutcome.no_ocr


@pytest.mark.domain("E8")
@pytest.mark.usefixtures("program")
async def test_with_tesseract_words_come_with_their_confidence(picture: Path, scan: Path) -> None:
    assert is_ocr_there()
    for path, media_type in ((picture, "image/png"), (scan, "application/pdf")):
        answer = await read(path, media_type)
        assert answer.outcome is ReadingOutcome.read
        words = answer.pages[0].words
        assert [word.text for word in words] == ["Konto", "„"]
        assert words[0].confidence == pytest.approx(0.91, abs=0.02)
        assert (words[0].left, words[0].right) == (100, 180)
        assert words[0].height == words[1].height == 26
