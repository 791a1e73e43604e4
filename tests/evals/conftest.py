"""Answers, rows and models as tests want them."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from herdwick.agents.answer import Answer, AnswerError
from herdwick.evals.rows import Row


@pytest.fixture
def answered() -> Callable[..., Answer]:
    """Makes the answer of a program that ran."""

    def make(value: Any, plan: tuple[str, ...] = ("searchPerson",), question: str = "?") -> Answer:
        return Answer(
            question=question,
            domain="aminer",
            strategy="one-shot",
            model="test",
            plan=list(plan),
            answer=value,
            text="",
            status="ok",
        )

    return make


@pytest.fixture
def failed() -> Callable[..., Answer]:
    """Makes the answer of a question that could not be answered."""

    def make(kind: str, plan: tuple[str, ...] = (), question: str = "?", external: bool = False) -> Answer:
        return Answer(
            question=question,
            domain="aminer",
            strategy="one-shot",
            model="test",
            plan=list(plan),
            text="",
            status="error",
            error=AnswerError(kind=kind, message=kind, external=external),
        )

    return make


@pytest.fixture
def row() -> Callable[..., Row]:
    """Makes a row."""

    def make(**fields: Any) -> Row:
        return Row(**{"id": "1", "question": "?"} | fields)

    return make


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Serves a model: from its name and a function of the prompt's text to its URL."""
    with ExitStack() as stack:
        yield lambda name, reply: stack.enter_context(_served(name, reply))


@contextmanager
def _served(name: str, reply: Callable[[str], str]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            self.send({"object": "list", "data": [{"id": name, "object": "model", "owned_by": "test"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            chat = "messages" in body
            asked = body["messages"] if chat else body["prompt"]
            text = reply(json.dumps(asked, ensure_ascii=False))
            said = {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
            choice = {"index": 0, "finish_reason": "stop", "logprobs": None, **said}
            usage = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
            kind = "chat.completion" if chat else "text_completion"
            envelope = {"id": "c", "object": kind, "created": 0, "model": name}
            self.send(envelope | {"choices": [choice], "usage": usage})

        def send(self, content: dict[str, Any]) -> None:
            payload = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
