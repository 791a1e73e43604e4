"""Two runs over the same questions: tests of a difference, and its interval.

    difference_p([0, 1, 0, 1, 1], ["a", "a", "b", "c", "d"])
    difference_interval(gained=12, lost=3, n=100)
    holm([0.01, 0.04, 0.03])

What counts is how many questions changed sides; differences are 1 for gained, -1 for lost, 0 for the others.
"""

from collections.abc import Sequence

from herdwick.agents.errors import UsageError
from herdwick.evals.intervals import Z_95, Interval

RESAMPLES = 10_000
"""Of the permutation test, where more clusters changed than can all be tried."""

_MEMORY_ROWS = 500
"""Resamples held at once."""


def difference_p(differences: Sequence[int], clusters: Sequence[str], seed: int = 0) -> float:
    """How probable as large a difference were by chance, two-sided.

    Where each question is its own cluster, McNemar's exact test (Q. McNemar, Psychometrika 12, 1947; the
    binomial form). Otherwise the sign-flip permutation test of the sums of the clusters (R. A. Fisher, The
    Design of Experiments, 1935, section 21): without a difference, what a cluster gained it could as well
    have lost, as a whole. It is exact while few clusters changed, and drawn at random beyond.

    Args:
        differences: Of each question.
        clusters: Of each question.
        seed: Of what is drawn.

    Raises:
        UsageError: SciPy is not installed.
    """
    sums: dict[str, int] = {}
    for difference, cluster in zip(differences, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0) + difference
    # A sum of zero is zero with either sign.
    changed = [total for total in sums.values() if total]
    if not sum(changed):
        return 1.0
    try:
        import numpy as np
        from scipy.stats import binomtest, permutation_test
    except ImportError as error:
        raise _no_scipy() from error
    if len(sums) == len(differences):
        return float(binomtest(differences.count(1), len(changed), 0.5).pvalue)
    if len(changed) == 1:
        # SciPy takes no single one; the other sign is as far from zero.
        return 1.0
    return float(
        permutation_test(
            (np.asarray(changed),),
            lambda totals, axis=-1: totals.sum(axis=axis),
            permutation_type="samples",
            vectorized=True,
            n_resamples=RESAMPLES,
            batch=_MEMORY_ROWS,
            rng=np.random.default_rng(seed),
        ).pvalue
    )


def difference_interval(gained: float, lost: float, n: float) -> Interval:
    """The 95 % interval of the difference of two shares over the same questions.

    Tango's score interval (T. Tango, Statistics in Medicine 17, 1998), which keeps its coverage in small runs
    and has a width where no question changed sides: of how many that is said decides how wide it is.

    Args:
        gained: Questions that only the second run got right.
        lost: Those that only the first did.
        n: All questions; with 0 the interval says nothing. Where they come in clusters, all three may be
            scaled to an effective number.

    Raises:
        UsageError: SciPy is not installed.
    """
    if not n:
        return Interval(-1.0, 1.0)
    try:
        from scipy.optimize import brentq
    except ImportError as error:
        raise _no_scipy() from error
    found = (gained - lost) / n

    def score(difference: float) -> float:
        """How many standard errors the counts are from what `difference` lets expect."""
        # The likeliest share of lost questions under that difference is a root of a q^2 + b q + c.
        a, b = 2 * n, (2 * n - gained + lost) * difference - gained - lost
        c = -lost * difference * (1 - difference)
        lost_share = (max(0.0, b * b - 4 * a * c) ** 0.5 - b) / (2 * a)
        variance = n * (2 * lost_share + difference * (1 - difference))
        return float((gained - lost - n * difference) / max(variance, 1e-300) ** 0.5)

    def end(limit: float, quantile: float) -> float:
        if (score(found) - quantile) * (score(limit) - quantile) > 0:
            return limit
        return float(brentq(lambda difference: score(difference) - quantile, limit, found))

    edge = 1 - 1e-9
    low = -1.0 if found <= -edge else end(-edge, Z_95)
    high = 1.0 if found >= edge else end(edge, -Z_95)
    return Interval(low, high)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values for several tests at once, each in its place: of none at fault one in twenty errs at 0.05.

    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6,
    1979.
    """
    adjusted = [1.0] * len(p_values)
    greatest = 0.0
    for rank, at in enumerate(sorted(range(len(p_values)), key=lambda at: p_values[at])):
        greatest = max(greatest, (len(p_values) - rank) * p_values[at])
        adjusted[at] = min(1.0, greatest)
    return adjusted


def _no_scipy() -> UsageError:
    return UsageError("scipy_missing", "Comparing runs needs SciPy.", "pip install 'herdwick[eval]'")
