"""The cache: bounded, shared by processes, whole after any kill."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug import Response

from herdwick.tools.bgp.archive.cache import DownloadCache, note_of
from herdwick.tools.bgp.archive.download import partial_of
from herdwick.tools.bgp.archive.fetch import Archive, ArchiveOptions, ArchiveQuery
from herdwick.tools.bgp.archive.files import ArchiveFile, Window
from herdwick.tools.bgp.archive.leases import Lease, leased
from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.errors import DataError

from .conftest import START, Lab, content

HOUR = Window(START, START + 3600)
FETCHER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from herdwick.tools.bgp.archive.fetch import Archive, ArchiveOptions, ArchiveQuery
    from herdwick.tools.bgp.archive.files import Window

    url, folder, start = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    with Archive(ArchiveOptions(broker_url=url, cache_folder=folder)) as archive:
        files = archive.fetch(ArchiveQuery(Window(start, start + 3600)))
        print(len(files), flush=True)
        if sys.argv[4:] == ["hold"]:
            sys.stdin.read()
    """
)


def file_at(after_s: int) -> ArchiveFile:
    when = START + after_s
    return ArchiveFile(f"http://h/{after_s}.gz", Source("rrc06", "ris"), "updates", when, when + 300)


def put(cache: DownloadCache, after_s: int, size: int, age_s: int = 0) -> Path:
    with cache.writing(file_at(after_s)) as entry:
        partial_of(entry.path).write_bytes(content("x", size))
        entry.complete("http://h/")
        os.utime(note_of(entry.path), (time.time() - age_s,) * 2)
        return entry.path


@pytest.fixture
def open_cache(tmp_path) -> Callable[..., DownloadCache]:
    return lambda max_bytes=1_000: DownloadCache(tmp_path / "cache", max_bytes)


@pytest.fixture
def fetcher(lab, options) -> Callable[..., subprocess.Popen[str]]:
    """Another process that fetches the hour."""

    def start(*more: str) -> subprocess.Popen[str]:
        arguments = [sys.executable, "-c", FETCHER, lab.url, str(options.cache_folder), str(START), *more]
        return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    return start


def test_files_unused_for_longest_make_room(open_cache):
    cache = open_cache()
    old, new, oldest = put(cache, 0, 300, 50), put(cache, 300, 300, 10), put(cache, 600, 300, 90)
    cache.close()
    open_cache().make_room(file_at(900), 700)
    assert [path.exists() for path in (old, new, oldest)] == [False, True, False]
    assert not note_of(old).exists()


def test_a_use_makes_a_file_young(open_cache):
    cache = open_cache()
    first, second = put(cache, 0, 500, 90), put(cache, 300, 500, 50)
    with cache.writing(file_at(0)) as entry:
        assert entry.is_valid()
    cache.close()
    open_cache().make_room(file_at(900), 500)
    assert (first.exists(), second.exists()) == (True, False)


def test_files_in_use_are_never_removed(open_cache):
    cache = open_cache()
    path = put(cache, 0, 600)
    with pytest.raises(DataError) as caught:
        open_cache().make_room(file_at(300), 700)
    assert (caught.value.kind, path.exists()) == ("cache_full", True)
    cache.close()
    open_cache().make_room(file_at(300), 700)
    assert not path.exists()


def test_unfinished_downloads_count_with_all_they_will_need(open_cache):
    cache = open_cache()
    with cache.writing(file_at(0)) as entry:
        partial_of(entry.path).write_bytes(b"x")
        state = '{"url": "http://h/0.gz", "validator": "v", "total_bytes": 900}'
        (entry.path.parent / f"{entry.path.name}.partial.json").write_text(state)
        with pytest.raises(DataError, match="800 too few"):
            open_cache().make_room(file_at(300), 900)
    cache.close()
    open_cache().make_room(file_at(300), 900)
    assert [*entry.path.parent.iterdir()] == []


def test_a_file_does_not_count_against_itself(open_cache):
    cache = open_cache()
    put(cache, 0, 900)
    before = sorted(path for path in cache.folder.rglob("*") if path.is_file())
    cache.make_room(file_at(0), 900)
    assert sorted(path for path in cache.folder.rglob("*") if path.is_file()) == before


def test_more_than_the_disk_has_is_refused(open_cache):
    with pytest.raises(DataError) as caught:
        open_cache(max_bytes=1 << 62).make_room(file_at(0), 1 << 60)
    assert caught.value.kind == "disk_full"


