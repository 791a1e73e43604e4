"""What data is at hand: the list that the host hands in with the files.

    holdings = load_holdings(Path("/data/holdings.json"))
    holdings.chosen(parse_filter("collector rrc06"))

The list is a JSON object: `files`, each with `path`, `name`, `project`, `collector`; and the user's own
bounds `from_time` and `until_time`, numbers or null.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from herdwick.tools.bgp.compat.times import epoch
from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.bgp.engine.filters import Filter
from herdwick.tools.errors import DataError

LIVE_PROJECTS = {"ris-live": "ris", "routeviews-stream": "routeviews"}
"""Projects of PyBGPStream's live feeds, and those whose archives hold the same data."""

_STAMP = re.compile(r"\.(\d{9,10})(?:\.|$)|\.(\d{8})\.(\d{4})(?:\.|$)")
_MAX_NAMED = 10


@dataclass(frozen=True)
class Holding:
    """One MRT file at hand.

    Attributes:
        path: Where to read it.
        name: What the user calls it.
        source: Collector and project.
    """

    path: Path
    name: str
    source: Source

    @property
    def dump_time(self) -> int | None:
        """When the dump began, as its name tells it; None if it does not."""
        match = _STAMP.search(self.name)
        if match is None:
            return None
        if match[1]:
            return int(match[1])
        try:
            return int(epoch(f"{match[2]}T{match[3]}"))
        except DataError:
            return None


@dataclass(frozen=True)
class Holdings:
    """All that a script can read, and the bounds its user gave.

    Attributes:
        files: At hand.
        from_time, until_time: In seconds since 1970 UTC; None where the user gave none.
    """

    files: tuple[Holding, ...]
    from_time: float | None = None
    until_time: float | None = None

    def chosen(self, wanted: Filter) -> tuple[Holding, ...]:
        """The files that a filter asks for by their source.

        Raises:
            DataError: Of a collector or project asked for, nothing is at hand.
        """
        if not self.files:
            raise DataError("no_data", "No BGP data is at hand.", "Give MRT files (--files) or a window.")
        projects = tuple(LIVE_PROJECTS.get(project, project) for project in wanted.projects)
        self._check("no_data", "project", projects, {file.source.project for file in self.files})
        of_project = [file for file in self.files if not projects or file.source.project in projects]
        collectors = {file.source.collector for file in of_project}
        self._check("unknown_collector", "collector", wanted.collectors, collectors)
        self._check("no_data", "router", wanted.routers, {file.source.router for file in of_project})
        return tuple(
            file
            for file in of_project
            if (not wanted.collectors or file.source.collector in wanted.collectors)
            and (not wanted.routers or file.source.router in wanted.routers)
        )

    def named(self, name: str) -> Holding:
        """The file that a script names by its path on some machine.

        Raises:
            DataError: It is not at hand.
        """
        wanted = Path(name).name
        for file in self.files:
            if wanted in (file.name, file.path.name):
                return file
        names = _listed({file.name for file in self.files})
        raise DataError(
            "no_file",
            f"The file {wanted[:100]!r} is not at hand; there are: {names}.",
            "Give it with the script: --files FILE.",
        )

    @staticmethod
    def _check(kind: str, what: str, wanted: tuple[str, ...], present: set[str]) -> None:
        missing = [name for name in dict.fromkeys(wanted) if name not in present]
        if missing:
            raise DataError(
                kind,
                f"There is no data of the {what} {', '.join(missing)[:200]}, but of: {_listed(present)}.",
                "Fetch it first, or ask for what there is.",
            )


def _listed(names: set[str]) -> str:
    first = sorted(names)[:_MAX_NAMED]
    more = f" and {len(names) - len(first)} more" if len(names) > len(first) else ""
    return ", ".join(name or "(none)" for name in first) + more


def load_holdings(path: Path) -> Holdings:
    """The list in a file.

    Raises:
        DataError: There is none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError("no_data", "No BGP data is at hand.", "Give MRT files: --files.") from error
    files = tuple(
        Holding(Path(file["path"]), file["name"], Source(file["collector"], file["project"]))
        for file in content["files"]
    )
    return Holdings(files, content["from_time"], content["until_time"])
