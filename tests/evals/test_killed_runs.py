"""A run that is killed at random, again and again, ends as one that was never disturbed."""

import json
import random
import subprocess
import sys
import time

import pytest

COUNT, KILLS = 60, 10
REPLY = 'count_updates\nfinal_result = sum(row["announcements"] for row in count_updates())'
PROGRAM = "import sys; from herdwick.agents.cli.app import cli; cli(sys.argv[1:])"


@pytest.fixture
def start(tmp_path, monkeypatch, serve):
    """Starts `eval run` on sixty questions into a folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rows = [
        {"id": str(at), "question": f"How many announcements? ({at})", "answer": 762} for at in range(COUNT)
    ]
    data = tmp_path / "rows.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    def reply(_):
        time.sleep(0.03)
        return REPLY

    url = serve("bgp", reply)

    def run(out):
        arguments = ["eval", "run", "bgp", "--data", data, "--model", url, "--workers", "2", "--out", out]
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *map(str, arguments)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    return run


def untimed(out):
    """The predictions as written, without the times."""
    lines = (out / "predictions.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    for prediction in found:
        prediction["timings"] = None
        prediction["calls"] = [call | {"seconds": None} for call in prediction["calls"]]
    return found


@pytest.mark.slow
def test_ten_kills_leave_the_run_as_it_would_have_been(tmp_path, start):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert start(whole).wait(timeout=120) == 0

    rng = random.Random(11)
    kept = []
    for _ in range(KILLS):
        process = start(killed)
        before = len(untimed(killed)) if (killed / "predictions.jsonl").exists() else 0
        # Killed a random moment after it has written something, or at once.
        if rng.random() < 0.8:
            while process.poll() is None and count(killed) <= min(before, COUNT - 1):
                time.sleep(0.005)
            time.sleep(rng.uniform(0, 0.15))
        process.kill()
        process.wait(timeout=30)
        kept.append(count(killed))
    assert kept == sorted(kept)
    assert start(killed).wait(timeout=120) == 0

    assert untimed(killed) == untimed(whole)
    assert (killed / "questions.jsonl").read_bytes() == (whole / "questions.jsonl").read_bytes()
    assert figures(killed) == figures(whole)


def count(out):
    path = out / "predictions.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def figures(out):
    metrics = json.loads((out / "metrics.json").read_text("utf-8"))
    return {name: value for name, value in metrics.items() if name != "seconds"}
