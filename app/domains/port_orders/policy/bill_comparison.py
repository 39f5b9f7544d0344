"""The order compared with its bill, field by field (domain.md E8); starts at `compare`. Pure.

Only what the bill says surely can differ: a value without a label, or read from a poor picture, is
`lowConfidence`. What is shown of the bill is masked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, assert_never

from app.core.sealing import masked
from app.core.texts import Text, text
from app.domains.port_orders.policy.bill_fields import BillReading, Reading
from app.domains.port_orders.policy.bill_labels import BillPart
from app.domains.port_orders.policy.bill_values import (
    address_words,
    bare,
    company_key,
    person_key,
    spaced,
)
from app.domains.port_orders.policy.document import Document, value_at
from app.domains.port_orders.policy.readiness import (
    MISMATCH_ERRORS,
    BillField,
    BillResult,
    Comparison,
)
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber

SURE_ENOUGH: Final = 0.6
"""How sure a reading has to be for its difference to count."""
ALIKE: Final = str.maketrans("oqilszbg", "00115286")
"""Characters that recognition takes for one another, letters as the digits they look like."""
DIGITS: Final = re.compile(r"\d(?:[ ./-]?\d){3,}")
POSTAL_DIGITS: Final = 5

UNREADABLE: Final = tuple(
    Comparison(field, BillResult.low_confidence)
    for field in (
        BillField.account_number,
        BillField.billing_telephone_number,
        BillField.company_name,
        BillField.authorized_name,
    )
)
"""Of a bill that could not be read in time, or is a picture where nothing recognises its text."""


def compare(
    document: Document, phone_numbers: Iterable[int], bill: BillReading, issued_on: str | None
) -> list[Comparison]:
    """What was entered, each field that is there; `issued_on` as told with the upload."""
    return list(_compared(document, sorted(phone_numbers), bill, issued_on))


def _compared(
    document: Document, phone_numbers: Sequence[int], bill: BillReading, issued_on: str | None
) -> Iterator[Comparison]:
    entered = value_at(document, "/account/accountNumber")
    if entered is not None:
        yield _account_number(entered, bill)
    entered = value_at(document, "/account/billingTelephoneNumber")
    if entered is not None:
        yield _billing_number(entered, bill)
    entered = value_at(document, "/account/companyName")
    if entered is not None:
        yield _name(BillField.company_name, BillPart.company_name, entered, bill, company_key)
    entered = value_at(document, "/account/authorizedName")
    if entered is not None:
        yield _name(BillField.authorized_name, BillPart.authorized_name, entered, bill, person_key)
    address = value_at(document, "/account/serviceAddress")
    if address:
        yield _address(address, bill)
    if phone_numbers:
        yield _phone_numbers(phone_numbers, bill)
    if issued_on is not None:
        yield _date(issued_on, bill)


def _account_number(entered: str, bill: BillReading) -> Comparison:
    """Spaces, dashes, case and leading zeros aside."""
    field, wanted = BillField.account_number, bare(entered)
    readings = bill.all(BillPart.account_number)
    for reading in readings:
        if bare(reading.value).lstrip("0") == wanted.lstrip("0"):
            return Comparison(field, BillResult.match, reading.page, masked(reading.value))
    if not readings:
        return _without_label(field, wanted, bill, bare)
    best = readings[0]
    is_alike = bare(best.value).translate(ALIKE) == wanted.translate(ALIKE)
    is_sure = best.confidence >= SURE_ENOUGH and not is_alike
    return Comparison(field, _difference(is_sure), best.page, masked(best.value))


def _billing_number(entered: str, bill: BillReading) -> Comparison:
    field, part = BillField.billing_telephone_number, BillPart.billing_telephone_number
    readings = bill.all(part)
    for reading in readings:
        if reading.value == entered:
            return Comparison(field, BillResult.match, reading.page, _masked_number(entered))
    if readings:
        best = readings[0]
        sure = best.confidence >= SURE_ENOUGH
        return Comparison(field, _difference(sure), best.page, _masked_number(best.value))
    for reading in bill.all(BillPart.phone_numbers):
        if reading.value == entered:
            # It is on the bill, but nothing there says that it is the one billed to.
            low = BillResult.low_confidence
            return Comparison(field, low, reading.page, _masked_number(entered))
    return Comparison(field, BillResult.not_found)


def _name(
    field: BillField, part: BillPart, entered: str, bill: BillReading, key: Callable[[str], str]
) -> Comparison:
    """Case, accents, punctuation and legal forms aside; of persons, order and initials too."""
    wanted = key(entered)
    readings = bill.all(part)
    for reading in readings:
        if key(reading.value) == wanted:
            return Comparison(field, BillResult.match, reading.page, _shown(reading.value))
    for line in bill.lines:
        if key(line.text) == wanted:
            return Comparison(field, BillResult.match, line.page, _shown(line.text))
    if not readings:
        return _without_label(field, spaced(entered), bill, spaced)
    best = readings[0]
    said = set(key(best.value).split())
    # 'Copperline' and 'Copperline Dental' may be one; a letter that differs makes two.
    is_part = bool(said) and (said <= set(wanted.split()) or said >= set(wanted.split()))
    is_sure = best.confidence >= SURE_ENOUGH and not is_part
    return Comparison(field, _difference(is_sure), best.page, _shown(best.value))


def _address(address: Document, bill: BillReading) -> Comparison:
    """Street, town and postal code; the service address, else the billing address."""
    field = BillField.service_address
    readings = [*bill.all(BillPart.service_address), *bill.all(BillPart.billing_address)]
    if not readings:
        return Comparison(field, BillResult.not_found)
    entered = {name: address.get(name) or "" for name in ("address1", "city", "postalCode")}
    if address.get("country") == "US":
        # 98109-4321 is within 98109, and a bill may show either.
        entered["postalCode"] = entered["postalCode"][:POSTAL_DIGITS]
    wanted = address_words(" ".join(entered.values()))
    for reading in readings:
        if wanted <= address_words(reading.value):
            return Comparison(field, BillResult.match, reading.page, _shown(reading.value))
    best = readings[0]
    is_sure = best.field is BillPart.service_address and best.confidence >= SURE_ENOUGH
    return Comparison(field, _difference(is_sure), best.page, _shown(best.value))


def _phone_numbers(phone_numbers: Sequence[int], bill: BillReading) -> Comparison:
    """All of them have to be there; a bill that lists only some says nothing of the others."""
    readings = {
        reading.value: reading
        for part in (BillPart.billing_telephone_number, BillPart.phone_numbers)
        for reading in bill.all(part)
    }
    wanted = [PhoneNumber(number).e164 for number in phone_numbers]
    missing = [number for number in wanted if number not in readings]
    field = BillField.phone_numbers
    if missing:
        return Comparison(
            field, BillResult.not_found, snippet=", ".join(map(_masked_number, missing[:5]))
        )
    return Comparison(field, BillResult.match, readings[wanted[0]].page)


def _date(issued_on: str, bill: BillReading) -> Comparison:
    field, readings = BillField.bill_date, bill.all(BillPart.issued_on)
    if not readings:
        return Comparison(field, BillResult.not_found)
    for reading in readings:
        if reading.value == issued_on:
            return Comparison(field, BillResult.match, reading.page, reading.value)
    best = readings[0]
    return Comparison(field, _difference(best.confidence >= SURE_ENOUGH), best.page, best.value)


def advice(comparison: Comparison) -> Text:
    """What a result means, and what to do about it."""
    match comparison.result:
        case BillResult.match:
            return text("The bill says the same.")
        case BillResult.mismatch if comparison.field in MISMATCH_ERRORS:
            return text(
                "The bill says otherwise; correct the field, upload the right bill, or name the"
                " field in billOverrides with a reason."
            )
        case BillResult.mismatch:
            return text(
                "The bill says otherwise; this only warns, check that it is as you mean it."
            )
        case BillResult.not_found:
            return text(
                "The bill does not show this; check that it is the right bill, with all pages."
            )
        case BillResult.low_confidence:
            return text("The bill could not be read with certainty here; compare it yourself.")
        case _ as never:
            assert_never(never)


def date_of(bill: BillReading) -> Reading | None:
    """The day the bill was issued, where it says so surely."""
    best = bill.best(BillPart.issued_on)
    return best if best is not None and best.confidence >= SURE_ENOUGH else None


def _without_label(
    field: BillField, wanted: str, bill: BillReading, key: Callable[[str], str]
) -> Comparison:
    """Whether it stands on the bill at all."""
    for line in bill.lines:
        if wanted and wanted in key(line.text):
            return Comparison(field, BillResult.low_confidence, line.page)
    return Comparison(field, BillResult.not_found)


def _difference(is_sure: bool) -> BillResult:
    return BillResult.mismatch if is_sure else BillResult.low_confidence


def _masked_number(number: str) -> str:
    try:
        return PhoneNumber.parse(number).masked
    except InvalidPhoneNumber:
        return masked(number)


def _shown(text: str) -> str:
    """A name or an address as it stands there; longer numbers in it masked."""
    return DIGITS.sub(lambda match: _digits_shown(match[0]), text)[:200]


def _digits_shown(digits: str) -> str:
    # A house number or a postal code may be seen, an account or telephone number not.
    return digits if len(re.sub(r"\D", "", digits)) <= 5 else masked(digits)
