"""Build a graph of people and papers from dumps, or generate dumps of an invented one."""

import json
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar

from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.list_options import ListCommand, ListOption
from herdwick.agents.cli.terminal import diagnostics, printable
from herdwick.tools.aminer.local.build import BuildReport, build_graph
from herdwick.tools.aminer.local.file_names import shown
from herdwick.tools.aminer.local.sample import write_dump
from herdwick.tools.aminer.local.staging import Progress, ProgressCallback
from herdwick.tools.errors import DataError

BUILD_EXAMPLES = """\b
Examples:
  herdwick graph build --authors authors/*.jsonl.gz --papers papers/*.jsonl.gz --out graph.sqlite
  herdwick graph build --authors a.jsonl --papers p.jsonl --relations r.jsonl --out graph.sqlite --json
"""

SAMPLE_EXAMPLES = """\b
Examples:
  herdwick graph sample --people 100000 --papers 300000 --seed 1 --out dump
  herdwick graph build --synthetic --authors dump/authors.jsonl --papers dump/papers.jsonl \\
      --relations dump/relations.jsonl --out graph.sqlite
"""

_FILES: dict[str, Any] = {
    "cls": ListOption,
    "type": click.Path(path_type=Path, dir_okay=False),
    "metavar": "FILE…",
}


def _named(_: click.Context, __: click.Parameter, path: Path) -> Path:
    if not path.name:
        raise click.BadParameter("it is no name of a file.")
    return path


@click.group(epilog=BUILD_EXAMPLES)
def graph() -> None:
    """Build a graph file for the local backend of `aminer`, or generate an invented one."""


@graph.command("build", cls=ListCommand, epilog=BUILD_EXAMPLES)
@click.option("--authors", required=True, help="Author dumps: JSON lines, plain, .gz or .zst.", **_FILES)
@click.option("--papers", required=True, help="Paper dumps.", **_FILES)
@click.option("--relations", help="Relation dumps; without them coauthors come from papers.", **_FILES)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_named,
    help="The graph file; replaced if there.",
)
@click.option("--synthetic", is_flag=True, help="Label the graph as made up, wherever it is used.")
@json_option
def build(
    authors: tuple[Path, ...],
    papers: tuple[Path, ...],
    relations: tuple[Path, ...],
    out: Path,
    synthetic: bool,
    as_json: bool,
) -> None:
    """Build a graph file from AMiner/OAG dumps.

    Lines that cannot be used are kept with the reason in OUT.rejects.jsonl. The graph appears under its name
    when it is complete; a build that is interrupted leaves an older one as it was.
    """
    with _bar() as bar:
        report = build_graph(
            authors, papers, relations, out=out, synthetic=synthetic, progress=_shown_on(bar)
        )
    click.echo(_as_json(report) if as_json else _in_words(report))


@graph.command("sample", epilog=SAMPLE_EXAMPLES)
@click.option("--people", required=True, type=click.IntRange(min=1), help="How many persons.")
@click.option("--papers", required=True, type=click.IntRange(min=0), help="How many papers.")
@click.option("--seed", default=1, show_default=True, help="Another seed, another graph.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the dumps."
)
@json_option
def sample(people: int, papers: int, seed: int, out: Path, as_json: bool) -> None:
    """Generate the dumps of an invented graph: nobody in it exists.

    The same arguments give the same dumps, byte for byte.
    """
    try:
        with diagnostics().status("writing the dumps"):
            dump = write_dump(out, people=people, papers=papers, seed=seed)
    except OSError as error:
        raise DataError(
            "bad_output", f"{out} cannot be written: {error.strerror}.", "Give a folder with space in it."
        ) from error
    files = {"authors": dump.authors, "papers": dump.papers, "relations": dump.relations}
    if as_json:
        click.echo(
            json.dumps(
                {"people": people, "papers": papers, "seed": seed} | {k: str(v) for k, v in files.items()}
            )
        )
        return
    click.echo(f"{people:,} invented people and {papers:,} papers:")
    for path in files.values():
        click.echo(f"  {path}")
    sources = " ".join(f"--{kind} {path}" for kind, path in files.items())
    click.echo(f"Make a graph of it: herdwick graph build --synthetic {sources} --out graph.sqlite")


def _bar() -> ProgressBar:
    columns = (TextColumn("{task.description:<18}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = diagnostics()
    return ProgressBar(*columns, console=console, disable=not console.is_terminal)


def _shown_on(bar: ProgressBar) -> ProgressCallback:
    tasks: dict[str, Any] = {}

    def show(progress: Progress) -> None:
        if progress.stage not in tasks:
            tasks[progress.stage] = bar.add_task(progress.stage, total=progress.total)
        bar.update(tasks[progress.stage], completed=progress.done, total=progress.total)

    return show


def _as_json(report: BuildReport) -> str:
    return json.dumps(
        {
            "graph": shown(report.graph),
            "lines": report.lines,
            "people": report.people,
            "papers": report.papers,
            "relations": report.relations,
            "unlinked_authors": report.unlinked_authors,
            "rejected": report.rejected,
            "rejects": shown(report.rejects) if report.rejects else None,
            "duration_s": round(report.duration_s, 3),
        },
        ensure_ascii=False,
    )


def _in_words(report: BuildReport) -> str:
    lines = [
        f"{shown(report.graph)}: {report.people:,} people, {report.papers:,} papers, "
        f"{report.relations:,} relations, {report.unlinked_authors:,} authors without a profile",
        f"{report.lines:,} lines read in {report.duration_s:.1f} s",
    ]
    if report.rejects:
        lines.append(f"{report.rejected:,} of them not used; the reasons are in {shown(report.rejects)}")
    return printable("\n".join(lines))
