"""Several measurements of one thing.

Spread.of([1.0, 1.2, 1.1]).median_s    # 1.1
"""

import statistics
from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict


class Spread(BaseModel):
    """Median and 95th percentile.

    Attributes:
        median_s: In seconds.
        p95_s: In seconds; the largest of fewer than 20 measurements lies close to it.
        runs: How many measurements.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    median_s: float
    p95_s: float
    runs: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Self:
        """The spread of at least one measurement."""
        p95_s = seconds[0]
        if len(seconds) > 1:
            p95_s = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
        return cls(median_s=statistics.median(seconds), p95_s=p95_s, runs=len(seconds))
