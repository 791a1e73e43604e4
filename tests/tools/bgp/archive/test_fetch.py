"""Fetching windows: the right files, whole, and clear errors."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug import Response

from herdwick.tools.bgp.archive.fetch import Archive, ArchiveOptions, ArchiveQuery, FetchProgress
from herdwick.tools.bgp.archive.files import Window
from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.bgp.engine.sources import find_files
from herdwick.tools.bgp.engine.stream import Stream
from herdwick.tools.errors import BackendError, DataError

from .conftest import START, Lab

REAL = Path(__file__).parents[5] / "shared/data/bgp/ris.rrc06.updates.1427846400.gz"
HOUR = Window(START, START + 3600)


def error_of(archive: Archive, window: Window = HOUR, *what, **how) -> tuple[str, str]:
    with pytest.raises((BackendError, DataError)) as caught:
        archive.fetch(ArchiveQuery(window, *what, **how))
    return caught.value.kind, f"{caught.value}"


def test_the_files_of_a_window_come_with_their_collector_and_in_the_order_of_time(lab, archive):
    for after_s in (300, 0, -300, 600):
        lab.add("rrc06", after_s=after_s)
    lab.add("route-views2", after_s=0)
    lab.add("rrc00", after_s=0)
    files = archive.fetch(ArchiveQuery(Window(START + 10, START + 600), ["rrc06", "route-views2"]))
    assert [file.source for file in files] == [
        Source("route-views2", "routeviews"),
        Source("rrc06", "ris"),
        Source("rrc06", "ris"),
    ]
    assert [file.path.read_bytes() for file in files] == [
        lab.files["/route-views2/updates.0.gz"],
        lab.files["/rrc06/updates.0.gz"],
        lab.files["/rrc06/updates.300.gz"],
    ]


@pytest.mark.skipif(not REAL.exists(), reason="real files are not part of the repository")
def test_a_real_file_is_read_and_the_folder_of_the_cache_tells_its_collector(lab, archive, options):
    lab.add("rrc06", data=REAL.read_bytes())
    files = archive.fetch(ArchiveQuery(HOUR, ["rrc06"]))
    kinds = [elem.type for elem in Stream(files)]
    assert (kinds.count("A"), kinds.count("W"), kinds.count("S")) == (1435, 122, 4)
    assert find_files([options.cache_folder]) == files


def test_a_second_fetch_asks_the_broker_but_not_the_archive(lab, archive):
    lab.add()
    first = archive.fetch(ArchiveQuery(HOUR, ["rrc06"]))
    assert archive.fetch(ArchiveQuery(HOUR, ["rrc06"])) == first
    assert len(lab.ranges) == 1


def test_a_file_that_was_damaged_in_the_cache_is_fetched_again(lab, archive):
    lab.add()
    (file,) = archive.fetch(ArchiveQuery(HOUR, ["rrc06"]))
    right = file.path.read_bytes()
    file.path.write_bytes(b"x" * len(right))
    (again,) = archive.fetch(ArchiveQuery(HOUR, ["rrc06"]))
    assert (again.path.read_bytes(), len(lab.ranges)) == (right, 2)


def test_tables_are_those_dumped_in_the_window(lab, archive):
    for after_s in (-7200, 0, 7200):
        lab.add("rrc06", "rib", after_s)
    (file,) = archive.fetch(ArchiveQuery(HOUR, ["rrc06"], record_types=["ribs"]))
    assert file.path.read_bytes() == lab.files["/rrc06/rib.0.gz"]


@pytest.mark.parametrize(("late_s", "expected"), [(0, 0), (1, 0), (-1, -7200)])
def test_the_table_at_the_start_is_the_latest_not_after_it(lab, archive, late_s, expected):
    for after_s in (-7200, 0, 7200):
        lab.add("rrc06", "rib", after_s)
    window = Window(START + late_s, START + 9000)
    (file,) = archive.fetch(ArchiveQuery(window, ["rrc06"], record_types=["ribs"], table_at_start=True))
    assert file.path.read_bytes() == lab.files[f"/rrc06/rib.{expected}.gz"]


def test_a_reversed_window_is_refused():
    with pytest.raises(DataError) as caught:
        Window(START, START - 1)
    assert caught.value.kind == "bad_window"


def test_an_unknown_collector_is_an_error_that_names_the_known_ones(lab, archive):
    lab.add("rrc06")
    lab.add("rrc00")
    kind, text = error_of(archive, HOUR, ["rrc06", "rrc77"])
    assert (kind, "rrc77" in text, "rrc00, rrc06" in text) == ("unknown_collector", True, True)


def test_a_known_collector_without_data_in_the_window_is_an_error(lab, archive):
    lab.add("rrc06")
    lab.add("rrc00", after_s=86400)
    kind, text = error_of(archive, HOUR, ["rrc06", "rrc00"])
    assert (kind, "no updates of rrc00 from 2015-04-01T00:00:00Z" in text) == ("no_data", True)


def test_a_window_without_any_data_is_an_error(lab, archive):
    assert error_of(archive)[0] == "no_data"


def test_a_file_that_is_gone_is_an_error(lab, archive):
    lab.add()
    lab.files.clear()
    kind, text = error_of(archive)
    assert (kind, "updates.0.gz" in text, len(lab.ranges)) == ("not_found", True, 1)


def test_a_server_that_fails_once_is_asked_again(lab, archive):
    lab.add()
    lab.faults = [lambda _: Response(status=500), lambda _: Response(status=503)]
    assert len(archive.fetch(ArchiveQuery(HOUR))) == 1
    assert len(lab.ranges) == 3


def test_a_server_that_goes_on_failing_is_an_error(lab, archive):
    lab.add()
    lab.faults = [lambda _: Response(status=500)] * 5
    assert (error_of(archive)[0], len(lab.ranges)) == ("server_error", 3)


def test_several_files_come_at_once_and_progress_adds_up(lab, archive):
    for number in range(12):
        lab.add(after_s=number * 300)
    told: list[FetchProgress] = []
    assert len(archive.fetch(ArchiveQuery(HOUR), progress=told.append)) == 12
    assert told[-1] == FetchProgress(files=12, files_done=12, bytes_done=36_000, bytes_expected=36_000)
    assert [now.bytes_done for now in told] == sorted(now.bytes_done for now in told)


def test_a_failure_ends_the_others_and_keeps_what_was_fetched(lab, options, archive):
    for number in range(12):
        lab.add(after_s=number * 300)
    del lab.files["/rrc06/updates.3300.gz"]
    assert error_of(archive)[0] == "not_found"
    kept = [*options.cache_folder.glob("ris/*/*/*.gz")]
    assert kept
    lab.ranges.clear()
    lab.files["/rrc06/updates.3300.gz"] = b"here"
    assert len(archive.fetch(ArchiveQuery(HOUR))) == 12
    assert len(lab.ranges) <= 12 - len(kept)


def test_names_from_the_broker_do_not_lead_out_of_the_cache(lab, archive, options, tmp_path):
    for name in ("../../evil", "..", "a/b", "a\\b", "\0", ".hidden", "a..b", "x" * 300, "", "a\n"):
        lab.items.clear()
        lab.add(collector="rrc06", collector_id=name)
        assert error_of(archive)[0] == "bad_response"
    assert {path.name for path in tmp_path.iterdir()} == {"cache"}


def test_names_from_users_are_checked_as_well(lab, archive):
    assert error_of(archive, HOUR, ["../evil"])[0] == "unknown_collector"
    assert error_of(archive, HOUR, [], ["pch"])[0] == "unknown_project"
    assert error_of(archive, HOUR, record_types=["messages"])[0] == "unknown_record_type"


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://h/f", "//h/f", "http://u:p@h/f", "http://", "http://" + "a" * 3000]
)
def test_only_plain_web_addresses_are_fetched(lab, archive, url):
    lab.add(url=url)
    assert error_of(archive)[0] == "bad_response"


def test_file_names_hold_nothing_of_the_url_but_a_known_suffix(lab, archive):
    item = lab.add()
    lab.files["/a/../..%2f%2e%2e/b.sh"] = b"data"
    item["url"] = lab.server.url_for("/") + "a/%2e%2e/..%252f%252e%252e/b.sh"
    lab.faults = [lambda _: Response(b"data")]
    (file,) = archive.fetch(ArchiveQuery(HOUR))
    assert re.fullmatch(r"ris\.rrc06\.updates\.1427846400\.[0-9a-f]{8}", file.path.name)


def test_a_file_larger_than_the_bound_is_refused(lab, archive, options):
    lab.add(data=b"x" * (2 << 20), exact_size=5, rough_size=5)
    assert error_of(archive)[0] == "too_large"
    assert [*options.cache_folder.rglob("*.partial")] == []


def test_an_endless_file_is_refused(lab, archive):
    lab.add()
    lab.faults = [lambda _: Response((b"x" * 65536 for _ in range(10**9)), direct_passthrough=True)]
    assert error_of(archive)[0] == "too_large"


def test_redirects_are_bounded(lab, archive):
    lab.add()
    here = lab.server.url_for("/rrc06/updates.0.gz")
    lab.faults = [lambda _: Response(status=302, headers={"Location": here})] * 2
    assert len(archive.fetch(ArchiveQuery(HOUR))) == 1
    lab.add(after_s=300)
    lab.faults = [lambda _: Response(status=302, headers={"Location": here})] * 50
    assert error_of(archive)[0] == "redirected"


def test_redirects_to_other_schemes_are_refused(lab, archive):
    lab.add()
    lab.faults = [lambda _: Response(status=302, headers={"Location": "file:///etc/passwd"})]
    assert error_of(archive)[0] == "bad_url"


def test_a_cache_that_cannot_be_written_is_an_error(lab, options, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError) as caught:
        Archive(replace(options, cache_folder=tmp_path / "file" / "cache"))
    assert caught.value.kind == "cache_unusable"


def test_two_brokers_with_the_same_collector_and_time_do_not_mix(lab: Lab, options: ArchiveOptions):
    item = lab.add()
    with Archive(options) as archive:
        archive.fetch(ArchiveQuery(HOUR))
        lab.files["/other.gz"] = b"other data"
        item["url"] = lab.server.url_for("/other.gz")
        (file,) = archive.fetch(ArchiveQuery(HOUR))
    assert file.path.read_bytes() == b"other data"
