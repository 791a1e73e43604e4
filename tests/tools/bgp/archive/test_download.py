"""Downloads: continued where they were cut, begun anew where that is not safe."""

import os
import threading
import time
from pathlib import Path

import pytest
from werkzeug import Response

from herdwick.tools.bgp.archive.download import Download, DownloadLimits, partial_of, read_state
from herdwick.tools.bgp.archive.http import HttpLimits, HttpReader
from herdwick.tools.errors import BackendError, DataError
from herdwick.tools.retries import RetryPolicy

RETRIES = RetryPolicy(attempts=3, first_wait_s=0.01, longest_wait_s=0.02)


@pytest.fixture
def run(lab, tmp_path):
    """Downloads the file `/f`; settings as keywords."""
    lab.files["/f"] = b"".join(b"%07d\n" % number for number in range(5_000))

    def run(**settings) -> bytes:
        path = tmp_path / "f"
        with HttpReader(HttpLimits(read_timeout_s=1)) as http:
            settings = {"retries": RETRIES} | settings
            return Download(http, lab.server.url_for("/f"), path, **settings).run().read_bytes()

    return run


def kind_of(run, **settings) -> str:
    with pytest.raises((BackendError, DataError)) as caught:
        run(**settings)
    return caught.value.kind


def test_a_cut_connection_is_continued_from_the_last_byte(lab, run):
    lab.faults = [lab.cut_after(1_000), lab.cut_after(500)]
    assert run() == lab.files["/f"]
    assert lab.ranges == ["", "bytes=1000-", "bytes=1500-"]


def test_cuts_that_bring_something_do_not_use_up_the_attempts(lab, run):
    lab.faults = [lab.cut_after(1_000) for _ in range(10)]
    assert run() == lab.files["/f"]


def test_cuts_that_bring_nothing_do(lab, run):
    lab.faults = [lab.cut_after(0) for _ in range(10)]
    assert (kind_of(run), len(lab.ranges)) == ("connection_lost", 3)


def test_a_later_run_goes_on_where_an_earlier_one_ended(lab, run, tmp_path):
    lab.faults = [lab.cut_after(1_000), *[lambda _: Response(status=404)]]
    assert kind_of(run) == "not_found"
    assert partial_of(tmp_path / "f").stat().st_size == 1_000
    assert run() == lab.files["/f"]
    assert lab.ranges[-1] == "bytes=1000-"


def test_a_file_that_changed_meanwhile_is_begun_anew(lab, run):
    lab.faults = [lab.cut_after(1_000), *[lambda _: Response(status=404)]]
    assert kind_of(run) == "not_found"
    lab.etag, lab.files["/f"] = '"v2"', b"other" * 3_000
    assert run() == lab.files["/f"]


@pytest.mark.parametrize("etag", ['W/"v1"', ""])
def test_without_a_strong_etag_nothing_is_continued(lab, run, etag):
    lab.etag = etag
    lab.faults = [lab.cut_after(1_000)]
    assert run() == lab.files["/f"]
    assert lab.ranges == ["", ""]


def test_a_server_without_ranges_sends_all_again(lab, run):
    lab.resumes = False
    lab.faults = [lab.cut_after(1_000)]
    assert run() == lab.files["/f"]


@pytest.mark.parametrize(
    "answer",
    [
        Response(status=416),
        Response(b"x" * 39_000, status=206, headers={"Content-Range": "bytes 999-39998/40000"}),
        Response(b"x" * 39_000, status=206, headers={"Content-Range": "bytes 1000-39999/50000"}),
        Response(b"x" * 39_000, status=206, headers={"Content-Range": "nonsense"}),
        Response(b"x" * 39_000, status=206),
    ],
)
def test_a_continuation_that_does_not_fit_is_begun_anew(lab, run, answer):
    lab.faults = [lab.cut_after(1_000), lambda _: answer]
    assert run() == lab.files["/f"]
    assert lab.ranges == ["", "bytes=1000-", ""]


