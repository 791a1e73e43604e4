import os
import signal
import subprocess
import sys
import time

import pytest

from herdwick.agents.errors import ModelError
from herdwick.agents.server.model_process import ModelProcess

WAITING = 'import sys; print(\'{"base_url": "http://127.0.0.1:9/v1"}\', flush=True); sys.stdin.read()'
"""A process that greets as the model does and then waits for the end of its standard input."""


def stand_in(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_that_is_killed_is_started_again():
    with ModelProcess(stand_in(WAITING)) as process:
        first = process.wait(60)
        os.kill(first.pid, signal.SIGKILL)
        assert process.has_died(since=0, timeout_s=60)
        second = process.wait(60)
    assert (first.number, second.number, process.deaths) == (1, 2, 1)
    assert first.pid != second.pid


def test_a_process_that_lives_has_not_died():
    with ModelProcess(stand_in(WAITING)) as process:
        process.wait(60)
        assert not process.has_died(since=0, timeout_s=0.1)


def test_closing_ends_the_process():
    with ModelProcess(stand_in(WAITING)) as process:
        pid = process.wait(60).pid
    assert not is_running(pid)
    assert process.deaths == 0
    process.close()


def test_a_process_that_does_not_listen_is_killed(monkeypatch):
    monkeypatch.setattr("herdwick.agents.server.model_process.STOP_TIMEOUT_S", 0.3)
    deaf = WAITING.replace("sys.stdin.read()", "__import__('time').sleep(60)")
    with ModelProcess(stand_in(deaf)) as process:
        pid = process.wait(60).pid
    assert not is_running(pid)


def test_a_process_that_hangs_is_killed_and_started_again(monkeypatch):
    monkeypatch.setattr("herdwick.agents.server.model_process.SILENCE_S", 2.0)
    beating = WAITING.replace(
        "sys.stdin.read()", "[(print(flush=True), __import__('time').sleep(0.2)) for _ in range(600)]"
    )
    with ModelProcess(stand_in(beating)) as process:
        first = process.wait(60)
        assert not process.has_died(since=0, timeout_s=3)
        os.kill(first.pid, signal.SIGSTOP)
        assert process.has_died(since=0, timeout_s=60)
        assert process.wait(60).number == 2
    assert not is_running(first.pid)


def test_a_process_that_hangs_before_it_greets_is_started_again(monkeypatch):
    monkeypatch.setattr("herdwick.agents.server.model_process.START_DEADLINE_S", 0.5)
    with ModelProcess(stand_in("import time; time.sleep(60)")) as process:
        assert process.has_died(since=0, timeout_s=60)


def test_the_process_ends_with_whoever_started_it(tmp_path):
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time\n"
            "from herdwick.agents.server.model_process import ModelProcess\n"
            "process = ModelProcess([sys.executable, '-c', sys.argv[1]])\n"
            "print(process.wait(60).pid, flush=True)\n"
            "time.sleep(60)",
            WAITING,
        ],
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 60
    while is_running(pid):
        assert time.monotonic() < deadline, "it outlived its parent"
        time.sleep(0.05)


def test_a_reason_not_to_start_reaches_whoever_waits():
    greeting = '{"error": {"kind": "engine_missing", "message": "No llama.cpp.", "hint": "Install it."}}'
    with ModelProcess(stand_in(f"print('{greeting}')")) as process, pytest.raises(ModelError) as failure:
        process.wait(60)
    assert (failure.value.kind, failure.value.hint) == ("engine_missing", "Install it.")


def test_waiting_for_a_process_that_keeps_dying_ends_in_time():
    with ModelProcess(stand_in("raise SystemExit(3)")) as process:
        assert process.has_died(since=0, timeout_s=60)
        with pytest.raises(ModelError) as failure:
            process.wait(0.1)
    assert failure.value.kind == "model_restarting"


def test_a_process_that_cannot_be_started_is_tried_again(tmp_path):
    script = tmp_path / "model"
    with ModelProcess([str(script)]) as process:
        with pytest.raises(ModelError) as failure:
            process.wait(60)
        script.write_text(f"#!{sys.executable}\n{WAITING}\n")
        script.chmod(0o755)
        deadline = time.monotonic() + 60
        while not process.is_loaded:
            assert time.monotonic() < deadline, "it was not tried again"
            time.sleep(0.05)
        assert is_running(process.wait(60).pid)
    assert failure.value.kind == "model_restarting"
    assert "No such file" in failure.value.message
