"""Makes `examples/bill.pdf`: an invented company's bill, of no date, so that it never gets old."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

from tests.bills.invented import Place, invent
from tests.bills.sheet import Sheet

FILE = Path(__file__).parents[2] / "examples" / "bill.pdf"
SEATTLE = Place("400 Broad Street", None, "Seattle", "WA", "98109", "US")
NUMBERS = tuple(f"+1206555{line:02}01" for line in range(10))


def draw(s: Sheet) -> None:
    """The account at the right, the addressee at the left, the lines below."""
    b = s.bill
    s.put(40, 50, b.carrier, size=18, bold=True)
    s.put(40, 66, b.carrier_place.joined, size=7)
    s.pair(310, 100, "Account Number:", b.account_number, 470)
    s.pair(310, 114, "Billing Telephone Number:", s.number(), 470)
    s.stack(60, 190, [b.company, f"Attn: {b.contact}", *b.billing.lines])
    s.put(40, 290, "Service address", bold=True)
    s.stack(40, 304, b.service.lines)
    s.rule(370)
    s.put(40, 390, "Charges by line", bold=True)
    for row, number in enumerate(b.phone_numbers):
        s.put(40, 406 + 13 * row, s.number(number))
        s.put(220, 406 + 13 * row, "Business line")
        s.put(540, 406 + 13 * row, s.money(row), align="right")


def bill() -> bytes:
    """The PDF."""
    rng = Random(1)  # noqa: S311 - no secret
    any_day = date(2026, 11, 2)
    sheet = Sheet(
        replace(
            invent(rng, "en"),
            carrier="Old Carrier Inc.",
            company="Northwind Traders",
            contact="Ada Example",
            account_number="8834-22190",
            btn="+12065559000",
            phone_numbers=NUMBERS,
            billing=SEATTLE,
            service=SEATTLE,
            issued_on=any_day,
        ),
        rng,
    )
    draw(sheet)
    return sheet.pdf()


if __name__ == "__main__":
    FILE.write_bytes(bill())
