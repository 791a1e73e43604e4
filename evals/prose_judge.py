"""A model as judge of prose: does an answer make the points of its rubric, in whatever words?

    judge_run(folder, load_model("openai"))      # writes judgements.jsonl, which `eval score` goes by

The phrases of a rubric pass over what is said in other words, and take what is said among nonsense. A model
is asked for each point by itself, sees the reference answer, and says yes or no. What it judges may try to
talk it into a yes, so its judgements are for figures, never for gates.

One judge judges all prose of a run, by one prompt: what two have judged in part cannot be compared. Until it
has, phrases count.
"""

import functools
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from herdwick.agents.asking import Ask
from herdwick.agents.errors import DraftError
from herdwick.agents.models import Model
from herdwick.agents.prompt_files import prompt
from herdwick.agents.reply_text import reply_text
from herdwick.evals.predictions import drop_what_was_cut_short
from herdwick.evals.rows import Row, Value
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
        prompt: Hash of what it was asked by; see `judge_prompt`.
        points: For each point of the rubric, whether the answer makes it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    judge: str = Field(min_length=1)
    prompt: str
    points: tuple[bool, ...] = Field(min_length=1)


def judge_run(folder: RunFolder, model: Model, progress: Callable[[int, int], None] | None = None) -> int:
    """Judges the prose of a run that is not judged yet; returns how many answers it judged.

    Args:
        folder: A run with rows of the kind `qa`.
        model: The judge.
        progress: Told how many of how many are done.

    Raises:
        DataError: The folder does not hold its questions, was judged by another model or prompt, or cannot
            be written.
        ModelError: The model cannot be asked.
        DraftError: It says neither yes nor no.
    """
    rows = folder.rows()
    done = read_judgements(folder, rows)
    for one in done.values():
        if (one.judge, one.prompt) != (model.name, judge_prompt()):
            by = one.judge if one.judge != model.name else "another prompt"
            raise DataError(
                "other_judge",
                f"{folder.path} was judged by {by}.",
                f"Remove {folder.path / JUDGEMENTS} to have all of it judged anew.",
            )
    left = [row for row in _judgeable(folder, rows) if row.id not in done]
    for number, row in enumerate(left, 1):
        answer = folder.predictions[row.id]
        said = str(answer.answer) if answer.status == "ok" else ""
        points = tuple(bool(said) and _makes(row, said, point, model) for point in row.rubric)
        _append(folder, Judgement(id=row.id, judge=model.name, prompt=judge_prompt(), points=points))
        if progress:
            progress(number, len(left))
    return len(left)


def counting_judgements(folder: RunFolder, rows: Sequence[Row]) -> Mapping[str, Judgement]:
    """The judgements of a run by row id, once all its prose is judged; until then none.

    Raises:
        DataError: They cannot be read, or are not by one judge for these rows.
    """
    found = read_judgements(folder, rows)
    return found if all(row.id in found for row in _judgeable(folder, rows)) else {}


@functools.cache
def judge_prompt() -> str:
    """Hash of the prompt that judges are asked by, and of the replies that they may give."""
    slots = {name: f"{{{{{name}}}}}" for name in ("question", "reference", "answer", "point")}
    asked = f"{prompt('knowledge/judge', **slots)}\n{_GRAMMAR}"
    return hashlib.blake2b(asked.encode(), digest_size=8).hexdigest()


def read_judgements(folder: RunFolder, rows: Sequence[Row]) -> dict[str, Judgement]:
    """The judgements of a run by row id, of each row the last one.

    Raises:
        DataError: A line is none, or not for these rows; or they are by more than one judge or prompt.
    """
    path = folder.path / JUDGEMENTS
    if not path.exists():
        return {}
    lengths = {row.id: len(row.rubric) for row in rows}
    found: dict[str, Judgement] = {}
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        where = f"{path}, line {number},"
        try:
            judgement = Judgement.model_validate_json(line)
        except ValidationError as error:
            raise _bad(f"{where} is no judgement of this version.") from error
        if len(judgement.points) != lengths.get(judgement.id):
            raise _bad(f"{where} judges other points than the row {judgement.id!r} has.")
        found[judgement.id] = judgement
    if len({(one.judge, one.prompt) for one in found.values()}) > 1:
        raise _bad(f"{path} mixes judges.")
    return found


def _bad(message: str) -> DataError:
    return DataError("bad_judgement", message, "Remove the file, and judge again.")


def _judgeable(folder: RunFolder, rows: Sequence[Row]) -> list[Row]:
    """The rows with prose to be judged: not those that had to be refused, nor those not asked yet."""
    return [
        row
        for row in rows
        if row.kind == "qa"
        and row.rubric
        and isinstance(row.expected, Value)
        and row.id in folder.predictions
    ]


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
