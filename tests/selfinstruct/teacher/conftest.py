"""A teacher on loopback that answers by rule, or misbehaves as a test wants."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from herdwick.selfinstruct.teacher.config import TeacherConfig, load_config

_VOCABULARY = """
above across address advertise again announce around arrive because before better between border bring
carry change choose collect compare confirm count covering customer decide default detect during earlier
every example export failure filter first follow forward happen import inside interval keep length limit
local longer measure message missing monitor neighbour network often operator origin outside packet path
peer policy prefer prefix private provider public reach reason receive record refuse remote remove repeat
restart route router scope second select send session short signal single slowly source stable start stop
summary table timer together traffic under update upstream value verify visible wait weight withdraw
"""
WORDS = _VOCABULARY.split()


def task(rng: Random) -> dict[str, str]:
    """A task whose words are drawn at random, so that no two are alike."""
    return {
        "instruction": " ".join(rng.sample(WORDS, 14)).capitalize() + "?",
        "input": "",
        "output": f"The {rng.choice(WORDS)} goes first, as RFC 4271, section 9.1 says of every route.",
    }


def tasks_for(prompt: str, count: int = 3) -> list[dict[str, str]]:
    """What the well-behaved teacher writes: the same for the same prompt."""
    rng = Random(hashlib.sha256(prompt.encode()).hexdigest())
    return [task(rng) for _ in range(count)]


def completion(content: Any, finish: str = "stop", **message: Any) -> Response:
    """A chat completion with `content`."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "teacher-0613",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": content} | message,
            }
        ],
        "usage": {"prompt_tokens": 200, "completion_tokens": 100, "total_tokens": 300},
    }
    return Response(json.dumps(body), content_type="application/json")


def failing(status: int, **headers: str) -> Response:
    """An HTTP error."""
    return Response(
        json.dumps({"error": {"message": "scripted"}}), status, headers, content_type="application/json"
    )


@dataclass
class Loopback:
    """A teacher.

    Attributes:
        url: Of its API.
        latency_s: Of each reply, in seconds.
        first: Replies to the first requests; None for one as usual.
        answer: Writes the content of any other reply.
        bodies: What it was asked.
        keys: Authorization of each request.
        times: When requests came, in seconds.
    """

    url: str
    latency_s: float = 0.0
    first: list[Response | None] = field(default_factory=list)
    answer: Callable[[str], Any] = lambda prompt: json.dumps({"tasks": tasks_for(prompt)})
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def model(self) -> str:
        return f"teacher@{self.url}"

    def handle(self, request: Request) -> Response:
        body = json.loads(request.data)
        with self._lock:
            self.bodies.append(body)
            self.keys.append(request.headers.get("Authorization", ""))
            self.times.append(time.monotonic())
            scripted = self.first.pop(0) if self.first else None
        time.sleep(self.latency_s)
        if scripted is not None:
            return scripted
        content = self.answer(body["messages"][1]["content"])
        return content if isinstance(content, Response) else completion(content)


@pytest.fixture(scope="session")
def make_httpserver() -> Iterator[HTTPServer]:
    """As pytest-httpserver's own, with a thread for each request."""
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        yield server
        server.clear()


@pytest.fixture
def teacher(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Loopback:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HERDWICK_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    served = [{"id": "teacher", "object": "model", "created": 1, "owned_by": "test"}]
    httpserver.expect_request("/v1/models").respond_with_json({"object": "list", "data": served})
    loopback = Loopback(httpserver.url_for("/v1"))
    httpserver.expect_request("/v1/chat/completions").respond_with_handler(loopback.handle)
    return loopback


@pytest.fixture
def seed_file(tmp_path: Path) -> Path:
    """Ten hand-written tasks."""
    file = tmp_path / "seeds.jsonl"
    rng = Random(0)
    lines = [
        {
            "id": f"seed-{number}",
            "instruction": task(rng)["instruction"],
            "instances": [{"input": "", "output": "As RFC 4271 says."}],
            "category": f"category {number % 2}",
        }
        for number in range(10)
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


@pytest.fixture
def configure(teacher: Loopback, seed_file: Path) -> Callable[..., TeacherConfig]:
    """Configurations that ask the loopback teacher for BGP knowledge."""

    def make(**overrides: Any) -> TeacherConfig:
        given = {"model": teacher.model, "seeds": seed_file, "count": 12, "in_flight": 4, "window": 8}
        return load_config("bgp_knowledge", overrides=given | overrides)

    return make
