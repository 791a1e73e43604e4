"""Figures over many verdicts: shares with confidence intervals, by hop, kind, tag and template.

metrics = measure(verdicts, rows)
metrics.all.strict.share, metrics.all.strict.low, metrics.all.strict.high
metrics.tags["three-slot"].plan
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from herdwick.evals.evaluators import Outcome, Verdict, soaybench_score
from herdwick.evals.intervals import Interval, Share, weighted_interval
from herdwick.evals.rows import Row

_Key = TypeVar("_Key", int, str)

_RIGHT = (Outcome.EM, Outcome.DS)
"""Outcomes that SoAyBench's ACC counts."""


@dataclass(frozen=True)
class Slice:
    """Figures over some of the questions.

    Attributes:
        n: Questions.
        plan: Right plans, among rows that have one.
        strict: Right answers; for questions to be refused, right refusals.
        loose: Right answers as sets.
        accuracy: SoAyBench's ACC: EM and DS among questions that have an answer.
        outcomes: How often each SoAyBench outcome occurred.
    """

    n: int
    plan: Share
    strict: Share
    loose: Share
    accuracy: Share
    outcomes: Mapping[Outcome, int]


@dataclass(frozen=True)
class Metrics:
    """All figures of a run.

    Attributes:
        all: Questions that have an answer.
        refusals: Of the questions to be refused, those that were.
        refused_wrongly: Of the questions that have an answer, those that were refused.
        score: SoAyBench's score from 0 to 1 over ACC by hop; None unless there are one, two and three hops.
        hops: Figures of the questions of each plan length.
        tags: Figures of the questions with each tag.
        kinds: Figures of the questions of each kind; none where all are `computed`.
        templates: Figures of the questions made from each template that was judged more than once.
        score_interval: Of 95 %; None where there is no score.
        errors: How often each kind of error ended an answer that is not right; refusals are not errors.
    """

    all: Slice
    refusals: Share
    refused_wrongly: Share
    score: float | None
    hops: Mapping[int, Slice]
    tags: Mapping[str, Slice]
    kinds: Mapping[str, Slice] = field(default_factory=dict)
    templates: Mapping[str, Slice] = field(default_factory=dict)
    score_interval: Interval | None = None
    errors: Mapping[str, int] = field(default_factory=dict)


def cluster_of(row: Row) -> str:
    """What a row is right or wrong together with: the rows of its template, or none but itself."""
    # A template may be called like a row.
    return f"template {row.template}" if row.template else f"row {row.id}"


def measure(verdicts: Sequence[Verdict], rows: Mapping[str, Row]) -> Metrics:
    """The figures over `verdicts`; what slices and clusters them comes from the rows of the same ids."""
    clusters = {verdict.id: cluster_of(rows[verdict.id]) for verdict in verdicts}
    answerable = [verdict for verdict in verdicts if verdict.answerable]
    hops = _slices(verdicts, clusters, lambda name: _known(rows[name].hop))
    tags = _slices(verdicts, clusters, lambda name: rows[name].tags)
    kinds = _slices(verdicts, clusters, lambda name: (rows[name].kind,))
    templates = _slices(verdicts, clusters, lambda name: _known(rows[name].template))
    accuracies = {hop: part.accuracy for hop, part in hops.items() if part.accuracy.n}
    score = soaybench_score({hop: share.share or 0.0 for hop, share in accuracies.items()})
    return Metrics(
        all=_slice(answerable, clusters),
        refusals=_share(
            ((verdict.id, verdict.refused) for verdict in verdicts if not verdict.answerable), clusters
        ),
        refused_wrongly=_share(((verdict.id, verdict.refused) for verdict in answerable), clusters),
        score=score,
        hops=hops,
        tags=tags,
        kinds={} if kinds.keys() <= {"computed"} else kinds,
        templates={name: part for name, part in templates.items() if part.n > 1},
        score_interval=None
        if score is None
        else weighted_interval((hop / 6, accuracies[hop]) for hop in (1, 2, 3)),
        errors=Counter(verdict.error for verdict in verdicts if verdict.error and not verdict.strict),
    )


def _slices(
    verdicts: Iterable[Verdict], clusters: Mapping[str, str], keys: Callable[[str], Iterable[_Key]]
) -> dict[_Key, Slice]:
    """The figures of each part that the keys of a row's id put it into, in the order of the keys."""
    parts: dict[_Key, list[Verdict]] = {}
    for verdict in verdicts:
        for key in keys(verdict.id):
            parts.setdefault(key, []).append(verdict)
    return {key: _slice(parts[key], clusters) for key in sorted(parts)}


def _known(key: _Key | None) -> tuple[_Key, ...]:
    return (key,) if key else ()


def _slice(verdicts: Sequence[Verdict], clusters: Mapping[str, str]) -> Slice:
    return Slice(
        n=len(verdicts),
        plan=_share(((one.id, one.plan) for one in verdicts if one.plan is not None), clusters),
        strict=_share(((one.id, one.strict) for one in verdicts), clusters),
        loose=_share(((one.id, one.loose) for one in verdicts), clusters),
        accuracy=_share(
            ((one.id, one.outcome in _RIGHT) for one in verdicts if one.outcome is not None), clusters
        ),
        outcomes=Counter(one.outcome for one in verdicts if one.outcome is not None),
    )


def _share(verdicts: Iterable[tuple[str, bool]], clusters: Mapping[str, str]) -> Share:
    return Share.of((right, clusters[name]) for name, right in verdicts)
