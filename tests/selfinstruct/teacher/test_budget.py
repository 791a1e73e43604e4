import pytest

from herdwick.selfinstruct.teacher.budget import Budget, Tokens, YieldWatch, replies_needed


def test_cost_is_that_of_a_million_tokens_each_way(configure):
    budget = Budget(configure(price_in=2.0, price_out=10.0))
    budget.add(Tokens(500_000, 100_000))
    assert (budget.spent.total, budget.cost) == (600_000, 2.0)


@pytest.mark.parametrize(("in_flight", "exhausted"), [(0, False), (1, True)])
def test_requests_under_way_count_as_average_ones(configure, in_flight, exhausted):
    budget = Budget(configure(budget_tokens=1_150))
    budget.add(Tokens(600, 400))
    assert budget.exhausted(in_flight=in_flight, answered=10) is exhausted


def test_before_the_first_reply_a_budget_allows_one_request(configure):
    assert not Budget(configure(budget_tokens=100)).exhausted(in_flight=0, answered=0)
    assert Budget(configure(budget_tokens=100)).exhausted(in_flight=1, answered=0)
    assert not Budget(configure()).exhausted(in_flight=7, answered=0)


def test_without_a_limit_nothing_is_exhausted(configure):
    budget = Budget(configure())
    budget.add(Tokens(10**12, 10**12))
    assert not budget.exhausted()


def test_the_yield_is_low_only_over_a_full_window(configure):
    watch = YieldWatch(configure(least_yield=0.5, yield_window=4))
    watch.add(kept=1, dropped=2)
    assert not watch.low
    watch.add(kept=0, dropped=1)
    assert watch.low
    watch.add(kept=3, dropped=0)
    assert not watch.low


def test_keeping_nothing_at_all_is_always_low(configure):
    watch = YieldWatch(configure(least_yield=0.0, yield_window=3))
    watch.add(kept=0, dropped=3)
    assert watch.low


@pytest.mark.parametrize(
    ("kept_after", "needed"),
    [
        pytest.param([], 4, id="at first each is taken to hold the five it is asked for"),
        pytest.param([3], 5, id="17 more, at the mean of 3 and 5"),
        pytest.param([0, 0, 0], 16, id="20 more, at the mean of three times nothing and 5"),
        pytest.param([6, 12, 12, 12], 5, id="8 more, at the mean of the last two and 5"),
        pytest.param([5, 10, 15, 19], 1, id="one more"),
    ],
)
def test_replies_are_needed_for_the_items_still_wanted(configure, kept_after, needed):
    config = configure(count=20, items_per_reply=5, window=2, in_flight=2)
    wide = configure(count=20, items_per_reply=5, window=8)
    assert replies_needed(config if len(kept_after) == 4 else wide, kept_after) == needed
