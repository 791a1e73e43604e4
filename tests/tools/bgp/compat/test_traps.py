"""What PyBGPStream's users stumble over: an error that says so, never a silently empty stream."""

import bz2
import json
import os
from pathlib import Path

import pytest

from herdwick.tools.bgp.compat import BGPRecord, BGPStream, evidence
from herdwick.tools.bgp.compat.stream import HOLDINGS_VARIABLE
from herdwick.tools.bgp.compat.times import epoch
from herdwick.tools.errors import DataError

DATA = Path(__file__).parents[5] / "shared/data/bgp"
RIS, JINX = (
    DATA / "ris.rrc06.updates.1427846400.gz",
    DATA / "routeviews.route-views.jinx.updates.1427846400.bz2",
)
WINDOW = ("2015-04-01 00:00:00", "2015-04-01 00:15:00")
T0 = 1427846400


@pytest.fixture
def at_hand(tmp_path, monkeypatch):
    """Puts files at hand, as the host does."""

    def put(*files, from_time=None, until_time=None):
        listed = [
            {"path": str(path), "name": Path(path).name, "project": project, "collector": collector}
            for path, project, collector in files
        ]
        holdings = {"files": listed, "from_time": from_time, "until_time": until_time}
        (tmp_path / "holdings.json").write_text(json.dumps(holdings))
        monkeypatch.setenv(HOLDINGS_VARIABLE, str(tmp_path / "holdings.json"))

    put((RIS, "ris", "rrc06"), (JINX, "routeviews", "route-views.jinx"))
    return put


def refusal(stream):
    with pytest.raises(DataError) as refused:
        for _ in stream:
            pass
    return refused.value


def count(**arguments):
    return sum(1 for _ in BGPStream(*WINDOW, **arguments))


@pytest.mark.parametrize("words", ["collector", "collectors"])
def test_a_plain_string_is_one_collector(at_hand, words):
    assert count(**{words: "rrc06"}) == 1561


@pytest.mark.parametrize(
    "arguments",
    [
        {"collectors": ["rrc06"]},
        {"project": "ris"},
        {"projects": ["ris"]},
        {"filter": "collector rrc06 and type updates"},
        {"collectors": ("rrc06",), "record_type": "updates"},
        {"collectors": ["rrc06"], "record_types": ["ribs", "updates"], "data_interface": "broker"},
    ],
)
def test_ways_to_ask_for_a_collector(at_hand, arguments):
    assert count(**arguments) == 1561


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2015-04-01 00:00:00", "2015-04-01 00:01:40"),
        ("2015-04-01 00:00:00 UTC", "2015-04-01 00:01:40 UTC"),
        ("2015-04-01", "2015-04-01T00:01:40Z"),
        (T0, T0 + 100),
        (float(T0), str(T0 + 100)),
    ],
)
def test_ways_to_write_a_window(at_hand, start, end):
    times = [elem.time for elem in BGPStream(start, end, collectors=["rrc06"])]
    assert (len(times), min(times) >= T0, max(times) < T0 + 100) == (537, True, True)


def test_a_window_of_one_time_is_that_second(at_hand):
    stream = BGPStream()
    stream.add_filter("collector", "rrc06")
    stream.add_interval_filter(T0 + 25, T0 + 25)
    times = {elem.time for elem in stream}
    assert times == {T0 + 25}


@pytest.mark.parametrize("value", ["soon", "", "2015-13-01", None, -1, float("nan"), 10**20, True, [1]])
def test_what_is_no_time_is_told(value):
    with pytest.raises(DataError, match="is no time"):
        epoch(value)


def test_without_an_end_a_stream_is_live_and_refused(at_hand):
    assert refusal(BGPStream(from_time="2015-04-01 00:00:00")).kind == "live"
    assert refusal(BGPStream(project="ris-live")).kind == "live"
    stream = BGPStream()
    stream.set_live_mode()
    stream.add_interval_filter(T0, 0)
    assert refusal(stream).kind == "live"


