"""Watches of a loopback server: right alerts, on time, whatever the server does."""

import gzip
import json
import socket
import threading
import time
from pathlib import Path

import pytest
from websockets.sync.server import serve

from herdwick.tools.bgp.live.backlog import Backlog
from herdwick.tools.bgp.live.feed import FeedLimits, LiveFeed, Subscription
from herdwick.tools.bgp.live.replay import Replay
from herdwick.tools.bgp.live.report import LiveReport
from herdwick.tools.bgp.live.watch import WatchRequest
from herdwick.tools.bgp.live.watching import LiveWatch, feed_for
from herdwick.tools.errors import BackendError, DataError

from .conftest import sends, state, update

P = "192.0.2.0/24"
WATCH_P = WatchRequest(prefixes=(P,))
QUICK = FeedLimits(first_wait_s=0.05, longest_wait_s=0.1, open_timeout_s=1.0, first_attempts=3)
SAMPLE = Path(__file__).parents[5] / "shared/data/bgp/ris-live-stream.json"


def watched(server, request=WATCH_P, seconds=1.0, limits=QUICK):
    """Alerts, summary, and the seconds it really took."""
    feed = LiveFeed(feed_for(request).subscriptions, server.url, limits)
    watch = LiveWatch(request, seconds, feed)
    started = time.monotonic()
    alerts = [*watch]
    return alerts, watch.summary, time.monotonic() - started


def test_the_right_alerts_in_the_order_of_events(live_server):
    server = live_server(
        sends(
            update(P, time=10),
            update(P, time=11, peer=2),
            update("203.0.113.0/24", time=12),
            update(P, path=[64498, 64666], time=13, peer=2),
            update("192.0.2.0/25", path=[64498, 64666], time=14, peer=2),
            update(withdrawn=("192.0.2.0/25",), time=15, peer=2),
            update(withdrawn=(P,), time=16, peer=2),
            update(withdrawn=(P,), time=17),
        )
    )
    alerts, summary, _ = watched(server)
    assert [(alert.time, alert.kind, alert.prefix) for alert in alerts] == [
        (13, "new_origin", P),
        (14, "new_more_specific", "192.0.2.0/25"),
        (15, "disappearance", "192.0.2.0/25"),
        (17, "disappearance", P),
    ]
    assert (summary.messages, summary.elems, summary.alerts) == (8, 8, 4)
    assert (summary.problems, summary.dropped, summary.connections) == ({}, 0, 1)
    assert server.received == [
        {
            "type": "ris_subscribe",
            "data": {
                "socketOptions": {"includeRaw": False},
                "prefix": P,
                "moreSpecific": True,
                "lessSpecific": False,
            },
        }
    ]


@pytest.mark.parametrize("messages", [(), (update(P), state("down"))])
def test_it_stops_on_time_without_data(live_server, messages):
    _, summary, taken_s = watched(live_server(sends(*messages)), seconds=0.5)
    assert 0.5 <= taken_s < 3
    assert summary.messages == len(messages)


def test_it_stops_on_time_with_data_that_does_not_end(live_server):
    def flood(server, connection):
        number = 0
        while not server.ended.is_set():
            connection.send(update(P, id=str(number := number + 1)))

    _, summary, taken_s = watched(live_server(flood), seconds=0.5)
    assert 0.5 <= taken_s < 3
    assert summary.messages > 100


def test_it_stops_on_time_while_a_server_hides_behind_the_handshake():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ws://127.0.0.1:{silent.getsockname()[1]}/"
        feed = LiveFeed(url=url, limits=FeedLimits(open_timeout_s=10))
        started = time.monotonic()
        with pytest.raises(BackendError) as caught:
            [*LiveWatch(WATCH_P, 0.4, feed)]
        assert time.monotonic() - started < 3
    assert caught.value.kind == "unreachable"


def test_who_stops_listening_is_done(live_server):
    server = live_server(sends(update(P), update(P, path=[1, 2])))
    watch = LiveWatch(WATCH_P, 60, LiveFeed(url=server.url, limits=QUICK))
    alerts = iter(watch)
    assert next(alerts).kind == "new_origin"
    started = time.monotonic()
    alerts.close()
    assert time.monotonic() - started < 3
    assert watch.summary.seconds < 10


def test_a_connection_that_ends_is_opened_again_and_nothing_is_told_twice(live_server):
    first = sends(update(P, id="a"), update(P, path=[1, 2], id="b"), then_waits=False)
    second = sends(update(P, path=[1, 2], id="b"), update(P, path=[1, 3], id="c"))
    server = live_server(first, second)
    alerts, summary, _ = watched(server, seconds=1.0)
    assert [alert.new_origins for alert in alerts] == [(2,), (3,)]
    assert (summary.connections, summary.repeated, server.connections) == (2, 1, 2)
    assert summary.problems == {"connection ended": 1}
    assert summary.offline_s > 0
    assert len(server.received) == 2


def test_a_server_that_ends_every_connection_is_not_stormed(live_server):
    limits = FeedLimits(first_wait_s=0.2, longest_wait_s=5)
    server = live_server(sends(then_waits=False))
    _, summary, taken_s = watched(server, seconds=1.0, limits=limits)
    assert 2 <= summary.connections <= 5
    assert taken_s < 4


def test_junk_is_counted_and_the_rest_is_used(live_server):
    junk = ["", "{", b"\xff\x00", "[]", '{"type": "pong"}', '{"type":"ris_message","data":{}}', "[" * 50_000]
    server = live_server(sends(update(P), *junk, update(P, path=[1, 2])))
    alerts, summary, _ = watched(server)
    assert [alert.kind for alert in alerts] == ["new_origin"]
    assert summary.problems == {"not JSON": 3, "not a RIS Live message": 2, "malformed message": 1}
    assert summary.messages == 9


