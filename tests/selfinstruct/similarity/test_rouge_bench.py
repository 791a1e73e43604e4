import json
import sys

import pytest
from click.testing import CliRunner

from herdwick.selfinstruct.bench_cli import bench_rouge
from herdwick.tools.errors import DataError

SMALL = ["--pool", "60", "--candidates", "8"]


def test_both_decide_the_same_candidates_alike() -> None:
    result = CliRunner().invoke(bench_rouge, [*SMALL, "--json"])
    figures = json.loads(result.stdout)

    assert result.exit_code == 0
    assert figures["same_decisions"] == figures["same_scores"] == figures["candidates"] == 8
    assert 0 < figures["admitted"] < 8
    assert [figures[part]["runs"] for part in ("decision", "record", "peer")] == [8, 8, 8]
    assert figures["decision_ratio"] == figures["peer"]["median_s"] / figures["decision"]["median_s"]
    assert figures["record_ratio"] == figures["peer"]["median_s"] / figures["record"]["median_s"]


def test_the_table_names_the_peer() -> None:
    lines = [line.strip() for line in CliRunner().invoke(bench_rouge, SMALL).stdout.splitlines()]

    assert lines[0].startswith("60 instructions of ")
    assert lines[3].startswith("peer: rouge-score")
    assert lines[4].startswith("Decided alike: 8 of 8 (")
    assert lines[4].endswith("same scores to the last bit: 8.")


def test_without_the_peer_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rouge_score.rouge_scorer", None)

    failure = CliRunner().invoke(bench_rouge, SMALL).exception

    assert isinstance(failure, DataError)
    assert (failure.kind, failure.hint) == ("no_peer", "pip install rouge-score")


@pytest.mark.parametrize("wrong", [["--pool", "0"], ["--candidates", "0"], ["--threshold", "1.1"]])
def test_what_cannot_be_measured_is_wrong_usage(wrong: list[str]) -> None:
    assert CliRunner().invoke(bench_rouge, wrong).exit_code == 2
