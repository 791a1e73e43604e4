"""What calls cost, and the budget that stops them."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from herdwick.tools.aminer.http import pricing
from herdwick.tools.aminer.http.calls import Call
from herdwick.tools.aminer.http.pricing import NOT_BILLED, Ledger
from herdwick.tools.errors import BackendError

DETAIL = pricing.PERSON_DETAIL.call({"id": "p1"})


def pay(ledger: Ledger, call: Call, failure: str = "") -> None:
    """Attempt `call`, which fails with an error of kind `failure` if that is given."""
    with ledger.paying(call):
        if failure:
            raise BackendError(failure, "The call failed.")


def test_what_a_call_costs_is_spent() -> None:
    ledger = Ledger(budget_cny=2.0)
    pay(ledger, DETAIL)
    assert ledger.spent_cny == Decimal("1.00")


def test_prices_add_up_exactly() -> None:
    ledger = Ledger(budget_cny=0.3)
    for _ in range(30):
        pay(ledger, pricing.PAPER_DETAIL.call({"id": "w1"}))
    assert ledger.spent_cny == Decimal("0.30")


def test_the_call_that_would_exceed_the_budget_is_not_made() -> None:
    ledger = Ledger(budget_cny=1.5)
    pay(ledger, DETAIL)
    made = False
    with pytest.raises(BackendError) as caught, ledger.paying(DETAIL):
        made = True
    assert (made, ledger.spent_cny) == (False, Decimal("1.00"))
    assert caught.value.kind == "budget_exceeded"
    assert caught.value.message == (
        "GET /api/person/detail costs 1.00 CNY, but only 0.50 of the budget of 1.50 CNY is left."
    )


def test_a_budget_of_nothing_still_admits_free_calls() -> None:
    ledger = Ledger(budget_cny=0)
    pay(ledger, pricing.PERSON_SEARCH.call(body={"name": "Mira Kovač"}))
    assert ledger.spent_cny == 0


@pytest.mark.parametrize("kind", sorted(NOT_BILLED))
def test_a_call_that_certainly_was_not_answered_costs_nothing(kind: str) -> None:
    ledger = Ledger(budget_cny=2.0)
    with pytest.raises(BackendError):
        pay(ledger, DETAIL, failure=kind)
    assert ledger.spent_cny == 0


@pytest.mark.parametrize("kind", ["timeout", "connection_lost", "bad_response", "too_large"])
def test_a_call_that_may_have_been_answered_counts_as_spent(kind: str) -> None:
    ledger = Ledger(budget_cny=2.0)
    with pytest.raises(BackendError):
        pay(ledger, DETAIL, failure=kind)
    assert ledger.spent_cny == Decimal("1.00")


def test_threads_cannot_overspend_together() -> None:
    ledger = Ledger(budget_cny=5.0)

    def attempt(_: int) -> bool:
        try:
            pay(ledger, DETAIL)
        except BackendError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        paid = list(pool.map(attempt, range(40)))
    assert (sum(paid), ledger.spent_cny) == (5, Decimal("5.00"))
