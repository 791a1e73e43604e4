import polars as pl

from herdwick.tools.bgp.functions.hops import path_runs


def test_runs_count_from_1_in_each_path_whatever_path_stands_before_it() -> None:
    """Each path begins with the AS that another one ends with, whichever order they come in."""
    routes = pl.LazyFrame({"as_path": ["1 2", "2 2 1", "1 {3,4} 1 1"]})

    runs = path_runs(routes).select("as_path", "run", "asn", "times", "last").collect()

    assert sorted(runs.rows()) == [
        ("1 2", 1, 1, 1, False),
        ("1 2", 2, 2, 1, True),
        ("1 {3,4} 1 1", 1, 1, 1, False),
        ("1 {3,4} 1 1", 3, 1, 2, True),
        ("2 2 1", 1, 2, 2, False),
        ("2 2 1", 2, 1, 1, True),
    ]
