"""How many questions are answered at the same time, and how many may wait.

    slots = Slots(count=4, max_queue=32)
    async with slots.hold():        # HttpFailure 429 with Retry-After where the queue is full
        ...

Whoever waits longest comes first. All methods belong to one event loop.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from herdwick.agents.server.errors import HttpFailure

FIRST_GUESS_S = 2.0
"""How long a question takes, before any has been measured."""

NEWEST_SHARE = 0.2
"""Weight of the newest question in the moving mean of durations: five questions make most of it."""


class Slots:
    """A bounded queue in front of a bounded number of places.

    Args:
        count: Questions answered at the same time.
        max_queue: Questions that may wait for a place.

    Attributes:
        held: Places taken.
        waiting: Questions in the queue.
    """

    def __init__(self, count: int, max_queue: int) -> None:
        self.held = 0
        self.waiting = 0
        self._count = count
        self._max_queue = max_queue
        self._places = asyncio.Semaphore(count)
        self._mean_s = FIRST_GUESS_S

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Wait for a place and hold it.

        Raises:
            HttpFailure: 429; as many wait as may.
        """
        await self._take()
        started = time.monotonic()
        try:
            yield
        finally:
            self._mean_s += NEWEST_SHARE * (time.monotonic() - started - self._mean_s)
            self.held -= 1
            self._places.release()

    async def _take(self) -> None:
        if self._places.locked() and self.waiting >= self._max_queue:
            wait_s = self._wait_s()
            raise HttpFailure(
                429,
                "queue_full",
                f"{self.waiting} questions are waiting already.",
                f"Ask again in {wait_s} s.",
                retry_after_s=wait_s,
            )
        self.waiting += 1
        try:
            await self._places.acquire()
        finally:
            self.waiting -= 1
        self.held += 1

    def _wait_s(self) -> int:
        """Seconds until the queue of now is worked off, about."""
        return max(1, math.ceil((self.waiting + 1) / self._count * self._mean_s))
