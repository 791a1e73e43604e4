"""What live AMiner calls cost, and the budget that stops them.

    ledger = Ledger(budget_cny=1.0)
    with ledger.paying(PERSON_DETAIL.call({"id": "53f4"})):
        ...                     # send it
    ledger.spent_cny            # Decimal("1.00")

Paths and prices of the AMiner open platform stand in this table and nowhere else. They come from third-party
descriptions of the platform (November 2026), not from a price list of AMiner's own.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from herdwick.tools.aminer.http.calls import Call, Endpoint
from herdwick.tools.errors import BackendError
from herdwick.tools.question import Tally

CURRENCY = "CNY"

PERSON_SEARCH = Endpoint("POST", "/api/person/search")
PAPER_SEARCH = Endpoint("GET", "/api/paper/search")
PAPER_INFO = Endpoint("POST", "/api/paper/info")
PAPER_SEARCH_PRO = Endpoint("GET", "/api/paper/search/pro", Decimal("0.01"))
PAPER_DETAIL = Endpoint("GET", "/api/paper/detail", Decimal("0.01"))
PERSON_FIGURE = Endpoint("GET", "/api/person/figure", Decimal("0.50"))
PERSON_DETAIL = Endpoint("GET", "/api/person/detail", Decimal("1.00"))
PERSON_PAPERS = Endpoint("GET", "/api/person/paper/relation", Decimal("1.50"))

PERSON_SEARCH_SIZE = 10
"""Most persons one `PERSON_SEARCH` returns."""
PAPER_SEARCH_SIZE = 20
"""Most papers one `PAPER_SEARCH` returns."""
PAPER_INFO_IDS = 100
"""Most ids one `PAPER_INFO` takes."""

NOT_BILLED = frozenset(
    {"rate_limited", "unauthorized", "refused", "not_found", "server_error", "unreachable", "redirected"}
)
"""Failures after which the service has certainly delivered nothing to charge for.

After any other failure, such as a timeout, the answer may have been made and charged, so it counts as spent.
"""


class Ledger:
    """Money spent against a budget; safe to share between threads.

    Args:
        budget_cny: Most to spend, in CNY, on all questions together.

    Attributes:
        spent: In CNY, calls under way included.
    """

    def __init__(self, budget_cny: float) -> None:
        self.budget_cny = Decimal(str(budget_cny))
        self.spent = Tally()
        self._lock = threading.Lock()

    @property
    def spent_cny(self) -> Decimal:
        """Spent so far on all questions, including calls under way, in CNY."""
        return self.spent.total

    @contextmanager
    def paying(self, call: Call) -> Iterator[None]:
        """Pay for one attempt at `call`, which is made inside the `with`.

        The price is set aside before the attempt, so that threads cannot overspend together, and given back
        when the attempt fails in one of the `NOT_BILLED` ways.

        Raises:
            BackendError: `budget_exceeded`; the attempt was not made.
        """
        self._reserve(call)
        try:
            yield
        except BackendError as error:
            if error.kind in NOT_BILLED:
                self.spent.add(-call.price_cny)
            raise

    def _reserve(self, call: Call) -> None:
        with self._lock:
            left = self.budget_cny - self.spent.total
            if call.price_cny <= left:
                self.spent.add(call.price_cny)
                return
        raise BackendError(
            "budget_exceeded",
            f"{call.name} costs {call.price_cny:.2f} {CURRENCY}, but only {left:.2f} of the budget of "
            f"{self.budget_cny:.2f} {CURRENCY} is left.",
            "Raise the budget, or ask for less; nothing was spent on this call.",
        )
