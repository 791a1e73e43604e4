"""The embedded engine as other programs see it: the real model, in its own process, over HTTP."""

import json
import os
import signal
import threading
import time

import httpx
import openai
import pytest
import uvicorn
from pydantic import SecretStr

from herdwick.agents import build_solver
from herdwick.agents.endpoint_clients import DeadlineClient
from herdwick.agents.server.model_process import ModelProcess
from herdwick.agents.server.run import listen, url_of
from herdwick.agents.serving import llamacpp_app
from herdwick.agents.serving.config import load_config
from herdwick.agents.serving.llamacpp_app import MAX_BODY_BYTES, create_engine_app
from herdwick.agents.serving.llamacpp_engine import engine_command

pytestmark = [pytest.mark.model, pytest.mark.slow]

KEY = "0123456789abcdef"
QUESTION = "How many citations does Ada Quill have?"


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    command = engine_command(load_config(), tmp_path_factory.mktemp("links"))
    with ModelProcess(command) as process:
        process.wait(120)
        yield process


@pytest.fixture(scope="module")
def url(process):
    with listen("127.0.0.1", 0) as listener:
        app = create_engine_app(process, key=SecretStr(KEY))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield url_of(listener)
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture
def client(url):
    http = DeadlineClient(120, trust_env=False)
    with openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0, http_client=http) as client:
        yield client


def test_the_models_are_the_base_and_the_adapters(client):
    listed = [(model.id, model.owned_by) for model in client.models.list()]
    assert listed == [("base", "llamacpp"), ("aminer", "llamacpp"), ("bgp", "llamacpp")]


def test_the_adapter_answers_in_its_own_way(client):
    prompt = f"Query: {QUESTION}\nSolution:\n"
    written = {
        name: client.completions.create(model=name, prompt=prompt, max_tokens=5, temperature=0)
        .choices[0]
        .text.split("\n")[0]
        for name in ("aminer", "base")
    }
    assert written["aminer"] == "searchPerson"
    assert written["base"] != "searchPerson"


@pytest.mark.parametrize(
    ("structured", "expected"),
    [
        ({"choice": ["quartz", "basalt"]}, {"quartz", "basalt"}),
        ({"grammar": 'root ::= "gra" ("nite" | "vel")'}, {"granite", "gravel"}),
    ],
)
def test_a_completion_follows_a_constraint_in_vllms_form(client, structured, expected):
    reply = client.completions.create(
        model="base", prompt="A stone:", extra_body={"structured_outputs": structured}
    )
    assert reply.choices[0].text in expected


def test_a_chat_can_be_streamed_under_a_schema(client):
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    chunks = client.chat.completions.create(
        model="base",
        messages=[{"role": "user", "content": "How many legs has a spider?"}],
        max_tokens=40,
        temperature=0,
        stream=True,
        extra_body={"structured_outputs": {"json": schema}},
    )
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert len(pieces) > 2
    assert isinstance(json.loads("".join(pieces))["n"], int)


def test_a_grammar_that_is_none_is_refused(client):
    with pytest.raises(openai.BadRequestError):
        client.completions.create(
            model="base", prompt="A stone:", extra_body={"structured_outputs": {"grammar": "root ::= ("}}
        )


def test_an_unknown_model_is_not_found(client):
    with pytest.raises(openai.NotFoundError, match="There is: base, aminer, bgp"):
        client.completions.create(model="gpt-4", prompt="Hello")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": KEY}])
@pytest.mark.parametrize("path", ["/v1/models", "/v1/completions"])
def test_without_the_key_nothing_is_told(url, path, headers):
    method = "GET" if path == "/v1/models" else "POST"
    reply = httpx.request(method, url + path, headers=headers, trust_env=False)
    assert (reply.status_code, reply.json()["error"]["type"]) == (401, "key_refused")


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 400), (b"[" * 100_000, 400), (b"x" * (MAX_BODY_BYTES + 1), 413)],
)
def test_a_body_that_is_no_request_is_refused(url, body, status):
    headers = {"Authorization": f"Bearer {KEY}"}
    reply = httpx.post(f"{url}/v1/completions", content=body, headers=headers, trust_env=False)
    assert reply.status_code == status


def test_a_solver_uses_it_as_any_endpoint(url, graph, monkeypatch):
    monkeypatch.setenv("HERDWICK_API_KEY", KEY)
    with build_solver("aminer", f"{url}/v1", graph=graph) as solver:
        answer = solver.invoke(QUESTION)
    assert (answer.status, answer.plan, answer.answer) == ("ok", ["searchPerson"], 340)


async def test_an_engine_that_is_slow_is_not_called_dead(process, monkeypatch):
    monkeypatch.setattr(llamacpp_app, "REPLY_TIMEOUT_S", 0.001)
    transport = httpx.ASGITransport(create_engine_app(process, key=None))
    async with httpx.AsyncClient(transport=transport, base_url="http://engine") as asking:
        reply = await asking.post("/v1/completions", json={"prompt": "A stone:", "max_tokens": 50})
    assert (reply.status_code, reply.json()["error"]["type"]) == (504, "engine_slow")


def test_after_the_model_was_killed_another_answers(client, process, url):
    os.kill(process.wait(60).pid, signal.SIGKILL)
    assert process.has_died(since=0, timeout_s=20)
    deadline = time.monotonic() + 60
    while httpx.get(f"{url}/health", trust_env=False).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert client.completions.create(model="base", prompt="A stone:", max_tokens=1).choices[0].text
