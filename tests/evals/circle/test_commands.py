"""Real commands in processes of their own."""

import os
import signal
import subprocess
import sys
import time

import pytest

from herdwick.evals.circle.commands import CircleStopped, run_command

PROGRAM = 'final_result = searchPerson(name="Olga Zhuravlev")[0]["name"]'


def test_what_a_command_prints_as_json_is_its_result(tmp_path):
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    assert run_command("run", "aminer", str(file))["answer"] == "Olga Zhuravlev"


def test_a_failure_says_which_command_and_why(tmp_path):
    with pytest.raises(CircleStopped) as caught:
        run_command("finetune", "train", str(tmp_path / "none.yaml"))
    assert caught.value.kind == "no_recipe"
    assert caught.value.message.startswith("`herdwick finetune train ")
    assert caught.value.hint == "Recipes are in finetune/recipes."
    assert caught.value.external


def test_an_exit_code_that_is_expected_is_no_failure(tmp_path):
    file = tmp_path / "program.py"
    file.write_text("final_result = 1 / 0")
    assert run_command("run", "aminer", str(file), codes=(0, 1))["status"] == "error"


def test_what_follows_two_dashes_is_no_option():
    failed = run_command("run", "aminer", "--", "--none.py", codes=(1, 2))
    assert "--none.py" in failed["error"]["message"]


def test_a_command_does_not_outlive_who_started_it(tmp_path):
    """kill -9 of the starter ends the command within its grace."""
    started = tmp_path / "started"
    # A command that never ends by itself: a teacher on a port of its own.
    source = (
        "from herdwick.evals.circle.commands import run_command\n"
        f"run_command('selfinstruct', 'teach', '--port', '0', '--ledger', {str(started)!r})\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", source], stderr=subprocess.PIPE, encoding="utf-8"
    ) as starter:
        assert starter.stderr is not None
        told = starter.stderr.readline()
        assert told.startswith("Teaching as --model scripted@http://127.0.0.1:")
        (pid,) = _listening_for(str(started))
        os.kill(starter.pid, signal.SIGKILL)
        starter.wait()
    deadline = time.monotonic() + 20
    while _is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _listening_for(word: str) -> list[int]:
    """Processes of `herdwick selfinstruct` with `word` in their command line, the leash left out."""
    found = []
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().decode(errors="replace").split("\0")
        except OSError:
            continue
        if word in words and words[1:3] == ["-m", "herdwick.agents.cli"]:
            found.append(int(pid))
    return found


def _is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
