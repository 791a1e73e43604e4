import json
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from pydantic import ValidationError

from herdwick.tools.bgp import BGPToolkit
from herdwick.tools.bgp.functions.comparison import compare_collectors
from herdwick.tools.bgp.specs import FAMILIES, FUNCTIONS, LIVE, spec_of
from herdwick.tools.bgp.toolkit import SAMPLE
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import BackendError, DataError, ToolFailure
from herdwick.tools.question import begin_question
from herdwick.tools.sandbox import Limits, ProgramSandbox
from herdwick.tools.tool import functions_of

UPDATES = SAMPLE / "lab00" / "updates.20260101.0000.gz"


def call(toolkit: BGPToolkit, name: str, **arguments):
    return {tool.name: tool for tool in functions_of(toolkit.get_tools())}[name].call(**arguments)


def test_without_files_the_lab_capture_is_read_and_named_as_such() -> None:
    with BGPToolkit() as toolkit:
        data = toolkit.data()

    assert data["lab_capture"] == "made in a lab: nothing in it was seen on the Internet"
    assert (data["collectors"], data["elems"]) == (["lab00"], 1376 + 903 + 1389)
    assert data["rpki"] == {"file": "vrps.json", "snapshot": "2026-01-01T00:00:00Z"}
    assert json.loads(json.dumps(data)) == data


def test_files_are_read_without_the_labs_judgements(tmp_path: Path) -> None:
    with BGPToolkit(files=[UPDATES], cache=tmp_path) as toolkit:
        data = toolkit.data()
        (count,) = call(toolkit, "count_updates")
        with pytest.raises(ToolFailure):
            call(toolkit, "rpki")
        with pytest.raises(ToolFailure):
            call(toolkit, "route_leaks")

    assert (count.announcements, count.withdrawals) == (762, 137)
    assert {"lab_capture", "rpki", "relationships"}.isdisjoint(data)


def test_a_window_bounds_everything(tmp_path: Path) -> None:
    window = {"from_time": "2026-01-01T00:00:30", "until_time": "2026-01-01T00:01:10"}
    with (
        BGPToolkit(files=[UPDATES], cache=tmp_path, **window) as bounded,
        BGPToolkit(files=[UPDATES]) as whole,
    ):
        assert call(bounded, "count_updates") == call(whole, "count_updates", **window)
        assert bounded.data()["window"] == {"from": "2026-01-01T00:00:30Z", "until": "2026-01-01T00:01:10Z"}


def test_where_there_is_no_data_every_function_says_so_in_its_own_way(tmp_path: Path) -> None:
    arguments = get_domain("bgp").examples.arguments
    needs_prefix = {"hijack_check", "covering", "subprefixes"}
    answers = {}
    with BGPToolkit(
        files=[UPDATES],
        cache=tmp_path,
        from_time="2026-02-01T00:00:00",
        until_time="2026-02-01T00:02:00",
        rpki=SAMPLE / "vrps.json",
        relationships=SAMPLE / "relationships.txt",
    ) as toolkit:
        for function in FAMILIES:
            if function in LIVE or function is compare_collectors:
                continue
            fields = spec_of(function).args_schema.model_fields
            given = {name: arguments[name] for name, field in fields.items() if field.is_required()}
            if function.__name__ in needs_prefix:
                given["prefix"] = arguments["prefix"]
            answers[function.__name__] = call(toolkit, function.__name__, **given)

    assert answers["count_updates"][0].updates == answers["distinct"].count == 0
    assert answers["rpki"].routes == answers["as_graph"].edges == []
    for name in ("origins", "prefixes_of", "covering", "route_leaks", "leak_summary", "path_loops", "moas"):
        assert answers[name] == []


def test_vrps_and_relationships_may_be_given(tmp_path: Path) -> None:
    with (
        BGPToolkit() as sample,
        BGPToolkit(
            files=[SAMPLE / "lab00"], rpki=SAMPLE / "vrps.json", relationships=SAMPLE / "relationships.txt"
        ) as given,
    ):
        assert call(given, "rpki") == call(sample, "rpki")
        assert call(given, "route_leaks") == call(sample, "route_leaks") != []


