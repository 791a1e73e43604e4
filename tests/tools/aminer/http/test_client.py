"""Fetching: retries, the cache, payment, and keeping the key secret."""

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from decimal import Decimal
from email.utils import formatdate
from pathlib import Path

import pytest
from pydantic import JsonValue, SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from herdwick.tools.aminer.http.cache import ResponseCache
from herdwick.tools.aminer.http.calls import Call
from herdwick.tools.aminer.http.client import HttpClient, Verdict
from herdwick.tools.aminer.http.pricing import Ledger
from herdwick.tools.aminer.http.transport import Limits, Transport
from herdwick.tools.errors import BackendError
from herdwick.tools.question import begin_question
from herdwick.tools.retries import RetryPolicy

WORKS = Call("GET", "/works?search=graphs", price_cny=Decimal("0.50"))

OpenClient = Callable[..., HttpClient]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(budget_cny=2.0)


@pytest.fixture
def open_client(
    base_url: str, key: SecretStr, limits: Limits, retries: RetryPolicy, ledger: Ledger
) -> Iterator[OpenClient]:
    opened: list[HttpClient] = []

    def open_one(
        cache: ResponseCache | None = None, judge: Callable[[JsonValue], Verdict] | None = None
    ) -> HttpClient:
        transport = Transport(base_url, key, limits=limits)
        opened.append(HttpClient(transport, ledger, cache, judge or (lambda payload: Verdict()), retries))
        return opened[-1]

    yield open_one
    for client in opened:
        client.close()


def failure_of(client: HttpClient) -> BackendError:
    with pytest.raises(BackendError) as caught:
        client.fetch(WORKS)
    return caught.value


def serve_in_turn(httpserver: HTTPServer, *replies: Response) -> None:
    """Answer the first request with the first reply, and so on; the last one stays."""
    left = list(replies)

    def next_reply(request: Request) -> Response:
        return left.pop(0) if len(left) > 1 else left[0]

    httpserver.expect_request("/works").respond_with_handler(next_reply)


def test_a_failure_that_passes_is_not_seen(
    httpserver: HTTPServer, open_client: OpenClient, waits_s: list[float]
) -> None:
    serve_in_turn(httpserver, Response("oops", 500), Response("[1]"))
    assert open_client().fetch(WORKS) == [1]
    (wait_s,) = waits_s
    assert 0.5 <= wait_s <= 1.0


def test_waits_double(httpserver: HTTPServer, open_client: OpenClient, waits_s: list[float]) -> None:
    serve_in_turn(httpserver, Response("oops", 503))
    assert failure_of(open_client()).kind == "server_error"
    first_s, second_s = waits_s
    assert 0.5 <= first_s <= 1.0 <= second_s <= 1.5


def test_a_rate_limit_is_waited_out_for_as_long_as_it_says(
    httpserver: HTTPServer, open_client: OpenClient, waits_s: list[float]
) -> None:
    serve_in_turn(httpserver, Response("", 429, {"Retry-After": "7"}), Response("[1]"))
    assert open_client().fetch(WORKS) == [1]
    assert waits_s == [7.0]


def test_a_rate_limit_until_a_date_is_waited_out(
    httpserver: HTTPServer, open_client: OpenClient, waits_s: list[float]
) -> None:
    until = formatdate(time.time() + 10, usegmt=True)
    serve_in_turn(httpserver, Response("", 429, {"Retry-After": until}), Response("[1]"))
    assert open_client().fetch(WORKS) == [1]
    (wait_s,) = waits_s
    assert 7.0 < wait_s <= 10.0


def test_a_rate_limit_for_longer_than_anyone_waits_fails_at_once(
    httpserver: HTTPServer, open_client: OpenClient, waits_s: list[float]
) -> None:
    serve_in_turn(httpserver, Response("", 429, {"Retry-After": "3600"}))
    failure = failure_of(open_client())
    assert (failure.kind, waits_s, len(httpserver.log)) == ("rate_limited", [], 1)
    assert "Try again in 3600 s" in failure.hint


def test_a_service_that_stays_down_is_given_up_on(httpserver: HTTPServer, open_client: OpenClient) -> None:
    serve_in_turn(httpserver, Response('{"message": "maintenance"}', 502))
    failure = failure_of(open_client())
    assert len(httpserver.log) == 3
    assert failure.kind == "server_error"
    assert failure.message.endswith("failed with HTTP 502: maintenance.")


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "refused"), (401, "unauthorized"), (403, "unauthorized"), (404, "not_found")]
)
def test_a_failure_that_will_not_pass_is_not_tried_again(
    status: int, kind: str, httpserver: HTTPServer, open_client: OpenClient
) -> None:
    serve_in_turn(httpserver, Response("", status))
    assert failure_of(open_client()).kind == kind
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>busy</html>",
        b'{"results": [{"title": "Gra',
        b'{"count": NaN}',
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"a": 1} {"b": 2}',
    ],
)
def test_what_is_not_json_is_a_bad_response(
    body: bytes, httpserver: HTTPServer, open_client: OpenClient
) -> None:
    serve_in_turn(httpserver, Response(body))
    assert failure_of(open_client()).kind == "bad_response"


