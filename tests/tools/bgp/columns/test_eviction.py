import os
import time
from pathlib import Path

from herdwick.tools.bgp.columns.eviction import IN_USE_S, evict, touch
from herdwick.tools.bgp.columns.schema import VERSION

LONG_AGO_S = IN_USE_S + 60


def columns(home: Path, name: str, *, unused_s: float) -> Path:
    folder = home / name
    folder.mkdir()
    (folder / "00000.parquet").write_bytes(bytes(1000))
    (folder / "read.json").touch()
    used = time.time() - unused_s
    os.utime(folder / "read.json", (used, used))
    return folder


def left(home: Path) -> set[str]:
    return {folder.name for folder in home.iterdir()}


def test_columns_of_another_version_are_removed_when_nobody_reads_them(tmp_path: Path) -> None:
    columns(tmp_path, "a-00000000", unused_s=LONG_AGO_S)
    columns(tmp_path, "b-00000000", unused_s=0)
    columns(tmp_path, f"c-{VERSION}", unused_s=LONG_AGO_S)

    evict(tmp_path)

    assert left(tmp_path) == {"b-00000000", f"c-{VERSION}"}


def test_the_longest_unused_make_room(tmp_path: Path) -> None:
    for name, unused_s in {"a": LONG_AGO_S, "b": 3 * LONG_AGO_S, "c": 2 * LONG_AGO_S, "d": 0}.items():
        columns(tmp_path, f"{name}-{VERSION}", unused_s=unused_s)

    evict(tmp_path, max_bytes=2500)

    assert left(tmp_path) == {f"a-{VERSION}", f"d-{VERSION}"}


def test_what_is_used_stays_whatever_its_size(tmp_path: Path) -> None:
    folder = columns(tmp_path, f"a-{VERSION}", unused_s=LONG_AGO_S)
    touch(folder)

    evict(tmp_path, max_bytes=1)

    assert left(tmp_path) == {folder.name}


def test_folders_in_the_making_are_not_touched(tmp_path: Path) -> None:
    columns(tmp_path, ".making-1", unused_s=LONG_AGO_S)

    evict(tmp_path, max_bytes=1)

    assert left(tmp_path) == {".making-1"}
