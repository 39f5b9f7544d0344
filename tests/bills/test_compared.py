"""Orders compared with synthetic bills: right data is never rejected, wrong data never a match."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.domains.port_orders.policy.bill_comparison import compare
from app.domains.port_orders.policy.readiness import BillField, BillResult
from tests.bills.invented import Bill
from tests.bills.layouts import LAYOUTS
from tests.bills.layouts_kept_aside import LAYOUTS_KEPT_ASIDE
from tests.bills.measure import read_pdf, samples


def entered(bill: Bill) -> dict[str, Any]:
    """What somebody who has the bill before them enters."""
    return {
        "account": {
            "accountNumber": bill.account_number.replace(" ", ""),
            "billingTelephoneNumber": bill.btn,
            "companyName": bill.company,
            "authorizedName": bill.contact,
            "serviceAddress": {
                "address1": bill.service.street,
                "city": bill.service.city,
                "state": bill.service.state,
                "postalCode": bill.service.postal_code,
                "country": bill.country,
            },
        }
    }


@pytest.mark.domain("E8")
def test_right_data_is_never_rejected_and_wrong_data_never_a_match() -> None:
    for sample in samples(LAYOUTS | LAYOUTS_KEPT_ASIDE, each=2, seed=4):
        bill, read = sample.bill, read_pdf(sample)
        numbers = [int(number) for number in bill.phone_numbers]
        results = {
            found.field: found.result
            for found in compare(entered(bill), numbers, read, bill.issued_on.isoformat())
        }
        assert BillResult.mismatch not in results.values(), sample.layout
        other = replace(
            bill,
            account_number=f"{bill.account_number[:-2]}XY",
            btn=f"{bill.btn[:-1]}{(int(bill.btn[-1]) + 1) % 10}",
            company="Otherwise Called Ltd",
            contact="Zoe Elsewhere",
            service=replace(bill.service, street="1 Nowhere Alley"),
        )
        results = {
            found.field: found.result for found in compare(entered(other), [], read, "2025-01-01")
        }
        assert BillResult.match not in results.values(), sample.layout
        assert results[BillField.account_number] is BillResult.mismatch, sample.layout
