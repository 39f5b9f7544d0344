"""What tests of ports share: numbers, an account, and the papers that a port needs."""

from __future__ import annotations

import itertools
from typing import Any

from tests.conftest import SEATTLE, Customer

P = "/telephony/pstn"
PORTS = f"{P}/portOrders"

ACCOUNT = {
    "carrierName": "Old Carrier Inc.",
    "accountNumber": "8834-22190",
    "billingTelephoneNumber": "+12065559000",
    "authorizedName": "Ada Example",
    "companyName": "Northwind Traders",
    "pin": "4711",
    "serviceAddress": SEATTLE,
}
AREA_CODES = (206, 253, 425, 360, 509, 212, 646, 917, 213, 310, 415, 628, 312, 773, 617, 857)
"""Each with ten thousand numbers of the prefix 555, which are for ports."""

_hundreds = itertools.count(1)


def fresh(*endings: int) -> list[str]:
    """Numbers with these last two digits, of a hundred that no other test of this worker uses."""
    index = next(_hundreds)
    area, hundred = AREA_CODES[index // 80], 10 + index % 80
    return [f"+1{area}555{hundred:02}{ending:02}" for ending in endings]


async def draft(customer: Customer, *numbers: str) -> dict[str, Any]:
    """A draft of these numbers."""
    response = await customer.api.post(
        f"{customer.location}/portOrders", json={"phoneNumbers": list(numbers)}
    )
    assert response.status_code == 201, response.text
    return dict(response.json())


async def patch(customer: Customer, order: dict[str, Any], **document: Any) -> dict[str, Any]:
    """Change the document of an order."""
    response = await customer.api.patch(f"{PORTS}/{order['id']}", json=document)
    assert response.status_code == 200, response.text
    return dict(response.json())
