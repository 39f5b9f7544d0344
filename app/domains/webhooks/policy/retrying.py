"""When a message is sent again, and when a receiver is given up (Standard Webhooks). Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.integrations.webhooks.port import Outcome

DELAYS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Before each attempt, counted from the one before: three days in all."""
JITTER = 0.1
"""At most this part of a delay is added: receivers that were away together are not called so."""

LONGEST_WAIT = timedelta(hours=24)
"""For which a receiver may ask."""
THROTTLED_FOR = timedelta(seconds=30)
"""Where the receiver does not say for how long."""
THROTTLING = frozenset({429, 502, 504})
GONE = 410

GIVEN_UP_AFTER = timedelta(days=5)
"""Longer than the schedule: whatever a webhook's first failure was, it had all its attempts."""
TRIED_FOR = timedelta(days=3)
"""By the schedule; a message that comes long after the last failure has all its attempts, too."""


def is_success(outcome: Outcome) -> bool:
    """Whether the receiver has the message: 2xx, nothing else."""
    return outcome.status_code is not None and 200 <= outcome.status_code < 300


def is_gone(outcome: Outcome) -> bool:
    """Whether the receiver wants nothing any more."""
    return outcome.status_code == GONE


def throttled_for(outcome: Outcome) -> timedelta | None:
    """For how long nothing at all is sent to the receiver."""
    if is_success(outcome):
        return None
    if outcome.retry_after is not None:
        return min(outcome.retry_after, LONGEST_WAIT)
    return THROTTLED_FOR if outcome.status_code in THROTTLING else None


def next_attempt(tries: int, outcome: Outcome, now: datetime, *, chance: float) -> datetime | None:
    """When to try again after so many failures, `None` for never; `chance` is of 0 to 1."""
    if tries >= len(DELAYS):
        return None
    delay = DELAYS[tries] * (1 + JITTER * chance)
    return now + max(delay, throttled_for(outcome) or timedelta(0))


def is_given_up(failing_since: datetime, made_at: datetime, now: datetime) -> bool:
    """Whether a webhook of which no attempt succeeded since then is disabled.

    `made_at` is of the message that failed just now.
    """
    return now - failing_since >= GIVEN_UP_AFTER and now - made_at >= TRIED_FOR
