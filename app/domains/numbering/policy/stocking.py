"""Which lines of a file of numbers may be put in stock. Pure; see `understand`."""

from __future__ import annotations

import bisect
import csv
from dataclasses import dataclass, field

from app.core.texts import Text, text
from app.domains.numbering.bitmaps import SIZE, mask_of_range
from app.telephony.country import get_country
from app.telephony.phone_number import InvalidPhoneNumber, NumberType, PhoneNumber

HEADER = ("country", "state", "city", "rateCenter", "numberType", "firstNumber", "lastNumber")
STOCKABLE = (NumberType.LOCAL, NumberType.NATIONAL, NumberType.MOBILE)
LARGEST_RANGE = 100_000
LONGEST_LINE = 2_000

REFUSALS: dict[str, Text] = {
    "wrongHeader": text("The first line has to be: %(header)s.", header=",".join(HEADER)),
    "notUtf8": text("The line is not UTF-8."),
    "lineTooLong": text("The line is too long."),
    "wrongColumnCount": text("The line needs %(count)s columns.", count=len(HEADER)),
    "countryNotSupported": text("The country is not supported."),
    "stateUnknown": text("The country has no such state."),
    "placeInvalid": text(
        "City and rate center have 1 to 100 characters, none a control character."
    ),
    "numberTypeUnknown": text("The number type is local, national or mobile."),
    "tollFreeNotSupported": text("Toll-free numbers are not stocked."),
    "invalidPhoneNumber": text("The numbers are not valid numbers in E.164."),
    "phoneNumberWrongCountry": text("The numbers are not the country's."),
    "rangeReversed": text("The first number is behind the last."),
    "rangeTooLarge": text("A line has at most %(count)s numbers.", count=LARGEST_RANGE),
    "overlappingRange": text("The range overlaps one in an earlier line of the file."),
    "placeDisagrees": text("The thousand of these numbers has another place or type already."),
}


@dataclass(frozen=True, slots=True)
class Range:
    """A line understood: numbers of one place and type."""

    line: int
    country: str
    state: str | None
    city: str
    rate_center: str
    number_type: str
    first: int
    last: int

    @property
    def place(self) -> tuple[str, str | None, str, str, str]:
        """What every number of a thousands-block has in common."""
        return (self.country, self.state, self.city, self.rate_center, self.number_type)

    def parts(self) -> list[tuple[int, int]]:
        """Thousands-blocks with their bitmaps."""
        return [
            (
                block,
                mask_of_range(
                    max(self.first, block * SIZE), min(self.last, block * SIZE + SIZE - 1)
                ),
            )
            for block in range(self.first // SIZE, self.last // SIZE + 1)
        ]


class Refused(Exception):  # noqa: N818 - a verdict on a line
    """A line that is not taken, by the code of its refusal."""


@dataclass(slots=True)
class SeenRanges:
    """The ranges of a file so far, to find the ones that overlap."""

    firsts: list[int] = field(default_factory=list)
    lasts: list[int] = field(default_factory=list)

    def add(self, first: int, last: int) -> bool:
        """Remember a range; `False`, and nothing remembered, when it overlaps an earlier one."""
        position = bisect.bisect_right(self.firsts, last)
        if position and self.lasts[position - 1] >= first:
            return False
        self.firsts.insert(position, first)
        self.lasts.insert(position, last)
        return True


def is_header(line: bytes) -> bool:
    """Whether a file begins as it should; a byte order mark is forgiven."""
    return _columns(line.removeprefix(b"\xef\xbb\xbf")) == list(HEADER)


def _columns(line: bytes) -> list[str] | None:
    try:
        return next(csv.reader([line.decode("utf-8").rstrip("\r\n")]), [])
    except (UnicodeDecodeError, csv.Error):
        return None


def understand(number: int, line: bytes) -> Range:
    """A line of the file as a range. Raises `Refused` with the code of what is wrong."""
    if len(line) > LONGEST_LINE:
        raise Refused("lineTooLong")
    columns = _columns(line)
    if columns is None:
        raise Refused("notUtf8")
    if len(columns) != len(HEADER):
        raise Refused("wrongColumnCount")
    code, state, city, rate_center, number_type, first, last = (c.strip() for c in columns)
    country = get_country(code)
    if country is None:
        raise Refused("countryNotSupported")
    if country.state_required and state not in {known.code for known in country.states}:
        raise Refused("stateUnknown")
    if not all(1 <= len(place) <= 100 and place.isprintable() for place in (city, rate_center)):
        raise Refused("placeInvalid")
    if len(state) > 8:
        raise Refused("stateUnknown")
    if number_type not in STOCKABLE:
        raise Refused("numberTypeUnknown")
    first_value, last_value = _numbers(code, first, last)
    return Range(
        number, code, state or None, city, rate_center, number_type, first_value, last_value
    )


def _numbers(country: str, first_text: str, last_text: str) -> tuple[int, int]:
    try:
        first, last = PhoneNumber.parse(first_text).value, PhoneNumber.parse(last_text).value
    except InvalidPhoneNumber:
        raise Refused("invalidPhoneNumber") from None
    if first > last:
        raise Refused("rangeReversed")
    if last - first >= LARGEST_RANGE:
        raise Refused("rangeTooLarge")
    for block in range(first // SIZE, last // SIZE + 1):
        ends = (max(first, block * SIZE), min(last, block * SIZE + SIZE - 1))
        for value in ends:
            _check_number(country, value)
    return first, last


def _check_number(country: str, value: int) -> None:
    number = PhoneNumber(value)
    try:
        if number.is_toll_free:
            raise Refused("tollFreeNotSupported")
        if not number.is_valid:
            raise Refused("invalidPhoneNumber")
        if number.country != country:
            raise Refused("phoneNumberWrongCountry")
    except InvalidPhoneNumber:
        raise Refused("invalidPhoneNumber") from None
