"""The letter of authorisation as PDF: `write`. domain.md E5.

In English, for the losing carrier reads it; names and addresses in whatever letters they have.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from fpdf import FPDF
from fpdf.enums import XPos, YPos

FONTS: Final = Path(__file__).parent / "fonts"
FONT: Final = "DejaVu"
GAINING_CARRIER: Final = "Cisco Systems, Inc. (Cisco PSTN for Webex Calling)"
COLUMNS: Final = 4
LINE: Final = 5.5
"""Height of a line of text, in millimetres."""

# fontTools tells of every table it leaves out, fpdf of letters of names that the font lacks.
for noisy in ("fontTools", "fpdf"):
    logging.getLogger(noisy).setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is authorised, by whom and when; `phone_numbers` in E.164, `signed_at` in UTC."""

    order_number: str
    company_name: str
    billing_address: Sequence[str]
    billing_telephone_number: str
    losing_carrier: str
    phone_numbers: Sequence[str]
    full_name: str
    job_title: str
    signed_at: datetime
    time_zone: str

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of everything that is signed, in hexadecimal."""
        content = json.dumps(asdict(self), default=str, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()


def write(letter: Letter) -> bytes:
    """The letter as PDF; the same letter gives the same bytes."""
    page = _Page(format="letter", unit="mm")
    page.set_creation_date(letter.signed_at)
    page.set_title(f"Letter of authorization, {letter.order_number}")
    page.set_margins(20, 20)
    page.set_auto_page_break(auto=True, margin=20)
    page.add_font(FONT, "", FONTS / "DejaVuSans.ttf")
    page.add_font(FONT, "B", FONTS / "DejaVuSans-Bold.ttf")
    page.add_page()
    page.heading("Letter of Authorization", 16)
    page.fact("Order", letter.order_number)
    page.fact("Customer", letter.company_name)
    for index, line in enumerate(letter.billing_address):
        page.fact("" if index else "Billing address", line)
    page.fact("Billing number", letter.billing_telephone_number)
    page.fact("Current carrier", letter.losing_carrier)
    page.fact("New carrier", GAINING_CARRIER)
    page.heading("Authorization")
    page.paragraph(
        f"The customer named above decides to change the carrier of the telephone numbers listed"
        f" below from {letter.losing_carrier} to {GAINING_CARRIER}, and authorizes the new carrier"
        f" to act for the customer in this: to ask the current carrier for the records of the"
        f" account, and to have these numbers moved. The undersigned is authorized to sign for the"
        f" account."
    )
    page.heading(f"Telephone numbers ({len(letter.phone_numbers)})")
    page.columns(letter.phone_numbers)
    local = letter.signed_at.astimezone(ZoneInfo(letter.time_zone))
    page.heading("Signature")
    page.fact("Signed by", letter.full_name)
    page.fact("Title", letter.job_title)
    page.fact("Date", f"{local:%Y-%m-%d}")
    page.fact("Time", f"{local:%H:%M:%S} {letter.time_zone} ({letter.signed_at:%Y-%m-%dT%H:%MZ})")
    page.fact("SHA-256", letter.fingerprint)
    page.ln(LINE)
    page.paragraph(
        "Signed electronically in the product, with consent to do so. The SHA-256 is that of the"
        " order, customer, carriers, numbers, signer and time above."
    )
    return bytes(page.output())


class _Page(FPDF):
    """Headings, facts and columns."""

    def heading(self, text: str, size: int = 11) -> None:
        self.ln(3)
        self.set_font(FONT, "B", size)
        self.multi_cell(0, size * 0.6, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def fact(self, name: str, value: str) -> None:
        self.set_font(FONT, "", 9)
        self.cell(38, LINE, name)
        self.multi_cell(0, LINE, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def paragraph(self, text: str) -> None:
        self.set_font(FONT, "", 9)
        self.multi_cell(0, LINE, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def columns(self, texts: Sequence[str]) -> None:
        self.set_font(FONT, "", 9)
        for start in range(0, len(texts), COLUMNS):
            for text in texts[start : start + COLUMNS]:
                self.cell(self.epw / COLUMNS, LINE, text)
            self.ln(LINE)
