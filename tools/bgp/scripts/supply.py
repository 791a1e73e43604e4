"""Which MRT files a script is given.

    with open_supply(source, BGPOptions(files=("rrc06",))) as supply:
        run_script(source, supply.files, bounds=supply.bounds)

Files that the user names come first. Without any, the archives are asked for what the script's source says it
needs, within the user's window and collectors; what its source leaves open or computes, the user must say. A
script that says nothing, or asks for the lab capture, is given that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from herdwick.tools.bgp.archive.fetch import Archive, ArchiveOptions, ArchiveQuery
from herdwick.tools.bgp.archive.files import ArchiveFile, Window
from herdwick.tools.bgp.compat.holdings import LIVE_PROJECTS
from herdwick.tools.bgp.engine.sources import MRTFile, find_files
from herdwick.tools.bgp.options import BGPOptions
from herdwick.tools.bgp.scripts.plan import FetchPlan, StreamPlan, read_fetch_plan
from herdwick.tools.bgp.scripts.run import Bounds
from herdwick.tools.bgp.times import parse_time, show_time
from herdwick.tools.bgp.toolkit import SAMPLE, files_of
from herdwick.tools.errors import DataError
from herdwick.tools.sandbox.scripts import ScriptLimits

LAB = SAMPLE / "lab00"
LAB_WINDOW = Window(parse_time("2026-01-01T00:00"), parse_time("2026-01-01T00:05"))
"""Around everything in it; its last table is of 00:04."""

_TYPES = ("updates", "ribs")
_TELLING = frozenset({"from_time", "until_time", "projects", "collectors"})
"""Parameters that tell of which data a stream is."""


@dataclass(frozen=True)
class Supply:
    """What a script can read.

    Attributes:
        files: On disk, as long as the supply is open.
        bounds: The window to which the script's own is cut.
        is_lab: Whether it is the lab capture.
    """

    files: tuple[MRTFile, ...]
    bounds: Bounds
    is_lab: bool = False


@contextmanager
def open_supply(source: str, options: BGPOptions) -> Iterator[Supply]:
    """The files for a script.

    Args:
        source: The script.
        options: The user's.

    Raises:
        BackendError: An archive is down, slow, or wrong.
        DataError: There is no such data, or neither script nor user say which.
        ScriptFailure: Of kind `syntax`.
    """
    bounds = Bounds(_seconds(options.from_time), _seconds(options.until_time))
    if options.files:
        yield Supply(files_of(options.files, options.collectors), bounds)
        return
    # One that is too long is refused when it is run, and what is left of it here need not be Python.
    is_whole = len(source) <= ScriptLimits().script_chars
    plan = read_fetch_plan(source) if is_whole else FetchPlan(())
    if not options.collectors and all(map(_fits_lab, plan.streams)):
        lab = Bounds(LAB_WINDOW.from_time, LAB_WINDOW.until_time)
        yield Supply(find_files([LAB]), lab, is_lab=True)
        return
    requests = [_request(stream, bounds, options) for stream in plan.streams or (StreamPlan(line=1),)]
    with Archive(ArchiveOptions(broker_url=options.broker_url)) as archive:
        listed = tuple(dict.fromkeys(file for request in requests for file in _listed(archive, request)))
        fetched = archive.download(listed)
        yield Supply(tuple(MRTFile(got.path, got.file.source) for got in fetched), bounds)


def _fits_lab(stream: StreamPlan) -> bool:
    """Whether nothing in a stream's plan asks for other data than the lab capture, or may do so."""
    held = find_files([LAB])
    start, end = stream.from_time, stream.until_time
    return (
        _TELLING.isdisjoint(stream.unread)
        and stream.projects is None
        and {*(stream.collectors or ())} <= {file.source.collector for file in held}
        and {name.rpartition("/")[2] for name in stream.files} <= {file.path.name for file in held}
        and (start is None or start < LAB_WINDOW.until_time)
        and (end is None or end > LAB_WINDOW.from_time)
    )


@dataclass(frozen=True)
class _Request:
    window: Window
    collectors: tuple[str, ...]
    projects: tuple[str, ...]
    record_types: tuple[str, ...]


def _request(stream: StreamPlan, bounds: Bounds, options: BGPOptions) -> _Request:
    """What to fetch for one stream: what it asks for, cut to what the user allows."""
    if stream.files:
        raise DataError(
            "no_file",
            f"The script reads the file {stream.files[0][:100]!r} (line {stream.line}).",
            "Give it too: --files FILE (Python: files=[FILE]).",
        )
    return _Request(
        _window(stream, bounds),
        _collectors(stream, options.collectors),
        tuple(LIVE_PROJECTS.get(project, project) for project in stream.projects or ()),
        stream.record_types or (),
    )


def _window(stream: StreamPlan, bounds: Bounds) -> Window:
    starts = [time for time in (stream.from_time, bounds.from_time) if time is not None]
    ends = [time for time in (stream.until_time, bounds.until_time) if time is not None]
    # A time that the script computes cannot be told here: only the user's own is sure to be fetched.
    is_computed = ("from_time" in stream.unread and bounds.from_time is None) or (
        "until_time" in stream.unread and bounds.until_time is None
    )
    if is_computed or not starts or not ends:
        how = "computes" if is_computed else "leaves open"
        raise DataError(
            "needs_window",
            f"The script {how} the window of its stream (line {stream.line}), so that it cannot be fetched.",
            "Give --from T --until T --collectors C,…, or --files MRT…; or write the times into the script.",
        )
    start, end = max(starts), min(ends)
    if end <= start:
        raise DataError(
            "no_data",
            f"The script asks for {show_time(starts[0])} until {show_time(ends[0])} (line {stream.line}), "
            "which lies outside of the window that was given.",
            "Give a window that covers the script's, with --from and --until.",
        )
    return Window(start, end)


def _collectors(stream: StreamPlan, allowed: tuple[str, ...]) -> tuple[str, ...]:
    named = stream.collectors or ()
    if not named and not allowed:
        how = "computes the collectors of" if "collectors" in stream.unread else "names no collector for"
        raise DataError(
            "needs_collectors",
            f"The script {how} its stream (line {stream.line}): there are dozens to fetch.",
            "Give --from T --until T --collectors C,…, or --files MRT…; or name collectors in the script.",
        )
    if not named:
        return allowed
    both = tuple(name for name in named if not allowed or name in allowed)
    if not both:
        raise DataError(
            "unknown_collector",
            f"The script asks for {', '.join(named)} (line {stream.line}), not for {', '.join(allowed)}.",
            "Give the collectors that the script names, with --collectors.",
        )
    return both


def _listed(archive: Archive, request: _Request) -> list[ArchiveFile]:
    query = ArchiveQuery(request.window, request.collectors, request.projects, request.record_types)
    if request.record_types:
        return [*archive.find(query)]
    return [
        file for name in request.collectors for file in _any_type(archive, replace(query, collectors=[name]))
    ]


def _any_type(archive: Archive, query: ArchiveQuery) -> list[ArchiveFile]:
    """Updates and tables, as PyBGPStream reads where no type is named; most windows have no table."""
    found: list[ArchiveFile] = []
    missing: list[DataError] = []
    for record_type in _TYPES:
        try:
            found += archive.find(replace(query, record_types=[record_type]))
        except DataError as error:
            if error.kind != "no_data":
                raise
            missing.append(error)
    if not found:
        raise missing[0]
    return found


def _seconds(moment: str | None) -> float | None:
    return None if moment is None else parse_time(moment)
