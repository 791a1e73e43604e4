"""`eval score` and `eval view` over a run's folder; the server is real."""

import json
import re
import subprocess
import sys

import httpx
import pytest
from click.testing import CliRunner

from herdwick.agents.cli.app import cli
from herdwick.evals.predictions import Prediction
from herdwick.evals.provenance import code
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import REPORT, RunFolder, Settings

SETTINGS = Settings(
    suite="own", questions="q", graph="", model="m", strategy="s", base="", adapter="", endpoint=""
)


@pytest.fixture
def run(tmp_path, answered):
    folder = RunFolder.open(tmp_path / "run", SETTINGS)
    rows = [Row(id=str(at), question=f"Question {at}?", answer=at, domain="aminer") for at in range(3)]
    folder.write_rows(rows)
    for row, asked_with in zip(rows[:2], ("0.0.9 abc", "0.1.0 def"), strict=True):
        folder.add(Prediction.of(answered(0, question=row.question), row.id, code=asked_with))
    return folder.path


def test_score_judges_what_is_there_and_asks_nothing(run):
    found = json.loads(CliRunner().invoke(cli, ["eval", "score", str(run), "--json"]).stdout)
    assert (found["all"]["strict"]["right"], found["all"]["strict"]["n"]) == (1, 2)
    written = json.loads((run / "metrics.json").read_text("utf-8"))
    assert (written["questions"], written["asked"]) == (3, 2)
    assert written["asked_with"] == {"0.0.9 abc": 1, "0.1.0 def": 1}
    assert written["judged_with"]["code"] == code()
    assert "0.0.9 abc (1), 0.1.0 def (1)" in (run / REPORT).read_text("utf-8")
    page = (run / REPORT).read_text("utf-8")
    assert "Question 1?" in page
    assert "Question 2?" not in page


def test_score_follows_questions_that_were_mended(run):
    lines = (run / "questions.jsonl").read_text("utf-8").splitlines()
    row = json.loads(lines[1]) | {"answer": 0}
    (run / "questions.jsonl").write_text("\n".join([lines[0], json.dumps(row), lines[2]]), "utf-8")
    found = json.loads(CliRunner().invoke(cli, ["eval", "score", str(run), "--json"]).stdout)
    assert found["all"]["strict"]["right"] == 2


def test_a_folder_without_a_run_is_told(tmp_path):
    result = CliRunner().invoke(cli, ["eval", "score", str(tmp_path), "--json"])
    assert (result.exit_code, json.loads(result.stdout)["error"]["kind"]) == (1, "no_run")


@pytest.mark.slow
def test_view_serves_the_report_and_nothing_else(run):
    program = "import sys; from herdwick.agents.cli.app import cli; cli(sys.argv[1:])"
    command = [sys.executable, "-c", program, "eval", "view", str(run), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = re.fullmatch(r"(http://127\.0\.0\.1:\d+/)\n", server.stdout.readline())[1]
            page = httpx.get(address)
            assert page.status_code == 200
            assert page.content == (run / REPORT).read_bytes()
            assert httpx.get(f"{address}run.json").status_code == 404
            assert httpx.get(f"{address}../run.json").status_code == 404
            assert httpx.get(address, headers={"Host": "evil.example"}).status_code == 403
        finally:
            server.kill()
