"""Comparisons, checked against statsmodels, SciPy and counts made by hand."""

import random

import pytest
from scipy.stats import binom
from statsmodels.stats.contingency_tables import mcnemar

from herdwick.agents.errors import UsageError
from herdwick.evals.comparison import compare
from herdwick.evals.evaluators import Verdict


def verdict(name, strict, *, answerable=True, refused=False, plan=None, loose=None):
    return Verdict(
        id=name,
        answerable=answerable,
        refused=refused,
        plan=plan,
        strict=strict,
        loose=strict if loose is None else loose,
        outcome=None,
    )


def runs(both, only_first, only_second, neither):
    """Two runs with so many questions right in both, one or none of them."""
    rights = [(1, 1)] * both + [(1, 0)] * only_first + [(0, 1)] * only_second + [(0, 0)] * neither
    first = {str(at): verdict(str(at), bool(before)) for at, (before, _) in enumerate(rights)}
    second = {str(at): verdict(str(at), bool(after)) for at, (_, after) in enumerate(rights)}
    return first, second


@pytest.mark.parametrize(
    "table", [(50, 12, 3, 20), (50, 3, 12, 20), (0, 1, 0, 0), (10, 0, 9, 0), (200, 40, 62, 80), (5, 4, 4, 5)]
)
def test_the_p_value_is_mcnemars_exact_one(table):
    both, lost, gained, neither = table
    found = compare(*runs(*table), clusters={}).answers
    peer = mcnemar([[both, lost], [gained, neither]], exact=True).pvalue
    assert found.p_value == pytest.approx(peer, abs=1e-12)
    assert (len(found.gained), len(found.lost)) == (gained, lost)
    assert (found.first, found.second, found.n) == (both + lost, both + gained, sum(table))
    assert found.difference == pytest.approx((gained - lost) / sum(table))


def test_a_p_value_by_hand():
    # Of 10 that changed sides 9 went one way: 2 * (C(10,0) + C(10,1)) / 2^10.
    found = compare(*runs(20, 1, 9, 5), clusters={}).answers
    assert found.p_value == pytest.approx(2 * (1 + 10) / 1024)
    assert found.p_value == pytest.approx(2 * binom.cdf(1, 10, 0.5))
    # Answers and answers as sets changed alike, the other figures not at all: two tests.
    assert found.adjusted_p == pytest.approx(2 * found.p_value)
    assert found.verdict == "better"


@pytest.mark.parametrize(
    ("table", "verdict_"),
    [
        ((50, 15, 2, 0), "worse"),
        ((50, 2, 15, 0), "better"),
        ((50, 5, 2, 0), "no difference shown"),
        ((9, 0, 0, 3), "no difference shown"),
    ],
)
def test_a_difference_is_called_real_only_beyond_chance(table, verdict_):
    assert compare(*runs(*table), clusters={}).answers.verdict == verdict_


def test_the_interval_is_that_of_a_mean_of_paired_differences():
    found = compare(*runs(200, 40, 62, 98), clusters={}).answers
    n, mean = 400, 22 / 400
    # Of +1, 0 and -1 the variance is the mean square less the square of the mean.
    error = ((102 / n - mean**2) / n) ** 0.5
    assert found.low == pytest.approx(mean - 1.96 * error, abs=0.006)
    assert found.high == pytest.approx(mean + 1.96 * error, abs=0.006)


def test_questions_of_one_template_count_as_one():
    """Ten copies of each question say no more than one: the interval stays as wide, not a third of it."""
    first, second = runs(20, 6, 12, 12)
    single = compare(first, second, clusters={}).answers
    copied = [
        {f"{name}.{copy}": one for name, one in run.items() for copy in range(10)} for run in (first, second)
    ]
    clusters = {name: name.partition(".")[0] for name in copied[0]}
    clustered = compare(*copied, clusters=clusters).answers
    alone = compare(*copied, clusters={}).answers
    assert clustered.high - clustered.low == pytest.approx(single.high - single.low, rel=0.05)
    assert (alone.high - alone.low) * 3 == pytest.approx(single.high - single.low, rel=0.1)


