"""What every order asks of the numbers it names (domain.md A5). Pure."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.texts import text
from app.policy.phone_numbers import duplicate_phone_number, invalid_phone_number
from app.policy.violation import Violation
from app.telephony.country import Country
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber


def number_violations(
    given: str, pointer: str, country: Country | None, seen: set[str]
) -> Iterator[Violation]:
    """Whether a text is a number, of the country, not toll-free, and not in the list already."""
    try:
        number = PhoneNumber.parse(given)
    except InvalidPhoneNumber:
        yield invalid_phone_number(pointer)
        return
    if number.e164 in seen:
        yield duplicate_phone_number(pointer, number)
        return
    seen.add(number.e164)
    if number.is_toll_free:
        yield Violation(
            "tollFreeNotSupported",
            pointer,
            text("Toll-free numbers can be neither ordered nor ported; choose another number."),
            phone_number=number.e164,
        )
    elif country is not None and number.country not in (country.code, None):
        yield Violation(
            "phoneNumberWrongCountry",
            pointer,
            text(
                "The number is of another country; the location takes numbers of %(country)s.",
                country=country.code,
            ),
            phone_number=number.e164,
        )
