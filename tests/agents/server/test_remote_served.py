"""A model behind a URL whose server goes away, hangs and comes back."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from herdwick.agents.errors import ModelError
from herdwick.agents.server.served_model import RemoteServed


class ModelServer:
    """An OpenAI-compatible server on a port that it keeps; it can be stopped, started again, and hung."""

    def __init__(self, reply: str) -> None:
        served = self
        self.hung = threading.Event()
        self.thaw = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                self.answer({"object": "list", "data": [{"id": "aminer", "owned_by": "vllm"}]})

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                choice = {"index": 0, "text": reply, "finish_reason": "stop", "logprobs": None}
                usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
                envelope = {"id": "c", "object": "text_completion", "created": 1, "model": "aminer"}
                self.answer(envelope | {"choices": [choice], "usage": usage})

            def answer(self, body: dict[str, object]) -> None:
                if served.hung.is_set():
                    served.thaw.wait(60)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

        self._handler = Handler
        self._port = 0
        self.start()
        self.url = f"http://127.0.0.1:{self._port}/v1"

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), self._handler)
        self._server.daemon_threads = True
        self._port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def model_server(ada) -> Iterator[ModelServer]:
    server = ModelServer(ada)
    yield server
    server.thaw.set()
    server.stop()


@pytest.fixture(autouse=True)
def quick_probes(monkeypatch):
    monkeypatch.setattr("herdwick.agents.server.app.WATCH_PAUSE_S", 0.1)
    monkeypatch.setattr("herdwick.agents.server.served_model.PROBE_TIMEOUT_S", 0.5)


def test_health_follows_a_server_that_is_stopped_and_started_again(serve, model_server, wait_until):
    running = serve(model=model_server.url)
    assert running.ask().json()["answer"] == 340
    model_server.stop()
    lost = running.ask()
    assert (lost.status_code, lost.json()["error"]["kind"]) == (503, "endpoint_down")
    health = running.client.get("/health")
    assert (health.status_code, health.json()["ready"], health.json()["live"]) == (503, False, True)
    assert running.metric("herdwick_model_loaded") == 0
    model_server.start()
    wait_until(lambda: running.health()["ready"], timeout_s=20)
    assert running.metric("herdwick_model_loaded") == 1
    assert running.ask().json()["answer"] == 340


def test_health_follows_a_server_that_hangs_past_the_deadline(serve, model_server, wait_until):
    running = serve(model=model_server.url, deadline_s=2)
    model_server.hung.set()
    assert running.ask().json()["error"]["kind"] == "deadline_exceeded"
    wait_until(lambda: not running.health()["ready"], timeout_s=20)
    model_server.hung.clear()
    wait_until(lambda: running.health()["ready"], timeout_s=20)


@pytest.mark.parametrize("path", ["purequery?query=Who", "getcode"])
def test_the_older_paths_tell_of_a_server_that_is_gone_too(serve, model_server, path):
    running = serve(model=model_server.url)
    model_server.stop()
    url = f"/api/soayllama/{path}"
    is_post = path == "getcode"
    response = running.client.post(url, json={"query": "Who?"}) if is_post else running.client.get(url)
    assert response.status_code == 503
    assert not running.health()["ready"]
    model_server.start()


@pytest.mark.parametrize("kind", ["deadline_exceeded", "endpoint_failed", "model_unknown"])
def test_what_may_come_of_a_question_makes_the_model_count_as_gone_only_if_it_is(model_server, kind):
    model = RemoteServed(model_server.url, timeout_s=10)
    model.reach("aminer")
    model.has_failed(kind)
    assert model.is_loaded
    model.reach("aminer")
    assert model.is_loaded
    model_server.stop()
    model.reach("aminer")
    assert model.is_loaded, "nothing tells of its end yet"
    model.has_failed(kind)
    with pytest.raises(ModelError):
        model.reach("aminer")
    assert not model.is_loaded
    model_server.start()
    model.close()
