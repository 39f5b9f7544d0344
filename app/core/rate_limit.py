"""So many requests a minute for each credential, counted in this process."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from app.core.errors import TOO_MANY_REQUESTS, Problem
from app.core.texts import text


class RateLimit:
    """Counts requests; several API processes each count their own."""

    def __init__(self, per_minute: int) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, who: str) -> None:
        """Count one request. Raises 429 `tooManyRequests` with `Retry-After` in seconds."""
        if self._limiter.hit(self._item, who):
            return
        reset_at = self._limiter.get_window_stats(self._item, who).reset_time
        seconds = max(1, math.ceil(reset_at - time.time()))
        raise Problem(
            TOO_MANY_REQUESTS,
            text(
                "At most %(limit)s requests a minute; try again in %(seconds)s seconds.",
                limit=self._item.amount,
                seconds=seconds,
            ),
            headers={"Retry-After": str(seconds)},
        )