def test_a_failure_inside_a_successful_answer_is_a_failure(
    httpserver: HTTPServer, open_client: OpenClient, waits_s: list[float]
) -> None:
    serve_in_turn(httpserver, Response('{"busy": true}'), Response('{"busy": false}'))
    client = open_client(judge=lambda payload: Verdict(503 if payload == {"busy": True} else 200))
    assert client.fetch(WORKS) == {"busy": False}
    assert len(waits_s) == 1


def test_a_recorded_answer_costs_no_call_and_no_money(
    httpserver: HTTPServer, open_client: OpenClient, ledger: Ledger, tmp_path: Path
) -> None:
    serve_in_turn(httpserver, Response("[1]"))
    client = open_client(ResponseCache(tmp_path))
    assert [client.fetch(WORKS) for _ in range(3)] == [[1], [1], [1]]
    assert (len(httpserver.log), ledger.spent_cny) == (1, Decimal("0.50"))
    usage = client.usage("live")
    assert (usage["calls_made"], usage["calls_cached"], usage["cost"]) == (1, 2, 0.5)


def test_usage_is_of_the_current_question_and_the_budget_of_all(
    httpserver: HTTPServer, open_client: OpenClient, ledger: Ledger, tmp_path: Path
) -> None:
    serve_in_turn(httpserver, Response("[1]"))
    client = open_client(ResponseCache(tmp_path))

    def ask() -> tuple[JsonValue, ...]:
        begin_question()
        client.fetch(WORKS)
        usage = client.usage("live")
        return usage["calls_made"], usage["calls_cached"], usage["cost"]

    contexts = [copy_context() for _ in range(3)]
    assert [context.run(ask) for context in contexts] == [(1, 0, 0.5), (0, 1, 0.0), (0, 1, 0.0)]
    assert ledger.spent_cny == Decimal("0.50")


@pytest.mark.parametrize("reply", [Response("[1"), Response("", 500), Response("", 401)])
def test_a_failure_is_not_recorded(
    reply: Response, httpserver: HTTPServer, open_client: OpenClient, tmp_path: Path
) -> None:
    serve_in_turn(httpserver, reply)
    failure_of(open_client(ResponseCache(tmp_path)))
    assert list(tmp_path.iterdir()) == []


def test_that_nothing_was_found_is_recorded(
    httpserver: HTTPServer, open_client: OpenClient, tmp_path: Path
) -> None:
    serve_in_turn(httpserver, Response("", 404))
    client = open_client(ResponseCache(tmp_path))
    assert (failure_of(client).kind, failure_of(client).kind) == ("not_found", "not_found")
    assert len(httpserver.log) == 1


def test_replay_never_asks_the_service(
    httpserver: HTTPServer, open_client: OpenClient, tmp_path: Path
) -> None:
    serve_in_turn(httpserver, Response("[1]"))
    client = open_client(ResponseCache(tmp_path, replay=True))
    assert failure_of(client).kind == "not_recorded"
    assert httpserver.log == []
    assert client.usage("live")["replay"] is True


def test_a_call_beyond_the_budget_is_not_sent(
    httpserver: HTTPServer, open_client: OpenClient, ledger: Ledger
) -> None:
    serve_in_turn(httpserver, Response("[1]"))
    client = open_client()
    for _ in range(4):
        client.fetch(WORKS)
    assert failure_of(client).kind == "budget_exceeded"
    assert (len(httpserver.log), ledger.spent_cny) == (4, Decimal("2.00"))


def test_attempts_that_were_refused_cost_nothing(
    httpserver: HTTPServer, open_client: OpenClient, ledger: Ledger
) -> None:
    serve_in_turn(httpserver, Response("", 500), Response("", 429), Response("[1]"))
    open_client().fetch(WORKS)
    assert ledger.spent_cny == Decimal("0.50")


def test_threads_share_a_client(httpserver: HTTPServer, open_client: OpenClient, ledger: Ledger) -> None:
    serve_in_turn(httpserver, Response("[1]"))
    client = open_client()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.fetch(Call("GET", "/works")), range(20)))
    assert answers == [[1]] * 20
    assert client.usage("live")["calls_made"] == 20


@pytest.mark.parametrize(
    "reply",
    [
        lambda key: Response(f'{{"message": "bad key {key}"}}', 401),
        lambda key: Response(f'{{"message": "slow down, {key}"}}', 429, {"Retry-After": "0"}),
        lambda key: Response(f'{{"your key": "{key}"', 200),
    ],
)
def test_the_key_is_in_no_error_and_no_log(
    reply: Callable[[str], Response],
    httpserver: HTTPServer,
    open_client: OpenClient,
    key: SecretStr,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    serve_in_turn(httpserver, reply(key.get_secret_value()))
    failure = failure_of(open_client())
    shown = "".join(traceback.format_exception(failure)) + repr(failure) + failure.hint + caplog.text
    assert failure.message in shown
    assert key.get_secret_value() not in shown


def test_the_key_is_in_no_cache_file(
    httpserver: HTTPServer, open_client: OpenClient, key: SecretStr, tmp_path: Path
) -> None:
    serve_in_turn(httpserver, Response(f'{{"your key": "{key.get_secret_value()}", "year": 2020}}'))
    client = open_client(ResponseCache(tmp_path))
    assert client.fetch(WORKS) == {"your key": "[key removed]", "year": 2020}
    (file,) = tmp_path.iterdir()
    assert key.get_secret_value() not in file.read_text()
    assert "Authorization" not in file.read_text()
