"""Intervals, checked against published tables, against statsmodels, and by hand."""

import random

import pytest
from statsmodels.stats.proportion import proportion_confint

from herdwick.evals.intervals import Share, effective_n, weighted_interval


def of_templates(count, size, wrong=()):
    """The share of `count` clusters of `size` questions each; all are right but those of some clusters."""
    return Share.of((at not in wrong, f"t{at}") for at in range(count) for _ in range(size))


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals(right, n, low, high):
    share = Share(right, n)
    assert share.low == pytest.approx(low, abs=5e-5)
    assert share.high == pytest.approx(high, abs=5e-5)


def test_no_questions_say_nothing():
    assert (Share(0, 0).share, Share(0, 0).low, Share(0, 0).high) == (None, 0.0, 1.0)
    assert Share.of([]) == Share(0, 0)


def test_questions_that_are_their_own_clusters_count_in_full():
    assert Share.of([(True, "a"), (False, "b"), (True, "c")]) == Share(2, 3)
    assert effective_n([1, 0, 1], ["a", "b", "c"]) == 3


@pytest.mark.parametrize(("clusters", "size"), [(44, 6), (2, 10), (1, 5)])
@pytest.mark.parametrize("wrong", [(), range(44)])
def test_clusters_that_are_all_right_or_all_wrong_say_as_much_as_that_many_questions(clusters, size, wrong):
    """264 of 264 over 44 templates is no certainty: the interval is that of 44 of 44."""
    share = of_templates(clusters, size, wrong)
    right = 0 if wrong else clusters
    low, high = proportion_confint(right, clusters, method="wilson")
    assert (share.low, share.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
    assert (share.n, share.clusters, share.effective) == (clusters * size, clusters, clusters)


def test_an_effective_number_by_hand():
    """Four clusters of three, one of them wrong: copies, so that three of four variances count."""
    share = of_templates(4, 3, wrong={0})
    # Residues: -9/4 once, 3/4 three times. 12 * (12 * 3/16) / (108/16 * 4/3) = 3.
    assert share.effective == pytest.approx(3)
    assert (share.low, share.high) == pytest.approx(proportion_confint(2.25, 3, method="wilson"))


def test_copies_say_as_much_as_their_originals():
    once = [at % 3 > 0 for at in range(60)]
    copied = [(right, str(at)) for at, right in enumerate(once) for _ in range(10)]
    single, share = Share(sum(once), 60), Share.of(copied)
    assert share.effective == pytest.approx(59)
    assert share.high - share.low == pytest.approx(single.high - single.low, rel=0.01)


def test_clusters_that_tell_nothing_count_nearly_in_full():
    rng = random.Random(1)
    values = [rng.random() < 0.7 for _ in range(4000)]
    assert 3000 < effective_n(values, [str(at // 4) for at in range(4000)]) <= 4000


def test_clusters_that_do_not_differ_count_as_one_question_each():
    assert effective_n([1, 0, 1, 0, 1, 0], ["a", "a", "b", "b", "c", "c"]) == 3


def test_the_interval_of_a_sum_by_hand():
    """Of one share with the weight 1 it is the share's own; of two the distances add as squares."""
    first, second = Share(8, 10), Share(30, 40)
    assert weighted_interval([(1, first)]) == pytest.approx((first.low, first.high))
    found = weighted_interval([(0.25, first), (0.75, second)])
    below = ((0.25 * (0.8 - first.low)) ** 2 + (0.75 * (0.75 - second.low)) ** 2) ** 0.5
    above = ((0.25 * (first.high - 0.8)) ** 2 + (0.75 * (second.high - 0.75)) ** 2) ** 0.5
    assert found == pytest.approx((0.7625 - below, 0.7625 + above))


def test_a_sum_of_shares_that_are_all_right_has_a_width():
    found = weighted_interval((hop / 6, Share(88, 88)) for hop in (1, 2, 3))
    assert found.high == pytest.approx(1)
    assert 0.95 < found.low < 0.99
