import contextlib
import socket
import threading
from dataclasses import dataclass, field

import httpx
import pytest

from herdwick.agents.errors import ModelError, UsageError
from herdwick.agents.serving.vllm_engine import refuse_taken, run_vllm


@dataclass
class Recorded:
    """What a watcher was told, and when to do something about it."""

    stop: threading.Event
    url: str
    lives: int = 1
    told: list[object] = field(default_factory=list)

    def preparing(self, what):
        self.told.append(what)

    def waiting(self, seconds):
        pass

    def ready(self, seconds):
        self.told.append("ready")
        if self.told.count("ready") == self.lives:
            self.stop.set()
        else:
            # It answers, and dies of it.
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{self.url}/die", trust_env=False)

    def died(self, code, restart):
        self.told.append((code, restart))

    def stopping(self):
        self.told.append("stopping")


def run(config, tmp_path, lives=1):
    stop = threading.Event()
    watcher = Recorded(stop, config.url.removesuffix("/v1"), lives)
    run_vllm(config, key=None, log=tmp_path / "vllm.log", stop=stop, watcher=watcher)
    return watcher.told


def test_a_server_runs_until_it_is_stopped(faulty, tmp_path):
    assert run(faulty("none"), tmp_path) == ["ready", "stopping"]


def test_a_server_that_dies_is_started_again_and_that_is_told(faulty, tmp_path):
    assert run(faulty("dies later"), tmp_path, lives=3) == [
        "ready",
        (3, 1),
        "ready",
        (3, 2),
        "ready",
        "stopping",
    ]


def test_a_server_that_keeps_dying_is_given_up(faulty, tmp_path):
    with pytest.raises(ModelError) as failure:
        run(faulty("dies later", max_restarts=1), tmp_path, lives=9)
    assert failure.value.kind == "engine_dies"
    assert failure.value.message.startswith("The engine died 2 times in a row, last with code 3. Its last")


def test_a_server_that_cannot_start_is_not_started_again(faulty, tmp_path):
    with pytest.raises(ModelError) as failure:
        run(faulty("dies"), tmp_path)
    assert failure.value.kind == "engine_died"
    assert (tmp_path / "vllm.log").read_text() == "ValueError: no such dtype\n"


def test_what_listens_already_is_not_taken_for_the_engine(faulty, tmp_path):
    config = faulty("none")
    with socket.socket() as other:
        other.bind(("127.0.0.1", config.port))
        other.listen()
        with pytest.raises(UsageError) as failure:
            run(config, tmp_path)
    assert failure.value.kind == "address_unusable"
    assert not (tmp_path / "vllm.log").exists()


def test_a_free_address_is_accepted(free_port):
    assert refuse_taken("127.0.0.1", free_port) is None
