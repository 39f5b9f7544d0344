"""A page to write a synthetic bill on; starts at `Sheet`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Literal

from fpdf import FPDF

from tests.bills.invented import Bill, write_date, write_number

FONTS = Path(__file__).parent / "fonts"
ALIGN = {"left": 0.0, "center": 0.5, "right": 1.0}


class Sheet:
    """A page in points from its upper left corner; a bill is written the same way all over."""

    def __init__(self, bill: Bill, rng: Random, font: str = "DejaVuSans") -> None:
        self.bill = bill
        self.rng = rng
        self._pdf = FPDF(unit="pt", format="A4" if bill.country in ("PL", "GB") else "letter")
        self._pdf.set_auto_page_break(False)
        self._pdf.add_font("plain", fname=FONTS / f"{font}.ttf")
        self._pdf.add_font("bold", fname=FONTS / "DejaVuSans-Bold.ttf")
        self._date_style = rng.randint(0, 59)
        self._number_style = rng.randint(0, 59)
        self.width: float = self._pdf.w
        self._taken: list[tuple[float, float, float, float]] = []
        self.page()

    def page(self) -> None:
        self._pdf.add_page()
        self._taken = []

    def put(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 9,
        bold: bool = False,
        align: Literal["left", "center", "right"] = "left",
    ) -> float:
        """Write at the baseline; where the text ends is the answer."""
        self._pdf.set_font("bold" if bold else "plain", size=size)
        width = float(self._pdf.get_string_width(text))
        start = x - width * ALIGN[align]
        here = (start, y - 0.7 * size, start + width, y)
        for other in self._taken:
            is_beside = here[2] <= other[0] or other[2] <= here[0]
            is_apart = here[3] <= other[1] or other[3] <= here[1]
            # No bill is printed over itself; a layout that does so measures nothing.
            assert is_beside or is_apart, f"{text} is written over something"
        self._taken.append(here)
        assert start >= 0, f"{text} begins outside the page"
        assert start + width <= self.width, f"{text} ends outside the page"
        self._pdf.text(start, y, text)
        return start + width

    def stack(self, x: float, y: float, lines: Sequence[str], *, size: float = 9) -> float:
        """Lines under one another; the baseline after the last."""
        for line in lines:
            self.put(x, y, line, size=size)
            y += size * 1.35
        return y

    def rule(self, y: float, x0: float = 40, x1: float | None = None) -> None:
        self._pdf.line(x0, y, self.width - 40 if x1 is None else x1, y)

    def box(self, x: float, y: float, width: float, height: float) -> None:
        self._pdf.rect(x, y, width, height)

    def pair(
        self, x: float, y: float, label: str, value: str, at: float, *, size: float = 9
    ) -> None:
        """A label with its value to the right, beginning at `at`."""
        self.put(x, y, label, size=size)
        self.put(at, y, value, size=size)

    def above(self, x: float, y: float, label: str, value: str, *, size: float = 9) -> None:
        """A small label with its value below."""
        self.put(x, y, label, size=size * 0.78)
        self.put(x, y + size * 1.4, value, size=size)

    def date(self, which: str = "issued") -> str:
        bill = self.bill
        day = {
            "issued": bill.issued_on,
            "due": bill.due_on,
            "from": bill.period[0],
            "to": bill.period[1],
        }[which]
        return write_date(day, bill.country, self._date_style)

    def number(self, number: str | None = None) -> str:
        return write_number(number or self.bill.btn, self.bill.country, self._number_style)

    def say(self, english: str, polish: str) -> str:
        return polish if self.bill.language == "pl" else english

    def money(self, index: int) -> str:
        amount = self.bill.amounts[index % len(self.bill.amounts)]
        if self.bill.language == "pl":
            return f"{amount} zł"
        return f"${amount}" if self.bill.country != "GB" else f"£{amount}"

    def pdf(self) -> bytes:
        return bytes(self._pdf.output())
