"""Whether one run is better than another: the same questions, judged side by side.

    found = compare(judged(first), judged(second))
    found.answers.gained, found.answers.lost, found.answers.p_value

Two shares whose intervals overlap can still differ for certain, since both runs met the same questions: what
counts is how many of them changed sides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from herdwick.agents.errors import UsageError
from herdwick.evals.evaluators import Verdict

ALPHA = 0.05
"""A difference is called real below this probability of a greater one by chance."""

RESAMPLES = 10_000
"""Of the bootstrap."""

Judged = Mapping[str, Verdict]
"""Verdicts by row id."""


@dataclass(frozen=True)
class Change:
    """How one figure changed from the first run to the second.

    Attributes:
        n: Questions that both runs judged.
        first, second: Right in each.
        gained, lost: Ids that only the second, or only the first, got right.
        p_value: McNemar's exact test, two-sided: of so uneven a split of gained and lost by chance
            (Q. McNemar, Psychometrika 12, 1947; the binomial form).
        low, high: 95 % interval of the difference of the shares, second less first: percentiles of a
            bootstrap that draws whole clusters of questions (B. Efron, Annals of Statistics 7, 1979).
    """

    n: int
    first: int
    second: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    p_value: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """Of the shares, second less first; 0 without questions."""
        return (self.second - self.first) / self.n if self.n else 0.0

    @property
    def verdict(self) -> str:
        """`better`, `worse` or `no difference shown`."""
        if self.p_value >= ALPHA:
            return "no difference shown"
        return "better" if self.second > self.first else "worse"


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side.

    Attributes:
        answers: Right answers to questions that have one.
        sets: The same, compared as sets.
        plans: Right plans.
        refusals: Refused, of what must be refused.
        answered: Not refused, of what has an answer.
    """

    answers: Change
    sets: Change
    plans: Change
    refusals: Change
    answered: Change


def compare(first: Judged, second: Judged, clusters: Mapping[str, str], seed: int = 0) -> Comparison:
    """The changes from `first` to `second`.

    Args:
        first: Verdicts of one run.
        second: Verdicts of the other, over the same rows or some of them.
        clusters: Cluster of each row id; rows without one are their own.
        seed: Of the bootstrap.

    Raises:
        UsageError: They have no question in common, or SciPy is not installed.
    """
    common = [name for name in first if name in second]
    if not common:
        raise UsageError(
            "nothing_common", "The runs have no question in common.", "Compare runs of one suite."
        )
    answerable = [name for name in common if first[name].answerable]
    planned = [name for name in common if first[name].plan is not None]
    refusable = [name for name in common if not first[name].answerable]

    def change(names: Sequence[str], is_right: Callable[[Verdict], bool]) -> Change:
        pairs = {name: (is_right(first[name]), is_right(second[name])) for name in names}
        return _change(pairs, [clusters.get(name, name) for name in names], seed)

    return Comparison(
        answers=change(answerable, lambda verdict: verdict.strict),
        sets=change(answerable, lambda verdict: verdict.loose),
        plans=change(planned, lambda verdict: verdict.plan is True),
        refusals=change(refusable, lambda verdict: verdict.refused),
        answered=change(answerable, lambda verdict: not verdict.refused),
    )


def _change(pairs: Mapping[str, tuple[bool, bool]], clusters: Sequence[str], seed: int) -> Change:
    gained = tuple(name for name, (before, after) in pairs.items() if after and not before)
    lost = tuple(name for name, (before, after) in pairs.items() if before and not after)
    low, high = _interval([after - before for before, after in pairs.values()], clusters, seed)
    return Change(
        n=len(pairs),
        first=sum(before for before, _ in pairs.values()),
        second=sum(after for _, after in pairs.values()),
        gained=gained,
        lost=lost,
        p_value=_mcnemar(len(gained), len(lost)),
        low=low,
        high=high,
    )


def _mcnemar(gained: int, lost: int) -> float:
    if gained == lost:
        return 1.0
    try:
        from scipy.stats import binomtest
    except ImportError as error:
        raise _no_scipy() from error
    return float(binomtest(gained, gained + lost, 0.5).pvalue)


def _interval(differences: Sequence[int], clusters: Sequence[str], seed: int) -> tuple[float, float]:
    """Interval of the mean of `differences`, resampled by whole clusters."""
    if not any(differences):
        return 0.0, 0.0
    try:
        import numpy as np
        from scipy.stats import bootstrap
    except ImportError as error:
        raise _no_scipy() from error
    _, member = np.unique(np.asarray(clusters), return_inverse=True)
    totals = np.bincount(member, weights=differences)
    sizes = np.bincount(member).astype(float)
    if len(totals) == 1:
        return -1.0, 1.0
    found = bootstrap(
        (totals, sizes),
        lambda totals, sizes, axis=-1: totals.sum(axis=axis) / sizes.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=500,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(found.low), float(found.high)


def _no_scipy() -> UsageError:
    return UsageError("scipy_missing", "Comparing runs needs SciPy.", "pip install 'herdwick[eval]'")
