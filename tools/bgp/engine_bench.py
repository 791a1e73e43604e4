"""Measures the embedded engine against ftlbgp, and the second question against the first.

    for row in bench_engine([Path("updates.gz")], runs=3):
        print(row.file, row.elems_per_s, row.ratio)

Each reading runs in a process of its own, which gives its memory; runs alternate, so that a busy moment hits
both. ftlbgp (https://pypi.org/project/ftlbgp/) is the fastest parser of pure Python known to us; it is asked
for the same values. Decompression is in the time of both, and told apart: nothing here can make it faster.
"""

import gzip
import importlib.util
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from pydantic import BaseModel, ConfigDict

from herdwick.tools.bgp.columns.convert import convert
from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.engine.reading_cost import Reading, expanding_s, read, read_with_peer
from herdwick.tools.bgp.engine.sources import find_files
from herdwick.tools.errors import DataError

PEER = "ftlbgp"
SAMPLE = Path(__file__).parent / "sample" / "data" / "lab00"
_SAMPLE_REPEATS = {"updates.20260101.0000.gz": 150, "rib.20260101.0000.gz": 60}


class EngineBench(BaseModel):
    """How fast one file was read.

    Attributes:
        elems_per_s: Median of the runs, in seconds of one core.
        ratio: Elems per second over the peer's.
        expanding_s: Of each reading, the seconds that decompression takes; median.
        memory_mb: Most memory of a process that read it, with Python and all modules.
        first_s, second_s: Converting the file and counting its types; counting them again. Medians.
        second_ratio: How many times faster the second question was than the first.
    """

    model_config = ConfigDict(frozen=True)

    file: str
    elems: int
    elems_per_s: float
    peer_elems_per_s: float
    ratio: float
    expanding_s: float
    memory_mb: float
    first_s: float
    second_s: float
    second_ratio: float


def bench_engine(files: Sequence[Path], runs: int) -> list[EngineBench]:
    """Each file `runs` times with each engine; without files, the lab capture many times over.

    Raises:
        DataError: ftlbgp is not installed, or a file cannot be read.
    """
    if importlib.util.find_spec("ftlbgp") is None:
        raise DataError("no_peer", "ftlbgp is not installed.", "pip install ftlbgp")
    with TemporaryDirectory(prefix="herdwick-bench-") as folder:
        return [_bench(path, runs, Path(folder)) for path in files or _enlarged_sample(Path(folder))]


def _enlarged_sample(folder: Path) -> list[Path]:
    """The lab capture repeated: few different routes, so that both engines' caches do well."""
    made = []
    for name, times in _SAMPLE_REPEATS.items():
        path = folder / f"{name.partition('.')[0]}-x{times}.mrt"
        path.write_bytes(gzip.decompress((SAMPLE / name).read_bytes()) * times)
        made.append(path)
    return made


def _bench(path: Path, runs: int, folder: Path) -> EngineBench:
    readings: dict[str, list[Reading]] = {"ours": [], PEER: []}
    for _ in range(runs):
        readings["ours"].append(_in_process(read, path))
        readings[PEER].append(_in_process(read_with_peer, path))
    ours, peer = (_per_second(readings[name]) for name in ("ours", PEER))
    first_s, second_s = _first_and_second_s(path, runs, folder)
    return EngineBench(
        file=path.name,
        elems=readings["ours"][0].elems,
        elems_per_s=ours,
        peer_elems_per_s=peer,
        ratio=ours / peer,
        expanding_s=statistics.median(expanding_s(path) for _ in range(runs)),
        memory_mb=max(reading.memory_mb for reading in readings["ours"]),
        first_s=first_s,
        second_s=second_s,
        second_ratio=first_s / second_s,
    )


def _first_and_second_s(path: Path, runs: int, folder: Path) -> tuple[float, float]:
    """Medians of a question about a file that is new, and of the same one about a file that is known."""
    (file,) = find_files([path])
    first_s: list[float] = []
    second_s: list[float] = []
    for _ in range(runs):
        with TemporaryDirectory(dir=folder) as cache:
            for taken_s in (first_s, second_s):
                started = time.perf_counter()
                _count(Dataset([convert(file, Path(cache))]))
                taken_s.append(time.perf_counter() - started)
    return statistics.median(first_s), statistics.median(second_s)


def _per_second(readings: Sequence[Reading]) -> float:
    return readings[0].elems / statistics.median(reading.seconds for reading in readings)


def _count(data: Dataset) -> pl.DataFrame:
    return data.elems().group_by("type").len().collect()


def _in_process(reading: Callable[[Path], Reading], path: Path) -> Reading:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(reading, path).result()
