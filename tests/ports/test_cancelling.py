"""Cancelling a port: at once, asked for and confirmed or declined, or too late."""

from __future__ import annotations

import pytest

from tests.conftest import Customer
from tests.ports.porting import (
    DESK,
    PORTS,
    SEATTLES,
    P,
    act,
    advance,
    answered,
    desk,
    draft,
    fresh,
    now,
    read,
    ready,
    settled,
    submitted,
    timeline,
)


@pytest.mark.domain("E13")
async def test_a_draft_is_cancelled_at_once_and_its_numbers_are_free(customer: Customer) -> None:
    numbers = fresh(50)
    order = await ready(customer, *numbers)

    done = await act(customer, order, "cancel")

    assert (done["status"], done["nextActor"]) == ("cancelled", "nobody")
    assert done["phoneNumbers"][0]["status"] == "cancelled"
    again = await customer.api.post(f"{PORTS}/{order['id']}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "invalidTransition")
    await draft(customer, *numbers)
    elsewhere = await customer.api.post(f"{P}/orders/{order['id']}/cancel")
    assert elsewhere.status_code == 409


@pytest.mark.domain("E13")
async def test_what_was_rejected_is_cancelled_at_once(customer: Customer) -> None:
    order = await submitted(customer, *fresh(1))
    await settled(customer, order, "rejected")
    done = await act(customer, order, "cancel")
    assert (done["status"], done["errors"]) == ("cancelled", [])


@pytest.mark.domain("E13", "F")
@pytest.mark.parametrize("is_dated", [False, True])
async def test_once_it_left_us_it_is_asked_for_and_confirmed(
    customer: Customer, is_dated: bool
) -> None:
    numbers = fresh(50)
    wished = SEATTLES.completion_dates(await now(customer.service))[6]
    order = await submitted(customer, *numbers, requestedCompletionDate=wished.isoformat())
    if is_dated:
        await answered(customer)
    before = await settled(customer, order, "focReceived" if is_dated else "submitted")

    asked = await act(customer, order, "cancel")

    assert (asked["status"], asked["stage"]) == (before["status"], "cancelRequested")
    assert asked["nextActor"] == "support"
    support = await customer.caller("support")
    queue = await support.get(
        f"{P}/support/queue", params={"stage": "cancelRequested", "type": "port"}
    )
    assert order["id"] in [entry["id"] for entry in queue.json()["items"]]
    twice = await customer.api.post(f"{PORTS}/{order['id']}/cancel")
    assert (twice.status_code, twice.json()["code"]) == (409, "invalidTransition")
    done = (await desk(support, order, "confirmCancel")).json()
    assert done["status"] == "cancelled"
    await advance(customer, days=14)
    await settled(customer, order, "cancelled")
    await draft(customer, *numbers)


@pytest.mark.domain("E13")
async def test_declined_it_goes_on(customer: Customer) -> None:
    order = await submitted(customer, *fresh(50))
    await act(customer, order, "cancel")
    support = await customer.caller("support")

    declined = await desk(support, order, "declineCancel")

    assert declined.status_code == 200, declined.text
    assert (declined.json()["status"], declined.json()["stage"]) == ("submitted", None)
    nothing = await desk(support, order, "confirmCancel")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "invalidTransition")
    await advance(customer, days=21)
    await settled(customer, order, "completed")


@pytest.mark.domain("E13")
async def test_within_48_hours_of_the_foc_it_is_too_late(customer: Customer) -> None:
    wished = SEATTLES.completion_dates(await now(customer.service))[6]
    order = await submitted(customer, *fresh(50), requestedCompletionDate=wished.isoformat())
    await answered(customer)
    await settled(customer, order, "focReceived")
    limit = SEATTLES.instant_of(wished, None).timestamp() - 48 * 3600
    await advance(customer, seconds=limit - (await now(customer.service)).timestamp() + 5)

    late = await customer.api.post(f"{PORTS}/{order['id']}/cancel")

    assert (late.status_code, late.json()["code"]) == (409, "cancelTooLate")
    support = await customer.caller("support")
    also = await desk(support, order, "cancel", message="No.")
    assert (also.status_code, also.json()["code"]) == (409, "cancelTooLate")


@pytest.mark.domain("E13")
async def test_the_foc_wins_over_a_wish_to_cancel_that_nobody_confirmed(
    customer: Customer,
) -> None:
    order = await submitted(customer, *fresh(50))
    await act(customer, order, "cancel")
    await answered(customer)
    dated = await settled(customer, order, "focReceived")
    assert dated["stage"] == "cancelRequested"
    await advance(customer, days=14)
    await settled(customer, order, "completed")
    assert ("completed", "carrier") in await timeline(customer, order)


@pytest.mark.domain("E13")
async def test_support_cancels_and_says_why(customer: Customer) -> None:
    order = await submitted(customer, *fresh(50))
    support = await customer.caller("support")
    path = f"{DESK}/{order['id']}/cancel"
    done = await support.post(path, json={"message": "As told on the phone."})
    assert (done.status_code, done.json()["status"]) == (200, "cancelled")
    entries = (await customer.api.get(f"{P}/orders/{order['id']}/timeline")).json()["items"]
    assert entries[-1]["note"] == "As told on the phone."
    assert (entries[-1]["actor"], entries[-1]["by"]) == ("support", "support")
    assert (await read(customer, order))["nextActor"] == "nobody"