def test_with_an_end_by_the_user_a_live_stream_replays_until_then(at_hand):
    at_hand((RIS, "ris", "rrc06"), until_time=T0 + 100)
    assert sum(1 for _ in BGPStream(project="ris-live")) == 537
    assert sum(1 for _ in BGPStream(from_time=T0 + 50)) == sum(1 for _ in BGPStream(T0 + 50, T0 + 100)) > 0


def test_a_window_is_cut_to_the_users(at_hand):
    at_hand((RIS, "ris", "rrc06"), from_time=T0 + 50, until_time=T0 + 100)
    times = [elem.time for elem in BGPStream(*WINDOW)]
    assert T0 + 50 <= min(times) <= max(times) < T0 + 100
    assert refusal(BGPStream(T0 + 200, T0 + 300)).kind == "no_data"


def test_an_unknown_collector_is_an_error_that_names_those_there_are(at_hand):
    error = refusal(BGPStream(*WINDOW, collectors=["rrc00", "rrc06"]))
    assert error.kind == "unknown_collector"
    assert "rrc00" in error.message
    assert "route-views.jinx, rrc06" in error.message
    assert refusal(BGPStream(*WINDOW, project="isolario")).kind == "no_data"
    assert (
        refusal(BGPStream(*WINDOW, project="ris", collector="route-views.jinx")).kind == "unknown_collector"
    )


def test_a_window_without_data_is_an_error(at_hand):
    error = refusal(BGPStream("2016-04-01", "2016-04-02", collectors=["rrc06"]))
    assert (error.kind, "2015-04-01T00:04:59Z" in error.message) == ("no_data", True)


def test_one_collector_without_data_in_the_window_is_an_error(at_hand):
    error = refusal(
        BGPStream("2015-04-01 00:06", "2015-04-01 00:08", collectors=["rrc06", "route-views.jinx"])
    )
    assert (error.kind, "rrc06" in error.message) == ("no_data", True)


def test_no_match_inside_a_covered_window_is_an_empty_answer(at_hand):
    assert count(filter="peer 65000") == 0


def test_tables_where_there_are_only_updates_are_an_error(at_hand):
    assert refusal(BGPStream(*WINDOW, record_type="ribs")).kind == "no_data"


def test_nothing_at_hand_is_an_error(at_hand, monkeypatch):
    at_hand()
    assert refusal(BGPStream(*WINDOW)).kind == "no_data"
    monkeypatch.setenv(HOLDINGS_VARIABLE, os.devnull + "/none")
    assert refusal(BGPStream(*WINDOW)).kind == "no_data"


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"from_time": WINDOW[1], "until_time": WINDOW[0]}, "bad_window"),
        ({"from_time": "soon"}, "bad_time"),
        ({"filter": "peers 1"}, "bad_filter"),
        ({"filter": 'path "("'}, "bad_filter"),
        ({"record_type": "rib"}, "bad_filter"),
        ({"data_interface": "carrier-pigeon"}, "bad_interface"),
    ],
)
def test_wrong_arguments_are_refused_at_once(arguments, kind):
    with pytest.raises(DataError) as refused:
        BGPStream(**arguments)
    assert refused.value.kind == kind


def test_unknown_filters_and_quotes_are_refused():
    for name, value in (("aspaths", "1"), ("aspath", '1" and peer "2'), ("peer-asn", "x")):
        with pytest.raises(DataError) as refused:
            BGPStream().add_filter(name, value)
        assert refused.value.kind == "bad_filter"


def test_a_stream_under_way_takes_no_filters(at_hand):
    stream = BGPStream(*WINDOW)
    next(iter(stream))
    with pytest.raises(DataError, match="being read already"):
        stream.add_filter("peer-asn", 1)


def test_filters_add_up(at_hand):
    stream = BGPStream(*WINDOW, collectors=["rrc06"], filter="elemtype withdrawals")
    stream.add_filter("ipversion", 6)
    stream.add_filter("peer-asn", 25152)
    elems = list(stream)
    assert elems
    assert all(e.type == "W" and ":" in e.fields["prefix"] and e.peer_asn == 25152 for e in elems)


