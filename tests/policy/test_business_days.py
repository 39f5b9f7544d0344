"""Business days by country and state, and the dates a port may be wished for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.policy.business_days import Calendar

SEATTLE = Calendar("US", "WA", "America/Los_Angeles")
WARSAW = Calendar("PL", None, "Europe/Warsaw")
INSTANTS = st.integers(0, 3000 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@pytest.mark.domain("E7")
def test_weekends_and_holidays_are_none() -> None:
    assert SEATTLE.is_business_day(date(2026, 11, 25))
    assert not SEATTLE.is_business_day(date(2026, 11, 26))
    assert not SEATTLE.is_business_day(date(2026, 11, 28))
    assert not WARSAW.is_business_day(date(2026, 11, 11))
    assert WARSAW.is_business_day(date(2026, 11, 26))


@pytest.mark.domain("E7")
def test_the_third_business_day_skips_what_is_none() -> None:
    assert WARSAW.business_day_after(date(2026, 11, 9), 3) == date(2026, 11, 13)
    assert SEATTLE.business_day_after(date(2026, 11, 24), 3) == date(2026, 12, 1)


def test_the_instant_is_the_time_of_day_there() -> None:
    assert SEATTLE.instant_of(date(2026, 11, 30), None) == datetime(2026, 11, 30, 8, tzinfo=UTC)
    assert WARSAW.instant_of(date(2026, 7, 1), time(9, 30)) == datetime(
        2026, 7, 1, 7, 30, tzinfo=UTC
    )


def test_the_day_is_the_one_it_is_there() -> None:
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert SEATTLE.day_of(late) == date(2026, 11, 30)
    assert WARSAW.day_of(late) == date(2026, 12, 1)


@pytest.mark.domain("E7")
@given(INSTANTS)
def test_what_may_be_wished_for_is_a_business_day_neither_soon_nor_far(now: datetime) -> None:
    for calendar in (SEATTLE, WARSAW):
        today = calendar.day_of(now)
        days = calendar.completion_dates(now)
        assert days == sorted(set(days))
        assert days[0] == calendar.business_day_after(today, 3)
        assert days[-1] <= today + timedelta(days=30)
        assert all(calendar.may_be_foc_date(day, now) for day in days)
        assert not calendar.may_be_foc_date(today, now)
        assert not calendar.may_be_foc_date(today + timedelta(days=31), now)


@given(INSTANTS)
def test_one_business_day_later_is_the_same_time_there(now: datetime) -> None:
    later = SEATTLE.one_business_day_after(now)
    assert later > now
    assert SEATTLE.is_business_day(SEATTLE.day_of(later))
