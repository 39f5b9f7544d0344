"""The text of an uploaded document with the places of its words; starts at `read`. domain.md E8.

PDF text comes as it stands in the file; of pictures `tesseract` recognises it, where that program
is installed. Without it pictures are stored and shown, and not read.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import structlog

from app.integrations.documents.limited import ChildError, Limits, run_limited
from app.integrations.documents.page_text import PageText, Word

log = structlog.get_logger()

CHILD = "app.integrations.documents.reading_child"
LIMITS = Limits(memory_bytes=1 << 30, output_bytes=8 << 20)
LANGUAGES = ("eng", "pol")
"""What `tesseract` is asked to recognise, as far as it has them."""


class ReadingOutcome(StrEnum):
    """How the reading of a document ended."""

    read = "read"
    no_ocr = "noOcr"
    """It is a picture, and there is no program to recognise its text."""
    failed = "failed"
    """It came to a limit of time or memory, or the reader gave up."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was read; `pages` is empty unless `outcome` is `read`."""

    outcome: ReadingOutcome
    pages: Sequence[PageText] = ()


@cache
def _tesseract() -> tuple[str, str] | None:
    """The program and the languages it has of those we ask for."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    told = subprocess.run(  # noqa: S603 - the program just found, no shell
        [program, "--list-langs"], capture_output=True, text=True, check=False, timeout=10
    )
    has = [language for language in LANGUAGES if language in told.stdout.split()]
    return (program, "+".join(has)) if has else None


def is_ocr_there() -> bool:
    """Whether the text of pictures can be recognised on this machine."""
    return _tesseract() is not None


async def read(path: Path, media_type: str, limits: Limits = LIMITS) -> Read:
    """The text of a stored PDF or PNG, within limits; never raises for what is in the file."""
    program, languages = await asyncio.to_thread(_tesseract) or (None, "")
    if media_type != "application/pdf" and program is None:
        return Read(ReadingOutcome.no_ocr)
    options = {"media_type": media_type, "tesseract": program, "languages": languages}
    try:
        answer = await run_limited(CHILD, path, options=options, limits=limits)
    except ChildError as error:
        log.info("document not read", reason=error.reason)
        return Read(ReadingOutcome.failed)
    pages = [
        PageText(number, tuple(Word(*word) for word in words))
        for number, words in enumerate(answer["pages"], start=1)
    ]
    if answer["recognised"] and program is None:
        return Read(ReadingOutcome.no_ocr)
    return Read(ReadingOutcome.read, pages)
