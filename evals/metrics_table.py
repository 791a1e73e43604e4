"""Figures as a table for people: all of them in `metrics.json`, the most telling ones in a terminal.

console.print(metrics_table(metrics))
"""

from collections.abc import Mapping

from rich.console import Group
from rich.table import Table
from rich.text import Text

from herdwick.evals.intervals import Share
from herdwick.evals.metrics import Metrics, Slice

MOST = 15
"""Tags shown, and templates: a suite may have hundreds of either."""


def metrics_table(metrics: Metrics) -> Group:
    """The figures of a run; of tags and templates those that are surely the worst, of errors all kinds."""
    table = Table("", "questions", "plan right", "answer right", "as sets", box=None, padding=(0, 2, 0, 0))
    _add(table, "all", metrics.all)
    for hop, part in metrics.hops.items():
        _add(table, f"{hop} hop{'' if hop == 1 else 's'}", part)
    for kind, part in metrics.kinds.items():
        _add(table, f"kind {kind}", part)
    _add_worst(table, "tag", metrics.tags, "")
    _add_worst(table, "template", metrics.templates, "template ")
    for kind, count in sorted(metrics.errors.items()):
        table.add_row(Text(f"error {kind}"), str(count), "", "", "")
    table.add_row("right refusals", str(metrics.refusals.n), "", _percent(metrics.refusals), "")
    table.add_row("wrong refusals", str(metrics.refused_wrongly.n), "", _percent(metrics.refused_wrongly), "")
    return Group(table, *_notes(metrics))


def _add(table: Table, name: str, part: Slice) -> None:
    shares = (_percent(share) for share in (part.plan, part.strict, part.loose))
    table.add_row(Text(name), str(part.n), *shares)


def _add_worst(table: Table, what: str, parts: Mapping[str, Slice], prefix: str) -> None:
    # By the upper end: one wrong answer to one question says less than seven to eighteen.
    ranked = sorted(parts, key=lambda name: (parts[name].strict.high, name))
    for name in ranked[:MOST]:
        _add(table, f"{prefix}{name}", parts[name])
    if len(ranked) > MOST:
        table.add_row(f"… and {len(ranked) - MOST} more {what}s", "", "", "", "")


def _notes(metrics: Metrics) -> list[Text]:
    notes = []
    if metrics.score is not None and metrics.score_interval is not None:
        low, high = metrics.score_interval
        notes.append(
            Text(f"SoAyBench's score: {100 * metrics.score:.1f} ({100 * low:.1f} to {100 * high:.1f})")
        )
    shares = (metrics.all.strict, metrics.refusals)
    if clusters := max((share.clusters or 0 for share in shares), default=0):
        notes.append(
            Text(f"Intervals are of {clusters} clusters: questions that share a template, or were repeated.")
        )
    if max(len(metrics.tags), len(metrics.templates)) > MOST:
        notes.append(Text("All tags and templates are in metrics.json and report.html."))
    return notes


def _percent(share: Share) -> str:
    """A share with its 95 % interval."""
    if share.share is None:
        return "-"
    return f"{share.share:.1%} ({share.low:.1%} to {share.high:.1%})"
