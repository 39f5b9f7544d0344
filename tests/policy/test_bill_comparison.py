"""The order compared with its bill (domain.md E8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.domains.port_orders.policy.bill_comparison import compare, date_of
from app.domains.port_orders.policy.bill_fields import BillReading, Line, Reading
from app.domains.port_orders.policy.bill_labels import BillPart
from app.domains.port_orders.policy.document import patched
from app.domains.port_orders.policy.readiness import BillField, BillResult, Comparison

NUMBERS = (12065550142, 12065550143)
DOCUMENT: dict[str, Any] = {
    "account": {
        "accountNumber": "8871-0042-118",
        "billingTelephoneNumber": "+12065550142",
        "companyName": "Copperline Dental Group",
        "authorizedName": "Dana Kowen",
        "serviceAddress": {
            "address1": "400 Broad Street",
            "city": "Seattle",
            "state": "WA",
            "postalCode": "98109",
            "country": "US",
        },
    }
}


def bill(**said: Any) -> BillReading:
    """A bill that agrees with `DOCUMENT`, but for what is said; `None` leaves a part out."""
    values: dict[str, Any] = {
        "account_number": "8871 0042 118",
        "billing_telephone_number": "+12065550142",
        "company_name": "COPPERLINE DENTAL GROUP, INC.",
        "authorized_name": "Kowen Dana",
        "service_address": "400 Broad St, Suite 12, Seattle, WA 98109-4321",
        "issued_on": "2026-11-15",
        **said,
    }
    readings = {
        BillPart[name]: [
            value
            if isinstance(value, Reading)
            else Reading(BillPart[name], value, page=2, confidence=0.9)
        ]
        for name, value in values.items()
        if value is not None
    }
    numbers = [
        Reading(BillPart.phone_numbers, f"+{number}", page=3, confidence=0.8) for number in NUMBERS
    ]
    return BillReading({**readings, BillPart.phone_numbers: numbers})


def compared(document: dict[str, Any], of: BillReading) -> dict[BillField, Comparison]:
    found = compare(document, NUMBERS, of, "2026-11-15")
    return {comparison.field: comparison for comparison in found}


def unsure(part: str, value: str) -> Reading:
    return Reading(BillPart[part], value, page=1, confidence=0.4)


def test_a_bill_that_says_the_same_otherwise_written_matches() -> None:
    found = compared(DOCUMENT, bill())
    assert set(found) == set(BillField)
    assert {comparison.result for comparison in found.values()} == {BillResult.match}


@pytest.mark.parametrize(
    ("part", "value", "field"),
    [
        ("account_number", "8871-0042-119", BillField.account_number),
        ("billing_telephone_number", "+12065550143", BillField.billing_telephone_number),
        ("company_name", "Tidewater Glassworks", BillField.company_name),
        ("authorized_name", "Dana Cowen", BillField.authorized_name),
        ("service_address", "12 Old Mill Road, Seattle, WA 98104", BillField.service_address),
        ("issued_on", "2026-10-15", BillField.bill_date),
    ],
)
def test_a_difference_is_a_mismatch_where_the_bill_is_sure_and_else_no_more_than_a_doubt(
    part: str, value: str, field: BillField
) -> None:
    for other, result in (
        (value, BillResult.mismatch),
        (unsure(part, value), BillResult.low_confidence),
    ):
        found = compared(DOCUMENT, bill(**{part: other}))
        assert found[field].result is result
        others = {comparison.result for name, comparison in found.items() if name is not field}
        assert others == {BillResult.match}


def test_a_corrected_field_is_compared_anew() -> None:
    of = bill(account_number="8871-0042-119")
    assert compared(DOCUMENT, of)[BillField.account_number].result is BillResult.mismatch
    corrected = patched(DOCUMENT, {"account": {"accountNumber": "88710042119"}})
    assert compared(corrected, of)[BillField.account_number].result is BillResult.match


def test_what_the_bill_does_not_show_is_not_found() -> None:
    empty = BillReading({})
    found = compared(DOCUMENT, empty)
    assert {comparison.result for comparison in found.values()} == {BillResult.not_found}


def test_what_stands_there_without_a_label_is_a_doubt() -> None:
    of = bill(account_number=None, billing_telephone_number=None)
    of = BillReading(of.readings, [Line(4, "Ref 8871-0042-118 thank you")])
    found = compared(DOCUMENT, of)
    assert found[BillField.account_number].result is BillResult.low_confidence
    assert found[BillField.account_number].page == 4
    # Listed among the numbers, but not as the one billed to.
    assert found[BillField.billing_telephone_number].result is BillResult.low_confidence


def test_a_name_anywhere_on_the_bill_matches() -> None:
    of = bill(company_name="Copperline Holding")
    of = BillReading(of.readings, [Line(1, "Copperline Dental Group Inc")])
    assert compared(DOCUMENT, of)[BillField.company_name].result is BillResult.match


@pytest.mark.parametrize(
    ("part", "value", "field"),
    [
        ("company_name", "Copperline Dental", BillField.company_name),
        ("authorized_name", "D. Kowen", BillField.authorized_name),
        ("account_number", "B871-0O42-118", BillField.account_number),
    ],
)
def test_what_may_be_the_same_is_a_doubt(part: str, value: str, field: BillField) -> None:
    found = compared(DOCUMENT, bill(**{part: value}))
    assert found[field].result is BillResult.low_confidence


def test_numbers_that_the_bill_does_not_list_are_named_and_masked() -> None:
    found = {
        comparison.field: comparison
        for comparison in compare(DOCUMENT, (*NUMBERS, 12065559999), bill(), None)
    }
    assert found[BillField.phone_numbers].result is BillResult.not_found
    assert found[BillField.phone_numbers].snippet == "+1***9999"
    assert BillField.bill_date not in found


def test_nothing_that_is_shown_has_a_whole_account_or_telephone_number() -> None:
    of = bill(
        account_number="9999-1111-22",
        company_name="Tidewater 9999111122",
        service_address="(206) 555-0142, 12065550142 Old Mill Road, Seattle, WA 98104",
    )
    shown = [comparison.snippet for comparison in compared(DOCUMENT, of).values()]
    assert all(comparison.page for comparison in compared(DOCUMENT, of).values())
    for secret in ("99991111", "9999-1111", "206555", "555-01", "88710042", "8871-0042"):
        assert secret not in " ".join(filter(None, shown))


def test_only_fields_that_were_entered_are_compared() -> None:
    assert compare({}, (), bill(), None) == []


def test_a_date_is_taken_from_the_bill_only_where_it_is_sure() -> None:
    found = date_of(bill())
    assert found is not None
    assert found.value == "2026-11-15"
    assert date_of(bill(issued_on=unsure("issued_on", "2026-11-15"))) is None
    assert date_of(bill(issued_on=None)) is None


def test_a_reading_is_kept_as_json() -> None:
    of = BillReading(bill().readings, [Line(1, "Telewid S.A.")])
    kept = BillReading.from_json(json.loads(json.dumps(of.to_json())))
    assert kept.to_json() == of.to_json()
    assert compare(DOCUMENT, NUMBERS, kept, None) == compare(DOCUMENT, NUMBERS, of, None)
