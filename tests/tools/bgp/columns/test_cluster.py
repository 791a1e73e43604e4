"""Files converted by a Ray cluster: one of two cores, started for these tests."""

import importlib.util
import os
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from herdwick.tools.bgp.columns import cluster
from herdwick.tools.bgp.columns.cluster import convert_on_cluster
from herdwick.tools.bgp.columns.convert import convert, convert_all
from herdwick.tools.bgp.engine.sources import MRTFile, find_files, source_of
from herdwick.tools.errors import DataError

SAMPLE = Path(cluster.__file__).parents[1] / "sample" / "data" / "lab00"

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")


class Watched:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.done: list[Path] = []

    def read(self, path: Path, size_bytes: int) -> None:
        pass

    def finish(self, path: Path) -> None:
        self.done.append(path)


@pytest.fixture(scope="module")
def two_cores():
    """A cluster to which `convert_on_cluster` finds itself connected."""
    import ray

    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_worker_niceness", "0")
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()


@pytest.fixture
def nothing_shared(monkeypatch):
    """Nodes that see neither the cache nor, therefore, the files."""

    @contextmanager
    def unseen(home: Path):
        yield home / "nowhere"

    monkeypatch.setattr(cluster, "_mark", unseen)


def contents(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in home.glob("*-*/*")}


@needs_ray
@pytest.mark.parametrize("shared", [True, False])
def test_the_cache_is_as_one_process_makes_it(two_cores, shared: bool, tmp_path: Path, request) -> None:
    if not shared:
        request.getfixturevalue("nothing_shared")
    files = sorted(SAMPLE.glob("*.gz"))
    for path in files:
        convert(MRTFile(path, source_of(path)), tmp_path / "alone")
    watched = Watched()

    convert_on_cluster(files, tmp_path / "cluster", cluster.LOCAL, watched)

    assert sorted(watched.done) == files
    assert contents(tmp_path / "cluster") == contents(tmp_path / "alone") != {}
    assert [*(tmp_path / "cluster").glob(".[sm]*")] == []


@needs_ray
@pytest.mark.parametrize("shared", [True, False])
def test_the_error_of_a_node_is_raised_as_it_was(two_cores, shared: bool, tmp_path: Path, request) -> None:
    if not shared:
        request.getfixturevalue("nothing_shared")
    bad = tmp_path / "bad"
    bad.write_text("no MRT at all")
    good = SAMPLE / "updates.20260101.0000.gz"

    with pytest.raises(DataError, match=f"{bad} is not an MRT file") as failure:
        convert_on_cluster([good, bad], tmp_path / "cache", cluster.LOCAL, Watched())

    assert failure.value.kind == "not_mrt"


@needs_ray
def test_a_question_uses_the_cluster_for_what_is_not_converted_yet(two_cores, tmp_path: Path) -> None:
    first, *others = find_files([SAMPLE])
    convert(first, tmp_path)
    seen = []

    converted = convert_all([first, *others], cache=tmp_path, ray=cluster.LOCAL, progress=seen.append)

    assert [item.file for item in converted] == [first, *others]
    assert seen[-1].files_done == len(converted)


@needs_ray
def test_a_node_of_another_version_is_an_error(two_cores, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(cluster, "VERSION", "0")

    with pytest.raises(DataError, match="another version of Herdwick"):
        convert_on_cluster([*SAMPLE.glob("rib*.gz")], tmp_path, cluster.LOCAL, Watched())


def test_without_ray_the_error_names_the_extra(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)

    with pytest.raises(DataError, match=r"herdwick\[ray\]") as failure:
        convert_on_cluster([*SAMPLE.glob("*.gz")], tmp_path, cluster.LOCAL, Watched())

    assert failure.value.kind == "no_ray"
