"""What a script will ask for, read without running it."""

from pathlib import Path

import pytest

from herdwick.tools.bgp.scripts import StreamPlan, read_fetch_plan
from herdwick.tools.errors import DataError
from herdwick.tools.sandbox.scripts import ScriptFailure

SCRIPTS = Path(__file__).parents[1] / "compat" / "scripts"
T0 = 1427846400.0


def only(source):
    (stream,) = read_fetch_plan(source).streams
    return stream


def test_arguments_are_read():
    source = """
import pybgpstream
stream = pybgpstream.BGPStream(
    from_time="2015-04-01 00:00:00", until_time="2015-04-01 00:05:00 UTC", project="ris",
    collectors=["rrc06", "rrc00"], record_type="updates", filter="peer 25152", data_interface="broker",
)
"""
    assert only(source) == StreamPlan(
        line=3,
        from_time=T0,
        until_time=T0 + 300,
        projects=("ris",),
        collectors=("rrc06", "rrc00"),
        record_types=("updates",),
        filter="peer 25152",
        data_interface="broker",
    )


@pytest.mark.parametrize(
    "beginning",
    [
        "from pybgpstream import BGPStream\ns = BGPStream",
        "from pybgpstream import *\ns = BGPStream",
        "from _pybgpstream import BGPStream as B\ns = B",
        "import pybgpstream as p\ns = p.BGPStream",
        "if True:\n    import pybgpstream\ndef f():\n    s = pybgpstream.BGPStream",
    ],
)
def test_however_it_is_imported(beginning):
    assert only(f"{beginning}({T0}, {T0 + 60}, collectors='rrc06')").collectors == ("rrc06",)


def test_other_classes_of_the_name_are_not_streams():
    assert read_fetch_plan("from mine import BGPStream\ns = BGPStream(1, 2)").streams == ()


def test_calls_that_add_to_a_stream_are_read():
    source = f"""
from _pybgpstream import BGPStream
s = BGPStream()
s.add_filter('collector', 'rrc06')
s.add_filter('collector', 'rrc00')
s.add_filter('record-type', 'ribs')
s.parse_filter_string('project ris and peer 1')
s.parse_filter_string('ipversion 4')
s.add_interval_filter({T0}, {T0 + 60})
s.set_data_interface('singlefile')
s.set_data_interface_option('singlefile', 'rib-file', '/a/rib.gz')
"""
    assert only(source) == StreamPlan(
        line=3,
        from_time=T0,
        until_time=T0 + 60,
        projects=("ris",),
        collectors=("rrc06", "rrc00"),
        record_types=("ribs",),
        filter="project ris and peer 1 and ipversion 4",
        data_interface="singlefile",
        files=("/a/rib.gz",),
    )


def test_collectors_of_the_filter_count():
    stream = only("from pybgpstream import BGPStream\nBGPStream(filter='collector rrc06 and type updates')")
    assert (stream.collectors, stream.record_types, stream.live) == (("rrc06",), ("updates",), True)


def test_names_set_once_are_followed_and_others_are_unread():
    source = """
import sys
from pybgpstream import BGPStream
START = "2015-04-01"
where = ["rrc06"]
end = "2015-04-02"
end = sys.argv[1]
s = BGPStream(START, end, collectors=where, record_type=sys.argv[2], filter=f"peer {sys.argv[3]}")
"""
    stream = only(source)
    assert (stream.from_time, stream.collectors) == (T0, ("rrc06",))
    assert (stream.until_time, stream.record_types, stream.filter) == (None, None, None)
    assert stream.unread == ("until_time", "record_types", "filter")
    assert not stream.live


def test_parameters_of_a_function_are_unread_even_where_a_constant_has_their_name():
    source = "from pybgpstream import BGPStream\nc = 'rrc06'\ndef f(c):\n    return BGPStream(collectors=c)\n"
    assert (only(source).collectors, only(source).unread) == (None, ("collectors",))


