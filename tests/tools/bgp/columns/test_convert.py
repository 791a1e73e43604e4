import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from herdwick.tools.bgp.columns import convert as module
from herdwick.tools.bgp.columns.convert import convert, convert_all
from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.columns.progress import ConversionProgress
from herdwick.tools.bgp.columns.schema import SCHEMA
from herdwick.tools.bgp.engine.sources import MRTFile, find_files, source_of
from herdwick.tools.bgp.engine.stream import Stream
from herdwick.tools.errors import DataError

SHARED = Path(__file__).parents[5] / "shared" / "data" / "bgp"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the two real files lie beside the repository")


@pytest.fixture(scope="module")
def files():
    return find_files(sorted(SHARED.glob("*.[gb]z*")))


@pytest.fixture
def copies(files, tmp_path: Path):
    """Files of different content, which differ in the time of their first record."""
    data = gzip.decompress(files[0].path.read_bytes())

    def made(number: int):
        for index in range(number):
            path = tmp_path / "copies" / f"{index:03}"
            path.parent.mkdir(exist_ok=True)
            time = int.from_bytes(data[:4], "big") - index
            path.write_bytes(gzip.compress(time.to_bytes(4, "big") + data[4:], 1))
        return find_files([tmp_path / "copies"])

    return made


def names_in(cache: Path) -> set[str]:
    """What lies in a cache besides its lock."""
    return {path.name for path in cache.iterdir()} - {".lock"}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_the_columns_hold_what_the_stream_gives(files, cache: Path) -> None:
    rows = Dataset(convert_all(files, cache=cache, workers=1)).elems().collect().to_dicts()
    elems = list(Stream(files))

    def key(kind, time, peer, prefix, path, communities):
        return (time, peer, kind, prefix or "", path or "", tuple(communities or ()))

    assert sorted(
        key(r["type"], r["time"], r["peer_address"], r["prefix"], r["as_path"], r["communities"])
        for r in rows
    ) == sorted(
        key(e.type, e.time, e.peer_address, e.prefix, e.attributes.as_path, e.attributes.communities)
        for e in elems
    )
    assert [row["time"] for row in rows] == sorted(elem.time for elem in elems)
    assert [row["seq"] for row in rows] == list(range(len(elems)))


def test_a_second_conversion_reads_nothing(files, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = convert(files[0], cache)
    monkeypatch.setattr(module, "_write", None)

    assert convert(files[0], cache) == first


def test_several_processes_convert_as_one_does(files, cache: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "LARGE_BYTES", 1)
    monkeypatch.setattr(module, "_write", None)
    seen: list[ConversionProgress] = []

    parallel = convert_all(files, cache=tmp_path, workers=2, progress=seen.append)

    monkeypatch.undo()
    assert [item.read for item in parallel] == [convert(file, cache).read for file in files]
    size_bytes = sum(file.path.stat().st_size for file in files)
    assert seen[-1] == ConversionProgress(2, 2, size_bytes, size_bytes)


def test_many_small_files_are_converted_by_several_processes(copies, tmp_path: Path, monkeypatch) -> None:
    small = copies(100)
    monkeypatch.setattr(module, "LARGE_BYTES", 100_000)
    monkeypatch.setattr(module, "_write", None)
    seen: list[ConversionProgress] = []

    converted = convert_all(small, cache=tmp_path / "cache", workers=2, progress=seen.append)

    assert [item.file for item in converted] == list(small)
    assert {item.read.elems for item in converted} == {converted[0].read.elems}
    assert {now.files_done for now in seen} >= set(range(1, 101))
    assert [now.bytes_done for now in seen] == sorted(now.bytes_done for now in seen)


def test_known_files_need_no_process(files, cache: Path, monkeypatch) -> None:
    convert_all(files, cache=cache, workers=1)
    monkeypatch.setattr(module, "LARGE_BYTES", 1)
    monkeypatch.setattr(module, "convert_apart", None)
    monkeypatch.setattr(module, "_write", None)

    assert len(convert_all(files, cache=cache, workers=2)) == 2


def test_a_large_file_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "LARGE_BYTES", 1)
    for name in ("a", "b"):
        (tmp_path / name).write_text("no MRT at all")

    with pytest.raises(DataError, match="not an MRT file"):
        convert_all(find_files([tmp_path / "a", tmp_path / "b"]), cache=tmp_path / "cache")


