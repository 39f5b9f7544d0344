"""Days on which carriers work, and the dates a port may be wished for (domain.md E7). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

EARLIEST_BUSINESS_DAYS = 3
LATEST_DAYS = 30


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar of a place: its country, its state if the country has any, its time zone."""

    country: str
    state: str | None
    time_zone: str

    def is_business_day(self, day: date) -> bool:
        """Whether it is neither at a weekend nor a holiday."""
        return day.weekday() < 5 and day not in _holidays(self.country, self.state)

    def business_day_after(self, day: date, count: int) -> date:
        """The so-manieth business day after a day."""
        while count:
            day += timedelta(days=1)
            count -= self.is_business_day(day)
        return day

    def day_of(self, instant: datetime) -> date:
        """The day it is there at an instant."""
        return instant.astimezone(ZoneInfo(self.time_zone)).date()

    def instant_of(self, day: date, at: time | None) -> datetime:
        """The instant of a time of day there; midnight where none is given."""
        return datetime.combine(day, at or time(), ZoneInfo(self.time_zone))

    def one_business_day_after(self, instant: datetime) -> datetime:
        """The same time of day, on the next business day there."""
        local = instant.astimezone(ZoneInfo(self.time_zone))
        day = self.business_day_after(local.date(), 1)
        return datetime.combine(day, local.timetz())

    def completion_dates(self, now: datetime) -> list[date]:
        """The dates a port submitted now may be wished for, ascending."""
        today = self.day_of(now)
        last = today + timedelta(days=LATEST_DAYS)
        day = self.business_day_after(today, EARLIEST_BUSINESS_DAYS)
        found = []
        while day <= last:
            found.append(day)
            day = self.business_day_after(day, 1)
        return found

    def may_be_foc_date(self, day: date, now: datetime) -> bool:
        """Whether a carrier may commit itself to that day: a business day to come, not too far."""
        today = self.day_of(now)
        return today < day <= today + timedelta(days=LATEST_DAYS) and self.is_business_day(day)


@lru_cache(maxsize=256)
def _holidays(country: str, state: str | None) -> holidays.HolidayBase:
    known = holidays.list_supported_countries().get(country, [])
    return holidays.country_holidays(country, subdiv=state if state in known else None)
