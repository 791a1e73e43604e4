"""What is in a file of the teacher loop.

summary = summarize(Path("runs/knowledge.jsonl"))
summary.items, summary.similarities, summary.report.cost
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from herdwick.selfinstruct.summary import Lengths
from herdwick.selfinstruct.teacher.records import (
    Drop,
    Item,
    TeacherReport,
    read_drops,
    read_items,
    read_report,
)
from herdwick.tools.errors import DataError

BINS = 10
"""Of the histogram, each a tenth wide; the last one holds 1 too."""

EXAMPLES = 5
"""Items, unless others are asked for, and drops of each reason, that a page shows."""


class TeacherSummary(BaseModel):
    """What is in the file, and beside it.

    Attributes:
        items: Their number.
        kinds: Items by kind of task.
        categories: Items by category, most first.
        instruction_chars, output_chars: Lengths; None without items.
        similarities: Items by ROUGE-L F-measure to their nearest instruction, from [0, 0.1) to [0.9, 1].
        dropped: What was not kept, by reason, most first.
        bootstrapped: Items whose prompt showed kept items.
        report: Of the run; None without its file.
        first_items: Some of the items.
        first_drops: The first drops of each reason.
    """

    model_config = ConfigDict(frozen=True)

    items: int
    kinds: dict[str, int]
    categories: dict[str, int]
    instruction_chars: Lengths | None
    output_chars: Lengths | None
    similarities: tuple[int, ...]
    dropped: dict[str, int]
    bootstrapped: int
    report: TeacherReport | None
    first_items: tuple[Item, ...]
    first_drops: tuple[Drop, ...]


def summarize(path: Path, show: int = EXAMPLES) -> TeacherSummary:
    """Read a file of items with its drops and report.

    Args:
        path: Of the items.
        show: Items in `first_items`.

    Raises:
        DataError: One of them cannot be read or is damaged; or there is nothing at all.
    """
    items, drops, report = read_items(path), read_drops(path), read_report(path)
    if not items and not drops:
        raise DataError("no_data", f"{path} is empty, and nothing was dropped.", "Make it again.")
    return TeacherSummary(
        items=len(items),
        kinds=Counter(item.kind for item in items),
        categories=dict(Counter(item.category for item in items).most_common()),
        instruction_chars=Lengths.of(item.instruction for item in items) if items else None,
        output_chars=Lengths.of(item.output for item in items) if items else None,
        similarities=_histogram(items),
        dropped=dict(Counter(drop.reason for drop in drops).most_common()),
        bootstrapped=sum(bool(item.provenance.machine_ids) for item in items),
        report=report,
        first_items=tuple(items[:show]),
        first_drops=_first_of_each(drops),
    )


def _histogram(items: Sequence[Item]) -> tuple[int, ...]:
    bins = Counter(
        min(int(max(item.most_similar_instructions.values(), default=0.0) * BINS), BINS - 1) for item in items
    )
    return tuple(bins[number] for number in range(BINS))


def _first_of_each(drops: Sequence[Drop]) -> tuple[Drop, ...]:
    seen: Counter[str] = Counter()
    first = []
    for drop in drops:
        seen[drop.reason] += 1
        if seen[drop.reason] <= EXAMPLES:
            first.append(drop)
    return tuple(sorted(first, key=lambda drop: drop.reason))
