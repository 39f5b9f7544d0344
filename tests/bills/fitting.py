"""A synthetic bill for what an order says, or for what it should have said; see `bill_for`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.bills.invented import Place, invent
from tests.bills.layouts import LAYOUTS
from tests.bills.sheet import Sheet


def bill_for(
    account: Mapping[str, Any],
    phone_numbers: Iterable[str],
    issued_on: date,
    *,
    language: str = "en",
    layout: str = "classic",
) -> bytes:
    """A PDF bill of the `account` of a port order, by which a comparison finds nothing wrong."""
    rng = Random(1)  # noqa: S311 - no secret
    draw, font = LAYOUTS[layout]
    address = account["serviceAddress"]
    place = Place(
        street=address["address1"],
        unit=address.get("address2"),
        city=address["city"],
        state=address.get("state"),
        postal_code=address["postalCode"],
        country=address["country"],
    )
    bill = replace(
        invent(rng, language),
        language=language,
        country=address["country"],
        carrier=account["carrierName"],
        company=account["companyName"],
        contact=account["authorizedName"],
        account_number=account["accountNumber"],
        btn=account["billingTelephoneNumber"],
        phone_numbers=tuple(phone_numbers),
        billing=place,
        service=place,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=21),
        period=(issued_on - timedelta(days=31), issued_on - timedelta(days=1)),
    )
    sheet = Sheet(bill, rng, font)
    draw(sheet)
    return sheet.pdf()