@pytest.mark.parametrize("damage", ["part", "cut part", "turned bits", "record"])
def test_damaged_columns_are_made_again(files, tmp_path: Path, damage: str) -> None:
    intact = convert(files[0], tmp_path)
    part = intact.parts[0]
    content = part.read_bytes()
    match damage:
        case "part":
            part.unlink()
        case "cut part":
            part.write_bytes(content[: len(content) // 2])
        case "turned bits":
            middle = len(content) // 2
            part.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        case _:
            (part.parent / "read.json").write_text("{")

    assert convert(files[0], tmp_path) == intact
    assert part.read_bytes() == content
    assert pl.read_parquet(part).height == intact.read.elems


def test_what_is_appended_to_a_file_while_it_is_read_is_read_the_next_time(copies, tmp_path: Path) -> None:
    (file,) = copies(1)
    expected = convert(file, tmp_path / "cache").read
    grown: list[int] = []

    def grow(_: int) -> None:
        if not grown:
            with file.path.open("ab") as out:
                grown.append(out.write(file.path.read_bytes()))

    assert convert(file, tmp_path / "other cache", grow).read == expected
    assert grown
    assert convert(file, tmp_path / "other cache").read.elems == 2 * expected.elems


@pytest.mark.parametrize("change", ["cut", "written anew"])
def test_a_file_that_is_changed_while_it_is_read_is_an_error(copies, tmp_path: Path, change: str) -> None:
    (file,) = copies(1)
    content = file.path.read_bytes()
    # Uncompressed and larger than what is read at once, so that the change is seen.
    data = gzip.decompress(content) * 20
    file.path.write_bytes(data)

    def write_other(_: int) -> None:
        with file.path.open("r+b") as out:
            out.truncate(300_000)
            if change == "written anew":
                out.seek(300_000)
                out.write(bytes(len(data) - 300_000))

    with pytest.raises(DataError) as failure:
        convert(file, tmp_path / "cache", write_other)

    assert failure.value.kind == "file_changed"
    assert names_in(tmp_path / "cache") == set()


def test_a_file_that_is_removed_while_it_is_read_is_read_to_its_end(copies, tmp_path: Path) -> None:
    (file,) = copies(1)
    expected = convert(file, tmp_path / "cache").read

    removed = convert(file, tmp_path / "other", lambda _: file.path.unlink(missing_ok=True))

    assert removed.read == expected
    with pytest.raises(DataError, match="There is no file"):
        convert(file, tmp_path / "other")


def test_a_full_disk_is_an_error_and_leaves_nothing(files, tmp_path: Path) -> None:
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from herdwick.tools.bgp.columns.convert import convert\n"
        "from herdwick.tools.bgp.engine.sources import MRTFile, source_of\n"
        "from herdwick.tools.errors import DataError\n"
        "path, cache = map(Path, sys.argv[1:])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n    convert(MRTFile(path, source_of(path)), cache)\n"
        "except DataError as error:\n    sys.exit(f'{error.kind}: {error}')"
    )
    command = [sys.executable, "-c", script, files[0].path, tmp_path]

    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.stderr.startswith(
        "no_cache_folder: The columns of ris.rrc06.updates.1427846400.gz cannot be kept"
    )
    assert "File too large" in ended.stderr
    assert names_in(tmp_path) == set()


def test_the_same_content_elsewhere_is_known_but_keeps_its_collector(
    files, cache: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "route-views2" / "updates.20150401.0000.gz"
    copy.parent.mkdir()
    copy.write_bytes(files[0].path.read_bytes())
    (file,) = find_files([copy])

    converted = convert(file, cache)

    assert converted.parts == convert(files[0], cache).parts
    collectors = Dataset([converted]).elems().select(pl.col("collector").unique()).collect()
    assert collectors["collector"].to_list() == ["route-views2"]


def test_what_cannot_be_read_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_text("no MRT at all")
    (file,) = find_files([bad])

    with pytest.raises(DataError, match="not an MRT file"):
        convert(file, tmp_path / "cache")
    assert names_in(tmp_path / "cache") == set()


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "updates"
    os.mkfifo(pipe)

    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(DataError, match="is no regular file"):
            convert(MRTFile(path, source_of(path)), tmp_path / "cache")


def test_the_window_ends_before_its_end(files, cache: Path) -> None:
    data = Dataset(convert_all(files, cache=cache, workers=1), 1_427_846_460, 1_427_846_520)
    times = data.elems().select("time").collect()["time"]

    assert (times.min(), times.max() < 1_427_846_520) == (1_427_846_460, True)
    assert times.len() == sum(1_427_846_460 <= elem.time < 1_427_846_520 for elem in Stream(files))


def test_the_description_says_what_was_read(files, cache: Path) -> None:
    described = Dataset(convert_all(files, cache=cache, workers=1)).described()

    assert json.loads(json.dumps(described)) == described
    assert described["collectors"] == ["route-views.jinx", "rrc06"]
    assert described["elems"] == 1561 + 8611
    assert described["window"] == {"from": "2015-04-01T00:00:04Z", "until": "2015-04-01T00:14:30Z"}


def test_without_elems_there_are_columns_all_the_same() -> None:
    elems = Dataset([]).elems().collect()

    assert elems.height == 0
    assert set(SCHEMA) < set(elems.columns)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("ris.rrc06.updates.1427846400.gz", ("rrc06", "ris")),
        ("routeviews.route-views.jinx.updates.1427846400.bz2", ("route-views.jinx", "routeviews")),
        ("data/rrc00/2015.04/updates.20150401.0000.gz", ("rrc00", "ris")),
        (
            "route-views.sydney/bgpdata/2015.04/RIBS/rib.20150401.0000.bz2",
            ("route-views.sydney", "routeviews"),
        ),
        ("lab00/updates.20260101.0000.gz", ("lab00", "local")),
        ("lab00/2026.01/UPDATES/updates.20260101.0000.gz", ("lab00", "local")),
        ("somewhere/my.mrt", ("local", "local")),
    ],
)
def test_names_tell_the_collector(path: str, source: tuple[str, str]) -> None:
    found = source_of(Path(path))

    assert (found.collector, found.project) == source
