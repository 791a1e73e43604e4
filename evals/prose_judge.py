"""A model as judge of prose: does an answer make the points of its rubric, in whatever words?

    judge_run(folder, load_model("openai"))      # writes judgements.jsonl, which `eval score` goes by

The phrases of a rubric pass over what is said in other words, and take what is said among nonsense. A model
is asked for each point by itself, sees the reference answer, and says yes or no. What it judges may try to
talk it into a yes, so its judgements are for figures, never for gates.
"""

import json
import os
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, ValidationError

from herdwick.agents.asking import Ask
from herdwick.agents.errors import DraftError
from herdwick.agents.models import Model
from herdwick.agents.prompt_files import prompt
from herdwick.agents.reply_text import reply_text
from herdwick.evals.predictions import drop_what_was_cut_short
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder
from herdwick.tools.errors import DataError

JUDGEMENTS = "judgements.jsonl"
"""The file of judgements in a run's folder."""

_GRAMMAR = 'root ::= "yes" | "no"'


class Judgement(BaseModel):
    """What a model says of one answer.

    Attributes:
        id: The row's id.
        judge: The model, by its own name.
        points: For each point of the rubric, whether the answer makes it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    judge: str
    points: tuple[bool, ...]


def judge_run(folder: RunFolder, model: Model, progress: Callable[[int, int], None] | None = None) -> int:
    """Judges the prose of a run that this model has not judged yet; returns how many answers it judged.

    Args:
        folder: A run with rows of the kind `qa`.
        model: The judge.
        progress: Told how many of how many are done.

    Raises:
        DataError: The folder does not hold its questions, or cannot be written.
        ModelError: The model cannot be asked.
        DraftError: It says neither yes nor no.
    """
    done = {name for name, one in read_judgements(folder).items() if one.judge == model.name}
    rows = [
        row
        for row in folder.rows()
        if row.kind == "qa" and row.rubric and row.id in folder.predictions and row.id not in done
    ]
    for number, row in enumerate(rows, 1):
        answer = folder.predictions[row.id]
        said = str(answer.answer) if answer.status == "ok" else ""
        points = tuple(bool(said) and _makes(row, said, point, model) for point in row.rubric)
        _append(folder, Judgement(id=row.id, judge=model.name, points=points))
        if progress:
            progress(number, len(rows))
    return len(rows)


def read_judgements(folder: RunFolder) -> dict[str, Judgement]:
    """The judgements of a run by row id, of each row the last one.

    Raises:
        DataError: A line is none.
    """
    path = folder.path / JUDGEMENTS
    if not path.exists():
        return {}
    found = {}
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        try:
            judgement = Judgement.model_validate_json(line)
        except ValidationError as error:
            raise DataError(
                "bad_judgement",
                f"{path}, line {number}, is no judgement.",
                "Remove the file, and judge again.",
            ) from error
        found[judgement.id] = judgement
    return found


def _makes(row: Row, said: str, point: tuple[str, ...], model: Model) -> bool:
    endpoint = model.endpoint("judge")
    text = prompt(
        "knowledge/judge",
        question=row.question,
        reference=str(row.answer),
        answer=said,
        point=" / ".join(point),
    )
    bound = endpoint.chat.bind(temperature=0, max_tokens=4, **endpoint.with_grammar(_GRAMMAR))
    messages = [("user", text)]
    return Ask(bound, messages, _yes).runnable(endpoint).invoke(messages)


def _yes(reply: str) -> bool:
    word = reply_text(reply).strip().casefold()
    if word.startswith("yes"):
        return True
    if word.startswith("no"):
        return False
    raise DraftError(
        "no_judgement", f"The judge says neither yes nor no: {word[:80]!r}.", "Use another judge."
    )


def _append(folder: RunFolder, judgement: Judgement) -> None:
    try:
        with (folder.path / JUDGEMENTS).open("ab+") as file:
            drop_what_was_cut_short(file)
            file.write(json.dumps(judgement.model_dump(mode="json")).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise DataError(
            "out_unwritable", f"{folder.path} cannot be written: {error.strerror}.", "Make room; judge again."
        ) from error
