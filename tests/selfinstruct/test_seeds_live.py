"""Seed scripts that listen: each computes what is heard, and stops before the feed does.

They get what a RIS Live server on loopback sends, kept as MRT, as the sandbox replays it.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from struct import pack, unpack, unpack_from
from threading import Thread

import pytest
from websockets.sync.server import ServerConnection, serve

from herdwick.selfinstruct.teacher.lint import lint_script
from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.bgp.engine.sources import MRTFile
from herdwick.tools.bgp.live.feed import LiveFeed
from herdwick.tools.bgp.live.report import LiveReport
from herdwick.tools.bgp.scripts import Bounds, ScriptResult, read_fetch_plan, run_script
from herdwick.tools.bgp.scripts.supply import LAB

from .seed_scripts import (
    KEEPALIVE,
    LAB_SECONDS,
    MESSAGE_AS4,
    REALTIME,
    SILENT_PEER,
    START,
    UPDATES_NAME,
    each,
    mrt,
    needs_bubblewrap,
    objections,
    raw_records,
)

LIVE = Source("rrc00", "ris")
STATE_CHANGE_AS4, IDLE, ESTABLISHED = 5, 1, 6

EXPECTED = {
    "live_origin_alert": [
        "ALARM: 198.51.100.11 sees AS65551 as origin of 192.0.2.0/24",
        "ALARM: 198.51.100.14 sees AS65551 as origin of 192.0.2.0/24",
        "2 alarms",
    ],
    "live_more_specific_alert": ["10.200.6.0/24 from AS65547: 3 peers", "1 suspicious more-specifics"],
    # The feed's first message comes at 00:00:20, the last withdrawal at 00:02:05.
    "live_disappearance": ["10.200.20.0/24 disappeared 105 s after the start"],
    "live_blackhole_monitor": [
        "blackhole 10.200.11.1/32 by AS64509, heard from 198.51.100.11",
        "1 blackhole announcements",
    ],
    "live_session_monitor": [
        "AS65550 198.51.100.12 went down",
        "AS65550 198.51.100.12 is back after 6 s",
        "1 losses, 0 peers still down",
    ],
    # 38 prefixes at three peers in two address families, and one that flaps in the same second.
    "live_withdrawal_burst": ["burst at 90 s: 115 withdrawals from 6 peers", "1 bursts"],
    "live_prepending_alarm": ["AS65540 stands 4 times in a row in paths to 13 prefixes"],
    "live_leak_watch": ["leak: 64496 64500 65544 64501 64505", "13 prefixes leaked"],
    "live_propagation_delay": [
        "198.51.100.11: 0.0 s after the first",
        "198.51.100.14: 3.0 s after the first",
    ],
    "live_moas_conflicts": [
        "10.200.1.0/24: AS64505, AS65538",
        "192.0.2.0/24: AS64499, AS65551",
        "2 conflicts among 18 prefixes",
    ],
    "live_upstream_change": [
        "198.51.100.11: AS64500 -> AS65536",
        "198.51.100.14: AS64500 -> AS65536",
        "2 switches",
    ],
}
"""What the scenario implies, worked out from `tools/bgp/sample/data/README.md` and not from the scripts."""


@each(REALTIME)
def test_a_realtime_one_is_told_to_be_live(seed):
    assert re.search("live|real-time|real time|stream|RIS", seed.instruction)


@each(REALTIME)
def test_a_realtime_one_listens_to_ris_live_and_looks_at_both_clocks(seed):
    (stream,) = read_fetch_plan(seed.script).streams
    assert stream.projects == ("ris-live",)
    assert lint_script(seed.script, live=True) == []
    assert "time.monotonic() >= deadline" in seed.script
    assert re.search(r"record\.time - first", seed.script)


def test_results_are_known_for_some_of_them():
    assert {seed.name for seed in REALTIME} >= EXPECTED.keys()
    assert len(EXPECTED) >= 10


def ris_message(seconds: float, peer: tuple[int, str], kind: str, **more: str) -> str:
    """A message as RIS Live sends it (https://ris-live.ripe.net/manual/)."""
    asn, address = peer
    data = {"timestamp": seconds, "peer": address, "peer_asn": str(asn), "host": "rrc00.ripe.net"}
    return json.dumps({"type": "ris_message", "data": {**data, "type": kind, **more}})


def lab_messages() -> Iterator[str]:
    """What RIS Live would have sent of the lab: of states only that a session is up or down."""
    for record in raw_records(LAB / UPDATES_NAME):
        if record.subtype not in (MESSAGE_AS4, STATE_CHANGE_AS4):
            continue
        asn, _, _, family = unpack_from(">IIHH", record.body)
        size = 4 if family == 1 else 16
        peer = (asn, str(ip_address(record.body[12 : 12 + size])))
        content = record.body[12 + 2 * size :]
        if record.subtype == MESSAGE_AS4:
            yield ris_message(record.time, peer, "UPDATE", raw=content.hex())
            continue
        old, new = unpack(">HH", content)
        if ESTABLISHED in (old, new):
            state = "connected" if new == ESTABLISHED else "down"
            yield ris_message(record.time, peer, "RIS_PEER_STATE", state=state)


def silent_messages() -> Iterator[str]:
    for second in range(0, LAB_SECONDS, 10):
        yield ris_message(START + second, SILENT_PEER, "KEEPALIVE", raw=KEEPALIVE.hex())


def as_mrt(message: bytes) -> bytes:
    data = json.loads(message)["data"]
    peer = (int(data["peer_asn"]), data["peer"])
    if data["type"] != "RIS_PEER_STATE":
        return mrt(MESSAGE_AS4, data["timestamp"], peer, bytes.fromhex(data["raw"]))
    states = (IDLE, ESTABLISHED) if data["state"] == "connected" else (ESTABLISHED, IDLE)
    return mrt(STATE_CHANGE_AS4, data["timestamp"], peer, pack(">HH", *states))


def heard_live(messages: list[str]) -> bytes:
    """What comes from a server on loopback that sends these messages, as MRT."""

    def send_all(connection: ServerConnection) -> None:
        connection.recv(timeout=10)
        for message in messages:
            connection.send(message)
        connection.recv()

    received: list[bytes] = []
    with serve(send_all, "127.0.0.1", 0) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        feed = LiveFeed(url=f"ws://127.0.0.1:{server.socket.getsockname()[1]}/v1/ws/")
        for message in feed.messages(30.0, LiveReport()):
            received.append(as_mrt(message))
            if len(received) == len(messages):
                break
        server.shutdown()
        thread.join(timeout=5)
    assert len(received) == len(messages)
    return b"".join(received)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ScriptResult]:
    """Runs a script on the lab's messages or, for the control, on nothing but keepalives."""
    folder = tmp_path_factory.mktemp("live")
    files = {}
    for name, messages in (("lab", lab_messages()), ("silent", silent_messages())):
        path = folder / f"{name}.{UPDATES_NAME}"
        path.write_bytes(gzip.compress(heard_live(list(messages))))
        files[name] = [MRTFile(path, LIVE)]

    def run(script: str, name: str) -> ScriptResult:
        return run_script(script, files[name], bounds=Bounds(until_time=START + LAB_SECONDS))

    return run


@pytest.mark.slow
@needs_bubblewrap
@each(REALTIME)
def test_a_realtime_one_computes_what_silence_does_not_hold_and_stops_before_the_feed(seed, live):
    heard, silent = live(seed.script, "lab"), live(seed.script, "silent")
    assert objections(seed, EXPECTED.get(seed.name), heard, silent) == []
    assert [read.complete for read in (*heard.reads, *silent.reads)] == [False, False]
