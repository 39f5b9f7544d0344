"""What tests of ports share: numbers, an account, and the papers that a port needs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from app.core.database import EVERYTHING
from app.domains.port_orders.service import drafting, form
from app.policy.business_days import Calendar
from tests.bills.fitting import bill_for
from tests.conftest import CISCO_PSTN, SEATTLE, Api, Customer, Service, make_customer
from tests.documents.making import pdf, stream

P = "/telephony/pstn"
PORTS = f"{P}/portOrders"
DESK = f"{P}/support/orders"
CASES = f"{P}/supportCases"

ACCOUNT = {
    "carrierName": "Old Carrier Inc.",
    "accountNumber": "8834-22190",
    "billingTelephoneNumber": "+12065559000",
    "authorizedName": "Ada Example",
    "companyName": "Northwind Traders",
    "pin": "4711",
    "serviceAddress": SEATTLE,
}
WARSAW = {
    "address1": "ul. Prosta 20",
    "city": "Warszawa",
    "postalCode": "00-850",
    "country": "PL",
}
AREA_CODES = (206, 253, 425, 360, 509, 212, 646, 917, 213, 310, 415, 628, 312, 773, 617, 857)
"""Each with ten thousand numbers of the prefix 555, which are for ports."""

BLANK = pdf(content=stream(b"BT /F1 12 Tf 72 720 Td (Thank you) Tj ET"))
"""A page that says nothing."""
BILLED = 20
"""The numbers that a synthetic bill has room for."""

_hundreds = itertools.count(1)
_polish = itertools.count(1)


def fresh(*endings: int) -> list[str]:
    """Numbers with these last two digits, of a hundred that no other test of this worker uses."""
    index = next(_hundreds)
    area, hundred = AREA_CODES[index // 80], 10 + index % 80
    return [f"+1{area}555{hundred:02}{ending:02}" for ending in endings]


def fresh_polish(*endings: int) -> list[str]:
    """The same in Warsaw."""
    return [f"+48226{next(_polish):04}{ending:02}" for ending in endings]


async def now(service: Service) -> datetime:
    """The time of the simulation."""
    async with service.database.read(EVERYTHING) as session:
        return session.now


async def advance(customer: Customer, **amount: float) -> None:
    """Advance the clock."""
    seconds = timedelta(**amount).total_seconds()
    response = await customer.operator.post("/simulator/clock/advance", json={"seconds": seconds})
    assert response.status_code == 200, response.text


SEATTLES = Calendar("US", "WA", "America/Los_Angeles")


async def answered(customer: Customer) -> None:
    """Advance the clock to where the carrier has answered: one business day."""
    at = await now(customer.service)
    ahead = SEATTLES.one_business_day_after(at) - at + timedelta(minutes=1)
    await advance(customer, seconds=ahead.total_seconds())


async def entered(customer: Customer, order: Mapping[str, Any]) -> dict[str, Any]:
    """The account of an order as its customer knows it: what is not told is as in `ACCOUNT`."""
    async with customer.service.database.read(EVERYTHING) as session:
        port = await drafting.get(session, UUID(order["id"]))
        known = form.document_of(port.form, customer.service.keys)
    return {**ACCOUNT, **known.get("account", {})}


async def send(
    customer: Customer,
    order: Mapping[str, Any],
    kind: str,
    content: bytes | None = None,
    **fields: str,
) -> httpx.Response:
    """Upload this, or a bill that agrees with the order; of another kind a page without a word."""
    if content is None:
        content = await bill(customer, order) if kind == "bill" else BLANK
    return await customer.api.post(
        f"{PORTS}/{order['id']}/documents",
        data={"kind": kind, **fields},
        files={"file": ("paper.pdf", content)},
    )


async def bill(customer: Customer, order: Mapping[str, Any], **otherwise: Any) -> bytes:
    """A bill of five days ago for an order; `otherwise` is what it says that the order does not."""
    account = await entered(customer, order) | otherwise
    return bill_for(
        account,
        [entry["phoneNumber"] for entry in order["phoneNumbers"]][:BILLED],
        await bill_date(customer),
        language="pl" if account["serviceAddress"]["country"] == "PL" else "en",
    )


async def bill_date(customer: Customer) -> date:
    """Five days ago."""
    return (await now(customer.service)).date() - timedelta(days=5)


async def upload(
    customer: Customer,
    order: Mapping[str, Any],
    kind: str,
    content: bytes | None = None,
    **fields: str,
) -> None:
    """A document of that kind; see `send`."""
    response = await send(customer, order, kind, content, **fields)
    assert response.status_code == 201, response.text


async def leave_open(customer: Customer, order: Mapping[str, Any]) -> None:
    """A bill that says nothing of what was entered, so that a person has to look."""
    issued_on = (await bill_date(customer)).isoformat()
    await upload(customer, order, "bill", BLANK, issuedOn=issued_on)


async def offer_signature(customer: Customer, order: Mapping[str, Any]) -> httpx.Response:
    """Sign the LOA as the person whom the order names."""
    name = (await entered(customer, order))["authorizedName"]
    signature = {"fullName": name, "jobTitle": "Owner", "consent": True}
    return await customer.api.post(f"{PORTS}/{order['id']}/loa/sign", json=signature)


async def sign(customer: Customer, order: Mapping[str, Any]) -> None:
    """The LOA signed."""
    response = await offer_signature(customer, order)
    assert response.status_code == 200, response.text


async def draft(customer: Customer, *numbers: str) -> dict[str, Any]:
    """A draft of these numbers."""
    response = await customer.api.post(
        f"{customer.location}/portOrders", json={"phoneNumbers": list(numbers)}
    )
    assert response.status_code == 201, response.text
    return dict(response.json())


async def patch(customer: Customer, order: Mapping[str, Any], **document: Any) -> dict[str, Any]:
    """Change the document of an order."""
    response = await customer.api.patch(f"{PORTS}/{order['id']}", json=document)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def ready(customer: Customer, *numbers: str, **document: Any) -> dict[str, Any]:
    """A draft that can be submitted."""
    order = await draft(customer, *numbers)
    order = await patch(customer, order, **({"portType": "full", "account": ACCOUNT} | document))
    await upload(customer, order, "bill")
    await sign(customer, order)
    return order


async def act(
    customer: Customer, order: Mapping[str, Any], action: str, **body: Any
) -> dict[str, Any]:
    """Do something with a port, as its customer."""
    path = f"{PORTS}/{order['id']}/{action}"
    response = await customer.api.post(path, json=body) if body else await customer.api.post(path)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def submitted(customer: Customer, *numbers: str, **document: Any) -> dict[str, Any]:
    """A port on its way to the carrier, or back from it."""
    order = await ready(customer, *numbers, **document)
    return await act(customer, order, "submit")


async def settled(customer: Customer, order: Mapping[str, Any], *statuses: str) -> dict[str, Any]:
    """The port once it has one of these statuses."""
    await advance(customer, seconds=1)
    read = await customer.api.get(f"{PORTS}/{order['id']}")
    assert read.status_code == 200, read.text
    found = dict(read.json())
    assert found["status"] in statuses, found["status"]
    return found


async def desk(support: Api, order: Mapping[str, Any], action: str, **body: Any) -> Any:
    """Do something with a port, as support."""
    path = f"{DESK}/{order['id']}/{action}"
    return await (support.post(path, json=body) if body else support.post(path))


async def read(customer: Customer, order: Mapping[str, Any]) -> dict[str, Any]:
    """The port as it is now."""
    response = await customer.api.get(f"{PORTS}/{order['id']}")
    assert response.status_code == 200, response.text
    return dict(response.json())


async def timeline(customer: Customer, order: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What happened to an order, and who did it."""
    response = await customer.api.get(f"{P}/orders/{order['id']}/timeline")
    return [(entry["event"], entry["actor"]) for entry in response.json()["items"]]


async def in_warsaw(service: Service) -> Customer:
    """A paid organisation in an assisted country."""
    customer = await make_customer(service, connected=False, address=WARSAW)
    response = await customer.api.put(
        f"{customer.location}/connection", json={**CISCO_PSTN, "emergencyAddress": WARSAW}
    )
    assert response.status_code == 200, response.text
    return customer


POLISH_ACCOUNT = {
    **ACCOUNT,
    "billingTelephoneNumber": "+48226999900",
    "serviceAddress": WARSAW,
}
