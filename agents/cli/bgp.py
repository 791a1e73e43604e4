"""Fetch BGP data from the archives, or watch it live."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from herdwick.agents.cli.domain_options import split_list
from herdwick.agents.cli.failures import json_option, show_error
from herdwick.agents.cli.terminal import diagnostics, printable
from herdwick.tools.bgp.archive.broker import BROKER_URL
from herdwick.tools.bgp.archive.cache import MAX_CACHE_BYTES
from herdwick.tools.bgp.archive.fetch import (
    Archive,
    ArchiveOptions,
    ArchiveQuery,
    Fetched,
    FetchProgress,
    ProgressCallback,
)
from herdwick.tools.bgp.archive.files import PROJECTS, RECORD_TYPES, Window
from herdwick.tools.bgp.live.address import RIS_LIVE_URL
from herdwick.tools.bgp.live.alerts import Alert
from herdwick.tools.bgp.live.replay import Replay
from herdwick.tools.bgp.live.watch import WatchRequest
from herdwick.tools.bgp.live.watching import LiveWatch, WatchSummary, feed_for
from herdwick.tools.bgp.times import parse_time, show_time
from herdwick.tools.errors import DataError

FETCH_EXAMPLES = """\b
Examples:
  herdwick bgp fetch --from 2015-04-01T00:00 --until 2015-04-01T00:10 --collectors rrc06
  herdwick bgp fetch --from 2015-04-01 --until 2015-04-01T00:10 --collectors rrc06,route-views2 \\
      --record-types ribs,updates --json
"""

WATCH_EXAMPLES = """\b
Examples:
  herdwick bgp watch --prefix 192.0.2.0/24 --seconds 60
  herdwick bgp watch --prefix 192.0.2.0/24 --asn 64500 --new-paths --seconds 600 --json