def test_what_the_server_complains_of_is_in_the_summary(live_server):
    server = live_server(sends('{"type": "ris_error", "data": {"message": "bad prefix"}}'))
    _, summary, _ = watched(server)
    assert summary.problems == {"error told by the server": 1}
    assert summary.examples[0].detail == "bad prefix"


def test_a_message_that_is_too_long_ends_the_connection_not_the_watch(live_server):
    server = live_server(sends(" " * 20_000), sends(update(P), update(P, path=[1, 2])))
    limits = FeedLimits(max_message_bytes=10_000, first_wait_s=0.05)
    alerts, summary, _ = watched(server, limits=limits, seconds=1.0)
    assert (len(alerts), summary.connections) == (1, 2)


def test_a_server_that_is_not_there_is_an_error_soon():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{free.getsockname()[1]}/?token=SECRET"
    started = time.monotonic()
    with pytest.raises(BackendError) as caught:
        [*LiveWatch(WATCH_P, 60, LiveFeed(url=url, limits=QUICK))]
    assert (caught.value.kind, time.monotonic() - started < 5) == ("unreachable", True)
    assert "SECRET" not in str(caught.value)


def test_of_a_proxy_that_is_wrong_no_password_is_shown(monkeypatch):
    monkeypatch.setenv("ws_proxy", "nonsense://me:hunter2@127.0.0.1:1")
    with pytest.raises(BackendError, match="proxy is not valid") as caught:
        [*LiveWatch(WATCH_P, 60, LiveFeed(url="ws://live.example/?token=SECRET", limits=QUICK))]
    assert caught.value.kind == "unreachable"
    assert "hunter2" not in str(caught.value)
    assert "SECRET" not in str(caught.value)


def test_a_server_that_refuses_is_an_error_at_once():
    def refuse(connection, request):
        return connection.respond(403, "no")

    with serve(lambda connection: None, "127.0.0.1", 0, process_request=refuse) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/?token=SECRET"
        with pytest.raises(BackendError) as caught:
            [*LiveWatch(WATCH_P, 60, LiveFeed(url=url, limits=QUICK))]
        server.shutdown()
        thread.join(timeout=5)
    assert (caught.value.kind, "HTTP 403" in caught.value.message) == ("refused", True)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://h/", "ws://", "h", "wss://u:p@h/", "ws://h:99999/", "ws://h:x/", ""])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(BackendError) as caught:
        LiveFeed(url=url)
    assert caught.value.kind == "bad_url"


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(seconds):
    with pytest.raises(DataError):
        LiveWatch(WATCH_P, seconds)


def test_an_as_needs_the_whole_feed():
    assert feed_for(WatchRequest(asns=(64500,), prefixes=(P,))).subscriptions == (Subscription(),)
    assert json.loads(Subscription(host="rrc00").message())["data"]["host"] == "rrc00"


def test_messages_that_nobody_takes_are_counted_as_dropped(live_server):
    messages = [update(P, id=str(number)) for number in range(500)]
    server = live_server(sends(*messages))
    report = LiveReport()
    feed = LiveFeed(url=server.url, limits=FeedLimits(max_waiting=10))
    taken = 0
    for _ in feed.messages(2.0, report):
        taken += 1
        time.sleep(0.02)
    assert taken + report.dropped == 500
    assert report.dropped > 0


def test_the_backlog_is_bounded_in_bytes_too():
    backlog = Backlog(max_messages=10, max_bytes=10)
    assert [backlog.put(b"xxxxx") for _ in range(3)] == [True, True, False]
    assert backlog.get(0) == b"xxxxx"
    assert backlog.put(b"yyyyy")
    backlog.close()
    assert [backlog.get(1), backlog.get(1), backlog.get(1)] == [b"xxxxx", b"yyyyy", None]
    assert (backlog.dropped, backlog.is_finished) == (1, True)


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_a_recording_is_replayed(tmp_path):
    path = write(tmp_path / "r.json", update(P), "", "junk", update(P, path=[1, 2]))
    watch = LiveWatch(WATCH_P, 60, Replay(path))
    assert [alert.kind for alert in watch] == ["new_origin"]
    assert (watch.summary.messages, watch.summary.problems) == (3, {"not JSON": 1})
    assert watch.summary.seconds < 5


def test_a_compressed_recording_that_is_cut_is_replayed_up_to_the_cut(tmp_path):
    lines = [update(f"10.{number >> 8}.{number & 255}.0/24", id=str(number)) for number in range(3_000)]
    packed = gzip.compress("\n".join(lines).encode())
    path = tmp_path / "r.json.gz"
    path.write_bytes(packed[: len(packed) // 2])
    watch = LiveWatch(WATCH_P, 60, Replay(path))
    assert [*watch] == []
    assert 500 < watch.summary.messages < 3_000
    assert watch.summary.problems["recording ends early"] == 1


@pytest.mark.skipif(not SAMPLE.exists(), reason="real files are not part of the repository")
def test_the_sample_is_replayed():
    watch = LiveWatch(WatchRequest(asns=(268481,)), 60, Replay(SAMPLE))
    assert [*watch] == []
    assert (watch.summary.messages, watch.summary.elems) == (7, 2)


def test_a_missing_recording_is_an_error(tmp_path):
    with pytest.raises(DataError) as caught:
        [*LiveWatch(WATCH_P, 60, Replay(tmp_path / "none"))]
    assert caught.value.kind == "no_file"


def test_a_recording_that_is_a_folder_is_an_error(tmp_path):
    with pytest.raises(DataError) as caught:
        [*LiveWatch(WATCH_P, 60, Replay(tmp_path))]
    assert caught.value.kind == "unreadable"
