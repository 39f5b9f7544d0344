"""What a file really is, by its content, and whether it is safe; runs in the child. See `run`."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Final

from app.integrations.documents import pdf, png
from app.integrations.documents.reasons import Reason, Refused

PDF: Final = "application/pdf"
PNG: Final = "image/png"
# Readers of PDF look for its beginning so far into a file.
HEADER_SOUGHT_IN: Final = 1024
# Formats that know themselves by bytes further in than the beginning.
FURTHER_IN: Final = ((257, b"ustar"), (128, b"DICM"), (32769, b"CD001"))
ARCHIVE_ANYWHERE: Final = re.compile(rb"Rar!\x1a\x07|7z\xbc\xaf\x27\x1c")


def run(path: Path) -> dict[str, object]:
    """`mediaType` and `pages` of a sound file, or the `reason` why it is refused."""
    try:
        return _judge(path.read_bytes())
    except Refused as refused:
        return {"reason": refused.reason}


def _judge(data: bytes) -> dict[str, object]:
    if not data:
        raise Refused(Reason.empty)
    beginning = data[:HEADER_SOUGHT_IN]
    if beginning.startswith(png.SIGNATURE):
        if b"%PDF-" in beginning or _is_something_else(data):
            raise Refused(Reason.polyglot)
        png.check(data)
        return {"mediaType": PNG, "pages": 1}
    if beginning.startswith(b"%PDF-"):
        if _is_something_else(data):
            raise Refused(Reason.polyglot)
        return {"mediaType": PDF, "pages": pdf.check(data)}
    if b"%PDF-" in beginning or png.SIGNATURE in beginning:
        raise Refused(Reason.leading_data)
    raise Refused(Reason.not_pdf_or_png)


def _is_something_else(data: bytes) -> bool:
    """Whether some other program would read this file as one of its own."""
    if any(data.startswith(mark, offset) for offset, mark in FURTHER_IN):
        return True
    return _is_zip(data) or ARCHIVE_ANYWHERE.search(data) is not None


def _is_zip(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return bool(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
