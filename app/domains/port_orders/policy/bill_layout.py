"""The words of a page put together to lines and cells, and who is beside and below whom. Pure.

A cell is a run of words in one line with no wide gap: a label, a value, or both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.integrations.documents.page_text import PageText, Word

WIDE_GAP: Final = 1.1
"""Of the line's height: more than a space, also in a typewriter's font."""
FAR_BELOW: Final = 2.4
"""Of the height: how far under its label a value may begin."""
NEXT_LINE: Final = 1.9
"""Of the height, from one baseline to the next: a line further down is of another paragraph."""
MOST_CELLS: Final = 1200
MOST_WORDS: Final = 60
"""Of a page and of a cell; no bill has more, and finding neighbours takes the square of it."""
BAR: Final = re.compile(r"[|•·¦]+")
LEADER: Final = re.compile(r"(?:\.{3,}|_{3,}|…+)")


@dataclass(frozen=True, slots=True)
class Cell:
    """Words beside one another, with the box around them."""

    page: int
    words: tuple[Word, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(LEADER.sub(":", word.text) for word in self.words)

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    @property
    def left(self) -> float:
        return self.words[0].left

    @property
    def right(self) -> float:
        return self.words[-1].right

    @property
    def top(self) -> float:
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        return max(word.bottom for word in self.words)

    @property
    def height(self) -> float:
        return max(word.height for word in self.words)

    @property
    def confidence(self) -> float:
        """How surely its worst word was recognised."""
        return min(word.confidence for word in self.words)


def cells_of(page: PageText) -> list[Cell]:
    """The cells of a page, from above to below and from left to right."""
    cells: list[Cell] = []
    for line in _lines(page.words):
        words: list[Word] = []
        for word in line:
            is_bar = BAR.fullmatch(word.text) is not None
            is_far = bool(words) and (
                len(words) == MOST_WORDS
                or word.left - words[-1].right > WIDE_GAP * max(words[-1].height, word.height, 1.0)
            )
            if words and (is_bar or is_far):
                cells.append(Cell(page.number, tuple(words)))
                words = []
            if not is_bar:
                words.append(word)
        if words:
            cells.append(Cell(page.number, tuple(words)))
    return cells[:MOST_CELLS]


def _lines(words: Sequence[Word]) -> Iterator[list[Word]]:
    line: list[Word] = []
    for word in sorted((word for word in words if word.height > 0), key=lambda word: word.middle):
        if line and not _is_in_line(line, word):
            yield sorted(line, key=lambda word: word.left)
            line = []
        line.append(word)
    if line:
        yield sorted(line, key=lambda word: word.left)


def _is_in_line(line: Sequence[Word], word: Word) -> bool:
    # Compared with the first: with the last, a slightly turned page would run into one line.
    first = line[0]
    shared = min(word.bottom, first.bottom) - max(word.top, first.top)
    return shared > 0.5 * min(word.height, first.height)


def right_of(cell: Cell, cells: Sequence[Cell]) -> Cell | None:
    """The next cell in the same line."""
    beside = [
        other
        for other in cells
        if other.left >= cell.right and other.page == cell.page and _overlap(cell, other) > 0.5
    ]
    return min(beside, key=lambda other: other.left, default=None)


def _overlap(cell: Cell, other: Cell) -> float:
    shared = min(cell.bottom, other.bottom) - max(cell.top, other.top)
    return shared / max(min(cell.bottom - cell.top, other.bottom - other.top), 0.1)


def below(cell: Cell, cells: Sequence[Cell], within: float = FAR_BELOW) -> Cell | None:
    """The nearest cell under it that shares its left edge, its right edge or its middle."""
    under = [
        other
        for other in cells
        if other.page == cell.page
        and other is not cell
        and 0 < other.top - cell.top <= within * max(cell.height, other.height) * 1.2
        and other.top >= cell.bottom - 0.4 * cell.height
        and is_aligned(cell, other)
    ]
    return min(under, key=lambda other: (other.top, abs(other.left - cell.left)), default=None)


def is_aligned(cell: Cell, other: Cell) -> bool:
    """Whether one stands under the other as in a column."""
    slack = max(cell.height, other.height)
    return (
        abs(cell.left - other.left) <= slack
        or abs(cell.right - other.right) <= slack * 0.6
        or abs((cell.left + cell.right) - (other.left + other.right)) <= slack
    )


def paragraph(first: Cell, cells: Sequence[Cell], most: int = 6) -> list[Cell]:
    """The cell and the lines under it that begin at the same edge, as an address is written."""
    lines = [first]
    while len(lines) < most:
        last = lines[-1]
        following = [
            other
            for other in cells
            if other.page == last.page
            and abs(other.left - first.left) <= 0.5 * last.height
            and 0.5 * last.height < other.bottom - last.bottom <= NEXT_LINE * last.height
        ]
        if not following:
            break
        lines.append(min(following, key=lambda other: other.top))
    return lines
