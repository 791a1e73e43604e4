"""What a run may use, what it still needs, and when it should stop.

budget = Budget(config)
budget.add(Tokens(1_200, 800))
budget.spent, budget.cost, budget.exhausted()
replies_needed(config, kept_after=[4, 7])      # so many more, if they hold what the last ones held
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from herdwick.selfinstruct.teacher.config import TeacherConfig

_MILLION = 1_000_000


@dataclass(frozen=True)
class Tokens:
    """Tokens of requests and of replies, as the endpoint counts them."""

    prompt: int = 0
    reply: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.prompt + other.prompt, self.reply + other.reply)

    @property
    def total(self) -> int:
        """Both together."""
        return self.prompt + self.reply


class Budget:
    """Counts tokens and what they cost.

    Args:
        config: Prices and limits.
    """

    def __init__(self, config: TeacherConfig) -> None:
        self._config = config
        self.spent = Tokens()

    def add(self, used: Tokens) -> None:
        """Count what one reply used."""
        self.spent += used

    @property
    def cost(self) -> float:
        """Of all that was spent, in the currency of the prices."""
        config = self._config
        return (self.spent.prompt * config.price_in + self.spent.reply * config.price_out) / _MILLION

    def exhausted(self, in_flight: int = 0, answered: int = 0) -> bool:
        """Whether one request more might exceed the budget.

        Args:
            in_flight: Requests that are still to be paid for, each taken for an average one.
            answered: Replies that were counted; until there is one, a budget allows only one request, as
                nobody knows what it takes.
        """
        config = self._config
        if in_flight and not answered:
            return config.budget_tokens is not None or config.budget_cost is not None
        share = 1 + (in_flight + 1) / answered if answered else 1
        tokens, cost = self.spent.total * share, self.cost * share
        return (config.budget_tokens is not None and tokens > config.budget_tokens) or (
            config.budget_cost is not None and cost > config.budget_cost
        )


class YieldWatch:
    """Watches which share of what comes is kept.

    Args:
        config: Least share, and over how many items.
    """

    def __init__(self, config: TeacherConfig) -> None:
        self._least = config.least_yield
        self._last: deque[bool] = deque(maxlen=config.yield_window)

    def add(self, kept: int, dropped: int) -> None:
        """Count the items of one reply."""
        self._last.extend([True] * kept + [False] * dropped)

    @property
    def low(self) -> bool:
        """Whether too little, or nothing, was kept of the last items, once there are enough of them."""
        full = len(self._last) == self._last.maxlen
        return full and (not any(self._last) or sum(self._last) / len(self._last) < self._least)


def replies_needed(config: TeacherConfig, kept_after: Sequence[int]) -> int:
    """Replies in which the items still wanted should be, so that no more are asked for than will be used.

    They are taken to hold on average as much as the last `window` did. Before there are any, each is taken
    to hold all that it is asked for, which counts as one more reply later on: few requests too few only cost
    time, too many cost money.

    Args:
        config: How many items are wanted.
        kept_after: Items kept in all after each reply that was judged.
    """
    kept = kept_after[-1] if kept_after else 0
    last = min(len(kept_after), config.requests_ahead)
    before = kept_after[-last - 1] if len(kept_after) > last else 0
    average = (kept - before + config.items_per_reply) / (last + 1)
    return ceil((config.count - kept) / average)
