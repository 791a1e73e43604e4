import pytest

from herdwick.agents.cli.spread import Spread


def test_median_and_95th_percentile():
    spread = Spread.of([float(n) for n in range(1, 102)])
    assert (spread.median_s, spread.p95_s, spread.runs) == (51.0, 96.0, 101)


def test_one_measurement_is_its_own_spread():
    assert Spread.of([2.5]) == Spread(median_s=2.5, p95_s=2.5, runs=1)


def test_no_measurement_has_no_spread():
    with pytest.raises(IndexError):
        Spread.of([])
