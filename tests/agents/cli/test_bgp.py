"""`herdwick bgp fetch` and `herdwick bgp watch` against loopback servers."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from websockets.sync.server import serve
from werkzeug import Response

WINDOW = ("--from", "2015-04-01T00:00", "--until", "2015-04-01T00:10:00")
PREFIX = "192.0.2.0/24"


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


@pytest.fixture
def broker(httpserver: HTTPServer) -> str:
    """A broker that lists two files of rrc06, whatever is asked."""
    items = [
        {
            "collector_id": "rrc06",
            "data_type": "updates",
            "ts_start": f"2015-04-01T00:{minute:02}:00",
            "ts_end": f"2015-04-01T00:{minute + 5:02}:00",
            "url": httpserver.url_for(f"/{minute}.gz"),
            "exact_size": 4,
            "rough_size": 0,
        }
        for minute in (0, 5)
    ]
    httpserver.expect_request("/search").respond_with_json({"total": 2, "data": items})
    httpserver.expect_request("/latest").respond_with_json({"data": items[:1]})
    httpserver.expect_request(re.compile(r"/\d\.gz")).respond_with_data(b"data")
    return httpserver.url_for("/")


@pytest.fixture
def fetch(invoke, broker, tmp_path):
    def run(*arguments: object):
        given = [*arguments] if "--from" in arguments else [*WINDOW, *arguments]
        return invoke("bgp", "fetch", "--broker", broker, "--cache", tmp_path / "cache", *given)

    return run


def test_a_list_that_names_nothing_is_wrong_usage(fetch):
    result = fetch("--collectors", ",,")
    assert result.exit_code == 2
    assert "',,' names nothing" in result.stderr


def update(*announced: str, withdrawn: tuple[str, ...] = (), origin: int = 64510) -> str:
    data = {
        "timestamp": 1_427_846_400,
        "peer": "198.51.100.1",
        "peer_asn": "64497",
        "host": "rrc00.ripe.net",
        "type": "UPDATE",
        "path": [64497, origin],
        "announcements": [{"next_hop": "198.51.100.1", "prefixes": [*announced]}],
        "withdrawals": [*withdrawn],
    }
    return json.dumps({"type": "ris_message", "data": data})


@pytest.fixture
def ris_live() -> Iterator[Callable[..., str]]:
    """Starts a server that sends messages; gives its URL."""
    ended, running = threading.Event(), []

    def start(*messages: str) -> str:
        def send(connection) -> None:
            for message in messages:
                connection.send(message)
            ended.wait(30)

        server = serve(send, "127.0.0.1", 0)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        running.append((server, thread))
        return f"ws://127.0.0.1:{server.socket.getsockname()[1]}/v1/ws/"

    yield start
    ended.set()
    for server, thread in running:
        server.shutdown()
        thread.join(timeout=5)


def test_fetch_prints_where_the_files_are(fetch):
    result = fetch("--collectors", "rrc06")
    paths = [Path(line) for line in result.stdout.splitlines()]
    assert [path.read_bytes() for path in paths] == [b"data", b"data"]
    assert "2 files, 8 bytes; 0 of them were there before" in result.stderr
    assert result.exit_code == 0
    assert "2 of them were there before" in fetch("--collectors", "rrc06").stderr


def test_fetch_as_json(fetch, broker):
    found = json.loads(fetch("--collectors", "rrc06", "--json").stdout)
    assert (found["from"], found["until"]) == ("2015-04-01T00:00:00Z", "2015-04-01T00:10:00Z")
    first = found["files"][0]
    assert Path(first.pop("path")).name.startswith("ris.rrc06.updates.1427846400.")
    assert first == {
        "project": "ris",
        "collector": "rrc06",
        "record_type": "updates",
        "from": "2015-04-01T00:00:00Z",
        "until": "2015-04-01T00:05:00Z",
        "bytes": 4,
        "url": f"{broker}0.gz",
        "was_cached": False,
    }


def test_what_fetch_asks_the_broker(fetch, httpserver):
    fetch("--collectors", "rrc06,rrc00", "--project", "ris", "--record-types", "ribs,updates")
    asked = [request.args.to_dict() for request, _ in httpserver.log if request.path == "/search"]
    assert [query["data_type"] for query in asked] == ["rib"]
    assert {query["collector_id"] for query in asked} == {"rrc06,rrc00"}
    assert {query["project"] for query in asked} == {"riperis"}


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("--collectors", "rrc06,rrc77"), "unknown_collector"),
        (("--collectors", "rrc06", "--record-types", "ribs"), "no_data"),
        (("--from", "2015-04-01T00:10", "--until", "2015-04-01"), "bad_window"),
        (("--from", "2016-04-01", "--until", "2016-04-02"), "no_data"),
        (("--broker", "ftp://x"), "bad_url"),
        (("--max-cache-gib", "0.000000001"), "cache_full"),
    ],
)
def test_fetch_fails_clearly(fetch, arguments, kind):
    result = fetch(*arguments, "--json")
    answer = json.loads(result.stdout)
    assert (answer["status"], answer["error"]["kind"], result.exit_code) == ("error", kind, 1)
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "yesterday", "--until", "2015-04-02"),
        ("--record-types", "messages"),
        ("--project", "pch"),
        ("--max-cache-gib", "0"),
    ],
)
def test_fetch_that_cannot_be_understood_is_wrong_usage(fetch, arguments):
    assert fetch(*arguments).exit_code == 2


def test_a_broker_that_fails_is_told(invoke, httpserver, tmp_path):
    httpserver.expect_request("/search").respond_with_handler(lambda _: Response("moved", status=410))
    result = invoke("bgp", "fetch", *WINDOW, "--broker", httpserver.url_for("/"), "--cache", tmp_path)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The search at the broker 127.0.0.1 is not there (HTTP 410).")


def test_watch_tells_alerts_line_by_line(invoke, ris_live):
    url = ris_live(update(PREFIX), update(PREFIX, origin=64666), update(withdrawn=(PREFIX,)))
    result = invoke("bgp", "watch", "--prefix", PREFIX, "--seconds", 1, "--url", url)
    assert result.stdout.splitlines() == [
        f"2015-04-01T00:00:00Z  {PREFIX}  new origin AS64666, before AS64510  [rrc00 AS64497 198.51.100.1]",
        f"2015-04-01T00:00:00Z  {PREFIX}  disappeared; was of AS64666  [rrc00 AS64497 198.51.100.1]",
    ]
    assert re.search(r"2 alerts in 1\.\d s: 3 messages, 3 elems", result.stderr)
    assert result.exit_code == 0


def test_watch_as_json_ends_with_a_summary(invoke, ris_live):
    url = ris_live(update(PREFIX, origin=64666), "junk")
    result = invoke(
        "bgp", "watch", "--prefix", PREFIX, "--asn", "AS64510", "--seconds", 1, "--url", url, "--json"
    )
    alert, summary = map(json.loads, result.stdout.splitlines())
    assert alert == {
        "type": "alert",
        "kind": "new_origin",
        "time": "2015-04-01T00:00:00Z",
        "prefix": PREFIX,
        "watched": PREFIX,
        "peers": [{"collector": "rrc00", "asn": 64497, "address": "198.51.100.1"}],
        "old_origins": [64510],
        "new_origins": [64666],
        "old_path": "",
        "new_path": "64497 64666",
    }
    assert (summary["type"], summary["messages"], summary["alerts"]) == ("summary", 2, 1)
    assert (summary["problems"], result.stderr) == ({"not JSON": 1}, "")


def test_watch_stops_on_time_without_data_and_says_so(invoke, ris_live):
    started = time.monotonic()
    result = invoke("bgp", "watch", "--asn", 64500, "--seconds", 1, "--url", ris_live())
    assert time.monotonic() - started < 5
    assert re.match(r"0 alerts in 1\.\d s: 0 messages, 0 elems", result.stderr)
    assert (result.stdout, result.exit_code) == ("", 0)


def test_watch_tells_what_it_could_not_use(invoke, ris_live):
    url = ris_live("junk", '{"type": "ris_error", "data": {}}')
    result = invoke("bgp", "watch", "--prefix", PREFIX, "--seconds", 1, "--url", url)
    assert "Not used or lost: not JSON (1); error told by the server (1)." in result.stderr


def test_watch_of_a_recording(invoke, tmp_path):
    path = tmp_path / "r.json"
    lines = [update(PREFIX), update("192.0.2.128/25", origin=64666), update("203.0.113.0/24")]
    path.write_text("\n".join(lines))
    result = invoke("bgp", "watch", "--prefix", "192.0.2.9/24", "--seconds", 60, "--replay", path)
    assert f"192.0.2.128/25  new within {PREFIX}, by AS64666; that is of AS64510" in result.stdout
    exact = invoke("bgp", "watch", "--prefix", PREFIX, "--exact", "--seconds", 60, "--replay", path)
    assert exact.stdout == ""


def test_watch_of_a_missing_recording_fails(invoke, tmp_path):
    result = invoke(
        "bgp", "watch", "--prefix", PREFIX, "--seconds", 1, "--replay", tmp_path / "none", "--json"
    )
    assert (json.loads(result.stdout)["error"]["kind"], result.exit_code) == ("no_file", 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--seconds", 1),
        ("--prefix", PREFIX),
        ("--prefix", PREFIX, "--seconds", 0),
        ("--prefix", "192.0.2.0", "--seconds", 1),
        ("--asn", "many", "--seconds", 1),
        ("--asn", 2**32, "--seconds", 1),
    ],
)
def test_watch_that_cannot_be_understood_is_wrong_usage(invoke, arguments):
    assert invoke("bgp", "watch", *arguments).exit_code == 2


def test_a_feed_that_is_not_one_fails(invoke):
    result = invoke("bgp", "watch", "--prefix", PREFIX, "--seconds", 1, "--url", "http://h", "--json")
    assert (json.loads(result.stdout)["error"]["kind"], result.exit_code) == ("bad_url", 1)
