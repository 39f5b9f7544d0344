"""Webex's `validateNumbers`: whether numbers are to be had, in its words."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.database import ReadSession
from app.domains.numbering import repository
from app.domains.numbering.policy import bringing as policy
from app.domains.numbering.schemas import ValidatedNumber, ValidatedNumbers
from app.domains.numbering.service import holding
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber


async def validate(session: ReadSession, given: Sequence[str]) -> ValidatedNumbers:
    """Judge each number, in the order sent; nothing is changed.

    One of our stock is available: by an order. One of somebody else's is unavailable, as far as
    the stock tells; beyond it only taking a number would.
    """
    parsed = [_parse(text) for text in given]
    values = [number.value for number in parsed if number is not None]
    owned = await repository.states_of(session, values)
    gone = (await holding.in_stock(session, values)).gone
    judged, seen = [], set[PhoneNumber]()
    for text, number in zip(given, parsed, strict=True):
        if number is None:
            judged.append(_refused(text, "Invalid", policy.INVALID.format(text)))
            continue
        if number in seen:
            detail = policy.DUPLICATE_IN_LIST.format(number.e164)
            judged.append(_refused(text, "Duplicate In List", detail, number))
        elif number.value in owned:
            detail = policy.IN_USE.format(number.e164)
            judged.append(_refused(text, "Duplicate", detail, number))
        elif number.value in gone:
            detail = policy.UNAVAILABLE.format(number.e164)
            judged.append(_refused(text, "Unavailable", detail, number))
        else:
            judged.append(
                ValidatedNumber(
                    phone_number=text, state="Available", toll_free_number=number.is_toll_free
                )
            )
        seen.add(number)
    good = all(number.state == "Available" for number in judged)
    return ValidatedNumbers(status="OK" if good else "ERRORS", phone_numbers=judged)


def _parse(text: str) -> PhoneNumber | None:
    digits = "".join(character for character in text if character not in " -().")
    if len(digits) == 10 and digits.isdigit():
        digits = f"+1{digits}"
    try:
        return PhoneNumber.parse(digits)
    except InvalidPhoneNumber:
        return None


def _refused(
    text: str, state: str, detail: str, number: PhoneNumber | None = None
) -> ValidatedNumber:
    return ValidatedNumber(
        phone_number=text,
        state=state,
        toll_free_number=number is not None and number.is_toll_free,
        detail=[detail],
    )
