"""What every carrier keeps to with ports; the simulated one is held to it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.core.database import EVERYTHING
from app.integrations.carriers.port import Carrier, CarrierPortStatus, PortRequest
from app.integrations.carriers.simulator import PORT_ERRORS, SimulatedCarrier
from app.policy.business_days import Calendar
from app.telephony.phone_number import PhoneNumber
from tests.conftest import Api, Service

SEATTLE = Calendar("US", "WA", "America/Los_Angeles")

_references = itertools.count(1)


@pytest.fixture
def carrier(service: Service) -> Carrier:
    return SimulatedCarrier(service.database)


def request(ending: int = 50, submission: int = 1, **document: str) -> PortRequest:
    """A port under a reference of its own."""
    return PortRequest(
        reference=f"CONTRACT-{next(_references)}",
        submission=submission,
        numbers=(PhoneNumber(12065550100 + ending), PhoneNumber(12065550199)),
        document=document,
        calendar=SEATTLE,
    )


async def advance(api: Api, delta: timedelta) -> None:
    response = await api.post("/simulator/clock/advance", json={"seconds": delta.total_seconds()})
    assert response.status_code == 200, response.text


async def test_what_cannot_move_is_told_with_a_code(carrier: Carrier) -> None:
    good, bad = PhoneNumber(12065550123), PhoneNumber(12065550000)
    assert await carrier.not_portable([good, bad]) == {bad: "notPortable"}


async def test_a_port_is_received_then_committed_on_a_business_day(
    carrier: Carrier, service: Service, api: Api
) -> None:
    asked = request()
    async with service.database.read(EVERYTHING) as session:
        today = SEATTLE.day_of(session.now)
        answer_at = SEATTLE.one_business_day_after(session.now)
        ahead = answer_at - session.now

    received = await carrier.request_port(asked)

    assert received.status is CarrierPortStatus.received
    assert received.check_at is not None
    assert abs(received.check_at - answer_at) < timedelta(minutes=1)
    assert await carrier.find_port(asked.reference) == received
    await advance(api, ahead + timedelta(minutes=1))
    committed = await carrier.find_port(asked.reference)
    assert committed is not None
    assert committed.status is CarrierPortStatus.committed
    assert committed.foc_date == SEATTLE.business_day_after(today, 3)


async def test_the_same_submission_sent_again_is_the_same(carrier: Carrier) -> None:
    asked = request()
    first = await carrier.request_port(asked)
    later = replace(asked, document={"requestedCompletionDate": "2030-01-01"})
    assert await carrier.request_port(later) == first


@pytest.mark.parametrize(("ending", "code"), list(enumerate(PORT_ERRORS, start=1)))
async def test_the_script_rejects_the_first_time_and_takes_the_second(
    carrier: Carrier, ending: int, code: str
) -> None:
    asked = request(ending)
    rejected = await carrier.request_port(asked)
    assert rejected.status is CarrierPortStatus.rejected
    assert [error.code for error in rejected.errors] == [code]
    assert await carrier.request_port(asked) == rejected
    other_numbers = (PhoneNumber(12065550119),)
    again = replace(asked, submission=2, numbers=other_numbers)
    assert (await carrier.request_port(again)).status is CarrierPortStatus.received


async def test_a_part_of_a_split_is_taken_whatever_its_numbers(carrier: Carrier) -> None:
    asked = replace(request(1), is_part_of_split=True)
    assert (await carrier.request_port(asked)).status is CarrierPortStatus.received


async def test_a_wish_is_kept_where_it_is_allowed(
    carrier: Carrier, service: Service, api: Api
) -> None:
    async with service.database.read(EVERYTHING) as session:
        allowed = SEATTLE.completion_dates(session.now)
        ahead = SEATTLE.one_business_day_after(session.now) - session.now
    kept = request(requestedCompletionDate=allowed[-1].isoformat())
    missed = request(requestedCompletionDate=date(2020, 1, 1).isoformat())
    for asked in (kept, missed):
        await carrier.request_port(asked)
    await advance(api, ahead + timedelta(minutes=1))
    for asked, expected in ((kept, allowed[-1]), (missed, allowed[0])):
        found = await carrier.find_port(asked.reference)
        assert found is not None
        assert found.foc_date == expected


async def test_silence_ends_when_expedited(carrier: Carrier, api: Api) -> None:
    asked = request(20)
    silent = await carrier.request_port(asked)
    assert (silent.status, silent.check_at) == (CarrierPortStatus.received, None)
    await advance(api, timedelta(days=10))
    assert await carrier.find_port(asked.reference) == silent
    expedited = await carrier.expedite_port(asked.reference)
    assert expedited is not None
    assert expedited.status is CarrierPortStatus.committed
    assert await carrier.expedite_port(asked.reference) == expedited


async def test_what_was_given_up_stays_so_even_if_it_arrives_later(carrier: Carrier) -> None:
    for asked in (request(), request()):
        await carrier.cancel_port(asked.reference)
        await carrier.cancel_port(asked.reference)
        late = await carrier.request_port(asked)
        assert late.status is CarrierPortStatus.cancelled
        assert await carrier.expedite_port(asked.reference) == late


async def test_nobody_knows_an_unknown_reference(carrier: Carrier) -> None:
    assert await carrier.find_port("NOBODYS") is None
    assert await carrier.expedite_port("NOBODYS") is None
