from types import SimpleNamespace

from herdwick.tools.bgp.functions.topology import AsGraph
from herdwick.tools.bgp.functions.updates import UpdateSeries
from herdwick.tools.bgp.plots.caption import Caption
from herdwick.tools.plot import Shown


def caption(args=None, *notes, **data) -> Caption:
    known = {
        "collectors": ["rrc00"],
        "files": ["a.gz"],
        "window": {"from": "2015-04-01T00:00:00Z", "until": "2015-04-01T00:05:00.25Z"},
    }
    toolkit = SimpleNamespace(data=lambda: known | data)
    return Caption.of("Title", Shown(args or UpdateSeries(), [], toolkit), *notes)


def test_collector_window_and_files_are_named() -> None:
    assert caption().lines == ("Collector rrc00  |  2015-04-01 00:00:00 to 00:05:00 UTC  |  a.gz",)


def test_days_are_named_where_there_are_two() -> None:
    window = {"from": "2015-04-01T00:00:00Z", "until": "2015-04-02T00:00:00Z"}
    assert "2015-04-01 00:00:00 to 2015-04-02 00:00:00 UTC" in caption(window=window).lines[0]


def test_of_many_files_some_are_named() -> None:
    assert caption(files=["a", "b", "c", "d", "and 9 more"]).lines[0].endswith("|  a, b, c and others")


def test_data_without_anything_is_said_to_have_nothing() -> None:
    line = caption(collectors=[], files=[], window={"from": None, "until": None}).lines[0]
    assert line == "Collector no collector  |  no window  |  no files"


def test_what_was_selected_is_told() -> None:
    args = AsGraph(prefix="10.0.0.0/8", match="more", peer_asn=64496, asn=64500, from_time="2026-01-01T00:01")
    assert caption(args).lines[1] == (
        "Only: prefix 10.0.0.0/8 (match: more), peer AS64496, from 2026-01-01T00:01, AS64500"
    )


def test_notes_and_files_that_were_cut_are_told() -> None:
    lines = caption(None, "A note", "", not_read_to_the_end=["a.gz: truncated"]).lines
    assert lines[1:] == ("Not read to the end: a.gz: truncated", "A note")


def test_a_lab_capture_is_called_one(shown) -> None:
    assert Caption.of("Title", shown("update_series")).lab == (
        "LAB CAPTURE, made in a lab: nothing in it was seen on the Internet"
    )
    assert caption().lab == ""


def test_names_of_files_stay_on_their_line() -> None:
    assert caption(files=["a\nb\x1b[31m"]).lines[0].endswith("|  a b [31m")
