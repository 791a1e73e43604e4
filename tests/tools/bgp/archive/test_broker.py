"""The broker: pages, tolerance, and clear errors for everything else."""

import json
import socket
import time
from collections.abc import Iterator

import pytest
from werkzeug import Response

from herdwick.tools.bgp.archive.broker import Broker, BrokerLimits
from herdwick.tools.bgp.archive.files import Window
from herdwick.tools.bgp.archive.http import HttpLimits, HttpReader
from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.errors import BackendError, DataError
from herdwick.tools.retries import RetryPolicy

from .conftest import START, json_answer

HOUR = Window(START, START + 3600)
RETRIES = RetryPolicy(attempts=2, first_wait_s=0.01, longest_wait_s=0.02)


@pytest.fixture
def http() -> Iterator[HttpReader]:
    with HttpReader(HttpLimits(connect_timeout_s=1, read_timeout_s=0.5)) as http:
        yield http


@pytest.fixture
def broker(lab, http) -> Broker:
    return Broker(http, lab.url, RETRIES)


@pytest.fixture
def answers(httpserver):
    """Lets the broker answer this, whatever is asked."""

    def answer(reply: object, status: int = 200) -> None:
        body = reply if isinstance(reply, str) else json.dumps(reply)
        httpserver.expect_request("/bad/search").respond_with_data(body, status=status)

    return answer


def failure(httpserver, http, limits: BrokerLimits | None = None) -> BackendError | DataError:
    with pytest.raises((BackendError, DataError)) as caught:
        Broker(http, httpserver.url_for("/bad"), RETRIES, limits).search(HOUR)
    return caught.value


def test_what_is_asked(lab, broker):
    broker.search(HOUR, ["rrc00", "rrc06"], ["ris"])
    assert lab.asked == [
        {
            "ts_start": "2015-03-31T23:45:00Z",
            "ts_end": "2015-04-01T01:00:00Z",
            "data_type": "update",
            "collector_id": "rrc00,rrc06",
            "project": "riperis",
            "page": "1",
            "page_size": "1000",
        }
    ]


def test_all_pages_are_read(lab, http):
    for number in range(11):
        lab.add(after_s=number * 300)
    broker = Broker(http, lab.url, RETRIES, BrokerLimits(page_size=4))
    assert len(broker.search(HOUR)) == 11
    assert [asked["page"] for asked in lab.asked] == ["1", "2", "3"]


def test_pages_end_without_a_total_and_where_the_server_ignores_the_number(lab, http, httpserver):
    items = [lab.add(after_s=number * 300) for number in range(3)]
    calls = []

    def same(request):
        calls.append(request.args["page"])
        return json_answer({"data": items})

    httpserver.expect_request("/same/search").respond_with_handler(same)
    assert len(Broker(http, httpserver.url_for("/same"), RETRIES).search(HOUR)) == 3
    assert calls == ["1", "2"]


def test_more_files_than_the_bound_are_refused_before_all_pages_are_read(lab, http):
    for number in range(9):
        lab.add(after_s=number * 300)
    with pytest.raises(DataError, match="more than 5 files"):
        Broker(http, lab.url, RETRIES, BrokerLimits(page_size=2, max_files=5)).search(HOUR)


def test_keys_may_be_absent_null_or_new(answers, httpserver, http):
    answers(
        {
            "meta": {"latest_update_ts": 1},
            "data": [
                {
                    "collector_id": "rrc06",
                    "data_type": "updates",
                    "ts_start": "2015-04-01T00:00:00",
                    "url": "http://127.0.0.1/u.gz",
                    "exact_size": None,
                    "colour": "blue",
                }
            ],
        }
    )
    (file,) = Broker(http, httpserver.url_for("/bad"), RETRIES).search(HOUR)
    assert (file.source, file.record_type) == (Source("rrc06", "ris"), "updates")
    assert (file.from_time, file.until_time, file.size_bytes) == (START, START + 900, 0)


def test_a_server_that_gives_more_than_asked_is_filtered(lab, http, httpserver):
    wanted = lab.add("rrc06")
    others = [lab.add("rrc00"), lab.add("rrc06", "rib"), lab.add("rrc06", after_s=7200)]
    httpserver.expect_request("/all/search").respond_with_json({"data": [*others, wanted]})
    found = Broker(http, httpserver.url_for("/all"), RETRIES).search(HOUR, ["rrc06"])
    assert [file.url for file in found] == [wanted["url"]]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("<html>moved</html>", "the answer: "),
        ("[]", "the answer: "),
        ("", "the answer: "),
        ({}, "data: it is missing"),
        ({"data": 7}, "data: "),
        ({"data": [{"url": "http://h/f"}]}, "data.0.collector_id: "),
        (
            {"data": [{"collector_id": "rrc06", "data_type": "rib", "ts_start": "soon", "url": "u"}]},
            "data.0.ts_start: ",
        ),
        (
            {"data": [{"collector_id": "rrc06", "data_type": "log", "ts_start": 5, "url": "http://h/f"}]},
            "'log' is no record type",
        ),
        ("[" * 100_000, "the answer: "),
    ],
)
def test_an_answer_of_another_form_is_an_error_that_names_the_place(answers, httpserver, http, reply, told):
    answers(reply)
    error = failure(httpserver, http)
    assert (error.kind, told in error.message) == ("bad_response", True)


@pytest.mark.parametrize("status", [200, 400, 404])
def test_what_the_broker_complains_of_is_passed_on(answers, httpserver, http, status):
    answers({"error": "unknown collector\n rrc77", "data": []}, status)
    error = failure(httpserver, http)
    assert (error.kind, "says: unknown collector  rrc77" in error.message) == ("broker_error", True)


def test_a_broker_that_goes_on_failing_is_an_error(answers, httpserver, http):
    answers("", 503)
    assert failure(httpserver, http).kind == "server_error"
    assert len(httpserver.log) == 2


def test_a_broker_that_is_down_is_an_error(http):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(BackendError) as caught:
        Broker(http, f"http://127.0.0.1:{port}/v3", RETRIES).search(HOUR)
    assert caught.value.kind == "unreachable"


def test_a_broker_that_is_silent_is_an_error(httpserver, http):
    httpserver.expect_request("/bad/search").respond_with_handler(lambda _: time.sleep(1.5) or Response())
    assert failure(httpserver, http).kind == "timeout"


def test_a_broker_that_trickles_is_an_error(httpserver, http):
    def drip():
        for _ in range(100):
            time.sleep(0.05)
            yield b" "

    httpserver.expect_request("/bad/search").respond_with_handler(
        lambda _: Response(drip(), direct_passthrough=True)
    )
    assert failure(httpserver, http, BrokerLimits(deadline_s=0.3)).kind == "timeout"


def test_an_endless_answer_is_refused(answers, httpserver, http):
    answers(" " * 100_000)
    assert failure(httpserver, http, BrokerLimits(max_body_bytes=1_000)).kind == "bad_response"


@pytest.mark.parametrize(
    "url", ["ftp://broker/", "broker.example", "http://u:p@broker/", "http://", "http://a..b"]
)
def test_a_bad_broker_url_is_refused(http, url):
    with pytest.raises(BackendError) as caught:
        Broker(http, url)
    assert caught.value.kind == "bad_url"


def test_known_collectors_are_none_where_the_broker_does_not_say(httpserver, http):
    httpserver.expect_request("/bad/latest").respond_with_data("no", status=404)
    assert Broker(http, httpserver.url_for("/bad"), RETRIES).collectors() == frozenset()
