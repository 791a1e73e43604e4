"""How many requests a client may send.

limit = RateLimit("120/minute")
limit.wait_s("key 1")     # None: counted and allowed; else the seconds until it is allowed again
"""

import math
import time

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from herdwick.agents.errors import UsageError


class RateLimit:
    """A limit for each client, over a window that moves with time.

    Args:
        rate: Such as `120/minute` or `5 per second`; '' for none.

    Raises:
        UsageError: The rate cannot be read.
    """

    def __init__(self, rate: str) -> None:
        try:
            self._item = parse(rate) if rate else None
        except ValueError as error:
            raise UsageError(
                "bad_rate", f"{rate!r} is no rate.", "Write it as 120/minute, or 0 for no limit."
            ) from error
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def wait_s(self, client: str, *, counts: bool = True) -> int | None:
        """None if a request of `client` is allowed, else the seconds to wait, at least 1.

        Args:
            client: Who sends it.
            counts: Whether it is counted; else it is only looked at.
        """
        if self._item is None:
            return None
        allow = self._limiter.hit if counts else self._limiter.test
        if allow(self._item, client):
            return None
        stats = self._limiter.get_window_stats(self._item, client)
        return max(1, math.ceil(stats.reset_time - time.time()))
