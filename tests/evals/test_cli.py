import json

import pytest
from click.testing import CliRunner

from herdwick.agents.cli.app import cli
from herdwick.evals import cli as evals_cli
from herdwick.evals.asking import Budget
from herdwick.evals.evaluators import Outcome
from herdwick.evals.metrics import Metrics, Share, Slice
from herdwick.evals.suite import suite_names
from herdwick.evals.tokens import Price

PART = Slice(
    n=4,
    plan=Share(3, 4),
    strict=Share(2, 4),
    loose=Share(3, 4),
    accuracy=Share(2, 4),
    outcomes={Outcome.EM: 2, Outcome.WC: 2},
)
METRICS = Metrics(
    all=PART,
    refusals=Share(1, 2),
    refused_wrongly=Share(0, 4),
    score=None,
    hops={2: PART},
    tags={"three-slot": PART},
)


@pytest.fixture
def asked(monkeypatch):
    """What `run_suite` is asked; it gives fixed figures."""
    calls = []

    def run_suite(suite, **arguments):
        calls.append((suite, arguments))
        return METRICS

    monkeypatch.setattr(evals_cli, "run_suite", run_suite)
    return calls


def invoke(*arguments):
    return CliRunner().invoke(cli, ["eval", "run", *map(str, arguments)])


def test_a_run_is_asked_for_as_typed(asked, tmp_path):
    data, graph = tmp_path / "d.jsonl", tmp_path / "g.sqlite"
    options = (
        "--data",
        data,
        "--graph",
        graph,
        "--model",
        "vllm",
        "--strategy",
        "tool-calling",
        "--limit",
        5,
        *("--workers", 3, "--repeat", 2, "--seed", 7),
        *("--max-seconds", 60, "--max-tokens", 1000, "--max-cost", 0.5, "--price", 0.4, 1.6),
        *("--cache", tmp_path / "replies", "--langsmith", "--upload"),
    )
    assert invoke("aminer_dev", "--out", tmp_path, *options).exit_code == 0
    assert asked == [
        (
            "aminer_dev",
            {
                "out": tmp_path,
                "data": data,
                "graph": graph,
                "model": "vllm",
                "strategy": "tool-calling",
                "limit": 5,
                "workers": 3,
                "repeat": 2,
                "seed": 7,
                "budget": Budget(60, 1000, 0.5, Price(0.4, 1.6)),
                "langsmith": True,
                "upload": True,
                "cache": tmp_path / "replies",
            },
        )
    ]


def test_figures_are_shown_for_all_by_hop_and_by_tag(asked, tmp_path):
    lines = invoke("aminer_dev", "--out", tmp_path).stdout.splitlines()
    assert [line.split("  ")[0] for line in lines[1:6]] == [
        "all",
        "2 hops",
        "three-slot",
        "right refusals",
        "wrong refusals",
    ]
    assert "50.0% (15.0% to 85.0%)" in lines[1]
    assert lines[-1] == f"predictions, figures and report.html are in {tmp_path}"


def test_json_is_one_object(asked, tmp_path):
    result = invoke("aminer_dev", "--out", tmp_path, "--json")
    figures = json.loads(result.stdout)
    assert (figures["out"], figures["all"]["strict"]["right"]) == (str(tmp_path), 2)
    assert result.stdout.count("\n") == 1


def test_an_unknown_suite_is_told_which_there_are(tmp_path):
    result = invoke("nosuch", "--out", tmp_path, "--json")
    assert (json.loads(result.stdout)["error"]["kind"], result.exit_code) == ("unknown_suite", 1)


def test_a_limit_of_cost_needs_a_price(asked, tmp_path):
    result = invoke("aminer_dev", "--out", tmp_path, "--max-cost", 1)
    assert (result.exit_code, asked) == (2, [])
    assert "--max-cost needs --price" in result.output


def test_suites_are_listed_with_what_they_are():
    listed = json.loads(CliRunner().invoke(cli, ["eval", "list", "--json"]).stdout)
    assert tuple(sorted(listed)) == suite_names()
    shown = CliRunner().invoke(cli, ["eval", "list"]).stdout
    assert all(name in shown and about["domain"] in shown for name, about in listed.items())


def test_out_is_needed(asked):
    result = invoke("aminer_dev")
    assert (result.exit_code, asked) == (2, [])


def test_an_upload_needs_langsmith(asked, tmp_path):
    result = invoke("aminer_dev", "--out", tmp_path, "--upload")
    assert (result.exit_code, asked) == (2, [])
    assert "--upload needs --langsmith." in result.stderr
