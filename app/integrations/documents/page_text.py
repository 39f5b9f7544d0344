"""The text of a page as words with their places; what `reading` gives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box, from the page's upper left corner; any unit, the same in both directions.

    `confidence` is 1 where the text was written in the file, less where it was recognised.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float = 1.0

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class PageText:
    """A page, numbered from 1, with its words in no order that means anything."""

    number: int
    words: tuple[Word, ...]