def test_files_of_other_collectors_are_left_out() -> None:
    with pytest.raises(DataError, match="None of the files is of rrc00"):
        BGPToolkit(files=[SAMPLE / "lab00"], collectors=["rrc00"]).data()
    assert BGPToolkit(files=[SAMPLE / "lab00"], collectors=["lab00"]).data()["elems"] == 3668


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            {"collectors": ["rrc00"]},
            r"fetching from archives needs a window: .* \(Python: from_time, until_time\)",
        ),
        ({"from_time": "2026-01-01"}, "a window needs data: give --files"),
        (
            {"files": ["x"], "from_time": "2026-01-02", "until_time": "2026-01-01"},
            "the window ends before it begins",
        ),
        ({"files": ["x"], "from_time": "yesterday"}, "'yesterday' is no time"),
        ({"file": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_options_that_contradict_are_refused(options, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        BGPToolkit(**options)


def test_wrong_arguments_are_told_to_the_model() -> None:
    tool = {tool.name: tool for tool in BGPToolkit().get_tools()}["prefixes_of"]

    assert "asn: Field required" in tool.invoke({})


def test_importing_the_package_imports_neither_langchain_nor_polars() -> None:
    command = "import sys, herdwick.tools.bgp; print({'polars', 'langchain_core'} & set(sys.modules))"

    shown = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True).stdout

    assert shown.strip() == "set()"


def test_a_script_without_a_main_guard_may_convert_large_files(tmp_path: Path) -> None:
    """What multiprocessing would break: it runs the caller's script again in every worker."""
    script = tmp_path / "script.py"
    script.write_text(
        "from herdwick.tools.bgp.columns import convert\n"
        "convert.LARGE_BYTES = 1\n"
        "from herdwick.tools.bgp import BGPToolkit\n"
        f"print(BGPToolkit(files=[{str(SAMPLE / 'lab00')!r}], cache={str(tmp_path)!r}).data()['elems'])\n"
    )

    shown = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, timeout=60)

    assert (shown.stdout.split(), shown.stderr) == (["3668"], "")


def test_a_time_of_day_is_of_the_day_that_the_data_is_of() -> None:
    with BGPToolkit() as toolkit:
        for clock in ("00:01", "00:01:00", "0:01 UTC", "00:01Z"):
            assert call(toolkit, "count_updates", from_time=clock) == call(
                toolkit, "count_updates", from_time="2026-01-01T00:01:00Z"
            )


@pytest.mark.parametrize(
    ("edge", "moment"),
    [
        ({"from_time": "last minute"}, {"from_time": "2026-01-01T00:03:00"}),
        ({"until_time": "first 90 seconds"}, {"until_time": "2026-01-01T00:01:30"}),
        ({"from_time": "last 5 hours"}, {}),
        ({"until_time": "first day", "origin_asn": 65545}, {"origin_asn": 65545}),
    ],
)
def test_an_edge_of_the_data_is_a_moment(edge: dict[str, object], moment: dict[str, object]) -> None:
    with BGPToolkit() as toolkit:
        assert call(toolkit, "count_updates", **edge) == call(toolkit, "count_updates", **moment)


def test_an_edge_is_of_the_window_that_bounds_everything() -> None:
    files = [SAMPLE / "lab00"]
    with BGPToolkit(files=files, from_time="2026-01-01T00:01", until_time="2026-01-01T00:02") as toolkit:
        first = call(toolkit, "count_updates", until_time="first 30 seconds")
        last = call(toolkit, "count_updates", from_time="last 30 seconds")
    with BGPToolkit() as toolkit:
        whole = {"from_time": "2026-01-01T00:01", "until_time": "2026-01-01T00:02"}
        middle = "2026-01-01T00:01:30"

        assert first == call(toolkit, "count_updates", **whole | {"until_time": middle})
        assert last == call(toolkit, "count_updates", **whole | {"from_time": middle})


def test_a_time_of_day_is_refused_where_the_data_is_of_several_days(tmp_path: Path) -> None:
    real = Path(__file__).parents[4] / "shared" / "data" / "bgp" / "ris.rrc06.updates.1427846400.gz"
    with BGPToolkit(files=[UPDATES, real], cache=tmp_path) as toolkit, pytest.raises(ToolFailure) as caught:
        call(toolkit, "count_updates", from_time="00:01")

    assert caught.value.kind == "which_day"
    assert "2015-04-01 to 2026-01-01" in caught.value.message


def test_a_window_that_is_empty_once_its_day_is_known_is_refused() -> None:
    with BGPToolkit() as toolkit, pytest.raises(ToolFailure, match="is empty"):
        call(toolkit, "count_updates", from_time="2026-01-01T00:02", until_time="00:01")


THERE_IS = {
    "unknown_collector": "lab00",
    "outside_data": "2026-01-01T00:04:00Z",
    "peer_as_prefix": "peer_address",
}
"""What the hint names, by kind of failure."""


@pytest.mark.parametrize(
    ("name", "arguments", "kind"),
    [
        ("count_updates", {"collector": "rrc99"}, "unknown_collector"),
        ("compare_collectors", {"a": "lab00", "b": "rrc99"}, "unknown_collector"),
        ("count_updates", {"from_time": "00:30"}, "outside_data"),
        ("count_updates", {"until_time": "2025-12-31"}, "outside_data"),
        ("table_counts", {"time": "2025-12-31"}, "outside_data"),
        (
            "compare_windows",
            {"from_a": "00:00", "until_a": "00:01", "from_b": "01:00", "until_b": "02:00"},
            "outside_data",
        ),
        ("count_updates", {"prefix": "198.51.100.12"}, "peer_as_prefix"),
        ("origins", {"prefix": "198.51.100.12/32"}, "peer_as_prefix"),
    ],
)
def test_what_there_is_no_data_of_is_refused_and_not_answered_with_nothing(
    name: str, arguments: dict[str, str], kind: str
) -> None:
    with BGPToolkit() as toolkit, pytest.raises(ToolFailure) as caught:
        call(toolkit, name, **arguments)

    assert caught.value.kind == kind
    assert THERE_IS[kind] in caught.value.hint


def test_a_watch_opens_no_files_and_says_what_it_heard(feed, update, tmp_path: Path) -> None:
    server = feed(update("192.0.2.0/24"), update("192.0.2.0/24", path=[1, 64666]))
    with BGPToolkit(files=[tmp_path / "missing.gz"], live_url=server.url) as toolkit:
        answer = call(toolkit, "watch", prefix="192.0.2.0/24", seconds=1)
        data = toolkit.data()

    assert [alert.new_origins for alert in answer.alerts] == [[64666]]
    assert data == {"live": {"feed": server.url.partition("?")[0], "watches": 1, "messages": 2}}


def test_data_is_of_the_files_too_where_both_were_asked_for(feed) -> None:
    with BGPToolkit(live_url=feed().url) as toolkit:
        call(toolkit, "watch", asn=64500, seconds=1)
        call(toolkit, "count_updates")
        data = toolkit.data()

    assert (data["collectors"], data["live"]["messages"]) == (["lab00"], 0)


def test_data_is_of_the_current_question() -> None:
    with BGPToolkit(live_url="ws://127.0.0.1:1/") as toolkit:
        call(toolkit, "count_updates")
        begin_question()
        with pytest.raises(BackendError):
            call(toolkit, "watch", asn=64500, seconds=1)
        watched = toolkit.data()
        begin_question()

        assert [*watched] == ["live"]
        assert "live" not in toolkit.data()


def test_a_feed_that_cannot_be_reached_is_told_to_the_model() -> None:
    tool = {tool.name: tool for tool in BGPToolkit(live_url="ws://127.0.0.1:1/").get_tools()}["watch"]

    assert "ws://127.0.0.1:1/ cannot be reached" in tool.invoke({"asn": 64500, "seconds": 5})


def test_a_program_may_watch_for_longer_than_programs_may_run(feed, update) -> None:
    server = feed(update("192.0.2.0/24"), update("192.0.2.0/24", path=[1, 64666]))
    program = 'final_result = watch(prefix="192.0.2.0/24", seconds=2)["counts"]["new_origin"]'
    with BGPToolkit(live_url=server.url) as toolkit, ProgramSandbox(workers=1) as sandbox:
        tools = functions_of(toolkit.get_tools())
        result = sandbox.run(program, tools, domain=get_domain("bgp"), limits=Limits(time_s=1.0, wall_s=1.5))

    assert (result.value, result.plan) == (1, ("watch",))


def test_what_listens_to_a_feed_comes_last() -> None:
    assert [spec.name for spec in FUNCTIONS if spec.waits] == ["watch"] == [FUNCTIONS[-1].name]


def test_only_times_get_a_day() -> None:
    """A community may look like a time of day."""
    with BGPToolkit() as toolkit, patch.object(BGPToolkit, "_dated", side_effect=AssertionError):
        assert call(toolkit, "communities", community="12:30") == []


def test_collectors_are_found_in_upper_case_too() -> None:
    with BGPToolkit() as toolkit:
        assert call(toolkit, "count_updates", collector="LAB00") == call(toolkit, "count_updates")
