"""Which files a script is given: the user's, an archive's, or the lab capture."""

import json
import re

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from herdwick.tools.bgp.archive.broker import BROKER_URL
from herdwick.tools.bgp.archive.fetch import ArchiveOptions
from herdwick.tools.bgp.options import BGPOptions
from herdwick.tools.bgp.scripts import Bounds, supply
from herdwick.tools.bgp.scripts.supply import LAB, open_supply
from herdwick.tools.errors import DataError
from herdwick.tools.sandbox.scripts import ScriptFailure

T0 = 1427846400
IMPORT = "from pybgpstream import BGPStream\n"
WINDOW = "'2015-04-01 00:00', '2015-04-01 00:10'"
GIVEN = {
    "from_time": "2015-04-01T00:02",
    "until_time": "2015-04-01T00:05",
    "collectors": ["rrc06", "rrc00"],
}


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


class Broker:
    """Lists updates of every collector, a table of rrc06 alone, and remembers what it was asked."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.asked: list[tuple[str, str]] = []
        server.expect_request("/search").respond_with_handler(self.search)
        server.expect_request("/latest").respond_with_json(
            {"data": [self.item(name, "updates") for name in ("rrc00", "rrc01", "rrc03", "rrc06")]}
        )
        server.expect_request(re.compile(r"/file/.*")).respond_with_data(b"data")

    def item(self, collector: str, kind: str) -> dict[str, object]:
        return {
            "collector_id": collector,
            "data_type": kind,
            "ts_start": "2015-04-01T00:00:00",
            "ts_end": "2015-04-01T00:05:00" if kind == "updates" else "2015-04-01T00:00:00",
            "url": self.server.url_for(f"/file/{collector}.{kind}.gz"),
            "exact_size": 4,
            "rough_size": 0,
        }

    def search(self, request: Request) -> Response:
        asked = request.args
        collectors, kind = asked.get("collector_id", ""), asked.get("data_type", "")
        self.asked.append((collectors, kind))
        kind = "updates" if kind.startswith("update") else "rib"
        items = [self.item(name, kind) for name in collectors.split(",") if kind != "rib" or name == "rrc06"]

        return Response(json.dumps({"total": len(items), "data": items}), content_type="application/json")


@pytest.fixture
def broker(httpserver, tmp_path, monkeypatch) -> Broker:
    def options(broker_url: str) -> ArchiveOptions:
        assert broker_url == BROKER_URL
        return ArchiveOptions(broker_url=httpserver.url_for("/"), cache_folder=tmp_path / "cache")

    monkeypatch.setattr(supply, "ArchiveOptions", options)
    return Broker(httpserver)


def given(source: str, **options):
    """Names of the files, sorted, and the bounds."""
    with open_supply(IMPORT + source, BGPOptions(**options)) as found:
        assert all(file.path.exists() for file in found.files)
        names = sorted(f"{file.source.collector} {file.path.name.split('.')[2]}" for file in found.files)
        return names, found.bounds


def refusal(source: str, **options) -> tuple[str, str]:
    with pytest.raises(DataError) as refused:
        given(source, **options)
    return refused.value.kind, f"{refused.value}"


@pytest.mark.parametrize(
    "source",
    [
        "print(1)",
        "BGPStream(record_types=['updates'])",
        "BGPStream('2026-01-01', '2026-01-02', collectors=['lab00'])",
        "BGPStream().set_data_interface_option('singlefile', 'upd-file', 'x/updates.20260101.0000.gz')",
    ],
)
def test_a_script_that_asks_for_nothing_else_is_given_the_lab_capture_and_its_window(source):
    with open_supply(IMPORT + source, BGPOptions()) as found:
        assert (found.is_lab, {file.path.parent for file in found.files}) == (True, {LAB})
        assert found.bounds == Bounds(1767225600, 1767225900)


def test_files_that_the_user_names_come_first(broker):
    with open_supply(
        f"{IMPORT}BGPStream({WINDOW}, collectors=['rrc06'])",
        BGPOptions(files=(LAB,), from_time="2026-01-01", until_time="2026-01-02"),
    ) as found:
        assert (len(found.files), found.is_lab) == (3, False)
        assert found.bounds == Bounds(1767225600, 1767225600 + 86400)
    assert broker.asked == []


def test_of_files_only_those_of_the_users_collectors_are_given():
    kind, message = refusal("print(1)", files=(LAB,), collectors=["rrc00"])
    assert (kind, "They are of: lab00." in message) == ("unknown_collector", True)


def test_files_need_no_plan_that_can_be_read():
    with open_supply("print(", BGPOptions(files=(LAB,))) as found:
        assert len(found.files) == 3


def test_what_the_script_asks_for_is_fetched(broker):
    names, bounds = given(f"BGPStream({WINDOW}, collectors=['rrc06'], record_types=['updates'])")
    assert (names, bounds) == (["rrc06 updates"], Bounds())
    assert broker.asked == [("rrc06", "update")]


def test_without_a_type_there_are_updates_and_the_tables_that_there_happen_to_be(broker):
    names, _ = given(f"BGPStream({WINDOW}, collectors=['rrc00', 'rrc06'])")
    assert names == ["rrc00 updates", "rrc06 ribs", "rrc06 updates"]


def test_a_table_that_is_asked_for_must_be_there(broker):
    kind, _ = refusal(f"BGPStream({WINDOW}, collectors=['rrc00'], record_types=['ribs'])")
    assert kind == "no_data"


def test_a_file_for_two_streams_is_fetched_once(broker):
    stream = f"BGPStream({WINDOW}, collectors=['rrc06'], record_types=['updates'])"
    assert given(f"a = {stream}\nb = {stream}")[0] == ["rrc06 updates"]


def test_the_users_window_and_collectors_bound_the_scripts(broker):
    names, bounds = given(
        f"BGPStream({WINDOW}, collectors=['rrc06', 'rrc01'], record_type='updates')", **GIVEN
    )
    assert (names, bounds) == (["rrc06 updates"], Bounds(T0 + 120, T0 + 300))


@pytest.mark.parametrize(
    "source", ["print(1)", "BGPStream(start(), end(), collectors=some(), record_type='updates')"]
)
def test_the_users_window_and_collectors_stand_in_for_what_cannot_be_read(broker, source):
    names, _ = given(source, **GIVEN)
    assert {"rrc00 updates", "rrc06 updates"} <= {*names}


def test_a_stream_of_the_future_takes_the_users_end(broker):
    names, bounds = given(
        "BGPStream(project='ris-live', collectors=['rrc06'], record_type='updates')", **GIVEN
    )
    assert (names, bounds.until_time) == (["rrc06 updates"], T0 + 300)


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("BGPStream(start(), end(), collectors=['rrc06'])", "needs_window", "computes the window"),
        ("BGPStream('2015-04-01', collectors=['rrc06'])", "needs_window", "leaves open the window"),
        ("BGPStream(compute())", "needs_window", "Give --from T --until T --collectors C,…, or --files MRT…"),
        ("BGPStream(collectors=[f'rrc{n:02}'])", "needs_window", "--collectors C,…"),
        ("BGPStream('2026-01-01', end(), collectors=['lab00'])", "needs_window", "computes the window"),
        ("BGPStream(project=some())", "needs_window", "--files MRT…"),
        ("BGPStream(**options)", "needs_window", "computes the window"),
        (f"BGPStream({WINDOW})", "needs_collectors", "names no collector for its stream (line 2)"),
        (f"BGPStream({WINDOW}, collectors=some())", "needs_collectors", "computes the collectors of"),
        (
            "s = BGPStream()\ns.set_data_interface_option('singlefile', 'upd-file', '/home/me/updates.gz')",
            "no_file",
            "reads the file '/home/me/updates.gz'",
        ),
    ],
)
def test_what_neither_script_nor_user_say_is_asked_for(source, kind, message):
    found, text = refusal(source)  # The lab capture would be an answer to another question.
    assert (found, message in text) == (kind, True)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("BGPStream('2016-01-01', '2016-01-02', collectors=['rrc06'])", "no_data"),
        (f"BGPStream({WINDOW}, collectors=['rrc03'])", "unknown_collector"),
    ],
)
def test_a_script_that_leaves_the_users_bounds_is_told_so(source, kind):
    assert refusal(source, **GIVEN)[0] == kind


def test_what_is_no_python_is_refused_before_anything_is_fetched():
    with pytest.raises(ScriptFailure) as refused, open_supply("print(", BGPOptions()):
        pass
    assert refused.value.kind == "syntax"
