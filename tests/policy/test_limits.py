"""Limits: data with reasons, an organisation's own values, what they do (domain.md A6 to A8)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.texts import Language
from app.policy.limits import DEFAULTS, NOT_A_TRIAL, REASONS, LimitName, limit
from tests.api.problems import fields, refused, rules
from tests.conftest import Customer, Service, make_customer

pytestmark = pytest.mark.domain("A8")

LIMITS = "/telephony/pstn/limits"


# --- Pure -------------------------------------------------------------------------------------


def test_every_limit_has_a_default_and_a_reason() -> None:
    assert DEFAULTS.keys() == REASONS.keys() == set(LimitName)
    assert DEFAULTS[LimitName.numbers_per_order] == 100
    assert DEFAULTS[LimitName.trial_numbers] == 10
    for reason in (*REASONS.values(), NOT_A_TRIAL):
        assert all(reason.to(language) for language in Language)


@given(
    name=st.sampled_from(LimitName),
    own=st.none() | st.integers(0, 1_000_000),
    used=st.none() | st.integers(0, 1_000_000),
)
def test_what_remains_is_the_rest_and_never_less_than_nothing(
    name: LimitName, own: int | None, used: int | None
) -> None:
    found = limit(name, {} if own is None else {name: own, "other": 5}, used=used)

    assert found.value == (DEFAULTS[name] if own is None else own)
    assert found.used == used
    assert found.remaining == max(found.value - (used or 0), 0)
    assert found.reason is REASONS[name]


@given(own=st.none() | st.integers(0, 100), used=st.integers(0, 100))
def test_a_limit_that_does_not_apply_has_no_value(own: int | None, used: int) -> None:
    overrides: dict[str, int] = {} if own is None else {LimitName.trial_numbers: own}

    found = limit(LimitName.trial_numbers, overrides, used=used, applies=False)

    assert (found.value, found.remaining) == (None, None)
    assert found.reason is NOT_A_TRIAL


# --- Read -------------------------------------------------------------------------------------


async def read(customer: Customer) -> dict[str, tuple[int | None, int | None, int | None]]:
    """Limit, used and remaining by name."""
    response = await customer.api.get(LIMITS)
    assert response.status_code == 200, response.text
    assert all(item["reason"] for item in response.json()["items"])
    return {
        item["name"]: (item["limit"], item["used"], item["remaining"])
        for item in response.json()["items"]
    }


async def give(customer: Customer, name: str, value: int | None) -> dict[str, Any]:
    """Have the operator give the organisation its own limit."""
    response = await customer.operator.put(
        f"/organizations/{customer.organization_id}/limits/{name}", json={"limit": value}
    )
    assert response.status_code == 200, response.text
    return dict(response.json())


async def quantity(customer: Customer, count: int, city: str) -> Any:
    return await customer.api.post(
        f"{customer.location}/numberOrders",
        json={"type": "quantity", "quantity": count, "criteria": {"state": "WA", "city": city}},
    )


async def test_a_paid_organisation_reads_its_limits(customer: Customer) -> None:
    assert await read(customer) == {
        "numbersPerOrder": (100, None, 100),
        "trialNumbers": (None, 0, None),
        "heldNumbers": (300, 0, 300),
        "webhooks": (10, 0, 10),
    }


@pytest.mark.domain("A7")
async def test_a_trial_reads_how_many_numbers_are_left(
    trial: Customer, stock: Callable[..., Any]
) -> None:
    numbers = (await stock(34))[30:]
    assert (await read(trial))["trialNumbers"] == (10, 0, 10)

    # Held by an order under way, the carrier lets numbers ending in 31 wait.
    await trial.order(*numbers[1:])
    assert (await read(trial))["trialNumbers"] == (10, 3, 7)
    # Refused by the carrier, as a number ending in 30 is: given back.
    order = await trial.api.ended((await trial.order(numbers[0])).json()["id"])
    assert order["status"] == "error"
    assert (await read(trial))["trialNumbers"] == (10, 3, 7)


@pytest.mark.domain("A7")
async def test_inactive_and_active_numbers_of_a_trial_count(
    trial: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(4)
    await trial.api.ended((await trial.order(*numbers[:2])).json()["id"])
    assert (await read(trial))["trialNumbers"] == (10, 2, 8)
    await trial.accept_terms()
    assert (await read(trial))["trialNumbers"] == (10, 2, 8)


async def test_limits_are_read_by_who_may_see_the_organisation(
    service: Service, trial: Customer
) -> None:
    meant = {"orgId": trial.organization_id}
    for role in ("readOnlyAdmin", "partnerAdmin", "support", "operator"):
        answer = await (await trial.caller(role)).get(LIMITS, params=meant)
        assert answer.json() == (await trial.api.get(LIMITS)).json(), role
    stranger = await make_customer(service, connected=False)
    refused(await stranger.api.get(LIMITS, params=meant), 404, "notFound")


# --- An organisation's own --------------------------------------------------------------------


async def test_an_own_limit_is_answered_read_and_taken_back(trial: Customer) -> None:
    given_limit = await give(trial, "trialNumbers", 3)
    assert (given_limit["name"], given_limit["limit"]) == ("trialNumbers", 3)
    assert (given_limit["used"], given_limit["remaining"]) == (0, 3)
    assert (await read(trial))["trialNumbers"] == (3, 0, 3)
    assert (await give(trial, "trialNumbers", 4))["limit"] == 4

    assert (await give(trial, "trialNumbers", None))["limit"] == 10
    assert (await give(trial, "trialNumbers", None))["limit"] == 10
    assert (await read(trial))["trialNumbers"] == (10, 0, 10)


async def test_an_own_limit_is_of_one_organisation_only(
    service: Service, customer: Customer
) -> None:
    other = await make_customer(service, partner={"id": customer.partner_id})

    await give(customer, "numbersPerOrder", 5)

    assert (await read(customer))["numbersPerOrder"] == (5, None, 5)
    assert (await read(other))["numbersPerOrder"] == (100, None, 100)


@pytest.mark.domain("A6")
async def test_a_smaller_limit_refuses_what_was_allowed(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(3)
    await give(customer, "numbersPerOrder", 2)

    (violation,) = refused(await customer.order(*numbers), 422, "policyViolation")["violations"]

    assert (violation["code"], violation["pointer"]) == ("orderLimitExceeded", "/phoneNumbers")
    assert (violation["limit"], violation["used"], violation["remaining"]) == (2, 0, 2)
    assert (await customer.order(*numbers[:2])).status_code == 201
    await give(customer, "numbersPerOrder", None)
    assert (await customer.order(numbers[2])).status_code == 201


async def test_a_larger_limit_allows_what_was_refused(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(120, city="Larger")
    assert rules(await quantity(customer, 120, "Larger")) == [("orderLimitExceeded", "/quantity")]
    await give(customer, "numbersPerOrder", 120)

    response = await quantity(customer, 120, "larger")

    assert response.status_code == 201, response.text
    assert [entry["phoneNumber"] for entry in response.json()["phoneNumbers"]] == numbers


async def test_a_limit_of_nothing_refuses_everything(
    trial: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(1)
    await give(trial, "numbersPerOrder", 0)
    await give(trial, "trialNumbers", 0)

    assert rules(await trial.order(*numbers)) == [
        ("orderLimitExceeded", "/phoneNumbers"),
        ("trialNumberLimitExceeded", "/phoneNumbers"),
    ]


async def test_a_limit_below_what_is_used_leaves_nothing_and_takes_nothing_away(
    trial: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(4)
    await trial.api.ended((await trial.order(*numbers[:3])).json()["id"])

    await give(trial, "trialNumbers", 2)

    assert (await read(trial))["trialNumbers"] == (2, 3, 0)
    (violation,) = refused(await trial.order(numbers[3]), 422, "policyViolation")["violations"]
    assert (violation["limit"], violation["used"], violation["remaining"]) == (2, 3, 0)
    owned = (await trial.api.get("/telephony/pstn/numbers")).json()["phoneNumbers"]
    assert len(owned) == 3


@pytest.mark.domain("A7")
async def test_orders_of_a_trial_at_the_same_time_do_not_outrun_its_limit(
    trial: Customer, stock: Callable[..., Any]
) -> None:
    numbers = await stock(16)

    answers = await asyncio.gather(
        *(trial.order(*numbers[start : start + 2]) for start in range(0, 16, 2))
    )

    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [422] * 3
    for answer in answers:
        if answer.status_code == 422:
            assert rules(answer) == [("trialNumberLimitExceeded", "/phoneNumbers")]
    assert (await read(trial))["trialNumbers"] == (10, 10, 0)


async def test_a_paid_organisation_has_no_trial_limit_even_if_it_is_given_one(
    customer: Customer, stock: Callable[..., Any]
) -> None:
    given_limit = await give(customer, "trialNumbers", 0)

    assert (given_limit["limit"], given_limit["remaining"]) == (None, None)
    assert (await customer.order(*await stock(1))).status_code == 201


async def test_only_the_operator_gives_limits(trial: Customer) -> None:
    path = f"/organizations/{trial.organization_id}/limits/trialNumbers"

    for role in ("customerAdmin", "readOnlyAdmin", "partnerAdmin", "support"):
        caller = await trial.caller(role)
        refused(await caller.put(path, json={"limit": 1000}), 403, "forbidden")
    assert (await read(trial))["trialNumbers"] == (10, 0, 10)


async def test_a_limit_that_makes_no_sense_is_refused(trial: Customer) -> None:
    path = f"/organizations/{trial.organization_id}/limits/trialNumbers"
    values: list[object] = [-1, 1_000_001, 10**30, 1.5, "x", "", [], {}]

    for value in values:
        assert fields(await trial.operator.put(path, json={"limit": value})) == ["/limit"], value
    assert fields(await trial.operator.put(path, json={})) == ["/limit"]
    assert (await read(trial))["trialNumbers"] == (10, 0, 10)


async def test_a_limit_or_an_organisation_that_does_not_exist_cannot_be_set(
    trial: Customer,
) -> None:
    unknown = await trial.operator.put(
        f"/organizations/{trial.organization_id}/limits/numbers", json={"limit": 1}
    )
    nobody = await trial.operator.put(
        "/organizations/019ac1f0-0000-7000-8000-00000000dead/limits/trialNumbers",
        json={"limit": 1},
    )

    assert unknown.status_code in (404, 422)
    refused(unknown, unknown.status_code, unknown.json()["code"])
    refused(nobody, 404, "notFound")
