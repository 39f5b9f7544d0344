"""What stands on a bill brought to one form: dates, numbers, names, addresses. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

from app.telephony.country import Country
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber

LETTERS_WITHOUT_PARTS: Final = str.maketrans("łŁøØđĐ", "lLoOdD")
"""Letters that Unicode does not take apart into a letter and its mark."""

MONTHS: Final = {
    month: number
    for number, names in enumerate(
        (
            ("january", "jan", "stycznia", "styczen", "sty"),
            ("february", "feb", "lutego", "luty", "lut"),
            ("march", "mar", "marca", "marzec"),
            ("april", "apr", "kwietnia", "kwiecien", "kwi"),
            ("may", "maja", "maj"),
            ("june", "jun", "czerwca", "czerwiec", "cze"),
            ("july", "jul", "lipca", "lipiec", "lip"),
            ("august", "aug", "sierpnia", "sierpien", "sie"),
            ("september", "sept", "sep", "wrzesnia", "wrzesien", "wrz"),
            ("october", "oct", "pazdziernika", "pazdziernik", "paz"),
            ("november", "nov", "listopada", "listopad", "lis"),
            ("december", "dec", "grudnia", "grudzien", "gru"),
        ),
        start=1,
    )
    for month in names
}
MONTH_FIRST: Final = frozenset({"US"})
"""Where 03/04/2026 is the fourth of March; elsewhere it is the third of April."""

_NUMERIC_DATE: Final = re.compile(r"(?<!\d)(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_ISO_DATE: Final = re.compile(r"(?<!\d)(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?!\d)")
_DAY_MONTH: Final = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?[ -]([a-z]{3,12})\.?,?[ -](\d{4})(?!\d)"
)
_MONTH_DAY: Final = re.compile(
    r"(?<![a-z])([a-z]{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})(?!\d)"
)

LEGAL_FORMS: Final = re.compile(
    r"\b(?:incorporated|inc|corporation|corp|company|co|limited|ltd|llc|llp|lp|plc|pc|pllc|gmbh|ag|"
    r"bv|nv|sarl|sas|srl|spa|sl|spolka z ograniczona odpowiedzialnoscia|spolka akcyjna|"
    r"spolka jawna|spolka komandytowa|spolka cywilna|sp z o ?o|sp j|sp k|sp p|p s a|s a|s c|sa|sc|"
    r"p c|l l c)\b"
)
ABBREVIATIONS: Final = {
    "avenue": "ave", "av": "ave", "street": "st", "road": "rd", "boulevard": "blvd", "lane": "ln",
    "drive": "dr", "court": "ct", "place": "pl", "square": "sq", "highway": "hwy",
    "parkway": "pkwy", "crescent": "cres", "terrace": "ter", "circle": "cir", "suite": "ste",
    "apartment": "apt", "floor": "fl", "north": "n", "south": "s", "east": "e", "west": "w",
    "northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw", "saint": "st",
    "ulica": "ul", "aleja": "al", "aleje": "al", "plac": "pl", "osiedle": "os", "lokal": "lok",
    "mieszkanie": "m",
}  # fmt: skip
NANP: Final = 1
TRUNK_PREFIX: Final = frozenset({"GB", "FR", "DE", "NL", "BE", "IE"})
"""Where a number is written at home with a 0 that falls away in E.164."""


def folded(text: str) -> str:
    """Small letters without their marks: 'Łódź' is 'lodz'."""
    parts = unicodedata.normalize("NFKD", text.translate(LETTERS_WITHOUT_PARTS))
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


def bare(text: str) -> str:
    """Letters and digits alone, for account numbers: 'K/001-2' is 'k0012'."""
    return re.sub(r"[^0-9a-z]", "", folded(text))


def spaced(text: str) -> str:
    """Words parted by one space, without marks and punctuation."""
    return re.sub(r"[^0-9a-z]+", " ", folded(text).replace("'", "")).strip()


def company_key(text: str) -> str:
    """A company's name without its legal form, and with 'and' in one form."""
    words = spaced(re.sub(r"&|\+", " and ", text))
    words = re.sub(r"\band\b|\bi\b|\bthe\b", " ", LEGAL_FORMS.sub(" ", words))
    return " ".join(words.split()) or spaced(text)


def person_key(text: str) -> str:
    """A person's name: the words in alphabetical order, titles and middle initials left out."""
    words = [
        word
        for word in spaced(text).split()
        if word not in ("mr", "mrs", "ms", "dr", "pan", "pani", "mgr", "inz") and len(word) > 1
    ]
    return " ".join(sorted(words))


def address_words(text: str) -> frozenset[str]:
    """The words of an address in one form each."""
    return frozenset(ABBREVIATIONS.get(word, word) for word in spaced(text).split())


def dates_in(text: str, country: str) -> list[tuple[date, int, int]]:
    """The dates of a text, each with where it begins and ends, in their order."""
    # As long as the text: `folded` could change that, so fold letter by letter.
    plain = "".join(folded(character)[:1] or " " for character in text)
    found = [
        (*match.span(), int(match[1]), int(match[2]), int(match[3]))
        for match in _ISO_DATE.finditer(plain)
    ]
    for match in _NUMERIC_DATE.finditer(plain):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        is_month_first = country in MONTH_FIRST and match[2] != "."
        month, day = (first, second) if is_month_first else (second, first)
        if month > 12 >= day:
            month, day = day, month
        found.append((*match.span(), year + 2000 if year < 100 else year, month, day))
    found += [
        (*match.span(), int(match[3]), MONTHS.get(match[2], 0), int(match[1]))
        for match in _DAY_MONTH.finditer(plain)
    ]
    found += [
        (*match.span(), int(match[3]), MONTHS.get(match[1], 0), int(match[2]))
        for match in _MONTH_DAY.finditer(plain)
    ]
    dates = []
    for start, end, year, month, day in sorted(found):
        try:
            dates.append((date(year, month, day), start, end))
        except ValueError:
            continue
    return dates


def phone_number_of(text: str, country: Country) -> str | None:
    """The number in E.164, of the country unless it says another; `None` if it is none."""
    digits = re.sub(r"\D", "", text)
    if text.strip().startswith("+"):
        # '+44 (0)20…' is written, and the 0 is not dialled.
        digits = re.sub(r"\D", "", text.replace("(0)", ""))
    elif country.calling_code == NANP:
        digits = digits if len(digits) == 11 and digits.startswith("1") else f"1{digits}"
    else:
        if country.code in TRUNK_PREFIX:
            if not digits.startswith("0"):
                return None
            digits = digits[1:]
        digits = f"{country.calling_code}{digits}"
    try:
        return PhoneNumber.parse(f"+{digits}").e164
    except InvalidPhoneNumber:
        return None
