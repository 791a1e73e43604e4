"""The files of a run: items in Alpaca's form with their provenance, drops, and the report.

    for item in read_items(Path("runs/knowledge.jsonl")):
        item.instruction, item.provenance.seed_ids

Beside `NAME.jsonl` lie `NAME.rejects.jsonl`, `NAME.report.json` and `NAME.journal.jsonl`, from which the
other three can be made again.
"""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from herdwick.selfinstruct.line_files import read_lines, rejects_file
from herdwick.selfinstruct.teacher.config import Kind
from herdwick.tools.errors import DataError


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Provenance(_Record):
    """Where an item comes from.

    Attributes:
        model: As it was asked for.
        answered_by: The model's name in the endpoint's words.
        prompt_sha256: Of all that was sent.
        seed_ids, machine_ids: Tasks that the prompt showed: hand-written, and kept before.
        request: Number of the request in its run.
        reply_id: Of the reply, in the endpoint's words.
    """

    model: str
    answered_by: str
    prompt_sha256: str
    seed_ids: tuple[str, ...]
    machine_ids: tuple[str, ...]
    request: int
    reply_id: str


class Item(_Record):
    """One kept task; the first three fields are Alpaca's, the similarities BGP-LLaMA's.

    Attributes:
        id: Unique in the file: request and place in its reply.
        kind: Of the task.
        category: Of the hand-written task that its instruction is most like.
        most_similar_instructions: The nearest seeds and kept instructions, with ROUGE-L F-measure.
        avg_similarity_score: Mean over all seeds and instructions kept before.
        result: What its code printed or computed on the sample, shortened; '' for prose and for code not run.
    """

    instruction: str
    input: str
    output: str
    id: str
    kind: Kind
    category: str
    most_similar_instructions: dict[str, float]
    avg_similarity_score: float
    result: str
    provenance: Provenance


class Drop(_Record):
    """Something a teacher wrote that was not kept.

    Attributes:
        reason: Short, `snake_case`.
        detail: In words.
        instruction, output: Of the task; of what is none, its beginning.
        request: Number of the request.
    """

    reason: str
    detail: str
    instruction: str
    output: str
    request: int


Stop = Annotated[str, Field(pattern="^(count|budget|yield|interrupted)$")]


class TeacherReport(_Record):
    """What came of a run, earlier parts of it included.

    Attributes:
        kind: Of the tasks.
        model: As it was asked for.
        kept: Items written.
        dropped: Others, by reason.
        stopped: Why it ended: `count` reached, `budget` or `yield` too low, or `interrupted`.
        requests: Replies that were judged.
        retries: Attempts that failed and were made again.
        unjudged_replies: Paid for and not needed.
        prompt_tokens, reply_tokens: As the endpoint counts them, all replies.
        cost: Of them, in the currency of the prices.
        average_similarity: Mean over the items of their nearest instruction's ROUGE-L.
        seeds: Hand-written tasks.
        broken_seeds: Lines of the seed file that could not be read.
        fingerprint: SHA-256 of the file of items.
        config_fingerprint: Of the configuration.
    """

    kind: Kind
    model: str
    kept: int
    dropped: dict[str, int]
    stopped: Stop
    requests: int
    retries: int
    unjudged_replies: int
    prompt_tokens: int
    reply_tokens: int
    cost: float
    average_similarity: float
    seeds: int
    broken_seeds: tuple[str, ...]
    fingerprint: str
    config_fingerprint: str


def report_file(out: Path) -> Path:
    """Where the report lies beside `out`."""
    return out.with_suffix(".report.json")


def journal_file(out: Path) -> Path:
    """Where the journal lies beside `out`."""
    return out.with_suffix(".journal.jsonl")


def read_items(path: Path) -> list[Item]:
    """The items of a file that `generate` wrote.

    Raises:
        DataError: The file cannot be read, or a line is no item; the message names the line.
    """
    return read_lines(path, Item)


def read_drops(path: Path) -> list[Drop]:
    """What was not kept, beside `path`; nothing if there is no such file.

    Raises:
        DataError: The file cannot be read, or a line is damaged.
    """
    file = rejects_file(path)
    return read_lines(file, Drop) if file.exists() else []


def read_report(path: Path) -> TeacherReport | None:
    """The report beside `path`; None if there is none.

    Raises:
        DataError: It cannot be read.
    """
    file = report_file(path)
    if not file.exists():
        return None
    try:
        return TeacherReport.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise DataError("bad_data", f"{file.name} is no report of `generate`.", "Run it again.") from error


def is_teacher_file(path: Path) -> bool:
    """Whether a file is of the teacher loop, and not of synthesis: its first line says so, or its report.

    Raises:
        DataError: The file cannot be read.
    """
    report = report_file(path)
    try:
        with path.open("rb") as lines:
            first = lines.readline()
        told = report.read_bytes() if report.exists() else b""
    except OSError as error:
        raise DataError("no_data", f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    # An empty file and one whose first line is damaged are told apart by their reports.
    return _holds(first, Item) or _holds(told, TeacherReport)


def _holds(data: bytes, kind: type[BaseModel]) -> bool:
    try:
        kind.model_validate_json(data)
    except ValidationError:
        return False
    return True
