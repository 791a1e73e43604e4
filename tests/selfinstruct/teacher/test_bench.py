import json

import pytest
from click.testing import CliRunner

from herdwick.selfinstruct.bench_cli import bench_generate

pytestmark = pytest.mark.slow


def test_requests_are_counted_where_they_arrive() -> None:
    result = CliRunner().invoke(
        bench_generate, ["--requests", "12", "--in-flight", "3", "--latency", "0.3", "--json"]
    )
    runs = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(run["kind"], run["requests"]) for run in runs] == [("bgp_knowledge", 12), ("aminer", 12)]
    # Three at a time: the last of twelve comes after three rounds.
    assert all(run["asking_s"] >= 0.9 and 1 <= run["mean_in_flight"] <= 3 for run in runs)
    assert all(run["total_s"] >= run["asking_s"] and run["kept"] > 40 for run in runs)