def test_a_window_larger_than_the_cache_is_refused_before_anything_is_fetched(lab: Lab, options):
    for number in range(4):
        lab.add(after_s=number * 300)
    with Archive(replace(options, max_cache_bytes=10_000)) as archive, pytest.raises(DataError) as caught:
        archive.fetch(ArchiveQuery(HOUR))
    assert (caught.value.kind, lab.ranges) == ("cache_full", [])


def test_windows_one_after_the_other_keep_to_the_bound(lab: Lab, options: ArchiveOptions):
    for number in range(8):
        lab.add(after_s=number * 3600)
    for number in range(8):
        with Archive(replace(options, max_cache_bytes=10_000)) as archive:
            archive.fetch(ArchiveQuery(Window(START + number * 3600, START + number * 3600 + 60)))
    kept = list(options.cache_folder.rglob("*.gz"))
    assert sum(path.stat().st_size for path in kept) == 9_000


@pytest.mark.parametrize("note", [None, "", "{}", '{"url": "u", "sha256": "0", "size_bytes": 3}'])
def test_a_file_without_a_right_note_is_not_valid(open_cache, note):
    cache = open_cache()
    path = put(cache, 0, 10)
    note_of(path).unlink()
    if note is not None:
        note_of(path).write_text(note)
    with cache.writing(file_at(0)) as entry:
        assert not entry.is_valid()
    assert not path.exists()


def test_leases_end_with_their_process(tmp_path):
    code = (
        "import sys; from pathlib import Path; from herdwick.tools.bgp.archive.leases import Lease\n"
        "lease = Lease(Path(sys.argv[1])); lease.add('a'); print('held', flush=True); sys.stdin.read()"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        own = Lease(tmp_path)
        own.add("b")
        assert leased(tmp_path) == {"a", "b"}
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert leased(tmp_path) == {"b"}
    own.end()
    own.end()
    assert leased(tmp_path) == frozenset()
    assert [*(tmp_path / ".leases").iterdir()] == []


@pytest.mark.slow
def test_two_processes_fetch_each_file_once(lab: Lab, fetcher):
    for number in range(12):
        lab.add(after_s=number * 300)
    both = fetcher(), fetcher()
    assert [process.communicate(timeout=60)[0] for process in both] == ["12\n", "12\n"]
    assert len(lab.ranges) == 12


@pytest.mark.slow
def test_another_process_does_not_remove_what_this_one_uses(lab: Lab, options, fetcher):
    lab.add()
    other = fetcher("hold")
    assert other.stdout
    assert other.stdout.readline() == "1\n"
    with pytest.raises(DataError) as caught:
        DownloadCache(options.cache_folder, 3_500).make_room(file_at(7200), 1_000)
    assert caught.value.kind == "cache_full"
    other.communicate("", timeout=30)
    DownloadCache(options.cache_folder, 3_500).make_room(file_at(7200), 1_000)
    assert [*options.cache_folder.rglob("*.gz")] == []


@pytest.mark.slow
def test_a_kill_at_any_time_loses_nothing(lab: Lab, options: ArchiveOptions, fetcher):
    lab.add(data=os.urandom(600_000))
    whole = lab.files["/rrc06/updates.0.gz"]
    slow = lab.serve

    def trickling(request):
        answer = slow(request)
        data = answer.get_data()

        def body():
            for at in range(0, len(data), 20_000):
                time.sleep(0.02)
                yield data[at : at + 20_000]

        headers = {**dict(answer.headers), "Content-Length": str(len(data))}
        return Response(body(), status=answer.status_code, headers=headers, direct_passthrough=True)

    lab.serve = trickling
    sizes = [0]
    for _ in range(2):
        process = fetcher()
        until = time.monotonic() + 30
        while sizes[-1] == (now := _size(options.cache_folder)) and time.monotonic() < until:
            time.sleep(0.005)
        process.kill()
        process.communicate()
        sizes.append(max(now, _size(options.cache_folder)))
    assert sizes == sorted(set(sizes))
    process = fetcher()
    assert process.communicate(timeout=60)[0] == "1\n"
    (path,) = options.cache_folder.glob("ris/*/*/*.gz")
    assert path.read_bytes() == whole
    assert lab.ranges[-1] != ""


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.partial"))