def test_all_bytes_of_an_earlier_run_are_not_asked_for_again(lab, run):
    first = run()
    assert (run(), len(lab.ranges)) == (first, 1)


def test_a_partial_file_without_its_note_is_not_trusted(lab, run, tmp_path):
    partial_of(tmp_path / "f").write_bytes(b"whatever")
    assert run() == lab.files["/f"]


@pytest.mark.parametrize("note", ["", "{}", '{"url": "http://other/f", "validator": "x", "total_bytes": 3}'])
def test_a_partial_file_with_another_note_is_not_trusted(lab, run, tmp_path, note):
    partial_of(tmp_path / "f").write_bytes(b"abc")
    (tmp_path / "f.partial.json").write_text(note)
    assert run() == lab.files["/f"]


def test_an_empty_file_is_an_error(lab, run):
    lab.files["/f"] = b""
    assert kind_of(run) == "bad_response"


def test_a_file_without_a_length_is_read_to_its_end(lab, run):
    data = lab.files["/f"]
    pieces = (data[at : at + 1_000] for at in range(0, len(data), 1_000))
    lab.faults = [lambda _: Response(pieces, direct_passthrough=True)]
    assert run() == data


def test_a_server_that_falls_silent_is_an_error_and_what_came_is_kept(lab, run, tmp_path):
    def body():
        yield lab.files["/f"][:1_000]
        time.sleep(1.5)

    headers = {"Content-Length": "40000", "ETag": lab.etag}
    lab.faults = [lambda _: Response(body(), headers=headers, direct_passthrough=True)]
    assert kind_of(run, retries=RetryPolicy(attempts=1)) == "timeout"
    assert partial_of(tmp_path / "f").stat().st_size == 1_000


def test_a_server_that_trickles_is_an_error(lab, run):
    def body():
        for _ in range(100):
            time.sleep(0.02)
            yield b"x"

    lab.faults = [lambda _: Response(body(), headers={"Content-Length": "100"}, direct_passthrough=True)] * 9
    limits = DownloadLimits(grace_s=0.2, min_bytes_per_s=1_000)
    assert kind_of(run, limits=limits, retries=RetryPolicy(attempts=1)) == "timeout"


def test_room_is_asked_for_before_the_first_byte_is_written(lab, run, tmp_path):
    def refuse(total: int) -> None:
        assert total == 40_000
        raise DataError("cache_full", "no")

    assert kind_of(run, reserve=refuse) == "cache_full"
    assert not partial_of(tmp_path / "f").exists()


def test_a_cancelled_download_ends_soon_and_keeps_what_came(lab, run, tmp_path):
    cancelled = threading.Event()
    lab.files["/f"] = b"x" * (1 << 20)
    kind = kind_of(run, cancelled=cancelled, received=lambda total: cancelled.set())
    assert kind == "cancelled"
    assert 0 < partial_of(tmp_path / "f").stat().st_size < 1 << 20
    assert read_state(tmp_path / "f").total_bytes == 1 << 20


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_is_an_error(lab, run, tmp_path):
    # A partial file that is longer than nothing would be read; the link is followed when bytes are added.
    lab.faults = [lambda _: Response(b"x" * 1_000_000)]

    def link(total: int) -> None:
        partial_of(tmp_path / "f").symlink_to("/dev/full")

    assert kind_of(run, reserve=link) == "disk_full"


def test_a_place_that_cannot_be_written_is_an_error(lab, run, tmp_path):
    (tmp_path / "f.partial").mkdir()
    assert kind_of(run) == "cache_unusable"


def test_the_folder_of_a_download_may_have_any_name(lab, tmp_path):
    lab.files["/f"] = b"data"
    path = Path(tmp_path, "a b%2f..") / "f"
    path.parent.mkdir()
    with HttpReader() as http:
        assert Download(http, lab.server.url_for("/f"), path).run().read_bytes() == b"data"
