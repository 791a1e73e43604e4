"""Print the elems of MRT files, as bgpreader does."""

import json
from collections.abc import Callable
from pathlib import Path

import click

from herdwick.agents.cli.failures import NOT_ANSWERED, show_error, show_warning
from herdwick.tools.bgp.engine.elem import Elem
from herdwick.tools.bgp.engine.filter_strings import parse_filter
from herdwick.tools.bgp.engine.pybgpstream_engine import PyBGPStreamReader
from herdwick.tools.bgp.engine.reader import MRTReader
from herdwick.tools.bgp.engine.render import as_line, as_object
from herdwick.tools.bgp.engine.report import ReadReport
from herdwick.tools.bgp.engine.sources import find_files
from herdwick.tools.bgp.engine.stream import Stream
from herdwick.tools.bgp.times import parse_time

ENGINES = {"embedded": MRTReader, "pybgpstream": PyBGPStreamReader}

EXAMPLES = """\b
Examples:
  herdwick elems updates.20150401.0000.gz
  herdwick elems rrc00/ rrc06/ --filter 'prefix more 192.0.2.0/24 and path "_174_"' --json
  herdwick elems updates.bz2 --from 2015-04-01T00:01 --until 2015-04-01T00:02 --count 10
"""


@click.command(epilog=EXAMPLES)
@click.argument("files", metavar="MRT…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--filter", "wanted", default="", help="Filter string, as libbgpstream has it.")
@click.option("--from", "from_time", help="First moment, UTC; default: the first elem.")
@click.option("--until", "until_time", help="Moment after the last, UTC; default: the last elem.")
@click.option("--count", type=click.IntRange(1), help="Stop after so many elems.")
@click.option(
    "--engine",
    type=click.Choice([*ENGINES]),
    default="embedded",
    show_default=True,
    help="What reads the files: Herdwick's own engine, or CAIDA's PyBGPStream where it is installed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def elems(
    files: tuple[Path, ...],
    wanted: str,
    from_time: str | None,
    until_time: str | None,
    count: int | None,
    engine: str,
    as_json: bool,
) -> None:
    """Print the elems of MRT files or folders, in the order of time.

    One line for each, with the pipes of bgpreader, or with --json an object in PyBGPStream's terms. What
    could not be read is told on standard error; the exit code is 1 if a file could not be read to its end.
    """
    stream = Stream(
        find_files(files),
        parse_filter(wanted),
        parse_time(from_time) if from_time else None,
        parse_time(until_time) if until_time else None,
        ENGINES[engine],
    )
    show: Callable[[Elem], str] = _as_json if as_json else as_line
    for number, elem in enumerate(stream, 1):
        click.echo(show(elem))
        if number == count:
            break
    for report in stream.reports:
        _tell(report)
    if any(report.ended_early for report in stream.reports):
        click.get_current_context().exit(NOT_ANSWERED)


def _as_json(elem: Elem) -> str:
    return json.dumps(as_object(elem), ensure_ascii=False, separators=(",", ":"))


def _tell(report: ReadReport) -> None:
    if report.ended_early:
        show_error(f"{report.file}: {report.ended_early}; the rest was not read.", "Fetch the file again.")
    others = [
        f"{reason} ({number:,})"
        for reason, number in report.skipped.items()
        if reason not in report.ended_early
    ]
    if others:
        show_warning(f"{report.file}: left out: {', '.join(others)}.")
