"""Compare two runs: which questions changed sides, and whether that is more than chance."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from pydantic import JsonValue
from rich.table import Table
from rich.text import Text

from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.terminal import diagnostics, results
from herdwick.agents.errors import UsageError
from herdwick.evals.comparison import Change, Comparison
from herdwick.evals.comparison import compare as compare_judged
from herdwick.evals.judging import judged
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder

EXAMPLES = """\b
Examples:
  herdwick eval compare runs/before runs/after
  herdwick eval compare runs/shipped runs/new --fail-if-worse --max-drop 2
  herdwick eval compare runs/a runs/b --json
"""

FIGURES = {
    "answers": "right answers",
    "sets": "as sets",
    "plans": "right plans",
    "refusals": "right refusals",
    "answered": "not refused",
}
"""The fields of a comparison as people call them."""

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command(epilog=EXAMPLES)
@click.argument("first", metavar="A", type=FOLDER)
@click.argument("second", metavar="B", type=FOLDER)
@click.option(
    "--show", type=click.IntRange(min=0), default=5, show_default=True, help="Changed questions shown."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the bootstrap.")
@click.option("--fail-if-worse", is_flag=True, help="Leave with 1 if a figure is worse by more than chance.")
@click.option(
    "--max-drop",
    type=click.FloatRange(0, 100),
    metavar="POINTS",
    help="Leave with 1 if a figure fell by more percentage points, by chance or not.",
)
@json_option
def compare(
    first: Path,
    second: Path,
    show: int,
    seed: int,
    fail_if_worse: bool,
    max_drop: float | None,
    as_json: bool,
) -> None:
    """Tell whether run B is better than run A, on the questions that both were asked.

    Gained are questions that only B got right, lost those that only A did. The p-value is McNemar's: of so
    uneven a split if both were equally good. Below 0.05 the difference is called better or worse. The
    interval of the difference is a bootstrap's over clusters: questions that share a template count as one.
    """
    rows, found = _compared(first, second, seed)
    worse = [name for name, change in _changes(found) if _is_worse(change, fail_if_worse, max_drop)]
    if as_json:
        report: dict[str, JsonValue] = {name: _as_json(change) for name, change in _changes(found)}
        click.echo(json.dumps({"first": str(first), "second": str(second), **report, "failed": [*worse]}))
    else:
        _print(rows, found, show)
    if worse:
        names = ", ".join(FIGURES[name] for name in worse)
        diagnostics().print(Text(f"{second} is worse than {first}: {names}"), soft_wrap=True)
        click.get_current_context().exit(1)


def _compared(first: Path, second: Path, seed: int) -> tuple[dict[str, Row], Comparison]:
    folders = [RunFolder.existing(path) for path in (first, second)]
    rows, others = ({row.id: row for row in folder.rows()} for folder in folders)
    before, after = (judged(folder, folder.rows()) for folder in folders)
    changed = [name for name in rows if name in others and rows[name].question != others[name].question]
    if changed:
        raise UsageError(
            "other_questions",
            f"The runs ask other questions under the same ids, such as {changed[0]!r}.",
            "Compare runs of the same suite.",
        )
    clusters = {name: row.template or name for name, row in rows.items()}
    return rows, compare_judged(before, after, clusters, seed)


def _changes(found: Comparison) -> list[tuple[str, Change]]:
    return [(name, getattr(found, name)) for name in FIGURES]


def _is_worse(change: Change, fail_if_worse: bool, max_drop: float | None) -> bool:
    fell = max_drop is not None and -100 * change.difference > max_drop
    return fell or (fail_if_worse and change.verdict == "worse")


def _as_json(change: Change) -> JsonValue:
    fields: dict[str, JsonValue] = {**asdict(change), "gained": [*change.gained], "lost": [*change.lost]}
    return fields | {"difference": change.difference, "verdict": change.verdict}


def _print(rows: dict[str, Row], found: Comparison, show: int) -> None:
    table = Table("", "n", "A", "B", "B - A", "gained", "lost", "p", "", box=None, padding=(0, 2, 0, 0))
    for name, change in _changes(found):
        if change.n:
            table.add_row(
                FIGURES[name],
                str(change.n),
                f"{change.first / change.n:.1%}",
                f"{change.second / change.n:.1%}",
                f"{100 * change.difference:+.1f} ({100 * change.low:+.1f} to {100 * change.high:+.1f})",
                str(len(change.gained)),
                str(len(change.lost)),
                f"{change.p_value:.3g}",
                change.verdict,
            )
    results().print(table)
    for what, names in (("gained", found.answers.gained), ("lost", found.answers.lost)):
        for name in names[:show]:
            results().print(Text(f"{what}  {name}  {rows[name].question}"), soft_wrap=True)
        if len(names) > show:
            results().print(Text(f"{what}  … and {len(names) - show} more: --show {len(names)}"))
