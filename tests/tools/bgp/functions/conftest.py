"""The lab capture as a data set, and the same files as bgpdump's lines, for expectations of their own."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

import herdwick.tools.bgp.sample
from herdwick.tools.bgp.columns.convert import convert_all
from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.engine.sources import find_files

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