"""

GIB = 1 << 30


@click.group(epilog=FETCH_EXAMPLES)
def bgp() -> None:
    """Fetch BGP data from the archives of RIS and RouteViews, or watch it live."""


def _moment(_: click.Context, __: click.Parameter, value: str) -> float:
    try:
        return parse_time(value)
    except DataError as error:
        raise click.BadParameter(f"{error.message} {error.hint}") from error


def _one_of(known: dict[str, Any], what: str) -> Any:
    def check(ctx: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
        names = split_list(ctx, option, values)
        for name in names:
            if name.lower() not in known:
                raise click.BadParameter(f"{name!r} is none of {what}.")
        return names

    return check


_LIST: dict[str, Any] = {"multiple": True, "metavar": "A,B,…", "callback": split_list}


@bgp.command(epilog=FETCH_EXAMPLES)
@click.option("--from", "from_time", required=True, callback=_moment, help="First moment, UTC.")
@click.option("--until", "until_time", required=True, callback=_moment, help="Moment after the last, UTC.")
@click.option("--collectors", help="Such as rrc06,route-views2; default: all.", **_LIST)
@click.option(
    "--project",
    "projects",
    help="ris or routeviews; default: both.",
    **_LIST | {"callback": _one_of(PROJECTS, "ris, routeviews")},
)
@click.option(
    "--record-types",
    default=("updates",),
    show_default="updates",
    help="updates, ribs.",
    **_LIST | {"callback": _one_of(RECORD_TYPES, "updates, ribs")},
)
@click.option(
    "--table-at-start",
    is_flag=True,
    help="Of tables, the latest at or before the start, instead of those dumped in the window.",
)
@click.option(
    "--broker-url",
    "--broker",
    "broker",
    default=BROKER_URL,
    show_default=True,
    metavar="URL",
    help="BGPKIT Broker to ask.",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the files; default: in your cache folder.",
)
@click.option(
    "--max-cache-gib",
    default=MAX_CACHE_BYTES / GIB,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    help="Size of that folder; files unused for longest are removed.",
)
@json_option
def fetch(
    from_time: float,
    until_time: float,
    collectors: tuple[str, ...],
    projects: tuple[str, ...],
    record_types: tuple[str, ...],
    table_at_start: bool,
    broker: str,
    cache: Path | None,
    max_cache_gib: float,
    as_json: bool,
) -> None:
    """Fetch the MRT files of a window, and print where they are.

    Files that are there already are checked and used. What is interrupted goes on where it ended.
    """
    options = ArchiveOptions(broker, cache, int(max_cache_gib * GIB))
    query = ArchiveQuery(
        Window(from_time, until_time), collectors, projects, record_types, table_at_start=table_at_start
    )
    with Archive(options) as archive:
        listed = archive.find(query)
        with _shown() as progress:
            fetched = archive.download(listed, progress)
    if as_json:
        files = [_file(one) for one in fetched]
        click.echo(json.dumps({"from": show_time(from_time), "until": show_time(until_time), "files": files}))
        return
    for one in fetched:
        click.echo(printable(str(one.path)))
    total = sum(one.path.stat().st_size for one in fetched)
    cached = sum(one.was_cached for one in fetched)
    diagnostics().print(f"{len(fetched):,} files, {total:,} bytes; {cached:,} of them were there before")


@bgp.command(epilog=WATCH_EXAMPLES)
@click.option("--prefix", "prefixes", help="Prefixes to watch, and what is within them.", **_LIST)
@click.option(
    "--asn", "asns", help="ASNs whose prefixes to watch; with --prefix, its rightful origins.", **_LIST
)
@click.option("--seconds", required=True, type=click.FloatRange(min=0, min_open=True), help="For how long.")
@click.option("--exact", is_flag=True, help="Leave out what is within the prefixes.")
@click.option("--less-specific", is_flag=True, help="Watch what is around the prefixes, too.")
@click.option("--new-paths", is_flag=True, help="Tell changed paths, too.")
@click.option("--url", default=RIS_LIVE_URL, show_default=True, help="RIS Live server.")
@click.option(
    "--replay",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Recorded messages, instead of a server.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line, the summary last.")
def watch(
    prefixes: tuple[str, ...],
    asns: tuple[str, ...],
    seconds: float,
    exact: bool,
    less_specific: bool,
    new_paths: bool,
    url: str,
    replay: Path | None,
    as_json: bool,
) -> None:
    """Watch prefixes or ASNs on RIS Live, and tell what changes.

    Told are new origins, new more-specific prefixes, prefixes that every peer lost, and paths if wanted. What
    was normal is learnt while watching; ASNs given along with prefixes may originate them.
    """
    request = _request(prefixes, asns, exact, less_specific, new_paths)
    watching = LiveWatch(request, seconds, Replay(replay) if replay else feed_for(request, url))
    for alert in watching:
        click.echo(_alert_json(alert) if as_json else _alert_line(alert))
    summary = watching.summary
    if as_json:
        click.echo(json.dumps({"type": "summary"} | asdict(summary), ensure_ascii=False))
        return
    _tell(summary)


def _request(
    prefixes: tuple[str, ...], asns: tuple[str, ...], exact: bool, less_specific: bool, new_paths: bool
) -> WatchRequest:
    try:
        numbers = tuple(int(asn.upper().removeprefix("AS")) for asn in asns)
    except ValueError:
        raise click.UsageError(f"{', '.join(asns)!r} has what is no AS number.") from None
    try:
        return WatchRequest(prefixes, numbers, not exact, less_specific, new_paths)
    except DataError as error:
        raise click.UsageError(f"{error.message} {error.hint}") from error


@contextmanager
def _shown() -> Iterator[ProgressCallback]:
    """A bar on the terminal; nothing where there is none."""
    console = diagnostics()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("fetching", total=None)

        def show(now: FetchProgress) -> None:
            bar.update(
                task,
                description=f"{now.files_done:,} of {now.files:,} files",
                completed=now.bytes_done,
                total=now.bytes_expected or None,
            )

        yield show


def _file(one: Fetched) -> dict[str, Any]:
    return {
        "path": str(one.path),
        "project": one.file.source.project,
        "collector": one.file.source.collector,
        "record_type": one.file.record_type,
        "from": show_time(one.file.from_time),
        "until": show_time(one.file.until_time),
        "bytes": one.path.stat().st_size,
        "url": one.file.url,
        "was_cached": one.was_cached,
    }


def _alert_json(alert: Alert) -> str:
    return json.dumps({"type": "alert"} | asdict(alert) | {"time": show_time(alert.time)}, ensure_ascii=False)


def _alert_line(alert: Alert) -> str:
    peers = ", ".join(f"{peer.collector} AS{peer.asn} {peer.address}" for peer in alert.peers)
    old, new = _origins(alert.old_origins), _origins(alert.new_origins)
    change = {
        "new_origin": f"new origin {new}, before {old}",
        "new_more_specific": f"new within {alert.watched}, by {new}; that is of {old}",
        "new_path": f"new path {alert.new_path}, before {alert.old_path}",
        "disappearance": f"disappeared; was of {old}",
    }[alert.kind]
    return printable(f"{show_time(alert.time)}  {alert.prefix}  {change}  [{peers}]")


def _origins(asns: tuple[int, ...]) -> str:
    return ", ".join(f"AS{asn}" for asn in asns) or "unknown origin"


def _tell(summary: WatchSummary) -> None:
    diagnostics().print(
        f"{summary.alerts:,} alerts in {summary.seconds:.1f} s: {summary.messages:,} messages, "
        f"{summary.elems:,} elems"
    )
    lost = {
        "dropped, for they came faster than they were used": summary.dropped,
        "announcements not remembered, for there were too many": summary.untracked,
    }
    problems = [f"{reason} ({number:,})" for reason, number in summary.problems.items()]
    problems += [f"{what} ({number:,})" for what, number in lost.items() if number]
    if summary.offline_s:
        problems.append(f"{summary.offline_s:.1f} s without a connection")
    if problems:
        show_error(f"Not used or lost: {'; '.join(problems)}.", "")
