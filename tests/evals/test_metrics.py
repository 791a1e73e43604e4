import pytest

from herdwick.evals.evaluators import Outcome, Verdict
from herdwick.evals.figures import figures
from herdwick.evals.metrics import Clustered, Share, measure
from herdwick.evals.rows import Row


def verdict(name, **changed):
    right = {
        "answerable": True,
        "refused": False,
        "plan": True,
        "strict": True,
        "loose": True,
        "outcome": Outcome.EM,
    }
    return Verdict(name, **right | changed)


def rows(**fields):
    return {name: Row(id=name, question="?", **given) for name, given in fields.items()}


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


def test_refusals_are_counted_apart_from_questions_with_an_answer():
    metrics = measure(
        [
            verdict("a"),
            verdict("b", strict=False, refused=True, plan=False, outcome=Outcome.EE),
            verdict("c", answerable=False, refused=True, plan=None, outcome=None),
            verdict("d", answerable=False, strict=False, loose=False, plan=None, outcome=None),
        ],
        rows(a={}, b={}, c={}, d={}),
    )
    assert metrics.all.n == 2
    assert metrics.all.strict == Share(1, 2)
    assert metrics.refused_wrongly == Share(1, 2)
    assert metrics.refusals == Share(1, 2)


def test_hops_and_tags_are_slices_of_their_own():
    metrics = measure(
        [verdict("a"), verdict("b", strict=False, outcome=Outcome.WC), verdict("c", loose=False)],
        rows(a={"hop": 1, "tags": ["own", "zh"]}, b={"hop": 2, "tags": ["own"]}, c={"hop": 2}),
    )
    assert {hop: part.strict for hop, part in metrics.hops.items()} == {1: Share(1, 1), 2: Share(1, 2)}
    assert {tag: part.strict for tag, part in metrics.tags.items()} == {"own": Share(1, 2), "zh": Share(1, 1)}
    assert metrics.hops[2].loose == Share(1, 2)
    assert metrics.tags["own"].outcomes == {Outcome.EM: 1, Outcome.WC: 1}


def test_plans_are_counted_where_a_row_has_one():
    metrics = measure([verdict("a"), verdict("b", plan=None)], rows(a={}, b={}))
    assert metrics.all.plan == Share(1, 1)


def test_accuracy_counts_exact_matches_and_different_solutions():
    outcomes = [Outcome.EM, Outcome.DS, Outcome.WS, Outcome.WC, Outcome.EE]
    verdicts = [verdict(name, outcome=outcome) for name, outcome in zip("abcde", outcomes, strict=True)]
    metrics = measure(verdicts, rows(a={}, b={}, c={}, d={}, e={}))
    assert metrics.all.accuracy == Share(2, 5)


def test_the_score_needs_one_two_and_three_hops():
    verdicts = [verdict("a"), verdict("b"), verdict("c", outcome=Outcome.WC)]
    assert measure(verdicts, rows(a={"hop": 1}, b={"hop": 2}, c={"hop": 3})).score == pytest.approx(0.5)
    assert measure(verdicts, rows(a={"hop": 1}, b={"hop": 2}, c={})).score is None


def test_figures_carry_counts_shares_and_intervals():
    part = figures(measure([verdict("a")], rows(a={"hop": 1, "tags": ["own"]})))
    right = {"right": 1, "n": 1, "share": 1.0, "low": 0.2065, "high": 1.0}
    slice_ = {
        "n": 1,
        "plan": right,
        "strict": right,
        "set": right,
        "acc": right,
        "outcomes": {"EM": 1},
    }
    nothing = {"right": 0, "n": 0, "share": None, "low": 0.0, "high": 1.0}
    assert part == {
        "score": None,
        "clustered": None,
        "errors": {},
        "all": slice_,
        "refusals": nothing,
        "refused_wrongly": {"right": 0, "n": 1, "share": 0.0, "low": 0.0, "high": 0.7935},
        "hops": {"1": slice_},
        "tags": {"own": slice_},
    }


def test_kinds_are_slices_too():
    metrics = measure(
        [verdict("a"), verdict("b", strict=False), verdict("c")],
        rows(a={"kind": "qa", "tags": ["rpki"]}, b={"kind": "mcq"}, c={}),
    )
    assert {tag: part.strict for tag, part in metrics.tags.items()} == {
        "kind:mcq": Share(0, 1),
        "kind:qa": Share(1, 1),
        "rpki": Share(1, 1),
    }


def test_a_clustered_interval_by_hand():
    """Two clusters of two, all right and all wrong: as much as two questions say."""
    found = Clustered.of([(True, "a"), (True, "a"), (False, "b"), (False, "b")])
    # Residues of 1 and -1: an error of sqrt(2) / 4 around a half.
    assert found.clusters == 2
    assert found.low == pytest.approx(max(0, 0.5 - 1.96 * 2**0.5 / 4), abs=1e-3)
    assert found.high == 1.0


def test_one_cluster_says_nothing_of_others():
    found = Clustered.of([(True, "a"), (True, "a"), (False, "a")])
    assert (found.clusters, found.low, found.high) == (1, 0.0, 1.0)


def test_single_clusters_give_the_usual_interval():
    found = Clustered.of([(at % 4 > 0, str(at)) for at in range(400)])
    error = (0.75 * 0.25 / 400) ** 0.5
    assert (found.low, found.high) == pytest.approx((0.75 - 1.96 * error, 0.75 + 1.96 * error), abs=1e-4)


def test_rows_with_templates_are_clustered_and_errors_counted_apart():
    asked = {
        "a": Row(id="a", question="?", answer=1, template="t"),
        "b": Row(id="b", question="?", answer=1, template="t"),
        "c": Row(id="c", question="?", answer=1),
        "t": Row(id="t", question="?", answer={"error": "empty_result"}),
    }
    verdicts = [
        verdict("a"),
        verdict("b", strict=False, error="runtime"),
        verdict("c", strict=False, error="runtime"),
        verdict("t", error="empty_result"),
    ]
    metrics = measure(verdicts, asked)
    assert metrics.clustered.clusters == 3
    assert metrics.errors == {"runtime": 2}
    plain = {name: row.model_copy(update={"template": None}) for name, row in asked.items()}
    assert measure(verdicts, plain).clustered is None
