"""Figures over many verdicts: shares with confidence intervals, by hop and by tag.

metrics = measure(verdicts, rows)
metrics.all.strict.share, metrics.all.strict.low, metrics.all.strict.high
metrics.tags["three-slot"].plan
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from herdwick.evals.evaluators import Outcome, Verdict, soaybench_score
from herdwick.evals.rows import Row

Z_95 = 1.959963984540054
"""0.975 quantile of the standard normal distribution: two-sided 95 %."""


@dataclass(frozen=True)
class Share:
    """How many of how many, with the Wilson interval of 95 %.

    Wilson's interval (E. B. Wilson, "Probable inference …", JASA 22, 1927) stays within 0 and 1 and keeps its
    coverage at shares near 1 and in small slices, where the usual normal one does not.

    Attributes:
        right: How many.
        n: Of how many; with 0 the interval says nothing: 0 to 1.
    """

    right: int
    n: int

    @property
    def share(self) -> float | None:
        """`right / n`, None for no questions."""
        return self.right / self.n if self.n else None

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return max(0.0, self._center() - self._half_width())

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return min(1.0, self._center() + self._half_width())

    @classmethod
    def of(cls, verdicts: Iterable[bool]) -> "Share":
        """The share of true ones."""
        listed = list(verdicts)
        return cls(sum(listed), len(listed))

    def _center(self) -> float:
        return (self.right + Z_95**2 / 2) / (self.n + Z_95**2)

    def _half_width(self) -> float:
        if not self.n:
            return 0.5
        spread = self.right * (self.n - self.right) / self.n + Z_95**2 / 4
        return Z_95 * math.sqrt(spread) / (self.n + Z_95**2)


@dataclass(frozen=True)
class Clustered:
    """A share's interval of 95 % where questions come in clusters, such as those of one template.

    Answers to questions that are worded alike tend to be right or wrong together, so that they say less than
    as many unlike ones. The standard error is the cluster-robust one (E. Miller, "Adding Error Bars to
    Evals", arXiv:2411.00640, section 2.2).

    Attributes:
        clusters: How many.
        low, high: The interval, within 0 and 1.
    """

    clusters: int
    low: float
    high: float

    @classmethod
    def of(cls, verdicts: Sequence[tuple[bool, str]]) -> "Clustered":
        """The interval of the share of true ones, each given with its cluster."""
        mean = sum(right for right, _ in verdicts) / len(verdicts)
        residues: dict[str, float] = {}
        for right, cluster in verdicts:
            residues[cluster] = residues.get(cluster, 0.0) + right - mean
        if len(residues) < 2:
            # Its residue is zero by construction: one cluster says nothing of others.
            return cls(len(residues), 0.0, 1.0)
        error = math.sqrt(sum(residue**2 for residue in residues.values())) / len(verdicts)
        return cls(len(residues), max(0.0, mean - Z_95 * error), min(1.0, mean + Z_95 * error))


@dataclass(frozen=True)
class Slice:
    """Figures over some of the questions.

    Attributes:
        n: Questions.
        plan: Right plans, among rows that have one.
        strict: Right answers; for questions to be refused, right refusals.
        loose: Right answers as sets.
        outcomes: How often each SoAyBench outcome occurred.
    """

    n: int
    plan: Share
    strict: Share
    loose: Share
    outcomes: Mapping[Outcome, int]

    @property
    def accuracy(self) -> Share:
        """SoAyBench's ACC: EM and DS among questions that have an answer."""
        right = self.outcomes.get(Outcome.EM, 0) + self.outcomes.get(Outcome.DS, 0)
        return Share(right, sum(self.outcomes.values()))


@dataclass(frozen=True)
class Metrics:
    """All figures of a run.

    Attributes:
        all: Questions that have an answer.
        clustered: Interval of the right answers among them; None where no row has a template.
        errors: How often each kind of error ended an answer that is not right; refusals are not errors.
        refusals: Of the questions to be refused, those that were.
        refused_wrongly: Of the questions that have an answer, those that were refused.
        score: SoAyBench's score from 0 to 1 over ACC by hop; None unless there are one, two and three hops.
        hops: Figures of the questions of each plan length.
        tags: Figures of the questions with each tag, and of each kind but `computed` as `kind:KIND`.
    """

    all: Slice
    refusals: Share
    refused_wrongly: Share
    score: float | None
    hops: Mapping[int, Slice]
    tags: Mapping[str, Slice]
    clustered: Clustered | None = None
    errors: Mapping[str, int] = field(default_factory=dict)


def measure(verdicts: Sequence[Verdict], rows: Mapping[str, Row]) -> Metrics:
    """The figures over `verdicts`; hops, tags and templates come from the rows of the same ids."""
    answerable = [verdict for verdict in verdicts if verdict.answerable]
    hops: dict[int, list[Verdict]] = {}
    tags: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        row = rows[verdict.id]
        if row.hop is not None:
            hops.setdefault(row.hop, []).append(verdict)
        for tag in row.tags if row.kind == "computed" else (f"kind:{row.kind}", *row.tags):
            tags.setdefault(tag, []).append(verdict)
    by_hop = {hop: _slice(hops[hop]) for hop in sorted(hops)}
    accuracies = {hop: figures.accuracy.share for hop, figures in by_hop.items()}
    return Metrics(
        all=_slice(answerable),
        refusals=Share.of(verdict.refused for verdict in verdicts if not verdict.answerable),
        refused_wrongly=Share.of(verdict.refused for verdict in answerable),
        score=soaybench_score({hop: share for hop, share in accuracies.items() if share is not None}),
        hops=by_hop,
        tags={tag: _slice(tags[tag]) for tag in sorted(tags)},
        clustered=_clustered(answerable, rows),
        errors=Counter(verdict.error for verdict in verdicts if verdict.error and not verdict.strict),
    )


def _clustered(verdicts: Sequence[Verdict], rows: Mapping[str, Row]) -> Clustered | None:
    if not any(rows[verdict.id].template for verdict in verdicts):
        return None
    # A row without a template shares its cluster with none; a template may be called like a row.
    named = ((verdict, rows[verdict.id].template) for verdict in verdicts)
    return Clustered.of(
        [(verdict.strict, f"t {name}" if name else f"r {verdict.id}") for verdict, name in named]
    )


def _slice(verdicts: Sequence[Verdict]) -> Slice:
    return Slice(
        n=len(verdicts),
        plan=Share.of(verdict.plan for verdict in verdicts if verdict.plan is not None),
        strict=Share.of(verdict.strict for verdict in verdicts),
        loose=Share.of(verdict.loose for verdict in verdicts),
        outcomes=Counter(verdict.outcome for verdict in verdicts if verdict.outcome is not None),
    )
