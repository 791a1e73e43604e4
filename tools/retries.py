"""What may pass is tried again, a few times and with growing waits.

    RetryPolicy().retrying()(attempt, url)

Only `RetryableError` is tried again, and not before the time that a service asked for.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential, wait_random

from herdwick.tools.http_failures import RetryableError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RetryPolicy:
    """When to try again.

    Attributes:
        attempts: Most attempts, the first included.
        first_wait_s: Wait before the second attempt, in seconds; it doubles, with jitter.
        longest_wait_s: Longest wait, in seconds. A service that asks for more is not asked again.
        sleep: Waits so many seconds.
    """

    attempts: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0
    sleep: Callable[[float], None] = time.sleep

    def retrying(self, gives_up: Callable[[RetryCallState], bool] | None = None) -> Retrying:
        """Calls a function, and again while it raises `RetryableError`.

        Args:
            gives_up: Ends the attempts; default: after `attempts` of them.
        """
        ends = gives_up or stop_after_attempt(self.attempts)
        return Retrying(
            retry=retry_if_exception_type(RetryableError),
            stop=lambda state: (_asked_wait_s(state) or 0.0) > self.longest_wait_s or ends(state),
            wait=self._wait_s,
            sleep=self.sleep,
            before_sleep=_log,
            reraise=True,
        )

    def _wait_s(self, state: RetryCallState) -> float:
        doubling = wait_exponential(self.first_wait_s, max=self.longest_wait_s)
        jitter = wait_random(0, self.first_wait_s)
        return max(doubling(state) + jitter(state), _asked_wait_s(state) or 0.0)


def _asked_wait_s(state: RetryCallState) -> float | None:
    failure = state.outcome.exception() if state.outcome else None
    return failure.retry_after_s if isinstance(failure, RetryableError) else None


def _log(state: RetryCallState) -> None:
    failure = state.outcome.exception() if state.outcome else None
    wait_s = state.next_action.sleep if state.next_action else 0.0
    logger.warning("%s Trying again in %.1f s.", getattr(failure, "message", failure), wait_s)
