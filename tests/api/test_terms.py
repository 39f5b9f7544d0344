"""The terms of service: only the customer signs, once for the whole organisation (domain.md C5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.api.problems import fields, refused, rules
from tests.conftest import Api, Customer, Service, make_customer

pytestmark = pytest.mark.domain("C5")

TERMS = "/telephony/pstn/termsOfService"
ACCEPTANCE = f"{TERMS}/acceptance"


async def version_of(api: Api, **params: str) -> str:
    response = await api.get(TERMS, params=params)
    assert response.status_code == 200, response.text
    return str(response.json()["version"])


async def test_an_administrator_of_the_customer_sees_where_to_accept_and_accepts(
    customer: Customer,
) -> None:
    before = (await customer.api.get(TERMS)).json()
    assert before["accepted"] is False
    assert before["acceptedAt"] is None
    assert before["acceptedBy"] is None
    assert before["text"]
    assert before["nextStep"]
    assert before["acceptancePath"] == f"/v1{ACCEPTANCE}"

    accepted = await customer.api.post(ACCEPTANCE, json={"version": before["version"]})

    assert accepted.status_code == 200
    after = accepted.json()
    assert after == (await customer.api.get(TERMS)).json()
    assert after["accepted"] is True
    assert after["acceptedAt"]
    assert after["acceptedBy"] == "customerAdmin"
    assert after["nextStep"] is None
    assert after["acceptancePath"] is None


@pytest.mark.parametrize("role", ["partnerAdmin", "readOnlyAdmin", "support", "operator"])
async def test_nobody_else_accepts_nor_sees_where_to(customer: Customer, role: str) -> None:
    caller = await customer.caller(role)
    meant = {"orgId": customer.organization_id}

    seen = (await caller.get(TERMS, params=meant)).json()
    refusal = await caller.post(ACCEPTANCE, params=meant, json={"version": seen["version"]})

    refused(refusal, 403, "customerAdminOnly")
    assert seen["accepted"] is False
    assert seen["nextStep"]
    assert seen.get("acceptancePath") is None
    assert (await customer.api.get(TERMS)).json()["accepted"] is False


async def test_who_may_not_accept_is_refused_before_the_body_is_looked_at(
    customer: Customer,
) -> None:
    partner = await customer.caller("partnerAdmin")

    for content in (b"{", b"", b'{"version": 5}', b'{"surprise": 1}'):
        response = await partner.post(
            ACCEPTANCE, content=content, headers={"Content-Type": "application/json"}
        )
        refused(response, 403, "customerAdminOnly")


async def test_accepted_again_nothing_changes(customer: Customer) -> None:
    version = await version_of(customer.api)
    first = await customer.api.post(ACCEPTANCE, json={"version": version})

    second = await customer.api.post(ACCEPTANCE, json={"version": version})

    assert second.status_code == 200
    assert second.json() == first.json()


async def test_accepted_many_times_at_once_it_is_accepted_once(customer: Customer) -> None:
    version = await version_of(customer.api)

    answers = await asyncio.gather(
        *(customer.api.post(ACCEPTANCE, json={"version": version}) for _ in range(8))
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["acceptedAt"] for answer in answers}) == 1


async def test_only_the_version_in_force_can_be_accepted(customer: Customer) -> None:
    for version in ("", "0", "2025-01", "2026-01 ", "\u0000"):
        response = await customer.api.post(ACCEPTANCE, json={"version": version})
        assert response.status_code == 422, version
        assert [entry["pointer"] for entry in response.json()["violations"]] == ["/version"]
    assert (await customer.api.get(TERMS)).json()["accepted"] is False


async def test_an_acceptance_names_the_version_it_read(customer: Customer) -> None:
    assert fields(await customer.api.post(ACCEPTANCE, json={})) == ["/version"]
    assert fields(await customer.api.post(ACCEPTANCE, json={"version": 202601})) == ["/version"]
    assert fields(await customer.api.post(ACCEPTANCE, json={"version": "x" * 300})) == ["/version"]


async def test_a_partner_of_several_customers_says_which_is_meant(
    service: Service, customer: Customer
) -> None:
    second = await make_customer(service, partner={"id": customer.partner_id}, connected=False)
    stranger = await make_customer(service, connected=False)
    assert second.partner_id == customer.partner_id
    partner = await customer.caller("partnerAdmin")
    await customer.accept_terms()

    assert rules(await partner.get(TERMS)) == [("orgIdRequired", "/orgId")]
    assert rules(await partner.get("/telephony/pstn/limits")) == [("orgIdRequired", "/orgId")]
    for named, accepted in ((customer, True), (second, False)):
        seen = await partner.get(TERMS, params={"orgId": named.organization_id})
        assert seen.json()["accepted"] is accepted
    foreign = await partner.get(TERMS, params={"orgId": stranger.organization_id})
    refused(foreign, 404, "notFound")


@pytest.mark.parametrize("role", ["support", "operator"])
async def test_the_staff_says_which_organisation_is_meant(customer: Customer, role: str) -> None:
    caller = await customer.caller(role)

    assert rules(await caller.get(TERMS)) == [("orgIdRequired", "/orgId")]
    seen = await caller.get(TERMS, params={"orgId": customer.organization_id})
    assert seen.json()["accepted"] is False


async def test_one_accepts_for_ones_own_organisation_only(
    service: Service, customer: Customer
) -> None:
    other = await make_customer(service, connected=False)
    version = await version_of(customer.api)

    foreign = await customer.api.post(
        ACCEPTANCE, params={"orgId": other.organization_id}, json={"version": version}
    )
    own = await customer.api.post(
        ACCEPTANCE, params={"orgId": customer.organization_id}, json={"version": version}
    )

    refused(foreign, 404, "notFound")
    assert own.status_code == 200
    assert (await other.api.get(TERMS)).json()["accepted"] is False


async def test_the_acceptance_activates_what_waits_in_every_order_and_in_no_other_organisation(
    service: Service, customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(4)
    other = await make_customer(service)
    orders = []
    for buyer, wanted in ((customer, numbers[:2]), (customer, numbers[2:3]), (other, numbers[3:])):
        placed = (await buyer.order(*wanted)).json()
        orders.append(await buyer.api.ended(placed["id"]))
    assert {order["stage"] for order in orders} == {"awaitingTermsOfService"}
    assert {order["nextActor"] for order in orders} == {"customer"}

    await customer.accept_terms()

    listed = (await customer.api.get("/telephony/pstn/orders")).json()["items"]
    assert [(order["status"], order["stage"]) for order in listed] == [("provisioned", None)] * 2
    assert {order["nextActor"] for order in listed} == {"nobody"}
    states = (await customer.api.get("/telephony/pstn/numbers")).json()["phoneNumbers"]
    assert [(entry["phoneNumber"], entry["state"]) for entry in states] == [
        (number, "active") for number in numbers[:3]
    ]
    assert all(entry["activatedAt"] for entry in states)
    others = (await other.api.get("/telephony/pstn/numbers")).json()["phoneNumbers"]
    assert [(entry["state"], entry["activatedAt"]) for entry in others] == [("inactive", None)]


async def test_terms_accepted_while_orders_are_under_way_leave_no_number_inactive(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(8)

    answers = await asyncio.gather(
        *(customer.order(number) for number in numbers), customer.accept_terms()
    )

    for answer in answers[:-1]:
        assert answer is not None
        order = await customer.api.ended(answer.json()["id"])
        assert order["stage"] is None
        assert [entry["status"] for entry in order["phoneNumbers"]] == ["active"]
