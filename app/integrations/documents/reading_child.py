"""Reading a document's text, inside the limited child (`child`); see `reading`.

A page is a list of words: text, left, top, right, bottom, confidence.
"""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
from pypdfium2 import raw

MOST_PAGES = 12
MOST_CHARACTERS = 60_000
RECOGNISED_PAGES = 2
"""Of a PDF that is only pictures, so many pages are recognised: the account stands on the first."""
RECOGNITION_DPI = 200
LINE_LEVEL = "4"
AROUND_INK = 0.15
"""Of a line's height: the room that a font has above and below its letters."""
NEW_WORD_GAP = 0.3
"""Of the height: characters further apart are of two words, whether or not a space is between."""

Box = tuple[float, float, float, float]
WordRow = list[str | float]


def run(path: Path, *, media_type: str, tesseract: str | None, languages: str) -> dict[str, Any]:
    """The pages of words, and whether they were recognised from pictures."""
    if media_type != "application/pdf":
        pages = [_recognised(path.read_bytes(), tesseract, languages)] if tesseract else []
        return {"pages": pages, "recognised": True}
    document = pypdfium2.PdfDocument(path)
    pages = []
    left = MOST_CHARACTERS
    for index in range(min(len(document), MOST_PAGES)):
        if left <= 0:
            break
        text = document[index].get_textpage()
        count = min(text.count_chars(), left)
        left -= count
        pages.append(list(_words(text, count)))
    if any(pages) or tesseract is None:
        return {"pages": pages, "recognised": not any(pages)}
    pages = [
        _recognised(_picture(document[index]), tesseract, languages)
        for index in range(min(len(document), RECOGNISED_PAGES))
    ]
    return {"pages": pages, "recognised": True}


def _words(text: pypdfium2.PdfTextPage, count: int) -> Iterator[WordRow]:
    word, box = "", None
    for index in range(count):
        character = _character(text, index)
        if character.isspace():
            if box is not None:
                yield _row(word, box)
            word, box = "", None
            continue
        left, bottom, right, top = text.get_charbox(index, loose=True)
        here = (left, -top, right, -bottom)
        if box is not None and _is_apart(box, here):
            yield _row(word, box)
            word, box = "", None
        word += character
        box = here if box is None else _joined(box, here)
    if box is not None:
        yield _row(word, box)


def _character(text: pypdfium2.PdfTextPage, index: int) -> str:
    code = raw.FPDFText_GetUnicode(text, index)
    # A hyphen at the end of a line comes as one of these.
    if code in (0x02, 0xFFFE):
        return "-"
    if code == 0 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return " "
    return chr(code)


def _is_apart(box: Box, here: Box) -> bool:
    height = max(box[3] - box[1], 1.0)
    return (
        here[0] - box[2] > NEW_WORD_GAP * height
        or here[0] < box[0] - height
        or abs(here[3] - box[3]) > height / 2
    )


def _joined(box: Box, here: Box) -> Box:
    return (min(box[0], here[0]), min(box[1], here[1]), max(box[2], here[2]), max(box[3], here[3]))


def _row(word: str, box: Box) -> WordRow:
    return [word, *(round(edge, 1) for edge in box), 1.0]


def _picture(page: pypdfium2.PdfPage) -> bytes:
    """The page as a grey picture in the plainest of forms (PGM)."""
    bitmap = page.render(scale=RECOGNITION_DPI / 72, grayscale=True)
    rows = bytes(bitmap.buffer)
    if bitmap.stride != bitmap.width:
        rows = b"".join(
            rows[start : start + bitmap.width] for start in range(0, len(rows), bitmap.stride)
        )
    return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + rows


def _recognised(picture: bytes, tesseract: str, languages: str) -> list[WordRow]:
    told = subprocess.run(  # noqa: S603 - the program that `reading` found, no shell
        [tesseract, "stdin", "stdout", "-l", languages, "--psm", "11", "tsv"],
        input=picture,
        capture_output=True,
        check=True,
        env={"OMP_THREAD_LIMIT": "1"},
    )
    return list(words_of_tsv(told.stdout.decode("utf-8", "replace")))


def words_of_tsv(table: str) -> Iterator[WordRow]:
    """The words of the table that `tesseract` writes, each as high as its line.

    The box of a recognised word ends where its ink does, and 'area' is lower than 'bill'.
    """
    top, bottom = 0.0, 0.0
    rows = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in rows:
        if row["level"] == LINE_LEVEL:
            height = float(row["height"])
            top = float(row["top"]) - AROUND_INK * height
            bottom = top + (1 + 2 * AROUND_INK) * height
        word = (row.get("text") or "").strip()
        confidence = float(row.get("conf") or -1)
        if not word or confidence < 0:
            continue
        left = float(row["left"])
        right = left + float(row["width"])
        yield [word, left, top, right, bottom, round(confidence / 100, 2)]
