"""Ports in a country where the LOA is uploaded, and may be late; splits; readiness."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Customer, Service
from tests.ports.porting import (
    ACCOUNT,
    POLISH_ACCOUNT,
    PORTS,
    P,
    act,
    advance,
    draft,
    fresh,
    fresh_polish,
    in_warsaw,
    patch,
    read,
    ready,
    settled,
    sign,
    timeline,
    upload,
)


async def checklist(customer: Customer, order: dict[str, Any]) -> dict[str, str]:
    """The items of an order's checklist by their pointers."""
    response = await customer.api.get(f"{PORTS}/{order['id']}/readiness")
    assert response.status_code == 200, response.text
    return {item["pointer"]: item["status"] for item in response.json()["checklist"]}


@pytest.mark.domain("E6", "E7", "F")
async def test_the_loa_comes_a_week_late(service: Service) -> None:
    customer = await in_warsaw(service)
    order = await draft(customer, *fresh_polish(50, 51))
    await patch(customer, order, portType="full", account=POLISH_ACCOUNT)
    readiness = (await customer.api.get(f"{PORTS}/{order['id']}/readiness")).json()
    await patch(
        customer,
        order,
        requestedCompletionDate=readiness["allowedCompletionDates"][0],
        requestedCompletionTime="10:00",
    )
    await upload(customer, order, "bill")

    sent = await act(customer, order, "submit")

    assert (sent["status"], sent["stage"]) == ("pending", "awaitingLoa")
    assert sent["nextActor"] == "customer"
    await advance(customer, days=7)
    await settled(customer, order, "pending")
    await upload(customer, order, "loa")
    await settled(customer, order, "submitted")
    await advance(customer, days=21)
    await settled(customer, order, "completed")
    assert [event for event, _ in await timeline(customer, order)] == [
        "created",
        "documentAdded",
        "submitted",
        "loaAwaited",
        "loaReminded",
        "loaReminded",
        "documentAdded",
        "loaReceived",
        "accepted",
        "focReceived",
        "completed",
    ]
    polish = await customer.api.get(f"{P}/orders/{order['id']}", headers={"Accept-Language": "pl"})
    assert polish.json()["displayStatus"] == "Ukończono"


@pytest.mark.domain("E3", "E4", "E5", "E9")
async def test_readiness_tells_field_by_field_what_is_missing(customer: Customer) -> None:
    order = await draft(customer, *fresh(50))
    empty = await checklist(customer, order)
    assert {pointer for pointer, status in empty.items() if status == "missing"} == {
        "/portType",
        *(f"/account/{name}" for name in ACCOUNT if name not in ("pin", "serviceAddress")),
        *(
            f"/account/serviceAddress/{name}"
            for name in ("address1", "city", "state", "postalCode", "country")
        ),
        "/documents/bill",
        "/documents/loa",
    }
    refused = await customer.api.post(f"{PORTS}/{order['id']}/submit")
    assert refused.status_code == 422
    assert {v["pointer"] for v in refused.json()["violations"]} == set(empty) - {"/phoneNumbers"}
    for violation in refused.json()["violations"]:
        [advice] = violation["remedies"]
        if advice["action"] == "updateField":
            assert advice["pointers"] == [violation["pointer"]]
        else:
            assert advice["action"] in ("uploadDocument", "signLoa")
    codes = {v["code"] for v in refused.json()["violations"]}
    assert codes == {"validationFailed", "billMissing", "loaMissing"}
    assert (await read(customer, order))["stage"] == "draft"

    await patch(customer, order, portType="full", account=ACCOUNT)
    await upload(customer, order, "bill")
    await sign(customer, order)

    assert set((await checklist(customer, order)).values()) == {"done"}
    readiness = (await customer.api.get(f"{PORTS}/{order['id']}/readiness")).json()
    assert readiness["ready"] is True
    assert readiness["splitPreview"][0]["phoneNumbers"] == [
        entry["phoneNumber"] for entry in order["phoneNumbers"]
    ]


@pytest.mark.domain("E5")
async def test_any_change_of_the_account_voids_the_loa(customer: Customer) -> None:
    order = await ready(customer, *fresh(50))
    await patch(customer, order, notificationEmail="it@northwind.example")
    assert (await checklist(customer, order))["/documents/loa"] == "done"
    await patch(customer, order, account={"companyName": "Northwind"})
    assert (await checklist(customer, order))["/documents/loa"] == "blocked"
    refused = await customer.api.post(f"{PORTS}/{order['id']}/submit")
    [violation] = refused.json()["violations"]
    assert violation["code"] == "loaVoid"
    assert violation["remedies"][0]["action"] == "signLoa"


@pytest.mark.domain("E10")
@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({}, "newBtnRequired"),
        ({"newBillingTelephoneNumber": "BTN"}, "newBtnRequired"),
        ({"newBillingTelephoneNumber": "OTHER"}, "newBtnRequired"),
        ({"newBillingTelephoneNumber": "+12065559111"}, None),
        ({"remainingNumbersAction": "disconnect"}, None),
    ],
)
async def test_a_btn_that_moves_leaves_another_behind(
    customer: Customer, document: dict[str, Any], code: str | None
) -> None:
    btn, other = fresh(50, 51)
    named = {"BTN": btn, "OTHER": other}
    order = await ready(
        customer,
        btn,
        other,
        portType="partial",
        account={**ACCOUNT, "billingTelephoneNumber": btn},
        **{
            "remainingNumbersAction": "keep",
            **{name: named.get(value, value) for name, value in document.items()},
        },
    )
    response = await customer.api.post(f"{PORTS}/{order['id']}/submit")
    if code is None:
        assert response.status_code == 200, response.text
    else:
        assert [v["code"] for v in response.json()["violations"]] == [code]


@pytest.mark.domain("E10", "E12")
async def test_three_billing_numbers_make_three_orders(customer: Customer) -> None:
    numbers = fresh(1, 2, 3, 4)
    order = await ready(customer, *numbers)
    btns = [f"+1206555900{index}" for index in (1, 2, 3, 3)]
    entries = [
        {"phoneNumber": number, "billingTelephoneNumber": btn}
        for number, btn in zip(numbers, btns, strict=True)
    ]
    path = f"{PORTS}/{order['id']}/split"
    short = await customer.api.post(path, json={"phoneNumbers": entries[:2]})
    assert short.status_code == 422
    same = [{**entry, "billingTelephoneNumber": btns[0]} for entry in entries]
    assert (await customer.api.post(path, json={"phoneNumbers": same})).status_code == 422

    made = await act(customer, order, "split", phoneNumbers=entries)

    assert (await read(customer, order))["status"] == "cancelled"
    assert [child["account"]["billingTelephoneNumber"] for child in made["orders"]] == btns[:3]
    assert [len(child["phoneNumbers"]) for child in made["orders"]] == [1, 1, 2]
    for child in made["orders"]:
        assert (child["account"]["accountNumber"], child["stage"]) == ("••••2190", "draft")
        status = await checklist(customer, child)
        assert {p for p, each in status.items() if each != "done"} == {"/documents/loa"}
        await sign(customer, child)
        await act(customer, child, "submit")
    await advance(customer, days=21)
    for child in made["orders"]:
        await settled(customer, child, "completed")
    owned = (await customer.api.get(f"{P}/numbers")).json()["phoneNumbers"]
    assert {entry["phoneNumber"] for entry in owned} == set(numbers)
