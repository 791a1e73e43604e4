"""The whole circle in small, with real parts, killed on its way; `HERDWICK_VLLM` adds the vLLM half."""

import json
import os
import subprocess
import sys
import time

import pytest

from herdwick.evals.circle.report import CircleReport

VLLM = os.environ.get("HERDWICK_VLLM", "")
SIZES = ("--count", "12", "--steps", "2", "--questions", "2", "--live-requests", "0", "--faults", "0.4")

pytestmark = [pytest.mark.slow, pytest.mark.model, pytest.mark.timeout(1800 if VLLM else 900)]


@pytest.fixture
def circle(tmp_path):
    """The command, with its folder, in an environment without vLLM unless it is there."""
    pytest.importorskip("torch")
    command = [sys.executable, "-m", "herdwick.agents.cli", "eval", "circle", "--json", *SIZES]
    return [*command, "--out", str(tmp_path / "run")], tmp_path / "run"


def test_small_circle_killed_between_its_steps(circle):
    command, out = circle
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
        deadline = time.monotonic() + 400
        while not (out / "steps" / "faults.json").exists():
            assert first.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        first.kill()
    data = (out / "data.jsonl").read_bytes()

    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    report = CircleReport.model_validate_json(done.stdout)
    assert [line for line in done.stderr.splitlines() if line.endswith(": done before")] == [
        "questions: done before",
        "generate: done before",
        "faults: done before",
    ]
    assert (out / "data.jsonl").read_bytes() == data
    assert (report.generated.kept, report.trained.examples, report.trained.steps) == (12, 12, 2)
    assert (report.faults.kept, report.llamacpp.questions, report.quantized.questions) == (0, 2, 2)
    assert report.rounding.questions == 2
    assert report.faults.planted == report.faults.own_reason + report.faults.earlier_check > 0
    assert (done.returncode, report.whole) == ((0, True) if VLLM else (1, False))
    assert (report.vllm is not None) == bool(VLLM)

    # Nothing is left to do: no server is started, and the figures are those of before.
    again = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert json.loads(again.stdout) == json.loads(done.stdout)
    assert "llamacpp: done before" in again.stderr
