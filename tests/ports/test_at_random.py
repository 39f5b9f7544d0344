"""Customer, desk, carrier and clock at random: every port ends, or says who must act."""

from __future__ import annotations

import random
from typing import Any

import pytest

from app.domains.orders.lifecycle import State
from app.domains.port_orders.lifecycle import LIFECYCLE
from tests.conftest import Api, Customer
from tests.ports.porting import (
    BLANK,
    DESK,
    PORTS,
    advance,
    bill_date,
    draft,
    fresh,
    offer_signature,
    patch,
    read,
    ready,
    send,
)
from tests.ports.remedying import remedy

STEPS = 40
CODES = ("btnMismatch", "tnMismatch", "4711")
AT_THE_DESK = (
    "accept",
    "complete",
    "confirmCancel",
    "declineCancel",
    "expedite",
    "reject",
    "requestDocument",
    "setPortability",
)
BY_THE_CUSTOMER = ("submit", "submit", "cancel", "removeNumbers")
OTHERS = ("sign", "bill", "csr", "doubt", "edit", "remedy", "clock", "clock")


async def step(rng: random.Random, customer: Customer, support: Api, order: dict[str, Any]) -> None:
    """Something that somebody might do; whether it is possible is not asked."""
    action = rng.choice((*AT_THE_DESK, *BY_THE_CUSTOMER, *OTHERS))
    if action in OTHERS:
        await around(rng, customer, order, action)
        return
    pending = [n["phoneNumber"] for n in order["phoneNumbers"] if n["status"] == "pending"]
    some = {"phoneNumbers": rng.sample(pending, 1) if pending else ["+12065550199"]}
    bodies: dict[str, dict[str, Any]] = {
        "complete": some,
        "removeNumbers": some,
        "reject": {"errors": [{"code": rng.choice(CODES)}]},
        "requestDocument": {"kind": "csr", "message": "Please."},
        "setPortability": {**some, "portable": rng.random() < 0.7},
    }
    api, where = (support, DESK) if action in AT_THE_DESK else (customer.api, PORTS)
    response = await api.post(f"{where}/{order['id']}/{action}", json=bodies.get(action))
    assert response.status_code in (200, 409, 422), response.text


async def around(
    rng: random.Random, customer: Customer, order: dict[str, Any], action: str
) -> None:
    """What is no action of the order's own."""
    match action:
        case "sign":
            answer = await offer_signature(customer, order)
            assert answer.status_code in (200, 409, 422), answer.text
        case "bill" | "csr" as kind:
            answer = await send(customer, order, kind)
            assert answer.status_code in (201, 409), answer.text
        case "doubt":
            issued_on = (await bill_date(customer)).isoformat()
            answer = await send(customer, order, "bill", BLANK, issuedOn=issued_on)
            assert answer.status_code in (201, 409), answer.text
        case "edit":
            body = {"account": {"companyName": rng.choice(("Northwind", "Southwind"))}}
            response = await customer.api.patch(f"{PORTS}/{order['id']}", json=body)
            assert response.status_code in (200, 409, 422), response.text
        case "remedy":
            if order["status"] == "rejected":
                await remedy(customer, order)
        case "clock":
            await advance(customer, hours=rng.choice((1, 24, 24 * 5)))


@pytest.mark.domain("F")
@pytest.mark.parametrize("seed", range(6))
async def test_every_port_ends_or_says_who_must_act(customer: Customer, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a test's dice
    support = await customer.caller("support")
    order = await ready(customer, *fresh(rng.choice((1, 4, 10, 20, 50)), 60, 61))

    for _ in range(STEPS):
        order = await read(customer, order)
        state = State(order["status"], order["stage"])
        assert order["nextActor"] == LIFECYCLE.next_actor[state]
        if LIFECYCLE.is_final(state):
            break
        if order["status"] == "rejected":
            assert order["errors"]
            assert all(error["remedies"] for error in order["errors"])
        await step(rng, customer, support, order)

    order = await read(customer, order)
    if order["status"] == "cancelled":
        numbers = [n["phoneNumber"] for n in order["phoneNumbers"]]
        await draft(customer, *numbers)
    for entry in order["phoneNumbers"]:
        if order["status"] == "completed":
            assert entry["status"] in ("active", "removed", "failed")
    if order["status"] == "pending" and order["stage"] == "draft":
        await patch(customer, order, portType="full")