def test_starred_arguments_are_unread():
    assert "from_time" in only("from pybgpstream import BGPStream\nBGPStream(**options)").unread


def test_a_stream_without_an_end_is_live():
    assert only("from pybgpstream import BGPStream\nBGPStream(project='ris-live')").live
    assert only(f"from pybgpstream import BGPStream\nBGPStream({T0}, 0)").live


def test_a_window_of_one_time_is_that_second():
    assert only(f"from pybgpstream import BGPStream\nBGPStream({T0}, {T0})").until_time == T0 + 1


def test_several_streams_come_in_their_order():
    source = "from pybgpstream import BGPStream\na = BGPStream(collector='a')\nb = BGPStream(collector='b')\n"
    assert [stream.collectors for stream in read_fetch_plan(source).streams] == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (f"{T0 + 60}, {T0}", "bad_window"),
        ("'soon'", "bad_time"),
        ("filter='peers 1'", "bad_filter"),
        ("collectors=6", "bad_filter"),
    ],
)
def test_contradictions_are_errors(arguments, kind):
    with pytest.raises(DataError) as refused:
        read_fetch_plan(f"from pybgpstream import BGPStream\nBGPStream({arguments})")
    assert refused.value.kind == kind


@pytest.mark.parametrize("source", ["for x in", "\0", "(" * 10_000, "x = '\ud800"])
def test_what_is_not_python_is_an_error(source):
    with pytest.raises(ScriptFailure) as refused:
        read_fetch_plan(source)
    assert refused.value.kind == "syntax"


def test_expressions_that_are_nested_too_deeply_are_told_as_such():
    with pytest.raises(ScriptFailure, match="nested too deeply") as refused:
        read_fetch_plan(f"x = {'-' * 50_000}1")
    assert refused.value.kind == "syntax"


@pytest.mark.parametrize(
    ("argument", "parameter"),
    [
        ("from_time=h", "from_time"),
        ("until_time=h", "until_time"),
        ("collectors=h", "collectors"),
        ("projects=h", "projects"),
        ("filter=h", "filter"),
        ("data_interface=h", "data_interface"),
    ],
)
def test_numbers_that_cannot_be_written_are_unread(argument, parameter):
    source = f"from pybgpstream import BGPStream\nh = 0x{'f' * 5000}\nBGPStream({argument})"
    assert only(source).unread == (parameter,)


@pytest.mark.parametrize("digits", [300, 3000])
@pytest.mark.parametrize("sign", ["", "-"])
def test_large_numbers_are_no_times(sign, digits):
    with pytest.raises(DataError, match="A number of more than 20 digits is no time"):
        read_fetch_plan(f"from pybgpstream import BGPStream\nBGPStream({sign}0x{'f' * digits})")


@pytest.mark.parametrize("name", sorted(path.stem for path in SCRIPTS.glob("*.py")))
def test_published_scripts_have_a_plan(name):
    streams = read_fetch_plan((SCRIPTS / f"{name}.py").read_text()).streams
    assert streams
    assert all(stream.live == (name == "live_stop") for stream in streams)
    assert not any(set(stream.unread) - {"collectors", "filter"} for stream in streams)


@pytest.mark.timeout(20)
def test_a_script_cannot_make_reading_its_plan_take_long():
    """The plan is read outside the sandbox, and of scripts that nobody has looked at."""
    begun = "import pybgpstream\ns = pybgpstream.BGPStream()\n"
    text = "peer 1 and " * 1_800 + "peer 1"
    with pytest.raises(DataError, match="more than 100,000"):
        read_fetch_plan(f"{begun}x = {text!r}\n" + "s.parse_filter_string(x)\n" * 3_000)
    long = f"x = ({'1, ' * 13_000})\n"
    assert read_fetch_plan(begun + long + "s.add_filter(x, x)\n" * 3_000).streams[0].filter is None
