"""A port order is drafted from numbers alone and completed by merge patch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from app.core.database import EVERYTHING
from tests.conftest import Customer, Service, make_customer
from tests.ports.porting import ACCOUNT, PORTS, P, draft, fresh, patch

Stock = Callable[..., Any]


@pytest.mark.domain("F")
async def test_a_draft_is_made_from_numbers_alone(customer: Customer) -> None:
    numbers = fresh(50, 51)
    response = await customer.api.post(
        f"{customer.location}/portOrders", json={"phoneNumbers": numbers}
    )

    assert response.status_code == 201, response.text
    order = response.json()
    assert response.headers["Location"].endswith(f"/v1{PORTS}/{order['id']}")
    assert (order["type"], order["status"], order["stage"]) == ("port", "pending", "draft")
    assert order["nextActor"] == "customer"
    assert [(n["phoneNumber"], n["status"], n["portable"]) for n in order["phoneNumbers"]] == [
        (number, "pending", True) for number in numbers
    ]
    read = await customer.api.get(f"{PORTS}/{order['id']}")
    assert read.json() == order
    assert read.headers["ETag"] == response.headers["ETag"]
    [listed] = (await customer.api.get(f"{P}/orders", params={"type": "port"})).json()["items"]
    assert listed["id"] == order["id"]


@pytest.mark.domain("E3", "E11")
async def test_the_draft_is_completed_by_merge_patch_and_secrets_are_masked(
    customer: Customer, service: Service
) -> None:
    order = await draft(customer, *fresh(50))

    done = await patch(customer, order, portType="full", account=ACCOUNT)

    account = done["account"]
    assert (account["accountNumber"], account["pin"]) == ("••••2190", "••••")
    assert account["serviceAddress"]["postalCode"] == "98109"
    less = await patch(customer, order, account={"pin": None, "serviceAddress": {"state": None}})
    assert less["account"]["pin"] is None
    assert less["account"]["serviceAddress"]["state"] is None
    assert less["account"]["serviceAddress"]["city"] == "Seattle"
    path = f"{PORTS}/{order['id']}"
    masked = await customer.api.patch(path, json={"account": {"accountNumber": "••••2190"}})
    assert masked.status_code == 422
    assert "2190" not in masked.text
    async with service.database.read(EVERYTHING) as session:
        kept = await session.execute(
            text("select * from port_orders where order_id = :id"), {"id": order["id"]}
        )
        history = await session.execute(
            text("select * from port_field_changes where order_id = :id"), {"id": order["id"]}
        )
    told = (await customer.api.get(f"{PORTS}/{order['id']}/fieldChanges")).json()["items"]
    changed = {entry["pointer"]: (entry["before"], entry["after"]) for entry in told}
    assert changed["/account/accountNumber"] == (None, "••••2190")
    assert changed["/account/pin"] == ("••••", None)
    stored = str(list(kept)) + str(list(history))
    assert "8834-22190" not in stored
    assert "4711" not in stored


async def test_a_stale_change_is_refused(customer: Customer) -> None:
    made = await customer.api.post(
        f"{customer.location}/portOrders", json={"phoneNumbers": fresh(50)}
    )
    path, etag = f"{PORTS}/{made.json()['id']}", made.headers["ETag"]
    first = await customer.api.patch(path, json={"portType": "full"}, headers={"If-Match": etag})
    assert first.status_code == 200, first.text
    second = await customer.api.patch(
        path, json={"portType": "partial"}, headers={"If-Match": etag}
    )
    assert (second.status_code, second.json()["code"]) == (412, "preconditionFailed")


@pytest.mark.domain("A5", "E1", "E2", "J2")
async def test_numbers_that_cannot_move_are_marked_and_pts_is_told(
    customer: Customer, stock: Stock
) -> None:
    [ours] = await stock(1)
    good, bad = fresh(50)[0], "+12065550000"

    order = await draft(customer, good, bad, ours)

    found = {n["phoneNumber"]: n["notPortableReason"] for n in order["phoneNumbers"]}
    assert found == {good: None, bad: "notPortable", ours: "inInventory"}
    cases = await customer.api.get(f"{P}/supportCases", params={"orderId": order["id"]})
    [case] = cases.json()["items"]
    assert (case["need"], case["desk"], case["status"]) == ("portability", "PTS", "open")
    checked = await customer.api.post(
        f"{P}/portabilityChecks",
        json={"phoneNumbers": [good, bad, ours, "+18005550100", "nonsense", "+819012345678"]},
    )
    assert checked.status_code == 200, checked.text
    assert [n["reason"] for n in checked.json()["phoneNumbers"]] == [
        "numberInAnotherPort",
        "notPortable",
        "inInventory",
        "tollFreeNotSupported",
        "invalidPhoneNumber",
        "countryNotSupported",
    ]


@pytest.mark.domain("A5", "E1")
async def test_refusals_come_all_at_once_each_with_its_code(
    service: Service, trial: Customer
) -> None:
    response = await trial.api.post(
        f"{trial.location}/portOrders",
        json={"phoneNumbers": ["+18005550100", "+48225550100", "x", *fresh(50) * 2]},
    )
    assert response.status_code == 422
    assert {v["code"] for v in response.json()["violations"]} == {
        "trialPortingNotAllowed",
        "tollFreeNotSupported",
        "phoneNumberWrongCountry",
        "invalidPhoneNumber",
        "duplicatePhoneNumber",
    }
    elsewhere = await make_customer(service, connected=False)
    early = await elsewhere.api.post(
        f"{elsewhere.location}/portOrders", json={"phoneNumbers": fresh(50)}
    )
    assert [v["code"] for v in early.json()["violations"]] == ["pstnNotEnabled"]


async def test_a_number_owned_or_in_another_port_is_refused(
    service: Service, customer: Customer, stock: Stock
) -> None:
    other = await make_customer(service)
    [number] = fresh(50)
    await draft(other, number)
    [owned] = await stock(1)
    await other.api.ended((await other.order(owned)).json()["id"])

    for whose in (customer, other):
        path = f"{whose.location}/portOrders"
        taken = await whose.api.post(path, json={"phoneNumbers": [fresh(51)[0], number]})
        assert (taken.status_code, taken.json()["code"]) == (409, "numberInAnotherPort")
        assert taken.json()["violations"][0]["pointer"] == "/phoneNumbers/1"
        ours = await whose.api.post(path, json={"phoneNumbers": [owned]})
        assert (ours.status_code, ours.json()["code"]) == (409, "numberAlreadyOwned")


async def test_of_many_ports_of_one_number_one_is_drafted(service: Service) -> None:
    customers = [await make_customer(service) for _ in range(3)]
    [number] = fresh(50)
    answers = await asyncio.gather(
        *(
            each.api.post(f"{each.location}/portOrders", json={"phoneNumbers": [number]})
            for each in customers * 3
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 8


@pytest.mark.domain("E3", "E7")
@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"account": {"billingTelephoneNumber": "x"}}, "/account/billingTelephoneNumber"),
        ({"newBillingTelephoneNumber": "+48225550100"}, "/newBillingTelephoneNumber"),
        ({"requestedCompletionDate": "2020-01-01"}, "/requestedCompletionDate"),
        ({"requestedCompletionTime": "25:00"}, "/requestedCompletionTime"),
        ({"account": {"serviceAddress": {"state": "XX"}}}, "/account/serviceAddress/state"),
        ({"account": {"serviceAddress": {"country": "PL"}}}, "/account/serviceAddress/country"),
        ({"additionalInformation": {"rio": "x"}}, "/additionalInformation"),
        ({"account": {"pin": "1234 5678 !"}}, "/account/pin"),
        ({"orderNumber": "PSTN-000001"}, "/orderNumber"),
    ],
)
async def test_a_field_that_cannot_be_such_is_refused(
    customer: Customer, document: dict[str, Any], pointer: str
) -> None:
    order = await draft(customer, *fresh(50))
    response = await customer.api.patch(f"{PORTS}/{order['id']}", json=document)
    assert response.status_code == 422
    assert [v["pointer"] for v in response.json()["violations"]] == [pointer]
