"""What a scripted teacher planted, and what the gate made of it.

    append(Path("planted.jsonl"), LedgerLine(reply_id="scripted-1", faults=(fault,)))
    report = check_faults(Path("planted.jsonl"), Path("items.jsonl"))
    report.kept             # must be 0

The ledger is held against the journal of the run, which says of every reply what was kept and what dropped.
A fault counts as rejected for its own reason, or by a cheaper check that came before the one for it: a wrong
program under a question that was asked before is dropped for the question.
"""

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from herdwick.selfinstruct.teacher.journal import DecisionLine, ReplyLine, read_journal
from herdwick.selfinstruct.teacher.judging import MOST_DROPPED_CHARS
from herdwick.selfinstruct.teacher.records import journal_file
from herdwick.selfinstruct.teacher.scripted.faults import KINDS, OWN_REASONS, FaultKind
from herdwick.selfinstruct.teacher.scripted.writer import PlantedFault
from herdwick.tools.errors import DataError
from herdwick.tools.tool import explain


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LedgerLine(_Record):
    """One line of the ledger.

    Attributes:
        reply_id: Of the reply, as the endpoint gave it.
        faults: What was planted in it.
    """

    reply_id: str
    faults: tuple[PlantedFault, ...]


class FaultCount(_Record):
    """What became of the faults of one kind.

    Attributes:
        planted: In replies that were judged.
        own_reason: Rejected for what they are.
        earlier_check: Rejected before that, for something else.
        kept: Not rejected.
        reasons: Of all that were rejected, with numbers.
    """

    planted: int
    own_reason: int
    earlier_check: int
    kept: int
    reasons: dict[str, int]


class FaultReport(_Record):
    """What became of all planted faults.

    Attributes:
        replies: Judged.
        planted, own_reason, earlier_check, kept: Sums over all kinds.
        kinds: By kind; those that were not planted are left out.
        kept_faults: Those that were not rejected.
    """

    replies: int
    planted: int
    own_reason: int
    earlier_check: int
    kept: int
    kinds: dict[FaultKind, FaultCount]
    kept_faults: tuple[PlantedFault, ...]


def append(ledger: Path, line: LedgerLine) -> None:
    """Add a line, on disk before this returns.

    Raises:
        DataError: The file cannot be written.
    """
    try:
        ledger.parent.mkdir(parents=True, exist_ok=True)
        with ledger.open("a", encoding="utf-8") as file:
            file.write(line.model_dump_json() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise DataError(
            "ledger_unwritable", f"{ledger} cannot be written: {error.strerror}.", "Choose another --ledger."
        ) from error


def read_ledger(ledger: Path) -> dict[str, tuple[PlantedFault, ...]]:
    """The faults of each reply, by its id; a reply that was asked for twice counts once.

    Raises:
        DataError: The file cannot be read, or a line other than a last one cut short is damaged.
    """
    try:
        *whole, _ = ledger.read_bytes().split(b"\n")
    except OSError as error:
        raise DataError(
            "no_ledger", f"{ledger} cannot be read: {error.strerror}.", "Name the file given as --ledger."
        ) from error
    found: dict[str, tuple[PlantedFault, ...]] = {}
    for number, text in enumerate(whole, 1):
        try:
            line = LedgerLine.model_validate_json(text)
        except ValidationError as error:
            raise DataError("bad_data", f"{ledger.name}, line {number}: {explain(error)}.") from error
        found[line.reply_id] = line.faults
    return found


def check_faults(ledger: Path, out: Path) -> FaultReport:
    """What became of the faults in all replies that a run judged.

    Args:
        ledger: Of the teacher.
        out: Items of the run; its journal lies beside it.

    Raises:
        DataError: A file cannot be read, or replies are of another teacher.
    """
    planted = read_ledger(ledger)
    lines = [*read_journal(journal_file(out))]
    ids = {line.number: line.id for line in lines if isinstance(line, ReplyLine) and not line.failure}
    decisions = [line for line in lines if isinstance(line, DecisionLine) and line.number in ids]
    unknown = [ids[decision.number] for decision in decisions if ids[decision.number] not in planted]
    if unknown:
        raise DataError(
            "other_ledger",
            f"{ledger.name} knows nothing of {len(unknown)} replies, such as {unknown[0]!r}.",
            "Name the ledger of the teacher that made these items.",
        )
    fates = [
        (fault, reason_for(fault, decision))
        for decision in decisions
        for fault in planted[ids[decision.number]]
    ]
    kinds = {
        kind: _count(kind, [reason for fault, reason in fates if fault.kind == kind])
        for kind in KINDS
        if any(fault.kind == kind for fault, _ in fates)
    }
    return FaultReport(
        replies=len(decisions),
        planted=len(fates),
        own_reason=sum(count.own_reason for count in kinds.values()),
        earlier_check=sum(count.earlier_check for count in kinds.values()),
        kept=sum(count.kept for count in kinds.values()),
        kinds=kinds,
        kept_faults=tuple(fault for fault, reason in fates if not reason),
    )


def reason_for(fault: PlantedFault, decision: DecisionLine) -> str:
    """Why a fault was dropped; '' when it was not."""
    if not fault.instruction:
        # Of these, not a task but a piece of the reply is dropped.
        return next((drop.reason for drop in decision.drops if drop.reason in OWN_REASONS[fault.kind]), "")
    if any((item.instruction, item.output) == (fault.instruction, fault.output) for item in decision.items):
        return ""
    task = fault.instruction[:MOST_DROPPED_CHARS], fault.output[:MOST_DROPPED_CHARS]
    return next((drop.reason for drop in decision.drops if (drop.instruction, drop.output) == task), "")


def _count(kind: FaultKind, reasons: Iterable[str]) -> FaultCount:
    listed = [*reasons]
    rejected = [reason for reason in listed if reason]
    own = sum(reason in OWN_REASONS[kind] for reason in rejected)
    return FaultCount(
        planted=len(listed),
        own_reason=own,
        earlier_check=len(rejected) - own,
        kept=len(listed) - len(rejected),
        reasons=dict(Counter(rejected).most_common()),
    )
