import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from herdwick.agents.errors import ModelError
from herdwick.agents.serving import leash
from herdwick.agents.serving.server_process import ServerProcess, StoppedError


def start(config, log, grace_s=0.5):
    command = [config.vllm.executable, f"--port={config.port}"]
    return ServerProcess(command, config.vllm.environment, log=log, grace_s=grace_s)


def wait(server, config, deadline_s=60.0, stop=None):
    health = f"http://127.0.0.1:{config.port}/health"
    return server.wait_until_healthy(health, deadline_s=deadline_s, stop=stop or threading.Event())


def pid_in(log):
    return int(log.read_text().split()[-1])


def lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    # A zombie is dead, whoever has not waited for it.
    return state != "Z"


def is_gone(pid, timeout_s=20.0):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if not lives(pid):
            return True
        time.sleep(0.05)
    return False


def test_a_healthy_server_is_waited_for_and_ended(faulty, tmp_path):
    config, log = faulty("none"), tmp_path / "vllm.log"
    with start(config, log) as server:
        wait(server, config)
        assert not server.has_ended()
        pid = pid_in(log)
    assert server.exit_code == 128 + signal.SIGTERM
    assert is_gone(pid)


def test_a_server_that_dies_at_once_is_told_with_its_last_words(faulty, tmp_path):
    config, log = faulty("dies"), tmp_path / "vllm.log"
    log.write_text("of an earlier run\n")
    with start(config, log) as server, pytest.raises(ModelError) as failure:
        wait(server, config)
    assert failure.value.kind == "engine_died"
    assert failure.value.message == (
        "The engine ended with code 1 before it was ready. Its last lines:\nValueError: no such dtype"
    )
    assert str(log) in failure.value.hint


def test_a_server_that_never_gets_healthy_is_given_up(faulty, tmp_path):
    config = faulty("never healthy")
    with start(config, tmp_path / "log") as server, pytest.raises(ModelError) as failure:
        wait(server, config, deadline_s=1)
    assert (failure.value.kind, server.has_ended()) == ("engine_slow", True)
    assert "within 1 seconds. It wrote nothing." in failure.value.message


def test_waiting_can_be_stopped(faulty, tmp_path):
    config, stop = faulty("never healthy"), threading.Event()
    stop.set()
    with start(config, tmp_path / "log") as server, pytest.raises(StoppedError):
        wait(server, config, stop=stop)
    assert server.has_ended()


def test_a_server_deaf_to_sigterm_is_killed_after_its_grace(faulty, tmp_path):
    config, log = faulty("deaf"), tmp_path / "vllm.log"
    with start(config, log) as server:
        wait(server, config)
        pid = pid_in(log)
    assert server.exit_code == 128 + signal.SIGKILL
    assert is_gone(pid)


def test_processes_that_it_started_end_with_it(faulty, tmp_path):
    config = faulty("has a child")
    with start(config, tmp_path / "vllm.log") as server:
        wait(server, config)
        child = int((tmp_path / "child").read_text())
        assert lives(child)
    assert is_gone(child)


def test_it_ends_when_whoever_started_it_is_killed(faulty, tmp_path):
    config = faulty("none")
    log = tmp_path / "vllm.log"
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, subprocess, sys, time\n"
            "subprocess.Popen([sys.executable, *sys.argv[2:]], stdin=subprocess.PIPE,"
            " stdout=open(sys.argv[1], 'w'))\n"
            "time.sleep(600)",
            *(str(log), leash.__file__, "1", config.vllm.executable, f"--port={config.port}"),
        ],
        env=dict(config.vllm.environment),
    )
    deadline = time.monotonic() + 20
    while not (log.exists() and log.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    assert is_gone(pid_in(log))


def test_a_command_that_cannot_be_started_is_named(tmp_path):
    with ServerProcess(["/no/such/vllm"], {}, log=tmp_path / "log", grace_s=0) as server:
        assert server.has_ended(20)
        assert server.exit_code == 127
        assert server.last_lines() == "/no/such/vllm cannot be started: No such file or directory"


def test_a_log_that_cannot_be_written_is_told():
    with pytest.raises(ModelError) as failure:
        ServerProcess(["true"], {}, log=Path("/proc/none/vllm.log"), grace_s=0)
    assert failure.value.kind == "log_unwritable"
