"""What time it is: the real clock, plus what a simulation has advanced it by.

Business code gets the time of its transaction from its session (`session.now`). The real clock
alone rules tokens, rate limits and idempotency.
"""

from datetime import UTC, datetime, timedelta


def real_now() -> datetime:
    """The real time, UTC, whole microseconds."""
    return datetime.now(UTC)


def simulated(offset_seconds: float) -> datetime:
    """The time by a clock advanced so many seconds."""
    return real_now() + timedelta(seconds=offset_seconds)
