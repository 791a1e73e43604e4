"""Shares with confidence intervals that know which questions belong together.

    share = Share.of([(True, "coauthors"), (True, "coauthors"), (False, "citations")])
    share.share, share.low, share.high

Answers to questions that are worded alike tend to be right or wrong together, and so do answers to one
question that is asked again: they say less than as many unlike ones. A cluster is such a group.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

Z_95 = 1.959963984540054
"""0.975 quantile of the standard normal distribution: two-sided 95 %."""


class Interval(NamedTuple):
    """A confidence interval of 95 %."""

    low: float
    high: float


def effective_n(values: Sequence[float], clusters: Sequence[str]) -> float:
    """How many unrelated values would tell the mean as precisely as these do.

    That is their number over the design effect (L. Kish, Survey Sampling, 1965): the variance of the mean
    between clusters, with the factor G / (G - 1) for G clusters, over what it were without clusters. It is
    never more than there are values. Where the values do not vary between clusters the design effect cannot
    be estimated, and each cluster counts as one value.

    Args:
        values: At least one.
        clusters: The cluster of each value.
    """
    n, mean = len(values), math.fsum(values) / len(values)
    residues: dict[str, float] = {}
    for value, cluster in zip(values, clusters, strict=True):
        residues[cluster] = residues.get(cluster, 0.0) + value - mean
    groups = len(residues)
    if groups == n:
        return float(n)
    between = math.fsum(residue**2 for residue in residues.values())
    # Of equal clusters only what rounding leaves.
    if groups == 1 or between < 1e-9:
        return float(groups)
    alone = math.fsum((value - mean) ** 2 for value in values)
    return min(float(n), n * alone / (between * groups / (groups - 1)))


@dataclass(frozen=True)
class Share:
    """How many of how many, with the Wilson interval of 95 %.

    Wilson's interval (E. B. Wilson, "Probable inference …", JASA 22, 1927) stays within 0 and 1 and keeps its
    coverage at shares near 1 and in small slices, where the usual normal one does not. Where clusters have
    more than one question it is taken at the effective number of questions, which keeps the same virtues (N.
    Dean and M. Pagano, Journal of Survey Statistics and Methodology 3, 2015).

    Attributes:
        right: How many.
        n: Of how many; with 0 the interval says nothing: 0 to 1.
        clusters: How many clusters there are; None where each question is its own.
        effective: The effective number of questions; None where that is `n`.
    """

    right: int
    n: int
    clusters: int | None = None
    effective: float | None = None

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
    def of(cls, verdicts: Iterable[tuple[bool, str]]) -> Self:
        """The share of true ones, each given with its cluster."""
        listed = list(verdicts)
        values, names = [right for right, _ in listed], [cluster for _, cluster in listed]
        clusters = Counter(names)
        if len(clusters) == len(listed):
            return cls(sum(values), len(values))
        return cls(sum(values), len(values), len(clusters), effective_n(values, names))

    def _counted(self) -> float:
        return self.n if self.effective is None else self.effective

    def _center(self) -> float:
        return ((self.share or 0.0) * self._counted() + Z_95**2 / 2) / (self._counted() + Z_95**2)

    def _half_width(self) -> float:
        if self.share is None:
            return 0.5
        spread = self.share * (1 - self.share) * self._counted() + Z_95**2 / 4
        return Z_95 * math.sqrt(spread) / (self._counted() + Z_95**2)


def weighted_interval(parts: Iterable[tuple[float, Share]]) -> Interval:
    """The interval of a weighted sum of shares, each of other questions.

    From the Wilson intervals of the shares (G. Zou, W. Huang and X. Zhang, "A note on confidence interval
    estimation for a linear function of binomial proportions", Computational Statistics & Data Analysis 53,
    2009). Where every answer is right it keeps a width, which that of resampling would lose.

    Args:
        parts: Positive weights, each with its share, of at least one question.
    """
    total = below = above = 0.0
    for weight, part in parts:
        share = part.share or 0.0
        total += weight * share
        below += (weight * (share - part.low)) ** 2
        above += (weight * (part.high - share)) ** 2
    return Interval(total - math.sqrt(below), total + math.sqrt(above))
