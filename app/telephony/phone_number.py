"""A telephone number in E.164, and what its digits tell; starts at `PhoneNumber.parse`."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, Self

import phonenumbers
from phonenumbers import PhoneNumberType, ValidationResult

MAX_E164_LENGTH: Final = 16  # '+' and fifteen digits
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_NANP: Final = 1
_UNIVERSAL_FREEPHONE: Final = 800
# 822 is set aside for toll-free but not open yet, so the metadata does not have it.
_NANP_TOLL_FREE: Final = frozenset({"800", "822", "833", "844", "855", "866", "877", "888"})
_CACHED_NUMBERS: Final = 16_384


class InvalidPhoneNumber(ValueError):  # noqa: N818 - a refusal of the input, not a failure
    """The text is not an E.164 number. The text itself is never in the message."""

    def __init__(self) -> None:
        super().__init__("not an E.164 phone number")


class NumberType(StrEnum):
    """What a number is for.

    `local` belongs to a place (in North America that includes mobiles, which share its area
    codes); `national` to a country but to no place in it.
    """

    LOCAL = "local"
    NATIONAL = "national"
    MOBILE = "mobile"
    TOLL_FREE = "tollFree"
    PREMIUM_RATE = "premiumRate"
    SHARED_COST = "sharedCost"
    OTHER = "other"


_NUMBER_TYPES: Final = {
    PhoneNumberType.FIXED_LINE: NumberType.LOCAL,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberType.LOCAL,
    PhoneNumberType.UAN: NumberType.NATIONAL,
    PhoneNumberType.VOIP: NumberType.NATIONAL,
    PhoneNumberType.MOBILE: NumberType.MOBILE,
    PhoneNumberType.TOLL_FREE: NumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: NumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST: NumberType.SHARED_COST,
}


@dataclass(frozen=True, order=True, slots=True)
class PhoneNumber:
    """A number of E.164 as one integer: `12065550123` is +1 206-555-0123.

    Texts come in through `parse`. The constructor trusts its caller, which is the database or
    the arithmetic of the inventory; a property of a value that is no number raises
    `InvalidPhoneNumber`.
    """

    value: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read '+' and 7 to 15 digits, and nothing else, that can be a number somewhere.

        Can be: of a known country code and of a length its plan has. Whether the plan assigns
        it is `is_valid`. Raises `InvalidPhoneNumber`.
        """
        # Before the pattern, so that an oversized text costs nothing.
        if len(text) > MAX_E164_LENGTH or not _E164.fullmatch(text):
            raise InvalidPhoneNumber
        number = cls(int(text[1:]))
        _parsed(number.value)
        return number

    @property
    def e164(self) -> str:
        return f"+{self.value}"

    @property
    def country(self) -> str | None:
        """ISO 3166-1 alpha-2; `None` where no one country's plan has the number.

        North American toll-free numbers belong to the whole plan and say US.
        """
        return _classified(self.value)[0]

    @property
    def number_type(self) -> NumberType:
        return _classified(self.value)[1]

    @property
    def is_toll_free(self) -> bool:
        """Toll-free in its country, in North America, or anywhere (+800). domain.md A5."""
        return self.number_type is NumberType.TOLL_FREE

    @property
    def is_valid(self) -> bool:
        """Whether the number plan assigns the number, by Google's metadata."""
        return _classified(self.value)[2]

    @property
    def national(self) -> str:
        """The national significant number: digits after the country code."""
        return str(self.value)[len(str(self._calling_code)) :]

    @property
    def area_code(self) -> str | None:
        """NPA: the first three national digits in North America, else `None`. domain.md C3."""
        return self.national[:3] if self._calling_code == _NANP else None

    @property
    def prefix(self) -> str | None:
        """NXX: the three digits after the area code in North America, else `None`. domain.md C3."""
        return self.national[3:6] if self._calling_code == _NANP else None

    @property
    def thousand(self) -> int:
        """Key of the inventory row the number is in, a thousands-block."""
        return self.value // 1000

    @property
    def masked(self) -> str:
        """For logs: '+1***0123', the country code and at most the last four digits."""
        # Half of what is there, because in a short plan four digits are the whole number.
        national = self.national
        return f"+{self._calling_code}***{national[-min(4, len(national) // 2) :]}"

    @property
    def _calling_code(self) -> int:
        return _parsed(self.value).country_code or 0


@lru_cache(maxsize=_CACHED_NUMBERS)
def _parsed(value: int) -> phonenumbers.PhoneNumber:
    text = f"+{value}"
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        raise InvalidPhoneNumber from None
    # The parser forgives a trunk prefix ('+44 0…'), and the lenient check a number without area
    # code; neither is E.164.
    if (
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) != text
        or phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE
    ):
        raise InvalidPhoneNumber
    return number


@lru_cache(maxsize=_CACHED_NUMBERS)
def _classified(value: int) -> tuple[str | None, NumberType, bool]:
    """Country, type, and whether the number is valid."""
    number = _parsed(value)
    region = phonenumbers.region_code_for_number(number)
    kind = phonenumbers.number_type(number)
    if number.country_code == _UNIVERSAL_FREEPHONE or (
        number.country_code == _NANP and str(value)[1:4] in _NANP_TOLL_FREE
    ):
        number_type = NumberType.TOLL_FREE
    else:
        number_type = _NUMBER_TYPES.get(kind, NumberType.OTHER)
    country = None if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY else region
    return country, number_type, kind != PhoneNumberType.UNKNOWN
