"""The commands as a user gives them: a real server, the real loop against it, and the count of faults."""

import json
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from herdwick.selfinstruct.cli import selfinstruct_group
from herdwick.selfinstruct.teacher.records import read_items

CLI = [sys.executable, "-m", "herdwick.agents.cli", "selfinstruct"]


@pytest.fixture
def teach(tmp_path, monkeypatch):
    """A scripted teacher with faults; the model's name, as `generate` takes it."""
    monkeypatch.delenv("HERDWICK_API_KEY", raising=False)
    options = ["--port", "0", "--faults", "0.3", "--ledger", str(tmp_path / "planted.jsonl"), "--json"]
    with subprocess.Popen([*CLI, "teach", *options], stdout=subprocess.PIPE, encoding="utf-8") as server:
        yield json.loads(server.stdout.readline())["model"]
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) in (0, -signal.SIGTERM)


def invoke(*arguments):
    return CliRunner().invoke(selfinstruct_group, [*map(str, arguments)])


@pytest.mark.slow
def test_the_loop_keeps_good_tasks_and_none_of_the_faults(teach, tmp_path):
    out = tmp_path / "items.jsonl"
    options = ("--model", teach, "--count", 15, "--window", 4, "--in-flight", 2, "--out", out)
    made = json.loads(invoke("generate", "aminer", *options, "--json").stdout)
    assert (made["kept"], made["stopped"], len(read_items(out))) == (15, "count", 15)
    result = invoke("faults", tmp_path / "planted.jsonl", out, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["kept"], report["replies"]) == (0, 0, made["requests"])
    assert report["planted"] == report["own_reason"] + report["earlier_check"] > 0


def test_a_fault_that_was_kept_is_exit_code_1(tmp_path, monkeypatch):
    from herdwick.selfinstruct.teacher.scripted import ledger

    fault = ledger.PlantedFault(kind="other_plan", instruction="Who?", output="x")
    counted = ledger.FaultCount(planted=1, own_reason=0, earlier_check=0, kept=1, reasons={})
    report = ledger.FaultReport(
        replies=1,
        planted=1,
        own_reason=0,
        earlier_check=0,
        kept=1,
        kinds={"other_plan": counted},
        kept_faults=(fault,),
    )
    monkeypatch.setattr(ledger, "check_faults", lambda *_: report)
    result = invoke("faults", tmp_path / "l", tmp_path / "o")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "1 faults in 1 replies: 0 rejected for what they are, 0 by an earlier check, 1 kept",
        "  other_plan: 1 planted, 1 kept; rejected as none",
        "  kept: other_plan: 'Who?'",
    ]


def test_help_has_examples():
    assert "herdwick selfinstruct teach --port 8077" in invoke("teach", "--help").stdout
