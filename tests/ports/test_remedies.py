"""Each of the 19 errors: rejected, remedied as the answer's pointers say, submitted, completed."""

from __future__ import annotations

from typing import Any

import pytest

from app.domains.port_orders.errors import ERRORS
from app.integrations.carriers.simulator import PORT_ERRORS
from tests.conftest import Customer
from tests.ports.porting import (
    PORTS,
    P,
    act,
    advance,
    answered,
    fresh,
    patch,
    read,
    settled,
    submitted,
    timeline,
)
from tests.ports.remedying import remedy, submit_again

POLISH = {"Accept-Language": "pl"}


@pytest.mark.domain("G")
def test_the_simulator_knows_the_19_errors_in_their_order() -> None:
    assert tuple(ERRORS) == PORT_ERRORS
    assert len(PORT_ERRORS) == 19


@pytest.mark.domain("E11", "F", "G")
@pytest.mark.parametrize(("ending", "code"), list(enumerate(PORT_ERRORS, start=1)))
async def test_a_rejected_port_is_remedied_as_it_says_and_completes(
    customer: Customer, ending: int, code: str
) -> None:
    sent = await submitted(customer, *fresh(ending, 60, 61))
    assert sent["status"] == "submitted"

    rejected = await settled(customer, sent, "rejected")

    assert rejected["nextActor"] == "customer"
    assert [error["code"] for error in rejected["errors"]] == [code]
    assert rejected["errors"][0]["remedies"]
    path = f"{PORTS}/{sent['id']}"
    again = await customer.api.post(f"{path}/submit")
    assert again.status_code == 422
    assert "remedyOutstanding" in {v["code"] for v in again.json()["violations"]}
    polish = (await customer.api.get(path, headers=POLISH)).json()["errors"][0]
    english = rejected["errors"][0]
    assert polish["title"] != english["title"]
    for ours, theirs in zip(polish["remedies"], english["remedies"], strict=True):
        assert ours["text"] != theirs["text"]
        assert ours["pointers"] == theirs["pointers"]

    orders = await remedy(customer, rejected)

    for order in orders:
        accepted = await submit_again(customer, order)
        assert (accepted["status"], accepted["errors"]) == ("submitted", [])
    await answered(customer)
    for order in orders:
        await settled(customer, order, "focReceived")
    await advance(customer, days=14)
    for order in orders:
        done = await settled(customer, order, "completed")
        assert "active" in {entry["status"] for entry in done["phoneNumbers"]}
    events = [event for event, _ in await timeline(customer, sent)]
    assert events[:6] == [
        "created",
        "documentAdded",
        "loaSigned",
        "submitted",
        "accepted",
        "rejected",
    ]


@pytest.mark.domain("E5", "E11")
async def test_a_remedy_undone_is_none(customer: Customer) -> None:
    sent = await submitted(customer, *fresh(1))
    rejected = await settled(customer, sent, "rejected")
    await remedy(customer, rejected)
    await patch(customer, sent, account={"accountNumber": "8834-22190"})

    again = await customer.api.post(f"{PORTS}/{sent['id']}/submit")

    codes = {violation["code"] for violation in again.json()["violations"]}
    assert codes == {"remedyOutstanding", "loaVoid"}


@pytest.mark.domain("G")
async def test_the_table_of_errors_is_told_in_both_languages(customer: Customer) -> None:
    english = (await customer.api.get(f"{P}/portErrors")).json()["items"]
    polish = (await customer.api.get(f"{P}/portErrors", headers=POLISH)).json()["items"]

    assert [error["code"] for error in english] == list(PORT_ERRORS)
    assert [error["title"] for error in polish][:4] == [
        "Niezgodność numeru konta",
        "Wymagany numer konta",
        "Niezgodność nazwy konta",
        "Niezgodność BTN",
    ]
    for error in english:
        for advice in error["remedies"]:
            if advice["action"] == "updateField":
                assert advice["pointers"]


@pytest.mark.domain("E10")
async def test_taking_out_the_btn_of_a_full_port_makes_it_partial(customer: Customer) -> None:
    numbers = fresh(60, 61)
    account: dict[str, Any] = {"account": {"billingTelephoneNumber": numbers[0]}}
    order = await submitted(customer, *fresh(50), portType="full")
    await advance(customer, seconds=1)
    order = await read(customer, order)
    assert order["status"] == "submitted"
    draft = await customer.api.post(
        f"{customer.location}/portOrders", json={"phoneNumbers": numbers}
    )
    await patch(customer, draft.json(), portType="full", **account)

    done = await act(customer, draft.json(), "removeNumbers", phoneNumbers=numbers[:1])

    assert (done["portType"], done["remainingNumbersAction"]) == ("partial", "keep")
    assert [entry["status"] for entry in done["phoneNumbers"]] == ["removed", "pending"]
    none_left = await customer.api.post(
        f"{PORTS}/{done['id']}/removeNumbers", json={"phoneNumbers": numbers[1:]}
    )
    assert none_left.status_code == 422
    others = await customer.api.post(
        f"{customer.location}/portOrders", json={"phoneNumbers": numbers[:1]}
    )
    assert others.status_code == 201
