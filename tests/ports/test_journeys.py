"""Ports from a draft to their end, over HTTP, on the simulated carrier and its clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import Customer
from tests.ports.porting import (
    SEATTLES,
    P,
    act,
    advance,
    answered,
    fresh,
    now,
    ready,
    settled,
    timeline,
)


@pytest.mark.domain("E7", "E9", "F")
async def test_a_port_is_drafted_submitted_dated_and_completed(customer: Customer) -> None:
    numbers = fresh(50, 51)
    order = await ready(customer, *numbers)

    sent = await act(customer, order, "submit")

    at = await now(customer.service)
    assert (sent["status"], sent["stage"], sent["nextActor"]) == ("submitted", None, "carrier")
    await advance(customer, seconds=1)
    answer = SEATTLES.one_business_day_after(at) - await now(customer.service)
    await advance(customer, seconds=answer.total_seconds() - 60)
    await settled(customer, order, "submitted")
    await advance(customer, seconds=120)
    dated = await settled(customer, order, "focReceived")
    foc = SEATTLES.business_day_after(SEATTLES.day_of(at), 3)
    assert dated["focDate"] == foc.isoformat()
    instant = datetime.combine(foc, datetime.min.time(), ZoneInfo("America/Los_Angeles"))
    assert datetime.fromisoformat(dated["expectedBy"]) == instant
    left = instant - await now(customer.service)
    await advance(customer, seconds=left.total_seconds() - 60)
    await settled(customer, order, "focReceived")
    await advance(customer, seconds=120)
    done = await settled(customer, order, "completed")
    assert (done["stage"], done["nextActor"]) == (None, "nobody")
    assert [entry["status"] for entry in done["phoneNumbers"]] == ["active", "active"]
    owned = (await customer.api.get(f"{P}/numbers")).json()["phoneNumbers"]
    assert {entry["phoneNumber"] for entry in owned} == set(numbers)
    assert await timeline(customer, order) == [
        ("created", "customer"),
        ("documentAdded", "customer"),
        ("loaSigned", "customer"),
        ("submitted", "customer"),
        ("accepted", "service"),
        ("focReceived", "carrier"),
        ("completed", "carrier"),
    ]


@pytest.mark.domain("E7")
async def test_a_wished_date_and_time_are_kept(customer: Customer) -> None:
    at = await now(customer.service)
    wished = SEATTLES.completion_dates(at)[5]
    order = await ready(
        customer,
        *fresh(50),
        requestedCompletionDate=wished.isoformat(),
        requestedCompletionTime="09:30",
    )
    await act(customer, order, "submit")
    await answered(customer)
    dated = await settled(customer, order, "focReceived")
    assert dated["focDate"] == wished.isoformat()
    expected = datetime.fromisoformat(dated["expectedBy"]).astimezone(
        ZoneInfo("America/Los_Angeles")
    )
    assert (expected.hour, expected.minute) == (9, 30)
    left = expected - await now(customer.service)
    await advance(customer, seconds=(left + timedelta(seconds=1)).total_seconds())
    await settled(customer, order, "completed")
