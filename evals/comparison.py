"""Whether one run is better than another: the same questions, judged side by side.

    found = compare(judged(first), judged(second), clusters)
    found.answers.gained, found.answers.lost, found.answers.verdict

Two shares whose intervals overlap can still differ for certain, since both runs met the same questions: what
counts is how many of them changed sides, and whether those that are worded alike did so together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from herdwick.agents.errors import UsageError
from herdwick.evals.evaluators import Verdict
from herdwick.evals.intervals import effective_n
from herdwick.evals.paired import difference_interval, difference_p, holm

ALPHA = 0.05
"""A difference is called real below this probability of a greater one by chance."""

Judged = Mapping[str, Verdict]
"""Verdicts by row id."""


@dataclass(frozen=True)
class Change:
    """How one figure changed from the first run to the second.

    Attributes:
        n: Questions that both runs judged.
        first, second: Right in each.
        gained, lost: Ids that only the second, or only the first, got right.
        clusters: Groups of questions that change sides together, such as those of one template.
        p_value: Of so great a difference by chance; see `difference_p`.
        adjusted_p: The same with Holm's correction for all figures of the comparison. Those in which no
            question changed sides cannot mislead, and do not count.
        low, high: 95 % interval of the difference of the shares, second less first, at the effective number
            of questions; see `difference_interval`. It has no correction.
    """

    n: int
    first: int
    second: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    clusters: int
    p_value: float
    adjusted_p: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """Of the shares, second less first; 0 without questions."""
        return (self.second - self.first) / self.n if self.n else 0.0

    @property
    def verdict(self) -> str:
        """`better`, `worse` or `no difference shown`."""
        if self.adjusted_p >= ALPHA:
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
        only_first, only_second: Questions that only one of them judged; no figure counts them.
    """

    answers: Change
    sets: Change
    plans: Change
    refusals: Change
    answered: Change
    only_first: int
    only_second: int


def compare(first: Judged, second: Judged, clusters: Mapping[str, str], seed: int = 0) -> Comparison:
    """The changes from `first` to `second`.

    Args:
        first: Verdicts of one run.
        second: Verdicts of the other, over the same rows or some of them.
        clusters: Cluster of each row id; rows without one are their own.
        seed: Of permutations, where there are too many to try all.

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

    answers, sets, plans, refusals, answered = _corrected(
        (
            change(answerable, lambda verdict: verdict.strict),
            change(answerable, lambda verdict: verdict.loose),
            change(planned, lambda verdict: verdict.plan is True),
            change(refusable, lambda verdict: verdict.refused),
            change(answerable, lambda verdict: not verdict.refused),
        )
    )
    only_first, only_second = len(first) - len(common), len(second) - len(common)
    return Comparison(answers, sets, plans, refusals, answered, only_first, only_second)


def _change(pairs: Mapping[str, tuple[bool, bool]], clusters: Sequence[str], seed: int) -> Change:
    gained = tuple(name for name, (before, after) in pairs.items() if after and not before)
    lost = tuple(name for name, (before, after) in pairs.items() if before and not after)
    differences = [after - before for before, after in pairs.values()]
    counted = effective_n(differences, clusters) if pairs else 0.0
    scale = counted / len(pairs) if pairs else 0.0
    p_value = difference_p(differences, clusters, seed)
    low, high = difference_interval(scale * len(gained), scale * len(lost), counted)
    return Change(
        n=len(pairs),
        first=sum(before for before, _ in pairs.values()),
        second=sum(after for _, after in pairs.values()),
        gained=gained,
        lost=lost,
        clusters=len(set(clusters)),
        p_value=p_value,
        adjusted_p=p_value,
        low=low,
        high=high,
    )


def _corrected(changes: Sequence[Change]) -> list[Change]:
    tested = [at for at, change in enumerate(changes) if change.gained or change.lost]
    adjusted = dict(zip(tested, holm([changes[at].p_value for at in tested]), strict=True))
    return [replace(change, adjusted_p=adjusted.get(at, 1.0)) for at, change in enumerate(changes)]
