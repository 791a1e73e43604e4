import pytest

from herdwick.evals.evaluators import Outcome, Verdict
from herdwick.evals.figures import figures
from herdwick.evals.metrics import Share, measure
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
    found = measure(verdicts, rows(a={"hop": 1}, b={"hop": 2}, c={"hop": 3}))
    assert found.score == pytest.approx(0.5)
    assert 0 < found.score_interval.low < 0.5 < found.score_interval.high < 1
    assert figures(found)["score_interval"] == {
        "low": round(found.score_interval.low, 4),
        "high": round(found.score_interval.high, 4),
    }
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
        "score_interval": None,
        "errors": {},
        "all": slice_,
        "refusals": nothing,
        "refused_wrongly": {"right": 0, "n": 1, "share": 0.0, "low": 0.0, "high": 0.7935},
        "hops": {"1": slice_},
        "kinds": {},
        "tags": {"own": slice_},
        "templates": {},
    }


def test_kinds_are_slices_too():
    metrics = measure(
        [verdict("a"), verdict("b", strict=False), verdict("c")],
        rows(a={"kind": "qa", "tags": ["rpki"]}, b={"kind": "mcq"}, c={}),
    )
    assert {kind: part.strict for kind, part in metrics.kinds.items()} == {
        "computed": Share(1, 1),
        "mcq": Share(0, 1),
        "qa": Share(1, 1),
    }
    assert list(metrics.tags) == ["rpki"]
    assert measure([verdict("c")], rows(c={})).kinds == {}


def test_every_figure_takes_a_template_for_one_cluster():
    names = [str(at) for at in range(12)]
    asked = rows(**{name: {"hop": 1, "tags": ["own"], "template": f"t{int(name) // 6}"} for name in names})
    metrics = measure([verdict(name, refused=True) for name in names], asked)
    parts = (metrics.all, metrics.hops[1], metrics.tags["own"])
    shares = [share for part in parts for share in (part.plan, part.strict, part.loose, part.accuracy)]
    for share in (*shares, metrics.refused_wrongly):
        assert (share.right, share.n, share.clusters, share.effective) == (12, 12, 2, 2)
    refusals = measure([verdict(name, answerable=False, refused=True) for name in names], asked).refusals
    assert (refusals.right, refusals.n, refusals.clusters) == (12, 12, 2)


def test_templates_with_more_than_one_question_are_slices():
    metrics = measure(
        [verdict("a"), verdict("b", strict=False), verdict("c"), verdict("d")],
        rows(a={"template": "t"}, b={"template": "t"}, c={"template": "u"}, d={}),
    )
    assert {name: (part.strict.right, part.n) for name, part in metrics.templates.items()} == {"t": (1, 2)}
    assert figures(metrics)["templates"]["t"]["strict"]["clusters"] == 1


def test_a_template_called_like_a_row_is_no_cluster_with_it_and_errors_counted_apart():
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
    assert metrics.all.strict.clusters == 3
    assert figures(metrics)["all"]["strict"]["clusters"] == 3
    assert metrics.errors == {"runtime": 2}
    plain = {name: row.model_copy(update={"template": None}) for name, row in asked.items()}
    assert measure(verdicts, plain).all.strict == Share(2, 4)
