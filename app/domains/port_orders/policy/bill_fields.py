"""The fields of a bill, found by their labels and places (domain.md E8); starts at `read_fields`.

Pure. A value stands after its label, to the right of it, or below it; what may be a value depends
on the field. Each finding says how sure it is, and findings that agree make one another surer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from app.domains.port_orders.policy.bill_labels import OTHER_PARTY, BillPart, Label, labels_in
from app.domains.port_orders.policy.bill_layout import Cell, below, cells_of, paragraph, right_of
from app.domains.port_orders.policy.bill_values import (
    LEGAL_FORMS,
    address_words,
    bare,
    company_key,
    dates_in,
    folded,
    person_key,
    phone_number_of,
    spaced,
)
from app.integrations.documents.page_text import PageText
from app.telephony.country import Country
from app.telephony.phone_number import NumberType, PhoneNumber


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as it stands on the bill; numbers in E.164 and dates in ISO 8601.

    `confidence` goes from 0 to 1.
    """

    field: BillPart
    value: str
    page: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """A text on the bill, and its page."""

    page: int
    text: str


@dataclass(frozen=True, slots=True)
class BillReading:
    """What a bill says; of each field the readings, the surest first."""

    readings: Mapping[BillPart, Sequence[Reading]]
    lines: Sequence[Line] = ()
    """Everything else that stands on it, to look for what no label announced."""

    def best(self, field: BillPart) -> Reading | None:
        """The surest reading of a field; `None` where the bill shows none."""
        return next(iter(self.readings.get(field, ())), None)

    def all(self, field: BillPart) -> Sequence[Reading]:
        """Every reading of a field."""
        return self.readings.get(field, ())

    def to_json(self) -> dict[str, Any]:
        """To be kept; it has the account number in it."""
        return {
            "readings": [
                [reading.field, reading.value, reading.page, reading.confidence]
                for found in self.readings.values()
                for reading in found
            ],
            "lines": [[line.page, line.text] for line in self.lines],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> BillReading:
        """What `to_json` kept."""
        readings: dict[BillPart, list[Reading]] = defaultdict(list)
        for field, value, page, confidence in kept["readings"]:
            readings[BillPart(field)].append(Reading(BillPart(field), value, page, confidence))
        return cls(readings, [Line(page, text) for page, text in kept["lines"]])


MOST_LINES: Final = 600
MOST_CHARACTERS: Final = 120
MOST_READINGS: Final = 1000
"""What is kept of a bill; an account with more numbers has them in a list beside it."""

INLINE: Final = 1.0
BELOW: Final = 0.9
BESIDE: Final = 0.95
"""How sure a place is; beside loses with the distance, and then what is right below wins."""
LOSS_BY_DISTANCE: Final = 0.01
LEAST_BESIDE: Final = 0.6
UNLABELLED: Final = 0.7
"""An addressee in the window of an envelope, with no label."""

ONLY_DATE: Final = 0.6

ACCOUNT_NUMBER_DIGITS: Final = (4, 20)
"""How many letters and digits an account number has; a bank's has more."""
FILLER: Final = re.compile(r"^[\s:#=,.\-–—]*(?:(?:is|to|jest|wynosi|nr|no)\b[\s:.]*)?", re.I)
MONEY: Final = re.compile(r"[$€£¥%]|\bz[łl]\b|\bPLN\b|\bUSD\b|\bCAD\b|\bEUR\b|\bGBP\b", re.I)
PERSON: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.-])*(?: [^\W\d_](?:[^\W\d_]|['’.-])*){1,3}")
PHONE: Final = re.compile(r"(?<![\w/-])\+?\(?\d[\d ().-]{5,60}\d(?![\w/-])")
MOST_PHONE_DIGITS: Final = 15
"""A longer run of digits is a bank account or the like."""

Found = tuple[str, float]
"""A value and how plausible it is, from 0 to 1."""


def read_fields(pages: Sequence[PageText], country: Country) -> BillReading:
    """Every field that the bill shows."""
    readings: dict[BillPart, list[Reading]] = defaultdict(list)
    lines: list[Line] = []
    for page in pages:
        sheet = _Sheet(cells_of(page), country)
        for reading in sheet.readings():
            readings[reading.field].append(reading)
        lines += [Line(page.number, cell.text[:MOST_CHARACTERS]) for cell in sheet.cells]
    if BillPart.issued_on not in readings and (only := _only_date(lines, country)):
        readings[BillPart.issued_on] = [only]
    return BillReading(
        {field: _ranked(field, found)[:MOST_READINGS] for field, found in readings.items()},
        lines[:MOST_LINES],
    )


def _only_date(lines: Sequence[Line], country: Country) -> Reading | None:
    """The one date of a bill that has no other: it has no label, and cannot be another day."""
    dates = {
        found.isoformat(): line.page
        for line in lines
        for found, _, _ in dates_in(line.text, country.code)
    }
    if len(dates) != 1:
        return None
    day, page = next(iter(dates.items()))
    return Reading(BillPart.issued_on, day, page, ONLY_DATE)


KEYS: Final[Mapping[BillPart, Callable[[str], object]]] = {
    BillPart.account_number: bare,
    BillPart.billing_telephone_number: str,
    BillPart.company_name: company_key,
    BillPart.authorized_name: person_key,
    BillPart.billing_address: address_words,
    BillPart.service_address: address_words,
    BillPart.phone_numbers: str,
    BillPart.issued_on: str,
}
"""What makes two values of a field the same."""


def _ranked(field: BillPart, readings: Sequence[Reading]) -> list[Reading]:
    """Each value once; readings that agree are together surer than the surest of them."""
    by_value: dict[object, list[Reading]] = defaultdict(list)
    for reading in readings:
        by_value[KEYS[field](reading.value)].append(reading)
    merged = []
    for same in by_value.values():
        doubt = 1.0
        for reading in same:
            doubt *= 1 - reading.confidence
        best = max(same, key=lambda reading: reading.confidence)
        merged.append(replace(best, confidence=round(max(best.confidence, 0.99 - doubt), 3)))
    return sorted(merged, key=lambda reading: -reading.confidence)


class _Sheet:
    """A page's cells with their labels."""

    def __init__(self, cells: Sequence[Cell], country: Country) -> None:
        self.cells = [part for cell in cells for part in _parted(cell)]
        self.country = country
        self.labels = {id(cell): labels_in(cell.text) for cell in self.cells}

    def readings(self) -> Iterator[Reading]:
        accounts = set()
        for cell in self.cells:
            for index, label in enumerate(self.labels[id(cell)]):
                if label.field is None:
                    continue
                reading = self._labelled(cell, index, label)
                if reading is None:
                    continue
                yield reading
                if label.field is BillPart.account_number:
                    accounts.add(bare(reading.value))
                if label.field is BillPart.company_name:
                    yield from self._address_under(cell, reading)
        yield from self._addressees()
        yield from self._phone_numbers(accounts)

    # -- a value with a label ---------------------------------------------------------------

    def _labelled(self, cell: Cell, index: int, label: Label) -> Reading | None:
        """The value of a label: after it, beside it, or below it."""
        labels = self.labels[id(cell)]
        field = label.field
        assert field is not None  # noqa: S101 - asked by the caller
        end = labels[index + 1].start if index + 1 < len(labels) else len(cell.text)
        rest = FILLER.sub("", cell.text[label.end : end])
        is_last = index + 1 == len(labels)
        found: list[tuple[float, str, Cell]] = []
        if rest.strip(" ,;:."):
            value = self._value(field, rest, cell)
            if value is not None:
                found.append((INLINE * value[1], value[0], cell))
        elif is_last:
            found += self._around(cell, field)
        if not found:
            return None
        certainty, text, where = max(found, key=lambda entry: entry[0])
        confidence = label.strength * certainty * min(where.confidence, cell.confidence)
        return Reading(field, text, where.page, round(confidence, 3))

    def _around(self, cell: Cell, field: BillPart) -> Iterator[tuple[float, str, Cell]]:
        beside, under = right_of(cell, self.cells), below(cell, self.cells)
        if beside is not None and not self._is_label(beside):
            value = self._value(field, self._own_text(beside), beside)
            if value is not None:
                distance = (beside.left - cell.right) / max(cell.height, 1.0)
                place = max(BESIDE - LOSS_BY_DISTANCE * distance, LEAST_BESIDE)
                yield place * value[1], value[0], beside
        if under is not None and not self._is_label(under):
            value = self._value(field, self._own_text(under), under)
            if value is not None:
                yield BELOW * value[1], value[0], under

    def _own_text(self, cell: Cell) -> str:
        """The text of a value, without a label and its value that follow close behind."""
        labels = self.labels[id(cell)]
        return cell.text[: labels[0].start] if labels else cell.text

    def _is_label(self, cell: Cell) -> bool:
        """Whether the cell begins with a label, so that it is not the value of another."""
        labels = self.labels[id(cell)]
        return bool(labels) and labels[0].start == 0

    def _value(self, field: BillPart, text: str, cell: Cell) -> Found | None:
        """What of the text is a value of the field."""
        text = text.strip()
        match field:
            case BillPart.account_number:
                return self._account_number(text)
            case BillPart.billing_telephone_number | BillPart.phone_numbers:
                numbers = _numbers_in(text, self.country)
                return (numbers[0], 1.0) if numbers else None
            case BillPart.issued_on:
                dates = dates_in(text, self.country.code)
                # Two dates are a period.
                return (dates[0][0].isoformat(), 1.0 if len(dates) == 1 else 0.3) if dates else None
            case BillPart.company_name:
                return _company(text, self.country)
            case BillPart.authorized_name:
                return _person(text)
            case BillPart.billing_address | BillPart.service_address:
                return self._address(text, cell)

    def _account_number(self, text: str) -> Found | None:
        taken: list[str] = []
        for word in text.split():
            is_part = any(character.isdigit() for character in word) or (
                not taken and len(word) <= 3 and word.isupper() and word.isascii()
            )
            if not is_part or MONEY.search(word):
                break
            taken.append(word.rstrip(",;"))
            if word.endswith((",", ";")):
                break
        value = " ".join(taken).strip(" .:#")
        least, most = ACCOUNT_NUMBER_DIGITS
        if not least <= len(bare(value)) <= most or sum(map(str.isdigit, value)) < 3:
            return None
        dates = dates_in(value, self.country.code)
        if dates and dates[0][2] - dates[0][1] >= len(value) - 1:
            return None
        return value, 1.0

    # -- addresses --------------------------------------------------------------------------

    def _address(self, text: str, cell: Cell) -> Found | None:
        """The address that begins here: in this line, or going on in those below."""
        return _address_in([text, *(line.text for line in self._lines_under(cell))], self.country)

    def _lines_under(self, cell: Cell) -> Iterator[Cell]:
        for line in paragraph(cell, self.cells)[1:]:
            if self._is_label(line):
                return
            yield line

    def _address_under(self, cell: Cell, company: Reading) -> Iterator[Reading]:
        """The address under a company that is labelled as the one billed."""
        for first in (cell, right_of(cell, self.cells), below(cell, self.cells)):
            if first is None or company_key(company.value) not in company_key(first.text):
                continue
            found = _address_in([line.text for line in self._lines_under(first)], self.country)
            if found is not None:
                confidence = round(company.confidence * 0.9 * found[1], 3)
                yield Reading(BillPart.billing_address, found[0], first.page, confidence)
            return

    def _addressees(self) -> Iterator[Reading]:
        """Blocks of lines that end in a postal code and town, with no label over them."""
        carriers = self._carriers()
        for first in self.cells:
            if self._is_label(first) or self._goes_on(first) or self._has_label_over(first):
                continue
            lines = [first, *self._lines_under_address(first)]
            texts = [line.text for line in lines]
            address = _address_in(texts[1:], self.country)
            if address is None or company_key(texts[0]) in carriers:
                continue
            company = _company(texts[0], self.country)
            if company is None:
                continue
            sure = UNLABELLED * min(line.confidence for line in lines)
            yield Reading(BillPart.company_name, company[0], first.page, round(sure, 3))
            yield Reading(BillPart.billing_address, address[0], first.page, round(sure, 3))
            person = _person(texts[1])
            if person is not None and not LEGAL_FORMS.search(spaced(texts[1])):
                yield Reading(BillPart.authorized_name, person[0], first.page, 0.45)

    def _lines_under_address(self, first: Cell) -> Iterator[Cell]:
        # 'Attn:' within an address is a label and no end of it.
        for line in paragraph(first, self.cells)[1:]:
            labels = self.labels[id(line)]
            if (
                labels
                and labels[0].start == 0
                and labels[0].field not in (BillPart.authorized_name,)
            ):
                return
            yield line

    def _goes_on(self, cell: Cell) -> bool:
        """Whether it is a later line of a paragraph."""
        return any(
            other is not cell
            and other.page == cell.page
            and abs(other.left - cell.left) <= 0.5 * cell.height
            and 0.5 * cell.height < cell.bottom - other.bottom <= 1.9 * cell.height
            for other in self.cells
        )

    def _has_label_over(self, cell: Cell) -> bool:
        return any(
            other.right <= cell.left
            and right_of(other, self.cells) is cell
            and self._is_bare_label(other)
            for other in self.cells
            if self._is_label(other)
        )

    def _is_bare_label(self, cell: Cell) -> bool:
        label = self.labels[id(cell)][0]
        return not cell.text[label.end :].strip(" :#.")

    def _carriers(self) -> set[str]:
        """Names that are the carrier's: the first and the largest on a page, and those so said."""
        if not self.cells:
            return set()
        top = min(cell.top for cell in self.cells)
        bottom = max(cell.bottom for cell in self.cells)
        head = [cell for cell in self.cells if cell.top < top + (bottom - top) / 4]
        largest = max(cell.height for cell in head)
        named = [cell for cell in head if cell.height > 0.95 * largest]
        named.append(min(head, key=lambda cell: (cell.top, cell.left)))
        for cell in self.cells:
            if OTHER_PARTY.fullmatch(folded(cell.text)):
                named += [
                    other
                    for other in (below(cell, self.cells), right_of(cell, self.cells))
                    if other is not None
                ]
        return {company_key(cell.text) for cell in named}

    # -- numbers ----------------------------------------------------------------------------

    def _phone_numbers(self, accounts: set[str]) -> Iterator[Reading]:
        """Every number of the country that is neither toll-free nor part of the account number."""
        for cell in self.cells:
            labels = self.labels[id(cell)]
            if labels and labels[0].field in (None, BillPart.account_number):
                continue
            text = cell.text
            for label in reversed(labels):
                if label.field in (None, BillPart.account_number):
                    text = text[: label.start]
            if any(account in bare(text) for account in accounts):
                continue
            for number in _numbers_in(text, self.country):
                if not _is_subscriber(number):
                    continue
                yield Reading(BillPart.phone_numbers, number, cell.page, 0.8 * cell.confidence)


def _parted(cell: Cell) -> list[Cell]:
    """The cell in two where a label with a colon begins it, so that lines below find their own."""
    labels = labels_in(cell.text)
    if not labels or labels[0].start != 0:
        return [cell]
    at = 0
    for index, text in enumerate(cell.texts):
        at += len(text)
        if cell.text[labels[0].end : at].strip() == ":":
            before, after = cell.words[: index + 1], cell.words[index + 1 :]
            return [replace(cell, words=before), replace(cell, words=after)] if after else [cell]
        at += 1
    return [cell]


def _numbers_in(text: str, country: Country) -> list[str]:
    found = []
    for match in PHONE.finditer(text):
        if sum(map(str.isdigit, match[0])) > MOST_PHONE_DIGITS:
            continue
        number = _longest_number(match[0], country)
        if number is not None and not dates_in(match[0], country.code):
            found.append(number)
    return found


def _is_subscriber(number: str) -> bool:
    """Whether a customer can have the number: assigned by the plan, and not a help line."""
    parsed = PhoneNumber.parse(number)
    return parsed.is_valid and parsed.number_type in (
        NumberType.LOCAL,
        NumberType.NATIONAL,
        NumberType.MOBILE,
    )


def _longest_number(text: str, country: Country) -> str | None:
    """The number that the words begin with, as many of them as make one."""
    words = text.split()
    for count in range(len(words), 0, -1):
        number = phone_number_of(" ".join(words[:count]), country)
        if number is not None:
            return number
    return None


def _company(text: str, country: Country) -> Found | None:
    text = text.strip(" :,;")
    if sum(map(str.isalpha, text)) < 3 or len(text) > 100 or MONEY.search(text):
        return None
    if dates_in(text, country.code) or _numbers_in(text, country):
        return None
    if _postal_code(text, country) is not None:
        # 'Name, street, town' in one line: the name is what comes before the first comma.
        return None
    return text, 1.0


def _person(text: str) -> Found | None:
    text = text.strip(" :,;")
    labels = labels_in(text)
    if labels and labels[0].start == 0:
        if labels[0].field is not BillPart.authorized_name:
            return None
        text = FILLER.sub("", text[labels[0].end :]).strip()
    if not PERSON.fullmatch(text) or len(text) > 60:
        return None
    if not all(word[0].isupper() for word in text.split()):
        return None
    return text, 1.0


def _postal_code(text: str, country: Country) -> re.Match[str] | None:
    pattern = country.postal_code_pattern.removeprefix("^").removesuffix("$")
    return re.search(rf"(?<![\w-]){pattern}(?![\w-])", text)


def _address_in(lines: Sequence[str], country: Country) -> Found | None:
    """The lines up to the one with the postal code, without a name over the street."""
    taken: list[str] = []
    for line in lines[:6]:
        taken.append(line.strip(" ,;:"))
        if _postal_code(line, country) is not None:
            break
    else:
        return None
    while len(taken) > 1 and not any(character.isdigit() for character in taken[0]):
        taken.pop(0)
    if len(taken) == 1 and sum(map(str.isdigit, taken[0])) < 4:
        return None
    if dates_in(taken[0], country.code) or len(taken[-1]) > 120:
        return None
    return ", ".join(taken), 1.0
