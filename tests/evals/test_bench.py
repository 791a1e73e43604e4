import json

from click.testing import CliRunner

from herdwick.agents.cli.app import cli


def test_bench_compares_with_langsmith_in_one_run():
    result = CliRunner().invoke(cli, ["eval", "bench", "--rows", "40", "--json"])
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["rows"] == 40
    assert found["asking_ms"] < found["ours_ms"]
    assert found["ratio"] == found["langsmith_ms"] / found["ours_ms"]
    shown = CliRunner().invoke(cli, ["eval", "bench", "--rows", "40"]).stdout
    assert "40 rows: " in shown
    assert "times ours" in shown
