"""Which MRT files there are, and which collector and project each comes from.

    files = find_files([Path("archive/rrc06"), Path("updates.20150401.0000.bz2")])
    files[0].source.collector       # 'rrc06'

Names tell: libbgpstream's cache writes `ris.rrc06.updates.1427846400.gz`, archives keep files such as
`updates.20150401.0000.gz` in a folder of the collector's name, or below it. What no name tells has the
collector and project `local`: files given together are then taken for one collector's, whose peers have an
address each.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.errors import DataError

_CACHED = re.compile(r"(?P<project>[a-z]+)\.(?P<collector>[\w.-]+?)\.(?:updates|ribs?)\.\d+(?:\.|$)")
_RIS = re.compile(r"rrc\d\d$")
_ROUTEVIEWS = re.compile(r"route-views[\w.-]*$")
_ARCHIVED = re.compile(r"(?:updates|ribs?|bview)\.\d{8}\.\d{4}\b")
_SUBFOLDER = re.compile(r"(?:bgpdata|RIBS|UPDATES|\d{4}\.\d\d)$")
LOCAL = "local"

_IGNORED = frozenset({".json", ".md", ".txt", ".csv", ".parquet", ".partial"})


@dataclass(frozen=True)
class MRTFile:
    """A file and what its elems say they come from."""

    path: Path
    source: Source


def find_files(paths: Iterable[Path]) -> tuple[MRTFile, ...]:
    """The files named, and those in folders named, in the order given; within a folder by name.

    Raises:
        DataError: A path does not exist, or a folder has no file.
    """
    found: dict[Path, MRTFile] = {}
    for path in paths:
        if not path.exists():
            raise DataError("no_file", f"There is no file {path}.", "Check the name.")
        inside = [*_inside(path)] if path.is_dir() else [path]
        if not inside:
            raise DataError("no_file", f"The folder {path} holds no MRT file.", "Name the files themselves.")
        found |= {file: MRTFile(file, source_of(file)) for file in inside}
    return tuple(found.values())


def _inside(folder: Path) -> Iterable[Path]:
    return (
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix not in _IGNORED and not file.name.startswith(".")
    )


def source_of(path: Path) -> Source:
    """Collector and project that the name of `path`, or of a folder it lies in, tells."""
    if match := _CACHED.match(path.name):
        return Source(match["collector"], match["project"])
    folders = path.resolve().parent.parts[::-1]
    for folder in folders:
        if _RIS.match(folder):
            return Source(folder, "ris")
        if _ROUTEVIEWS.match(folder):
            return Source(folder, "routeviews")
    if _ARCHIVED.match(path.name):
        return Source(next((folder for folder in folders if not _SUBFOLDER.match(folder)), LOCAL))
    return Source(LOCAL)
