"""A scripted OpenAI-compatible server on loopback: real HTTP, replies and faults as a test wants them."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from herdwick.agents import build_solver
from herdwick.agents.models import load_model
from herdwick.tools.aminer.local.build import build_graph


@dataclass(frozen=True)
class Text:
    """A reply in words."""

    text: str


@dataclass(frozen=True)
class ToolCalls:
    """A reply that calls tools: (name, arguments) each."""

    calls: tuple[tuple[str, dict[str, Any]], ...]


@dataclass(frozen=True)
class Status:
    """An HTTP error."""

    code: int
    error: dict[str, Any] = field(default_factory=lambda: {"message": "scripted"})
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """A body that is no completion."""

    body: str
    content_type: str = "text/html"


@dataclass(frozen=True)
class Cut:
    """A reply whose connection closes in the middle."""

    text: str = "searchPerson\nfinal_re"


@dataclass(frozen=True)
class Slow:
    """A reply that comes late."""

    seconds: float
    text: str = "late"


@dataclass(frozen=True)
class Drip:
    """A reply that begins at once and never ends, a byte at a time."""

    pause_s: float = 0.05


@dataclass(frozen=True)
class Echo:
    """An HTTP error that repeats the header with the key."""

    code: int


Reply = Text | ToolCalls | Status | Raw | Cut | Slow | Drip | Echo


@dataclass
class ScriptedEndpoint:
    """What the server has been told to say, and what it has been asked.

    `models` maps names to engines; None for a server that has no list, `Raw` for one with an odd list.
    `script` is used up reply by reply; `answer_with` computes replies instead, for requests in any order.
    """

    url: str = ""
    models: dict[str, str] | Raw | None = field(default_factory=lambda: {"scripted": "test"})
    script: list[Reply] = field(default_factory=list)
    answer_with: Callable[[dict[str, Any]], str] | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def says(self, *replies: str | Reply) -> None:
        self.script += [Text(reply) if isinstance(reply, str) else reply for reply in replies]

    def next_reply(self, body: dict[str, Any], key: str) -> Reply:
        with self.lock:
            self.requests.append(body)
            self.keys.append(key)
            if self.answer_with:
                return Text(self.answer_with(body))
            return self.script.pop(0) if self.script else Status(500, {"message": "the script is used up"})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: ScriptedEndpoint

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if isinstance(self.endpoint.models, Raw):
            self._send(200, self.endpoint.models.body, self.endpoint.models.content_type)
            return
        if self.endpoint.models is None:
            self._send(404, '{"error": {"message": "no such route"}}', "application/json")
            return
        served = self.endpoint.models.items()
        models = [{"id": name, "object": "model", "created": 1, "owned_by": by} for name, by in served]
        self._send(200, json.dumps({"object": "list", "data": models}), "application/json")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        chat = self.path.endswith("/chat/completions")
        match self.endpoint.next_reply(body, self.headers.get("Authorization", "")):
            case Status(code, error, headers):
                self._send(code, json.dumps({"error": error}), "application/json", headers)
            case Raw(text, content_type):
                self._send(200, text, content_type)
            case Cut(text):
                self._cut(_events(text, chat) if body.get("stream") else json.dumps(_completion(text, chat)))
            case Slow(seconds, text):
                time.sleep(seconds)
                self._complete(text, (), chat, body)
            case Drip(pause_s):
                self._drip(pause_s)
            case Echo(code):
                said = f"bad header Authorization: {self.headers['Authorization']}"
                self._send(code, json.dumps({"error": {"message": said}}), "application/json")
            case Text(text):
                self._complete(text, (), chat, body)
            case ToolCalls(calls):
                self._complete("", calls, chat, body)

    def _complete(self, text: str, calls: Any, chat: bool, body: dict[str, Any]) -> None:
        if body.get("stream"):
            self._send(200, _events(text, chat), "text/event-stream")
        else:
            self._send(200, json.dumps(_completion(text, chat, calls)), "application/json")

    def _send(self, code: int, text: str, content_type: str, headers: dict[str, str] | None = None) -> None:
        payload = text.encode()
        self.send_response(code)
        for name, value in {"Content-Type": content_type, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        try:
            self.wfile.write(payload)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _cut(self, text: str) -> None:
        payload = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload[: len(payload) // 2])
        self.close_connection = True

    def _drip(self, pause_s: float) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(1000):
                self.wfile.write(b" ")
                time.sleep(pause_s)


_ENVELOPE = {
    "id": "c",
    "created": 1,
    "model": "m",
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}


def _completion(text: str, chat: bool, calls: Any = ()) -> dict[str, Any]:
    if not chat:
        choice = {"index": 0, "text": text, "finish_reason": "stop", "logprobs": None}
        return _ENVELOPE | {"object": "text_completion", "choices": [choice]}
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        message["tool_calls"] = [
            {"id": f"call{n}", "type": "function", "function": {"name": name, "arguments": json.dumps(args)}}
            for n, (name, args) in enumerate(calls)
        ]
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
    return _ENVELOPE | {"object": "chat.completion", "choices": [choice]}


def _events(text: str, chat: bool) -> str:
    halves = [text[: len(text) // 2], text[len(text) // 2 :]]
    chunks = []
    for number, half in enumerate(halves):
        reason = "stop" if number == 1 else None
        if chat:
            choice = {"index": 0, "delta": {"role": "assistant", "content": half}, "finish_reason": reason}
            kind = "chat.completion.chunk"
        else:
            choice = {"index": 0, "text": half, "finish_reason": reason}
            kind = "text_completion"
        chunks.append({"id": "c", "object": kind, "created": 1, "model": "m", "choices": [choice]})
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


@pytest.fixture
def scripted() -> Iterator[ScriptedEndpoint]:
    endpoint = ScriptedEndpoint()
    handler = type("Handler", (_Handler,), {"endpoint": endpoint})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
    yield endpoint
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def unused_url() -> str:
    """The URL of a server that is down."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"


