"""Webex's `validateNumbers`: whether numbers could be added, in its words."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.database import ReadSession
from app.domains.numbering import repository
from app.domains.numbering.schemas import ValidatedNumber, ValidatedNumbers
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber


async def validate(session: ReadSession, given: Sequence[str]) -> ValidatedNumbers:
    """Judge each number, in the order sent; nothing is changed."""
    parsed = [_parse(text) for text in given]
    owned = await repository.states_of(session, [n.value for n in parsed if n is not None])
    judged, seen = [], set()
    for text, number in zip(given, parsed, strict=True):
        if number is None:
            judged.append(_refused(text, "Invalid", f"[Error 8362] DN is invalid : {text[:32]}"))
            continue
        if number in seen:
            detail = f"[Error 8360] Duplicate DN in the request : {number.e164}"
            judged.append(_refused(text, "Duplicate In List", detail, number))
        elif number.value in owned:
            detail = f"[Error 8363] DN is in use : {number.e164}"
            judged.append(_refused(text, "Duplicate", detail, number))
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
