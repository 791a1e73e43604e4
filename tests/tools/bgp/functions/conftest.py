"""The lab capture as a data set, and the same files as bgpdump's lines, for expectations of their own."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import herdwick.tools.bgp.sample
from herdwick.tools.bgp.columns.convert import Converted, ReadRecord, convert_all
from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.columns.schema import ElemColumns
from herdwick.tools.bgp.engine.elem import Attributes, Elem, Source
from herdwick.tools.bgp.engine.sources import MRTFile, find_files

LAB = Path(herdwick.tools.bgp.sample.__file__).parent / "data" / "lab00"


class Line(NamedTuple):
    """A line of `bgpdump -m`, taken apart by nothing but its pipes."""

    kind: str
    time: int
    peer: str
    peer_asn: int
    prefix: str
    path: list[str]
    rest: list[str]

    @property
    def origins(self) -> list[int]:
        return [int(asn) for asn in self.path[-1].strip("{}").split(",")] if self.path else []

    @property
    def is_route(self) -> bool:
        return self.kind in "RA"

    @property
    def ends_session(self) -> bool:
        return self.kind == "S" and self.rest[0] == "6"


def bgpdump(*files: Path) -> list[Line]:
    lines = []
    for file in files:
        text = subprocess.run(["bgpdump", "-m", file], capture_output=True, text=True, check=True).stdout
        for line in text.splitlines():
            _, time, kind, peer, asn, *more = line.split("|")
            if kind == "STATE":
                lines.append(Line("S", int(time), peer, int(asn), "", [], more))
            else:
                path = more[1].split() if len(more) > 1 else []
                kind = {"B": "R"}.get(kind, kind)
                lines.append(Line(kind, int(time), peer, int(asn), more[0], path, more[2:]))
    return sorted(lines, key=lambda line: line.time)


@pytest.fixture(scope="session")
def lines() -> list[Line]:
    """The lab capture in the order of time: the first table, the updates, the last table."""
    if not shutil.which("bgpdump"):
        pytest.skip("bgpdump is not installed")
    return bgpdump(*(file.path for file in find_files([LAB])))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return Dataset(convert_all(find_files([LAB]), cache=tmp_path_factory.mktemp("columns"), workers=1))


@pytest.fixture
def invented(tmp_path: Path) -> Callable[[str], Dataset]:
    """Makes a data set of lines such as

    A 10 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 {1,2} med=5 communities=64500:1,64500:2
    W 11 rrc00 192.0.2.1 64500 10.0.0.0/8
    S 12 rrc00 192.0.2.1 64500 ESTABLISHED IDLE
    """

    def make(text: str) -> Dataset:
        columns: dict[str, ElemColumns] = {}
        for line in text.strip().splitlines():
            elem = _elem(line.split())
            columns.setdefault(elem.source.collector, ElemColumns()).add(elem)
        converted = []
        for collector, rows in columns.items():
            part = tmp_path / f"{collector}.parquet"
            rows.take().write_parquet(part)
            read = ReadRecord(records=0, elems=0, skipped={}, ended_early="", first_time=None, last_time=None)
            converted.append(Converted(MRTFile(part, Source(collector)), (part,), read))
        return Dataset(converted)

    return make


def _elem(words: list[str]) -> Elem:
    kind, time, collector, address, asn, *rest = words
    more = [word.partition("=") for word in rest if "=" in word]
    named = {name: int(value) for name, _, value in more if name in ("med", "local_pref")}
    lists = {name: tuple(value.split(",")) for name, _, value in more if name not in named}
    plain = [word for word in rest if "=" not in word]
    states = plain if kind == "S" else ["", ""]
    return Elem(
        type=kind,
        time=float(time),
        peer_asn=int(asn),
        peer_address=address,
        prefix="" if kind == "S" else plain[0],
        next_hop="",
        attributes=Attributes(as_path="" if kind == "S" else " ".join(plain[1:]), **named, **lists),
        source=Source(collector),
        old_state=states[0],
        new_state=states[1],
    )
