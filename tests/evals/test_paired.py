"""Tests and intervals of paired differences, against statsmodels, publications, and counts by hand."""

import itertools

import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from herdwick.evals.paired import difference_interval, difference_p, holm


def alone(gained, lost, same=10):
    """Differences of questions that are their own clusters."""
    differences = [1] * gained + [-1] * lost + [0] * same
    return differences, [str(at) for at in range(len(differences))]


def in_clusters(sums, size=10, same=5):
    """Clusters of `size` questions with these sums, and clusters in which nothing changed."""
    differences, clusters = [], []
    for at, total in enumerate([*sums, *[0] * same]):
        differences += [1 if total > 0 else -1] * abs(total) + [0] * (size - abs(total))
        clusters += [str(at)] * size
    return differences, clusters


@pytest.mark.parametrize(("gained", "lost"), [(3, 12), (12, 3), (0, 1), (9, 0), (62, 40), (4, 4), (0, 0)])
def test_questions_by_themselves_have_mcnemars_exact_p(gained, lost):
    peer = mcnemar([[10, lost], [gained, 0]], exact=True).pvalue
    assert difference_p(*alone(gained, lost)) == pytest.approx(peer, abs=1e-12)


@pytest.mark.parametrize(
    "sums", [(-10,), (-6, -6), (3, -1, -7, -2), (1, 2, 3, 4, 5, 6, 7), (5, -5), (9,) * 9]
)
def test_few_clusters_have_the_share_of_all_signs_that_are_as_extreme(sums):
    flipped = [
        abs(sum(sign * total for sign, total in zip(signs, sums, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(sums))
    ]
    expected = sum(one >= abs(sum(sums)) for one in flipped) / len(flipped)
    assert difference_p(*in_clusters(sums)) == pytest.approx(expected, abs=1e-12)


def test_many_clusters_are_drawn_and_come_near_the_exact_test():
    """Equal sums make it a test of signs, whose exact p is McNemar's."""
    sums = [4] * 30 + [-4] * 14
    exact = mcnemar([[0, 14], [30, 0]], exact=True).pvalue
    drawn = [difference_p(*in_clusters(sums), seed=seed) for seed in (1, 1, 2)]
    assert drawn == pytest.approx([exact] * 3, rel=0.25)
    assert drawn[0] == drawn[1]


def test_an_interval_that_was_published():
    """Airway reactivity: of 21 children 1 and 7 changed (M. Fagerland et al., Stat. Med. 33, 2014)."""
    assert difference_interval(1, 7, 21) == pytest.approx((-0.517, -0.026), abs=5e-4)
    low, high = difference_interval(7, 1, 21)
    assert (low, high) == pytest.approx((0.026, 0.517), abs=5e-4)


@pytest.mark.parametrize("n", [1, 10, 264])
def test_runs_that_agree_differ_by_no_more_than_so_many_questions_can_show(n):
    # Tango's equation without changed questions: difference^2 * n = z^2 * |difference| * (1 - |difference|).
    bound = 1.96**2 / (n + 1.96**2)
    assert difference_interval(0, 0, n) == pytest.approx((-bound, bound), abs=1e-4)


@pytest.mark.parametrize("n", [1, 2, 12, 300])
def test_where_all_changed_the_interval_ends_at_one(n):
    low, high = difference_interval(n, 0, n)
    assert high == 1
    assert -1 < low < 1
    assert difference_interval(0, n, n) == pytest.approx((-high, -low))


def test_large_runs_have_the_interval_of_a_mean():
    mean, n = 22 / 400, 400
    error = ((102 / n - mean**2) / n) ** 0.5
    assert difference_interval(62, 40, n) == pytest.approx(
        (mean - 1.96 * error, mean + 1.96 * error), abs=2e-3
    )


def test_no_question_says_nothing():
    assert difference_interval(0, 0, 0) == (-1, 1)


@pytest.mark.parametrize("p_values", [(), (0.03,), (0.01, 0.04, 0.03, 0.2), (0.9, 0.8), (0.02, 0.02, 0.001)])
def test_holms_correction(p_values):
    peer = multipletests(p_values, method="holm")[1].tolist() if p_values else []
    assert holm(p_values) == pytest.approx(peer)
