import io
import json
import logging
import socket
import threading

import pytest

from herdwick.agents.server import guard
from herdwick.agents.server.keys import ApiKeys
from herdwick.agents.server.request_log import LOGGER, JsonLines

KEYS = ("first-key-0123456789", "second-key-0123456789")
QUESTION = "How many citations does Ada Quill have?"


@pytest.fixture
def log() -> io.StringIO:
    """What the server logs, as its command writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    before = LOGGER.level
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.DEBUG)
    yield written
    LOGGER.removeHandler(handler)
    LOGGER.setLevel(before)


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": f"Bearer {KEYS[1]}"}, {"authorization": f"bearer  {KEYS[1]}"}, {"X-API-Key": KEYS[1]}],
)
def test_a_valid_key_is_let_in(serve, scripted, ada, headers):
    scripted.says(ada)
    assert serve(keys=ApiKeys(KEYS)).ask(headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong-key-0123456789"},
        {"Authorization": f"Bearer {KEYS[0]}x"},
        {"Authorization": f"Basic {KEYS[0]}"},
        {"Authorization": "Bearer"},
        {"X-API-Key": KEYS[0][:-1]},
    ],
)
def test_no_other_key_is(serve, scripted, headers):
    response = serve(keys=ApiKeys(KEYS)).ask(headers=headers)
    assert (response.status_code, response.json()["error"]["kind"]) == (401, "key_not_valid")
    assert response.headers["www-authenticate"] == "Bearer"
    assert scripted.requests == []


@pytest.mark.parametrize("path", ["/metrics", "/api/soayllama/purequery?query=Who", "/nothing"])
def test_all_that_tells_something_asks_for_a_key(serve, path):
    assert serve(keys=ApiKeys(KEYS)).client.get(path).status_code == 401


@pytest.mark.parametrize("path", ["/health", "/health/live", "/docs", "/openapi.json"])
def test_health_and_description_ask_for_none(serve, path):
    assert serve(keys=ApiKeys(KEYS)).client.get(path).status_code == 200


def test_more_requests_than_the_rate_are_told_when_to_come_back(serve, scripted, ada):
    scripted.says(ada, ada)
    running = serve(rate="2/minute")
    statuses = [running.ask().status_code for _ in range(2)]
    refused = running.ask()
    assert statuses == [200, 200]
    assert (refused.status_code, refused.json()["error"]["kind"]) == (429, "rate_exceeded")
    assert 1 <= int(refused.headers["retry-after"]) <= 60


def test_each_key_has_a_rate_of_its_own(serve, scripted, ada):
    scripted.says(ada, ada)
    running = serve(rate="1/minute", keys=ApiKeys(KEYS))
    statuses = [running.ask(headers={"X-API-Key": key}).status_code for key in (*KEYS, KEYS[0])]
    assert statuses == [200, 200, 429]


def test_guessing_keys_is_limited(serve):
    running = serve(rate="3/minute", keys=ApiKeys(KEYS))
    guesses = [running.ask(headers={"X-API-Key": f"guess-{n}-0123456789"}).status_code for n in range(5)]
    assert guesses == [401, 401, 401, 429, 429]
    assert running.ask(headers={"X-API-Key": KEYS[0]}).status_code == 429


def test_probes_are_not_held_against_the_rate(serve):
    running = serve(rate="1/minute")
    assert [running.client.get("/health").status_code for _ in range(5)] == [200] * 5


def test_a_full_queue_is_told_when_to_come_back(serve, scripted, ada, wait_until):
    writing = threading.Event()
    scripted.answer_with = lambda _: ada if writing.wait(60) else ""
    running = serve(slots=1, max_queue=1, max_repairs=0)
    waiting = [threading.Thread(target=running.ask) for _ in range(2)]
    for thread in waiting:
        thread.start()
    wait_until(lambda: (running.health()["answering"], running.health()["waiting"]) == (1, 1))
    refused = running.ask()
    assert (refused.status_code, refused.json()["error"]["kind"]) == (429, "queue_full")
    assert int(refused.headers["retry-after"]) >= 1
    writing.set()
    for thread in waiting:
        thread.join()
    assert len(scripted.requests) == 2


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_long_is_refused(serve, scripted, chunked):
    content = b'{"question": "' + b"x" * 3000 + b'"}'
    body = iter([content[:1500], content[1500:]]) if chunked else content
    response = serve(max_body_bytes=2000).client.post("/ask", content=body)
    assert (response.status_code, response.json()["error"]["kind"]) == (413, "body_too_large")
    assert scripted.requests == []


def test_a_body_that_does_not_come_is_not_waited_for(serve, monkeypatch):
    monkeypatch.setattr(guard, "BODY_TIMEOUT_S", 0.3)
    running = serve()
    host, port = running.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as slow:
        slow.sendall(b"POST /ask HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        assert slow.recv(1000).startswith(b"HTTP/1.1 408 ")


def test_every_response_carries_the_id_of_its_request(serve):
    client = serve().client
    named = client.get("/health", headers={"X-Request-ID": "trace-7"})
    unnamed = [client.get("/health").headers["x-request-id"] for _ in range(2)]
    odd = client.get("/health", headers={"X-Request-ID": "a b{}"}).headers["x-request-id"]
    assert named.headers["x-request-id"] == "trace-7"
    assert len({*unnamed, odd}) == 3
    assert odd.isalnum()


def test_a_request_is_one_line_of_json_in_the_log(serve, scripted, ada, log, wait_until):
    scripted.says(ada)
    serve(keys=ApiKeys(KEYS)).ask(headers={"X-API-Key": KEYS[1], "X-Request-ID": "trace-8"})
    wait_until(lambda: "trace-8" in log.getvalue())
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    asked = [line for line in lines if line["path"] == "/ask"]
    assert len(asked) == 1
    told = {name: asked[0][name] for name in ("event", "request", "client", "method", "status")}
    assert told == {
        "event": "request",
        "request": "trace-8",
        "client": "key 2",
        "method": "POST",
        "status": 200,
    }


def test_the_log_holds_no_key_and_no_question(serve, scripted, ada, log, wait_until):
    scripted.says(ada, ada)
    running = serve(keys=ApiKeys(KEYS))
    running.ask(headers={"X-API-Key": KEYS[0]})
    running.ask(headers={"Authorization": "Bearer stolen-key-0123456789"})
    valid = {"X-API-Key": KEYS[0]}
    running.client.get("/api/soayllama/purequery", params={"query": QUESTION}, headers=valid)
    running.client.get(f"/{KEYS[1]}", params={"key": KEYS[1]}, headers=valid)
    wait_until(lambda: log.getvalue().count('"status"') >= 4)
    written = log.getvalue()
    for secret in (*KEYS, "stolen", "Ada", "Quill", "citations"):
        assert secret not in written


def test_a_bug_is_a_500_without_its_text_and_a_traceback_in_the_log(serve, log, monkeypatch, wait_until):
    from herdwick.agents.server import app

    def fail(*_):
        raise ZeroDivisionError("inner workings")

    monkeypatch.setattr(app, "read_request", fail)
    response = serve().ask(headers={"X-Request-ID": "trace-9"})
    assert (response.status_code, response.json()["error"]["kind"]) == (500, "internal_error")
    assert "inner workings" not in response.text
    wait_until(lambda: "request failed" in log.getvalue())
    failures = [json.loads(line) for line in log.getvalue().splitlines() if "request failed" in line]
    assert [failure["request"] for failure in failures] == ["trace-9"]
    assert "ZeroDivisionError: inner workings" in failures[0]["traceback"]
