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
from herdwick.evals.comparison import Change, Comparison
from herdwick.evals.comparison import compare as compare_judged
from herdwick.evals.comparison_input import clusters_of, judged_alike
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
@click.option("--seed", type=int, default=0, show_default=True, help="Of permutations that are drawn.")
@click.option("--fail-if-worse", is_flag=True, help="Leave with 1 if a figure is worse by more than chance.")
@click.option(
    "--max-drop",
    type=click.FloatRange(0, 100),
    metavar="POINTS",
    help="Leave with 1 if a figure fell by more percentage points, by chance or not.",
)
@click.option(
    "--allow-partial",
    is_flag=True,
    help="Let a gate pass where one run judged questions that the other did not.",
)
@json_option
def compare(
    first: Path,
    second: Path,
    show: int,
    seed: int,
    fail_if_worse: bool,
    max_drop: float | None,
    allow_partial: bool,
    as_json: bool,
) -> None:
    """Tell whether run B is better than run A, on the questions that both were asked.

    Gained are questions that only B got right, lost those that only A did. The p-value is of so uneven a
    split by chance: McNemar's, or a permutation test of whole templates and repeated questions where there
    are any. Below 0.05 after Holm's correction for all figures the difference is called better or worse.
    Gates want both runs to have judged the same questions. Prose is judged by phrases; by a model's
    judgements only where one model judged both runs, and never for a gate.
    """
    gated = fail_if_worse or max_drop is not None
    rows, found, judge = _compared(first, second, seed, gated)
    worse = [name for name, change in _changes(found) if _is_worse(change, fail_if_worse, max_drop)]
    partial = gated and not allow_partial and bool(found.only_first or found.only_second)
    if as_json:
        report: dict[str, JsonValue] = {name: _as_json(change) for name, change in _changes(found)}
        report |= {"only_first": found.only_first, "only_second": found.only_second, "judge": judge}
        report |= {"failed": [*worse, *["questions"] * partial]}
        click.echo(json.dumps({"first": str(first), "second": str(second), **report}))
    else:
        _print(rows, found, judge, show)
    if worse:
        names = ", ".join(FIGURES[name] for name in worse)
        diagnostics().print(Text(f"{second} is worse than {first}: {names}"), soft_wrap=True)
    if partial:
        missing = f"{_missing(found)}: a gate needs the same questions in both, or --allow-partial."
        diagnostics().print(Text(missing), soft_wrap=True)
    if worse or partial:
        click.get_current_context().exit(1)


def _compared(
    first: Path, second: Path, seed: int, gated: bool
) -> tuple[dict[str, Row], Comparison, str | None]:
    folders = RunFolder.existing(first), RunFolder.existing(second)
    rows, before, after, judge = judged_alike(*folders, by_phrases=gated)
    return rows, compare_judged(before, after, clusters_of(rows), seed), judge


def _missing(found: Comparison) -> str:
    return f"only A judged {found.only_first:,} questions, only B {found.only_second:,}"


def _changes(found: Comparison) -> list[tuple[str, Change]]:
    return [(name, getattr(found, name)) for name in FIGURES]


def _is_worse(change: Change, fail_if_worse: bool, max_drop: float | None) -> bool:
    fell = max_drop is not None and -100 * change.difference > max_drop
    return fell or (fail_if_worse and change.verdict == "worse")


def _as_json(change: Change) -> JsonValue:
    fields: dict[str, JsonValue] = {**asdict(change), "gained": [*change.gained], "lost": [*change.lost]}
    return fields | {"difference": change.difference, "verdict": change.verdict}


def _print(rows: dict[str, Row], found: Comparison, judge: str | None, show: int) -> None:
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
                f"{change.adjusted_p:.3g}",
                change.verdict,
            )
    results().print(table)
    if found.only_first or found.only_second:
        results().print(Text(_missing(found)))
    if judge:
        results().print(Text(f"prose was judged by {judge}"))
    for what, names in (("gained", found.answers.gained), ("lost", found.answers.lost)):
        for name in names[:show]:
            results().print(Text(f"{what}  {name}  {rows[name].question}"), soft_wrap=True)
        if len(names) > show:
            results().print(Text(f"{what}  … and {len(names) - show} more: --show {len(names)}"))
