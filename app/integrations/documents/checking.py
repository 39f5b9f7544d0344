"""Whether an uploaded file is a PDF or PNG that can be taken: `check`. domain.md E4, E6."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.core.texts import Text, text
from app.integrations.documents.limited import ChildError, Failure, Limits, run_limited
from app.integrations.documents.reasons import MAX_PAGES, Reason

STRUCTURE: Final = "app.integrations.documents.structure"
UNSUPPORTED: Final = "unsupportedDocument"
UNSAFE: Final = "unsafeDocument"

EXHAUSTED: Final[Mapping[Failure, Reason]] = {
    Failure.memory: Reason.memory_limit,
    Failure.cpu: Reason.time_limit,
    Failure.time: Reason.time_limit,
    Failure.output: Reason.unreadable,
    Failure.crash: Reason.unreadable,
}

REFUSALS: Final[Mapping[Reason, tuple[str, Text]]] = {
    Reason.empty: (UNSUPPORTED, text("The file is empty.")),
    Reason.not_pdf_or_png: (
        UNSUPPORTED,
        text("By its content the file is neither PDF nor PNG. Save the document as one of them."),
    ),
    Reason.encrypted: (
        UNSUPPORTED,
        text("The PDF is encrypted. Save a copy without password and restrictions."),
    ),
    Reason.truncated: (
        UNSUPPORTED,
        text("The file ends too early. Download or scan the document once more."),
    ),
    Reason.damaged: (
        UNSUPPORTED,
        text("The file breaks the rules of its format. Print the document to a new PDF."),
    ),
    Reason.no_pages: (UNSUPPORTED, text("The PDF has no page.")),
    Reason.too_many_pages: (
        UNSUPPORTED,
        text("The PDF has more than %(count)s pages. Send the pages that matter.", count=MAX_PAGES),
    ),
    Reason.page_too_large: (
        UNSUPPORTED,
        text("A page is of no size or larger than 200 inches. Print the document on usual paper."),
    ),
    Reason.picture_too_large: (
        UNSUPPORTED,
        text("A picture has more than 40 million pixels. Scan the document more coarsely."),
    ),
    Reason.animated: (UNSUPPORTED, text("The picture moves. Send one that stands still.")),
    Reason.leading_data: (
        UNSAFE,
        text("Something stands before the beginning of the document. Print it to a new PDF."),
    ),
    Reason.trailing_data: (
        UNSAFE,
        text("Something follows the end of the document. Print it to a new PDF."),
    ),
    Reason.polyglot: (
        UNSAFE,
        text("The file is something else at the same time. Print the document to a new PDF."),
    ),
    Reason.scripts: (
        UNSAFE,
        text("The document has a script in it. Print it to a new PDF."),
    ),
    Reason.actions: (
        UNSAFE,
        text("The document starts something or sends data away. Print it to a new PDF."),
    ),
    Reason.embedded_files: (
        UNSAFE,
        text("The document has other files in it. Print it to a new PDF."),
    ),
    Reason.xfa: (
        UNSAFE,
        text("The document is an XFA form, made by a program as it opens. Print it to a new PDF."),
    ),
    Reason.active_content: (
        UNSAFE,
        text("The document has sound, film, 3D or PostScript in it. Print it to a new PDF."),
    ),
    Reason.external_content: (
        UNSAFE,
        text("The document takes content from elsewhere. Print it to a new PDF."),
    ),
    Reason.decompression_bomb: (
        UNSAFE,
        text("The file unpacks to far more than a document. Scan the document once more."),
    ),
    Reason.too_complex: (
        UNSAFE,
        text("The file has far more in it than a document. Print it to a new PDF."),
    ),
    Reason.memory_limit: (
        UNSAFE,
        text("Checking the file took too much memory. Print the document to a new PDF."),
    ),
    Reason.time_limit: (
        UNSAFE,
        text("Checking the file took too long. Print the document to a new PDF."),
    ),
    Reason.unreadable: (
        UNSAFE,
        text("Checking the file broke off. Print the document to a new PDF."),
    ),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that can be taken."""

    media_type: str
    pages: int


class RefusedDocument(Exception):  # noqa: N818 - a judgement, not an error
    """A file that is not taken: `unsupportedDocument` or `unsafeDocument`, and why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code, self.detail = REFUSALS[reason]


async def check(path: Path, limits: Limits | None = None) -> Checked:
    """What the file is, judged by its content in a child process. Raises `RefusedDocument`."""
    try:
        found = await run_limited(STRUCTURE, path, limits=limits)
    except ChildError as failed:
        raise RefusedDocument(EXHAUSTED[failed.reason]) from failed
    if "reason" in found:
        raise RefusedDocument(Reason(found["reason"]))
    return Checked(found["mediaType"], found["pages"])
