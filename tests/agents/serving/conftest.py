"""A stand-in for the `vllm` command, for the faults that the real one cannot be made to have."""

import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from herdwick.agents.serving.config import EngineConfig, VllmConfig

STAND_IN = """#!{python} -I
import http.server, os, signal, subprocess, sys, time
fault = os.environ["FAULT"]
if fault == "dies":
    sys.exit("ValueError: no such dtype")
if fault == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if fault == "never healthy":
    time.sleep(600)
if fault == "has a child":
    child = subprocess.Popen(["sleep", "600"])
    open(os.environ["CHILD"], "w").write(str(child.pid))
port = int(next(word.partition("=")[2] for word in sys.argv if word.startswith("--port=")))

class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        if fault == "dies later" and self.path == "/die":
            os._exit(3)

    def log_message(self, *_):
        pass

print("listening as", os.getpid(), flush=True)
http.server.HTTPServer(("127.0.0.1", port), Health).serve_forever()
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A command that has the fault named by `FAULT`."""
    command = tmp_path / "vllm"
    command.write_text(STAND_IN.replace("{python}", sys.executable))
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return command


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def faulty(stand_in: Path, free_port: int, tmp_path: Path) -> Callable[..., EngineConfig]:
    """A configuration whose vLLM has a fault; its base is a folder, so that nothing is converted."""

    def make(fault: str, **changes: object) -> EngineConfig:
        variables = {"FAULT": fault, "CHILD": str(tmp_path / "child")}
        given = {"stop_grace_s": 0.5, "start_deadline_s": 60} | changes
        vllm = VllmConfig(executable=str(stand_in), environment=variables, **given)
        return EngineConfig(base=str(tmp_path), port=free_port, vllm=vllm)

    return make