@pytest.mark.parametrize(
    ("clusters", "size"),
    [pytest.param(20, 10, id="one of 20 repeated questions"), pytest.param(44, 6, id="one of 44 templates")],
)
def test_one_cluster_that_is_lost_is_no_proof(clusters, size):
    """Its questions changed sides together: as many lost ones by themselves would be worse by far."""
    first = {f"{at}#{copy}": verdict("", True) for at in range(clusters) for copy in range(size)}
    second = {name: verdict("", not name.startswith("0#")) for name in first}
    found = compare(first, second, {name: name.partition("#")[0] for name in first}).answers
    assert (found.verdict, found.p_value, found.clusters) == ("no difference shown", 1, clusters)
    assert len(found.lost) == size
    assert found.low < -1 / clusters < 0 < found.high
    alone = compare(first, second, {}).answers
    assert (alone.p_value < 0.05, alone.high < 0) == (True, True)


def test_many_clusters_that_are_lost_are_a_proof():
    first = {f"{at}#{copy}": verdict("", True) for at in range(44) for copy in range(6)}
    second = {name: verdict("", int(name.partition("#")[0]) >= 9) for name in first}
    found = compare(first, second, {name: name.partition("#")[0] for name in first}).answers
    # All 9 in one direction, of 2^9 ways.
    assert found.p_value == pytest.approx(2 / 2**9)
    assert (found.verdict, found.high < 0) == ("worse", True)


@pytest.mark.parametrize(("questions", "bound"), [(1, 0.794), (10, 0.278), (264, 0.0144)])
def test_runs_that_agree_may_differ_by_what_so_few_questions_cannot_show(questions, bound):
    found = compare(*runs(questions, 0, 0, 0), clusters={}).answers
    assert (found.difference, found.p_value) == (0, 1)
    assert (found.low, found.high) == pytest.approx((-bound, bound), abs=1e-3)
    copies = {str(at): f"t{at // 6}" for at in range(questions)}
    clustered = compare(*runs(questions, 0, 0, 0), clusters=copies).answers
    assert clustered.high == pytest.approx(1.96**2 / (len(set(copies.values())) + 1.96**2), abs=1e-3)


def test_five_figures_are_tested_at_once():
    """Eight lost of eight: 2/256 each; the least of three such tests counts threefold."""
    first = {str(at): verdict("", True, plan=True) for at in range(30)}
    second = {str(at): verdict("", at > 7, plan=at > 7) for at in range(30)}
    found = compare(first, second, {})
    assert [change.adjusted_p for change in (found.answers, found.sets, found.plans)] == pytest.approx(
        [6 / 256] * 3
    )
    assert (found.answered.adjusted_p, found.refusals.adjusted_p) == (1, 1)


def test_questions_that_only_one_run_judged_are_counted():
    first, second = runs(30, 0, 0, 0)
    found = compare(first, {name: second[name] for name in ("1", "2", "3")} | {"new": verdict("", True)}, {})
    assert (found.answers.n, found.only_first, found.only_second) == (3, 27, 1)


def test_each_figure_is_over_its_own_questions():
    first = {
        "a": verdict("a", True, plan=True),
        "b": verdict("b", False, plan=False, loose=True),
        "c": verdict("c", False, refused=True),
        "d": verdict("d", True, answerable=False, refused=True),
        "only": verdict("only", True),
    }
    second = {
        "a": verdict("a", False, plan=True),
        "b": verdict("b", True, plan=True),
        "c": verdict("c", True),
        "d": verdict("d", False, answerable=False),
    }
    found = compare(first, second, {})
    assert (found.answers.n, found.answers.gained, found.answers.lost) == (3, ("b", "c"), ("a",))
    assert (found.sets.gained, found.sets.lost) == (("c",), ("a",))
    assert (found.plans.n, found.plans.gained) == (2, ("b",))
    assert (found.refusals.n, found.refusals.lost) == (1, ("d",))
    assert (found.answered.n, found.answered.gained) == (3, ("c",))


def test_under_chance_alone_few_differences_are_called_real():
    """At 5 % some are; McNemar's exact test is known to be on the safe side."""
    rng = random.Random(3)
    called = 0
    for _ in range(200):
        flips = [rng.random() < 0.5 for _ in range(rng.randrange(5, 40))]
        called += compare(*runs(20, flips.count(True), flips.count(False), 20), {}).answers.p_value < 0.05
    assert called <= 14


def test_runs_without_a_common_question_are_not_compared():
    with pytest.raises(UsageError):
        compare({"a": verdict("a", True)}, {"b": verdict("b", True)}, {})
