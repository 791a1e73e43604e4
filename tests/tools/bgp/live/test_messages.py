"""Messages of RIS Live as elems: every type, absent keys, junk."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from herdwick.tools.bgp.engine.elem import Aggregator, Attributes, Elem, Source
from herdwick.tools.bgp.live.messages import LiveDecoder
from herdwick.tools.bgp.live.report import LiveReport
from herdwick.tools.bgp.live.speed import measure_decoding

from .conftest import START, state, update

SAMPLE = Path(__file__).parents[5] / "shared/data/bgp/ris-live-stream.json"
RIS = Source("rrc00", "ris")


@pytest.fixture
def report() -> LiveReport:
    return LiveReport()


@pytest.fixture
def decoder(report) -> LiveDecoder:
    return LiveDecoder(report)


def attributes_of(decoder: LiveDecoder, **keys) -> Attributes:
    (elem,) = decoder.elems(update("192.0.2.0/24", **keys))
    return elem.attributes


def test_withdrawals_come_before_announcements(decoder):
    elems = decoder.elems(update("192.0.2.0/24", "2001:DB8:0::/32", withdrawn=("203.0.113.0/24",)))
    path = Attributes("64497 64510", origin="IGP")
    assert elems == [
        Elem("W", START, 64497, "198.51.100.1", "203.0.113.0/24", "", Attributes(), RIS),
        Elem("A", START, 64497, "198.51.100.1", "192.0.2.0/24", "198.51.100.1", path, RIS),
        Elem("A", START, 64497, "198.51.100.1", "2001:db8::/32", "198.51.100.1", path, RIS),
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [([1, 2, [3, 4]], "1 2 {3,4}"), ([[3]], "{3}"), ([], ""), ([4294967295], "4294967295")],
)
def test_sets_in_paths_are_nested_lists(decoder, path, text):
    assert attributes_of(decoder, path=path).as_path == text


def test_all_attributes(decoder):
    found = attributes_of(
        decoder,
        origin="incomplete",
        med=7,
        aggregator="65000:192.0.2.1",
        community=[[65535, 666], [1, 2]],
        large_community=[[1, 2, 3]],
    )
    assert found == Attributes(
        "64497 64510",
        ("65535:666", "1:2"),
        ("1:2:3",),
        origin="INCOMPLETE",
        med=7,
        aggregator=Aggregator(65000, "192.0.2.1"),
    )


@pytest.mark.parametrize("key", ["path", "community", "origin", "med", "aggregator", "withdrawals"])
def test_keys_may_be_null(decoder, report, key):
    assert len(decoder.elems(update("192.0.2.0/24", **{key: None}))) == 1
    assert not report.problems


def test_a_message_with_the_least_keys(decoder):
    data = {"timestamp": 5, "peer": "198.51.100.1", "peer_asn": 64497, "type": "UPDATE"}
    whole = data | {"announcements": [{"prefixes": ["192.0.2.0/24"]}]}
    assert decoder.elems(json.dumps({"type": "ris_message", "data": data})) == []
    (elem,) = decoder.elems(json.dumps({"type": "ris_message", "data": whole}))
    assert (elem.time, elem.peer_asn, elem.next_hop, elem.source) == (5.0, 64497, "", Source("", "ris"))


def test_the_global_next_hop_is_taken_of_two(decoder):
    announcements = [{"next_hop": "2001:db8::1,fe80::1", "prefixes": ["2001:db8::/32"]}]
    assert decoder.elems(update(announcements=announcements))[0].next_hop == "2001:db8::1"


@pytest.mark.parametrize(("host", "collector"), [("rrc00.ripe.net", "rrc00"), ("rrc21", "rrc21"), ("", "")])
def test_the_host_is_the_collector(decoder, host, collector):
    (elem,) = decoder.elems(update("192.0.2.0/24", host=host))
    assert elem.source.collector == collector


@pytest.mark.parametrize(
    ("told", "new_state"),
    [("connected", "ESTABLISHED"), ("down", "IDLE"), ("active", "ACTIVE"), ("?", "UNKNOWN")],
)
def test_states_of_sessions(decoder, told, new_state):
    (elem,) = decoder.elems(state(told))
    assert (elem.type, elem.old_state, elem.new_state, elem.prefix) == ("S", "UNKNOWN", new_state, "")


@pytest.mark.skipif(not SAMPLE.exists(), reason="real files are not part of the repository")
def test_the_sample_with_its_broken_line(decoder, report):
    elems = [elem for line in SAMPLE.read_bytes().splitlines() for elem in decoder.elems(line)]
    assert [(elem.type, elem.prefix, elem.new_state) for elem in elems] == [
        ("A", "45.161.192.0/23", ""),
        ("S", "", "IDLE"),
    ]
    assert (report.messages, report.elems) == (7, 2)
    assert report.problems == {"error told by the server": 1, "not JSON": 1}
    assert report.examples[0].detail == "this is a test error message"
    assert report.types == {
        "UPDATE": 1,
        "RIS_PEER_STATE": 1,
        "ris_error": 1,
        "OPEN": 1,
        "NOTIFICATION": 1,
        "KEEPALIVE": 1,
    }


@pytest.mark.parametrize(
    "message",
    [
        '{"type": "pong", "data": null}',
        '{"type": "pong"}',
        '{"type": "ris_subscribe_ok", "data": {"subscription": {}}}',
        '{"type": "ris_rrc_list", "data": ["rrc00", "rrc01"]}',
        '{"type": "ris_new_thing", "data": [[[7]]]}',
    ],
)
def test_other_messages_are_counted_and_no_problem(decoder, report, message):
    assert decoder.elems(message) == []
    assert (report.messages, report.types.total(), not report.problems) == (1, 1, True)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ("NaN", "not JSON"),
        ("[" * 100_000, "not a RIS Live message"),
        ('{"type":"ris_message","data":' + "[" * 100_000, "not JSON"),
        ("[]", "not a RIS Live message"),
        ('{"type": 7}', "not a RIS Live message"),
        ('{"type": "ris_message"}', "malformed message"),
        ('{"type": "ris_message", "data": []}', "malformed message"),
        (update("192.0.2.0/24", timestamp="noon"), "malformed message"),
        (update("192.0.2.0/24", timestamp=-1), "malformed message"),
        (update("192.0.2.0/24", timestamp=1e300), "malformed message"),
        (update("192.0.2.0/24", path=["x"]), "malformed message"),
        (update("192.0.2.0/24", path=[2**40]), "malformed message"),
        (update("192.0.2.0/24", path=[[[1]]]), "malformed message"),
        (update("192.0.2.0/24", peer_asn="x"), "malformed peer"),
        (update("192.0.2.0/24", peer_asn="-1"), "malformed peer"),
        (update("192.0.2.0/24", peer_asn="9" * 5000), "malformed peer"),
        (update("192.0.2.0/24", peer_asn="٣"), "malformed peer"),
        (update("192.0.2.0/24").replace("198.51.100.1", "nowhere"), "malformed peer"),
        ('{"type": "ris_error", "data": {"message": "no"}}', "error told by the server"),
        ('{"type": "ris_error", "data": 7}', "error told by the server"),
    ],
)
def test_junk_is_counted_and_makes_no_elem(decoder, report, message, reason):
    assert decoder.elems(message) == []
    assert report.problems == {reason: 1}
    assert len(decoder.elems(update("192.0.2.0/24"))) == 1


@pytest.mark.parametrize(
    "bad", ["", "x", "192.0.2.0", "192.0.2.0/33", "::/129", "1.2.3/8", "1.2.3.4/-1", "\0/8"]
)
def test_a_bad_prefix_is_counted_and_the_others_are_used(decoder, report, bad):
    elems = decoder.elems(update("192.0.2.0/24", bad, "203.0.113.77/24", withdrawn=(bad,)))
    assert [elem.prefix for elem in elems] == ["192.0.2.0/24", "203.0.113.0/24"]
    assert report.problems == {"malformed prefix": 2}


def test_a_bad_aggregator_is_counted_and_left_out(decoder, report):
    assert attributes_of(decoder, aggregator="x").aggregator is None
    assert report.problems == {"malformed aggregator": 1}


def test_a_message_that_comes_again_is_passed_over(decoder, report):
    message = update("192.0.2.0/24", id="a")
    assert len(decoder.elems(message)) == 1
    assert decoder.elems(message) == []
    assert (report.messages, report.repeated, report.elems) == (2, 1, 1)


def test_messages_without_an_identifier_are_never_the_same(decoder):
    assert [len(decoder.elems(update("192.0.2.0/24"))) for _ in range(2)] == [1, 1]


@given(st.binary(max_size=400), st.integers(0, 400))
@settings(max_examples=300, deadline=None)
def test_whatever_comes_is_counted(junk, at):
    report = LiveReport()
    message = update("192.0.2.0/24", withdrawn=("2001:db8::/32",), path=[1, [2, 3]]).encode()
    LiveDecoder(report).elems(message[:at] + junk + message[at + len(junk) :])
    assert report.messages == 1
    assert report.types.total() + report.problems.total() >= 1


@pytest.mark.slow
def test_decoding_keeps_up_with_the_feed():
    # The busiest seconds of the whole feed have about 20,000 messages.
    assert max(measure_decoding(20_000).messages_per_s for _ in range(3)) > 20_000
