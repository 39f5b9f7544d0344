"""The directory of support, and cases as threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Customer, Service, make_customer

CASES = "/telephony/pstn/supportCases"
CONTACTS = "/telephony/pstn/supportContacts"


async def open_case(customer: Customer, **changes: Any) -> dict[str, Any]:
    wish = {"need": "reschedule", "subject": "Another day", "message": "Please,\nlater.", **changes}
    response = await customer.api.post(CASES, json=wish)
    assert response.status_code == 201, response.text
    return dict(response.json())


@pytest.mark.domain("J1", "J2")
@pytest.mark.parametrize(
    ("need", "desk"),
    [
        ("expedite", "PTS"),
        ("reschedule", "PTS"),
        ("rejection", "PTS"),
        ("specificTime", "PTS"),
        ("afterFoc", "PTS"),
        ("cancellation", "PTS"),
        ("partnerQuestion", "PHD"),
        ("taxEstimate", "PHD"),
        ("loaForm", "PHD"),
        ("serviceFault", "TAC"),
        ("billing", "billing"),
        ("quoting", "CES"),
        ("subscription", "CES"),
        ("provisioning", "CES"),
    ],
)
async def test_the_need_chooses_the_desk(customer: Customer, need: str, desk: str) -> None:
    contacts = (await customer.api.get(CONTACTS, params={"need": need})).json()["items"]
    assert [contact["desk"] for contact in contacts] == [desk]
    assert (await open_case(customer, need=need))["desk"] == desk


@pytest.mark.domain("J1")
async def test_the_directory_has_the_numbers_of_the_region_in_both_languages(
    customer: Customer,
) -> None:
    response = await customer.api.get(
        CONTACTS,
        params={"need": "serviceFault", "region": "EMEA"},
        headers={"Accept-Language": "pl"},
    )
    [contact] = response.json()["items"]
    assert contact["phones"] == [{"region": "EMEA", "phoneNumber": "+32 2 704 5555"}]
    assert contact["email"] == "tac@cisco.com"
    assert contact["purpose"].startswith("Usterki")
    assert len((await customer.api.get(CONTACTS)).json()["items"]) == 5
    assert (await customer.api.get(CONTACTS, params={"region": "MOON"})).status_code == 422


@pytest.mark.domain("J2")
async def test_a_case_goes_back_and_forth_until_it_is_closed(customer: Customer) -> None:
    support = await customer.caller("support")
    case = await open_case(customer)
    path = f"{CASES}/{case['id']}"
    assert (case["status"], case["orderId"]) == ("open", None)

    answered = await support.post(f"{path}/comments", json={"message": "When?"})
    assert answered.status_code == 201, answered.text
    assert answered.json()["status"] == "answered"
    opened = await customer.api.post(f"{path}/comments", json={"message": "On Monday."})
    assert opened.json()["status"] == "open"
    stale = await customer.api.post(f"{path}/close", headers={"If-Match": answered.headers["ETag"]})
    assert stale.status_code == 412
    closed = await customer.api.post(f"{path}/close")
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")

    late = await support.post(f"{path}/comments", json={"message": "Done."})
    assert (late.status_code, late.json()["code"]) == (409, "invalidTransition")
    thread = (await customer.api.get(path)).json()["comments"]
    assert [(entry["side"], entry["message"]) for entry in thread] == [
        ("customer", "Please,\nlater."),
        ("support", "When?"),
        ("customer", "On Monday."),
    ]


@pytest.mark.domain("J2")
async def test_a_case_from_an_order_is_the_orders_organisations(
    customer: Customer, stock: Callable[..., Any], service: Service
) -> None:
    order_id = (await customer.order(*await stock(1))).json()["id"]
    partner = await customer.caller("partnerAdmin")
    wish = {"need": "expedite", "orderId": order_id, "subject": "Soon", "message": "Please."}

    response = await partner.post(CASES, json=wish)

    assert response.status_code == 201, response.text
    assert response.json()["orgId"] == customer.organization_id
    listed = (await customer.api.get(CASES, params={"orderId": order_id})).json()["items"]
    assert [case["id"] for case in listed] == [response.json()["id"]]
    stranger = await make_customer(service)
    assert (await stranger.api.post(CASES, json=wish)).status_code == 404


async def test_cases_are_kept_apart_and_support_sees_all(
    customer: Customer, service: Service
) -> None:
    stranger = await make_customer(service)
    case = await open_case(customer)
    path = f"{CASES}/{case['id']}"

    assert (await stranger.api.get(path)).status_code == 404
    assert (
        await stranger.api.post(f"{path}/comments", json={"message": "Hello"})
    ).status_code == 404
    assert (await stranger.api.get(CASES)).json()["items"] == []
    support = await customer.caller("support")
    assert (await support.get(path)).status_code == 200
    listed = await support.get(CASES, params={"orgId": customer.organization_id, "status": "open"})
    assert [item["id"] for item in listed.json()["items"]] == [case["id"]]


async def test_who_may_write(customer: Customer) -> None:
    case = await open_case(customer)
    path = f"{CASES}/{case['id']}/comments"
    wish = {"need": "billing", "subject": "VAT", "message": "Which rate?"}
    for role in ("readOnlyAdmin", "operator"):
        caller = customer.operator if role == "operator" else await customer.caller(role)
        assert (await caller.post(path, json={"message": "Hi"})).status_code == 403
        assert (await caller.post(CASES, json=wish)).status_code == 403
        assert (await caller.get(f"{CASES}/{case['id']}")).status_code == 200
    for role in ("partnerAdmin", "support"):
        caller = await customer.caller(role)
        missing = await caller.post(CASES, json=wish)
        assert missing.json()["violations"][0]["code"] == "orgIdRequired"
        made = await caller.post(CASES, json=wish, params={"orgId": customer.organization_id})
        assert made.json()["status"] == ("answered" if role == "support" else "open")


@pytest.mark.parametrize("message", ["", " \n ", "a\0b", "x" * 4001])
async def test_a_message_is_text(customer: Customer, message: str) -> None:
    response = await customer.api.post(
        CASES, json={"need": "billing", "subject": "VAT", "message": message}
    )
    assert response.status_code == 422
    assert [entry["pointer"] for entry in response.json()["violations"]] == ["/message"]
