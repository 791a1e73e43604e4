"""Which files hold a window, as a broker lists them; what is missing is an error.

files = search(broker, ArchiveQuery(Window(start, end), ["rrc06"], record_types=["ribs", "updates"]))
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from herdwick.tools.bgp.archive.broker import Broker
from herdwick.tools.bgp.archive.files import (
    ArchiveFile,
    RecordType,
    Window,
    collector_named,
    project_named,
    record_type_named,
)
from herdwick.tools.errors import DataError

LONGEST_TABLE_AGE_S = 24 * 3600
"""How far back a table is looked for; RIS dumps one every 8 hours, RouteViews every 2."""


@dataclass(frozen=True)
class ArchiveQuery:
    """Which files of the archives.

    Attributes:
        window: Of the records; files reach beyond it.
        collectors: Such as `rrc06`; all when empty.
        projects: `ris`, `routeviews`; all when empty.
        record_types: `ribs`, `updates`.
        table_at_start: Whether `ribs` means the latest table at or before the start of the window, rather
            than those dumped within it.
    """

    window: Window
    collectors: Sequence[str] = ()
    projects: Sequence[str] = ()
    record_types: Sequence[str] = ("updates",)
    table_at_start: bool = False


def search(broker: Broker, query: ArchiveQuery) -> tuple[ArchiveFile, ...]:
    """The files with records of the window, by time.

    Raises:
        BackendError: The broker is down, slow, or wrong.
        DataError: There is no such data.
    """
    names = tuple(dict.fromkeys(map(collector_named, query.collectors)))
    wanted_projects = tuple(dict.fromkeys(map(project_named, query.projects)))
    found: list[ArchiveFile] = []
    for record_type in dict.fromkeys(map(record_type_named, query.record_types)):
        at_start = query.table_at_start and record_type == "ribs"
        searched = _before(query.window) if at_start else query.window
        files = broker.search(searched, names, wanted_projects, record_type)
        _check_complete(broker, files, names, record_type, searched)
        found += _latest(files) if at_start else files
    return tuple(sorted(found, key=lambda file: (file.from_time, file.source, file.record_type)))


def _check_complete(
    broker: Broker,
    files: Sequence[ArchiveFile],
    names: Sequence[str],
    record_type: RecordType,
    window: Window,
) -> None:
    """Every collector asked for must have something.

    Raises:
        DataError: `unknown_collector` or `no_data`.
    """
    missing = [name for name in names if all(file.source.collector != name for file in files)]
    if files and not missing:
        return
    known = broker.collectors() if missing else frozenset()
    unknown = [name for name in missing if known and name not in known]
    if unknown:
        raise DataError(
            "unknown_collector",
            f"The broker knows no collector {' or '.join(unknown)}.",
            f"It knows {', '.join(sorted(known))}.",
        )
    whose = f" of {' or '.join(missing)}" if missing else ""
    raise DataError(
        "no_data",
        f"The broker at {broker.host} lists no {record_type}{whose} from {window}.",
        "Check collectors and times (UTC)."
        + (" Tables are dumped every 2 or 8 hours." if record_type == "ribs" else ""),
    )


def _before(window: Window) -> Window:
    """Where a table at or before the start of `window` may be."""
    start, end = window.from_time - LONGEST_TABLE_AGE_S, math.nextafter(window.from_time, math.inf)
    return Window(max(0.0, start), end)


def _latest(files: Sequence[ArchiveFile]) -> list[ArchiveFile]:
    """The last file of each collector; `files` are sorted by time."""
    return [*{file.source: file for file in files}.values()]
