"""Why a document is refused; known to the child, and so free of everything heavy."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

MAX_PAGES: Final = 50


class Reason(StrEnum):
    """What is wrong with a file."""

    empty = "empty"
    not_pdf_or_png = "notPdfOrPng"
    encrypted = "encrypted"
    truncated = "truncated"
    damaged = "damaged"
    no_pages = "noPages"
    too_many_pages = "tooManyPages"
    page_too_large = "pageTooLarge"
    picture_too_large = "pictureTooLarge"
    animated = "animated"
    leading_data = "leadingData"
    trailing_data = "trailingData"
    polyglot = "polyglot"
    scripts = "scripts"
    actions = "actions"
    embedded_files = "embeddedFiles"
    xfa = "xfa"
    active_content = "activeContent"
    external_content = "externalContent"
    decompression_bomb = "decompressionBomb"
    too_complex = "tooComplex"
    memory_limit = "memoryLimit"
    time_limit = "timeLimit"
    unreadable = "unreadable"


class Refused(Exception):  # noqa: N818 - a judgement, not an error
    """The file is refused for that reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason
