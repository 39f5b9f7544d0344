"""What stands on a bill, brought to one form."""

from __future__ import annotations

from datetime import date

import pytest

from app.domains.port_orders.policy.bill_labels import BillPart, labels_in
from app.domains.port_orders.policy.bill_values import (
    address_words,
    bare,
    company_key,
    dates_in,
    person_key,
    phone_number_of,
)
from app.telephony.country import get_country


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("03/04/2026", "US", date(2026, 3, 4)),
        ("03/04/2026", "GB", date(2026, 4, 3)),
        ("03/04/2026", "PL", date(2026, 4, 3)),
        ("3/4/26", "US", date(2026, 3, 4)),
        ("25/12/2026", "US", date(2026, 12, 25)),
        ("14.03.2026", "PL", date(2026, 3, 14)),
        ("14.03.2026 r.", "PL", date(2026, 3, 14)),
        ("2026-03-14", "US", date(2026, 3, 14)),
        ("2026.03.14", "PL", date(2026, 3, 14)),
        ("March 14, 2026", "US", date(2026, 3, 14)),
        ("Mar. 14 2026", "CA", date(2026, 3, 14)),
        ("14 March 2026", "GB", date(2026, 3, 14)),
        ("14th Sept 2026", "GB", date(2026, 9, 14)),
        ("1 października 2026 r.", "PL", date(2026, 10, 1)),
        ("7 WRZEŚNIA 2026", "PL", date(2026, 9, 7)),
        ("02-Feb-2026", "GB", date(2026, 2, 2)),
    ],
)
def test_dates_are_read_as_the_country_writes_them(text: str, country: str, expected: date) -> None:
    assert [found for found, _, _ in dates_in(f"on {text} or so", country)] == [expected]


@pytest.mark.parametrize("text", ["30.02.2026", "2026-13-01", "12 brzdęk 2026", "1.2.3.4", ""])
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates_in(text, "PL") == []


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("(206) 555-0142", "US", "+12065550142"),
        ("1-206-555-0142", "US", "+12065550142"),
        ("+1 206.555.0142", "US", "+12065550142"),
        ("22 555 01 42", "PL", "+48225550142"),
        ("+48 22 555 01 42", "PL", "+48225550142"),
        ("020 7555 0142", "GB", "+442075550142"),
        ("+44 (0)20 7555 0142", "GB", "+442075550142"),
        ("555-0142", "US", None),
        ("20 7555 0142", "GB", None),
        ("12", "PL", None),
    ],
)
def test_telephone_numbers_become_e164(text: str, country: str, expected: str | None) -> None:
    known = get_country(country)
    assert known is not None
    assert phone_number_of(text, known) == expected


def test_legal_forms_accents_and_case_make_no_other_company() -> None:
    assert company_key("Copperline Dental Group, Inc.") == company_key("COPPERLINE DENTAL GROUP")
    assert company_key("Młyn Jaskółka sp. z o.o.") == company_key("MLYN JASKOLKA Sp. z o. o.")
    assert company_key("Wren & Sable LLC") == company_key("Wren and Sable, L.L.C.")
    assert company_key("Bursztyn S.A.") != company_key("Bursztynek S.A.")
    assert company_key("Company Ltd") != ""


def test_order_titles_and_initials_make_no_other_person() -> None:
    assert person_key("Kowen, Dana") == person_key("Mrs. Dana M. Kowen")
    assert person_key("Łucja Łęgocka") == person_key("lucja legocka")
    assert person_key("Dana Kowen") != person_key("Dana Cowen")


def test_addresses_are_told_by_their_words() -> None:
    assert address_words("400 North Broad Street, Suite 9") == address_words("400 N BROAD ST STE 9")
    assert bare("K/001-2 b") == "k0012b"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Account Number: 12345", [BillPart.account_number]),
        ("Bank account number 12 3456", [None]),
        ("Nr rachunku bankowego: 12 3456", [None]),
        ("Numer konta klienta: 12", [BillPart.account_number]),
        ("Termin płatności: 1.2.2026", [None]),
        ("Data wystawienia 1.2.2026", [BillPart.issued_on]),
        ("Payment due date", [None]),
        ("Billing period 1/2 - 1/3", [None]),
        (
            "Re: Account number 12, BTN 34",
            [BillPart.account_number, BillPart.billing_telephone_number],
        ),
        ("the customer is always right", []),
        ("Klient: Bursztyn", [BillPart.company_name]),
        ("Service address", [BillPart.service_address]),
        ("Osoba upoważniona: Anna", [BillPart.authorized_name]),
    ],
)
def test_labels_are_told_from_one_another(text: str, fields: list[BillPart | None]) -> None:
    assert [label.field for label in labels_in(text)] == fields
