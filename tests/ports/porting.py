"""What tests of ports share: numbers, an account, and the papers that a port needs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.core.database import EVERYTHING, ReadSession, WriteSession
from app.domains.orders.models import Order
from app.domains.port_orders.models import DocumentKind
from app.domains.port_orders.policy.document import Document
from app.domains.port_orders.policy.readiness import (
    Comparison,
    DocumentFact,
    LoaFact,
    LoaState,
)
from app.domains.port_orders.service import submitting
from app.policy.business_days import Calendar
from tests.conftest import CISCO_PSTN, SEATTLE, Api, Customer, Service, make_customer

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


@dataclass
class Papers:
    """What an order has of papers."""

    documents: dict[DocumentKind, DocumentFact] = field(default_factory=dict)
    loa: LoaFact = LoaFact(LoaState.missing)  # noqa: RUF009 - it is frozen
    comparison: Sequence[Comparison] = ()


PAPERS: dict[UUID, Papers] = {}


def papers_of(order_id: str | UUID) -> Papers:
    """The papers of an order, to be changed by its test."""
    return PAPERS.setdefault(UUID(str(order_id)), Papers())


async def documents_of(session: ReadSession, order: Order) -> Mapping[DocumentKind, DocumentFact]:  # noqa: ARG001
    return papers_of(order.id).documents


async def loa_of(session: ReadSession, order: Order) -> LoaFact:  # noqa: ARG001
    return papers_of(order.id).loa


async def bill_comparison_of(
    session: ReadSession,  # noqa: ARG001
    order: Order,
    document: Document,  # noqa: ARG001
) -> Sequence[Comparison]:
    return papers_of(order.id).comparison


async def void_loa(session: WriteSession, order: Order) -> None:  # noqa: ARG001
    papers = papers_of(order.id)
    if papers.loa.state is LoaState.valid:
        papers.loa = LoaFact(LoaState.void)


async def carry_over(session: WriteSession, source: Order, target: Order) -> None:  # noqa: ARG001
    papers_of(target.id).documents = dict(papers_of(source.id).documents)


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


async def upload(customer: Customer, order: Mapping[str, Any], kind: str) -> None:
    """A document of that kind, a fresh one; the LOA of an assisted country too."""
    at = await now(customer.service)
    papers = papers_of(order["id"])
    if kind == DocumentKind.loa:
        papers.loa = LoaFact(LoaState.valid, at)
    papers.documents[DocumentKind(kind)] = DocumentFact(at, at.date() - timedelta(days=5))
    await told(customer, order, kind)


async def sign(customer: Customer, order: Mapping[str, Any]) -> None:
    """The LOA signed."""
    papers_of(order["id"]).loa = LoaFact(LoaState.valid, await now(customer.service))
    await told(customer, order, "loa")


async def told(customer: Customer, order: Mapping[str, Any], kind: str) -> None:
    """What an upload does in its transaction: what waited for it goes on."""
    async with customer.service.database.write(EVERYTHING) as session:
        await submitting.papers_changed(
            session, customer.service.keys, UUID(order["id"]), DocumentKind(kind), by="tests"
        )


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