def test_a_single_file_needs_no_window_but_must_be_there(at_hand):
    for name, expected in (("/home/me/" + RIS.name, 1561), (JINX.name, 8611)):
        stream = BGPStream(data_interface="singlefile")
        stream.set_data_interface_option("singlefile", "upd-file", name)
        assert sum(1 for _ in stream) == expected
    stream = BGPStream(data_interface="singlefile")
    stream.set_data_interface_option("singlefile", "upd-file", "other.gz")
    assert refusal(stream).kind == "no_file"


def test_fields_have_pybgpstreams_keys_and_communities_are_a_set(at_hand):
    keys = {}
    for elem in BGPStream(*WINDOW, collectors=["rrc06"]):
        keys.setdefault(elem.type, set()).add(frozenset(elem.fields))
        if elem.type == "A":
            assert isinstance(elem.fields["communities"], set)
        assert (elem.project, elem.collector, elem.router, elem.record.collector) == (
            "ris",
            "rrc06",
            None,
            "rrc06",
        )
    assert keys == {
        "A": {frozenset({"prefix", "next-hop", "as-path", "communities"})},
        "W": {frozenset({"prefix"})},
        "S": {frozenset({"old-state", "new-state"})},
    }


def test_records_have_a_place_and_a_status(at_hand):
    records = list(BGPStream(*WINDOW, collectors=["rrc06"]).records())
    assert {record.status for record in records} == {"valid"}
    assert {(record.type, record.dump_time) for record in records} == {("update", T0)}
    assert [records[0].dump_position, records[1].dump_position, records[-1].dump_position] == [
        "start",
        "middle",
        "end",
    ]


def test_elems_of_a_record_are_read_once_as_in_pybgpstream(at_hand):
    elems, record = [], None
    stream = BGPStream(*WINDOW)
    while not elems:
        record = stream.get_next_record()
        elems = list(record)
    assert list(record) == []
    assert record.get_next_elem() is None


def test_a_record_can_be_handed_in(at_hand):
    stream, record, elems = BGPStream(*WINDOW, collectors=["rrc06"]), BGPRecord(), 0
    while stream.get_next_record(record):
        while record.get_next_elem():
            elems += 1
    assert elems == 1561


def test_elems_of_several_files_come_in_the_order_of_time(at_hand):
    times = [elem.time for elem in BGPStream(*WINDOW)]
    assert len(times) == 1561 + 8611
    assert times == sorted(times)


def test_a_damaged_file_is_read_as_far_as_it_goes_and_reported(at_hand, tmp_path, capsys):
    broken = tmp_path / "updates.bz2"
    broken.write_bytes(bz2.compress(bz2.decompress(JINX.read_bytes())[:50_000]))
    at_hand((broken, "routeviews", "route-views.jinx"))
    evidence._readings.clear()
    records = list(BGPStream(*WINDOW).records())
    assert [record.status for record in records[-2:]] == ["valid", "corrupted-record"]
    assert list(records[-1]) == []
    assert "updates.bz2 is damaged: truncated record" in capsys.readouterr().err
    (reading,) = evidence.collected()["readings"]
    assert reading["files"][0]["ended_early"].startswith("truncated record at byte")


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "empty_file"), (b"hello, this is text", "not_mrt"), (b"\x1f\x8b" + b"x" * 20, "corrupt")],
)
def test_a_file_that_is_none_is_an_error(at_hand, tmp_path, content, kind):
    (tmp_path / "updates.gz").write_bytes(content)
    at_hand((tmp_path / "updates.gz", "ris", "rrc06"), (JINX, "routeviews", "route-views.jinx"))
    assert refusal(BGPStream(*WINDOW)).kind == kind


def test_a_file_that_is_gone_is_an_error(at_hand, tmp_path):
    at_hand((tmp_path / "gone.gz", "ris", "rrc06"))
    assert refusal(BGPStream(*WINDOW)).kind == "no_file"


def test_a_stream_that_is_left_halfway_says_so(at_hand):
    evidence._readings.clear()
    for number, _ in enumerate(BGPStream(*WINDOW, collectors=["rrc06"])):
        if number == 9:
            break
    (reading,) = evidence.collected()["readings"]
    assert (reading["complete"], reading["elems"]) == (False, 10)