AUTHORS = (
    {"id": "ada", "name": "Ada Quill", "orgs": ["Miro Institute"], "n_pubs": 12, "n_citation": 340},
    {"id": "bo", "name": "Bo Lindqvist", "orgs": ["Tarn College"], "n_pubs": 5, "n_citation": 80},
    {"id": "cy", "name": "Cy Okafor", "orgs": ["Tarn College"], "n_pubs": 3, "n_citation": 20},
)
PAPERS = (
    {
        "id": "p1",
        "title": "Ferns in Winter",
        "year": 2019,
        "n_citation": 30,
        "authors": [{"id": "ada", "name": "Ada Quill"}, {"id": "bo", "name": "Bo Lindqvist"}],
        "venue": "Journal of Ferns",
    },
)


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people and a paper: Ada Quill wrote with Bo Lindqvist."""
    folder = tmp_path_factory.mktemp("graph")
    for name, lines in (("authors", AUTHORS), ("papers", PAPERS)):
        (folder / f"{name}.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    out = folder / "graph.sqlite"
    build_graph([folder / "authors.jsonl"], [folder / "papers.jsonl"], out=out)
    return out


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HERDWICK_API_KEY", "HERDWICK_OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def replies() -> SimpleNamespace:
    """The kinds of reply a script is made of."""
    return SimpleNamespace(
        Text=Text, ToolCalls=ToolCalls, Status=Status, Raw=Raw, Cut=Cut, Slow=Slow, Drip=Drip, Echo=Echo
    )


@pytest.fixture
def make_solver(scripted: ScriptedEndpoint, graph: Path) -> Iterator[Callable[..., Any]]:
    """Builds solvers that ask the scripted server about the three people."""
    solvers = []

    def make(strategy: str = "one-shot", style: str = "short", **arguments: Any) -> Any:
        model = load_model(scripted.url, timeout_s=arguments.pop("timeout_s", 5), max_retries=0)
        solvers.append(build_solver("aminer", model, strategy, style=style, graph=graph, **arguments))
        return solvers[-1]

    yield make
    for solver in solvers:
        solver.close()
        solver.model.close()
