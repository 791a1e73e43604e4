import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from herdwick.agents.cli.serve_engine import changed
from herdwick.agents.serving.config import EngineConfig, load_config


@pytest.fixture
def quick_vllm(tmp_path):
    """A configuration whose `vllm` only says that it is healthy, and a free port."""
    command = tmp_path / "vllm"
    command.write_text(
        f"#!{sys.executable} -I\n"
        "import http.server, os, sys\n"
        "port = int(next(word[7:] for word in sys.argv if word.startswith('--port=')))\n"
        "class Health(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(200)\n"
        "        self.end_headers()\n"
        "server = http.server.HTTPServer(('127.0.0.1', port), Health)\n"
        "print(os.getpid(), *sys.argv[1:], flush=True)\n"
        "server.serve_forever()\n"
    )
    command.chmod(0o755)
    file = tmp_path / "serve.yaml"
    file.write_text(yaml.safe_dump({"base": "hub/model", "vllm": {"executable": str(command)}}))
    return file


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_engine(config_file, environment, log, *arguments):
    command = [sys.executable, "-m", "herdwick.agents.cli", "serve", "--engine", "vllm", "--json"]
    return subprocess.Popen(
        [*command, "--config", str(config_file), "--log", str(log), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_vllm_and_ends_with_zero(quick_vllm, environment, tmp_path, number, free_port):
    log = tmp_path / "vllm.log"
    with run_engine(quick_vllm, environment, log, f"--port={free_port}", "--", "--enforce-eager") as engine:
        ready = json.loads(engine.stdout.readline())
        pid, *words = log.read_text().splitlines()[0].split()
        engine.send_signal(number)
        assert engine.wait(60) == 0
        assert "Stopping vLLM." in engine.stderr.read()
    assert (ready["url"], ready["models"]) == (f"http://127.0.0.1:{free_port}/v1", ["base"])
    assert words[:2] == ["serve", "hub/model"]
    assert words[-1] == "--enforce-eager"
    assert not Path(f"/proc/{pid}").exists()


def test_vllm_ends_when_the_command_is_killed(quick_vllm, environment, tmp_path, free_port):
    log = tmp_path / "vllm.log"
    with run_engine(quick_vllm, environment, log, f"--port={free_port}") as engine:
        engine.stdout.readline()
        pid = int(log.read_text().split()[0])
        os.kill(engine.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_command_line_goes_before_the_file():
    config = changed(
        load_config(),
        {"host": None, "port": 9000, "dtype": "float32", "context": None, "executable": "/v/vllm"},
        ("--enforce-eager",),
    )
    assert (config.host, config.port) == ("127.0.0.1", 9000)
    assert (config.vllm.dtype, config.vllm.context, config.vllm.executable) == ("float32", 4096, "/v/vllm")
    assert config.vllm.arguments == ("--enforce-eager",)


def test_a_context_is_that_of_whichever_engine_runs():
    config = changed(load_config(), {"context": 8192})
    assert (config.vllm.context, config.llamacpp.context) == (8192, 8192)


def test_nothing_changed_is_the_file():
    config = EngineConfig(base="x")
    assert changed(config, {"port": None}) == config


@pytest.mark.parametrize("engine", ["vllm", "llamacpp"])
def test_an_address_that_others_reach_needs_a_key(invoke, engine, monkeypatch):
    monkeypatch.delenv("HERDWICK_API_KEY", raising=False)
    result = invoke("serve", "--engine", engine, "--host", "0.0.0.0")
    assert result.exit_code == 2
    assert "Everybody who reaches 0.0.0.0 could ask." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--engine", "vllm", "--batch", __file__), "--batch needs --out."),
        (("--engine", "vllm", "--out", "x"), "--out is for --batch."),
        (("--engine", "vllm", "--option", "aminer.graph=x"), "--option is for --batch."),
        (("--engine", "vllm", "--batch", __file__, "--out", "x", "--open"), "--open is for serving"),
        (("--engine", "vllm", "--batch", __file__, "--out", "x", "--port", "80"), "--port is for serving"),
        (
            ("--engine", "vllm", "--batch", __file__, "--out", "x", "--option", "tides.x=1"),
            "--option 'tides.x=1' is not DOMAIN.NAME=VALUE",
        ),
        (("--engine", "llamacpp", "--batch", __file__, "--out", "x"), "--batch is for --engine vllm."),
        (("--engine", "llamacpp", "--dtype", "float16"), "--dtype is for --engine vllm."),
        (("--engine", "llamacpp", "--log", "x"), "--log is for --engine vllm."),
        (("--engine", "llamacpp", "--", "-x"), "An argument after `--` is for --engine vllm."),
        (("--engine", "tgi"), "'tgi' is not one of"),
        (("--engine", "vllm", "--vllm", "/no/vllm"), "There is no executable /no/vllm."),
        (("--engine", "vllm", "--config", "/no.yaml"), "/no.yaml cannot be read."),
    ],
)
def test_wrong_usage_is_told(invoke, arguments, complaint):
    result = invoke("serve", *arguments)
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_help_shows_examples(invoke):
    shown = invoke("serve", "--engine", "vllm", "--help").stdout
    assert "herdwick serve --engine vllm --batch questions.jsonl --out answers.jsonl" in shown
