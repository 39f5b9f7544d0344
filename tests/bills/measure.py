"""How well bills are read, field by field: `python -m tests.bills.measure [--developed] [--png]`.

Precision: of the values read, how many are right. Recall: of the values shown, how many are read
right. The measure of record is on the layouts kept aside.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pypdfium2

from app.domains.port_orders.policy.bill_fields import KEYS, BillReading, read_fields
from app.domains.port_orders.policy.bill_labels import BillPart
from app.integrations.documents import reading, reading_child
from app.integrations.documents.page_text import PageText, Word
from app.telephony.country import Country, get_country
from tests.bills.invented import Bill, invent
from tests.bills.layouts import LAYOUTS
from tests.bills.layouts_kept_aside import LAYOUTS_KEPT_ASIDE
from tests.bills.sheet import Sheet

Layout = tuple[Callable[[Sheet], set[str]], str]
LANGUAGES = ("en", "pl")
PNG_DPI = 200


@dataclass(slots=True)
class Score:
    """Counts of one field."""

    shown: int = 0
    read: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.read if self.read else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.shown if self.shown else 1.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A synthetic bill, and which fields its layout shows."""

    layout: str
    bill: Bill
    shown: frozenset[str]
    pdf: bytes


def samples(layouts: Mapping[str, Layout], each: int, seed: int) -> Iterator[Sample]:
    """So many bills of each layout and language, the same for the same seed."""
    for name, (draw, font) in layouts.items():
        for language in LANGUAGES:
            for index in range(each):
                rng = Random(f"{seed} {name} {language} {index}")  # noqa: S311 - no secret
                bill = invent(rng, language)
                sheet = Sheet(bill, rng, font)
                shown = draw(sheet)
                yield Sample(name, bill, frozenset(shown), sheet.pdf())


def png_of(pdf: bytes) -> bytes:
    """The first page as a picture, as a scanner would send it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.png")
        page = pypdfium2.PdfDocument(pdf)[0]
        page.render(scale=PNG_DPI / 72, grayscale=True).to_pil().save(path)
        return path.read_bytes()


def country_of(sample: Sample) -> Country:
    country = get_country(sample.bill.country)
    assert country is not None
    return country


def read_pdf(sample: Sample) -> BillReading:
    """As the service reads it, in this process."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(sample.pdf)
        file.flush()
        answer = reading_child.run(
            Path(file.name), media_type="application/pdf", tesseract=None, languages=""
        )
    pages = [
        PageText(number, tuple(Word(*word) for word in words))
        for number, words in enumerate(answer["pages"], start=1)
    ]
    return read_fields(pages, country_of(sample))


def read_png(sample: Sample) -> BillReading:
    """As the service reads a picture, in its child process."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        file.write(png_of(sample.pdf))
        file.flush()
        read = asyncio.run(reading.read(Path(file.name), "image/png"))
    return read_fields(read.pages, country_of(sample))


def truth(bill: Bill, field: BillPart) -> set[object]:
    """What the bill says of a field, as values are compared."""
    said: Mapping[BillPart, tuple[str, ...]] = {
        BillPart.account_number: (bill.account_number,),
        BillPart.billing_telephone_number: (bill.btn,),
        BillPart.company_name: (bill.company,),
        BillPart.authorized_name: (bill.contact,),
        BillPart.billing_address: (bill.billing.joined,),
        BillPart.service_address: (bill.service.joined,),
        BillPart.phone_numbers: bill.phone_numbers,
        BillPart.issued_on: (bill.issued_on.isoformat(),),
    }
    return {KEYS[field](value) for value in said[field]}


def measure(
    of: Iterator[Sample],
    read: Callable[[Sample], BillReading],
    wrong: Callable[[Sample, BillPart, object, object], None] | None = None,
) -> dict[BillPart, Score]:
    """The scores of every field; `wrong` is told what was read otherwise than it is."""
    scores: dict[BillPart, Score] = defaultdict(Score)
    for sample in of:
        found = read(sample)
        for field in BillPart:
            expected = truth(sample.bill, field) if field in sample.shown else set()
            readings = found.all(field)
            if field is not BillPart.phone_numbers:
                readings = readings[:1]
            values = {KEYS[field](one.value) for one in readings}
            if field is BillPart.phone_numbers:
                # The billing number stands on the bill too.
                values -= {sample.bill.btn} - expected
            score = scores[field]
            score.shown += len(expected)
            score.read += len(values)
            score.right += len(values & expected)
            if wrong is not None and values != expected:
                wrong(sample, field, expected, values)
    return scores


def table(scores: Mapping[BillPart, Score]) -> str:
    """For people."""
    rows = [f"{'field':<26}{'shown':>7}{'precision':>11}{'recall':>9}"]
    rows += [
        f"{field:<26}{score.shown:>7}{score.precision:>11.3f}{score.recall:>9.3f}"
        for field, score in scores.items()
    ]
    return "\n".join(rows)


def main() -> None:
    """Print the table; of layouts developed on also what went wrong, never of those kept aside."""
    is_developed, is_png = "--developed" in sys.argv, "--png" in sys.argv
    if is_png and not reading.is_ocr_there():
        sys.exit("tesseract is not installed: pictures cannot be measured here.")

    def tell(sample: Sample, field: BillPart, expected: object, values: object) -> None:
        print(f"{sample.layout} {sample.bill.language} {field}: {expected} read as {values}")

    layouts = LAYOUTS if is_developed else LAYOUTS_KEPT_ASIDE
    scores = measure(
        samples(layouts, each=2 if is_png else 20, seed=1),
        read_png if is_png else read_pdf,
        tell if is_developed else None,
    )
    print(table(scores))


if __name__ == "__main__":
    main()
