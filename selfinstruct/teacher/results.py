"""What a run leaves beside its journal, from which all of it can be made again.

check_free(Path("runs/knowledge.jsonl"), config)        # before anything is asked
report = report_of(config, seeds, journal, budget, stopped="count", model="embedded")
write_results(Path("runs/knowledge.jsonl"), config, journal, report)
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel

from herdwick.selfinstruct.line_files import rejects_file
from herdwick.selfinstruct.teacher.budget import Budget
from herdwick.selfinstruct.teacher.config import TeacherConfig
from herdwick.selfinstruct.teacher.journal import Journal, has_replies
from herdwick.selfinstruct.teacher.records import Item, Stop, TeacherReport, journal_file, report_file
from herdwick.selfinstruct.teacher.seeds import SeedFile
from herdwick.selfinstruct.unwritable import unwritable
from herdwick.tools.errors import DataError
from herdwick.tools.whole_file import write_whole

_ELSEWHERE = "Give another --out."


def check_free(out: Path, config: TeacherConfig) -> None:
    """See that a run replaces nothing but what came of it.

    Raises:
        DataError: `is_input` or `exists`; a file that the run would write is one that it reads, or is there
            although no journal tells of a reply.
    """
    written = (out, rejects_file(out), report_file(out))
    read = {path.resolve() for path in (config.seeds, config.prompt, *config.against)}
    for path in written:
        if path.resolve() in read:
            raise DataError("is_input", f"{path} is read by this run, and would be replaced.", _ELSEWHERE)
    if has_replies(journal_file(out)):
        return
    for path in written:
        if path.exists():
            raise DataError(
                "exists",
                f"{path} is there already, and not from a run that this one could continue.",
                _ELSEWHERE,
            )


def report_of(
    config: TeacherConfig, seeds: SeedFile, journal: Journal, budget: Budget, *, stopped: Stop, model: str
) -> TeacherReport:
    """What came of a run so far.

    Args:
        config: Of the run.
        seeds: That it shows.
        journal: Of the run.
        budget: Which has counted every reply in it.
        stopped: Why it ended.
        model: As it was asked for.
    """
    items = _items(config, journal)
    nearest = [max(item.most_similar_instructions.values(), default=0.0) for item in items]
    return TeacherReport(
        kind=config.kind,
        model=model,
        kept=len(items),
        dropped=Counter(drop.reason for decision in journal.decisions for drop in decision.drops),
        stopped=stopped,
        requests=len(journal.decisions),
        retries=sum(reply.retries for reply in journal.replies.values()),
        unjudged_replies=len(journal.replies) - len(journal.decisions),
        prompt_tokens=budget.spent.prompt,
        reply_tokens=budget.spent.reply,
        cost=budget.cost,
        average_similarity=sum(nearest) / len(nearest) if nearest else 0.0,
        seeds=len(seeds.tasks),
        broken_seeds=seeds.broken,
        fingerprint=hashlib.sha256(_lines(items)).hexdigest(),
        config_fingerprint=journal.fingerprint,
    )


def write_results(out: Path, config: TeacherConfig, journal: Journal, report: TeacherReport) -> None:
    """Write items, drops and report, each whole or not at all.

    Raises:
        DataError: `disk_full` or `unwritable`.
    """
    drops = [drop for decision in journal.decisions for drop in decision.drops]
    written = {
        out: _lines(_items(config, journal)),
        rejects_file(out): _lines(drops),
        report_file(out): report.model_dump_json(indent=1).encode() + b"\n",
    }
    for path, content in written.items():
        try:
            write_whole(path, content)
        except OSError as error:
            raise unwritable(path, error) from error


def _items(config: TeacherConfig, journal: Journal) -> list[Item]:
    """As many as are wanted, of those kept."""
    return [item for decision in journal.decisions for item in decision.items][: config.count]


def _lines(records: Iterable[BaseModel]) -> bytes:
    return b"".join(record.model_dump_json().encode() + b"\n" for record in records)
