"""The measurement of the local graph, on a graph too small to say anything."""

from herdwick.tools.aminer.local.bench import bench_graph


def test_it_measures_every_function(tmp_path):
    figures = bench_graph(people=200, papers=600, folder=tmp_path / "bench", calls=20)
    assert (figures.report.people, figures.report.papers) == (200, 600)
    assert {timing.function for timing in figures.timings} == {
        "searchPerson",
        "searchPublication",
        "getCoauthors",
        "getPersonInterest",
        "getPersonPubs",
        "getPersonBasicInfo",
        "getPublication",
    }
    assert all(0 < timing.median_ms <= timing.p95_ms and timing.calls > 10 for timing in figures.timings)
    assert figures.report.duration_s > 0
    assert figures.build_peak_mb > 10
