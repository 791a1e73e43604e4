"""The files of a synthesis: examples, one a line, and beside them what was dropped and why.

for example in read_examples(Path("runs/aminer/train.jsonl")):
    example.question, example.completion
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from herdwick.selfinstruct.intents import Language
from herdwick.tools.errors import DataError
from herdwick.tools.tool import explain

_Line = TypeVar("_Line", bound=BaseModel)


class Example(BaseModel):
    """One line of a training set."""

    model_config = ConfigDict(frozen=True)

    question: str
    prompt: str
    completion: str
    intent: str
    language: Language


class Rejected(BaseModel):
    """One line of the rejects file: an example not written, and why."""

    model_config = ConfigDict(frozen=True)

    kind: str
    message: str
    intent: str
    question: str
    program: str


def rejects_file(out: Path) -> Path:
    """Where the examples dropped from the training file `out` are."""
    return out.with_suffix(".rejects.jsonl")


@contextmanager
def replacing(file: Path) -> Iterator[TextIO]:
    """A file that appears under its name when it is complete."""
    partial = file.with_suffix(file.suffix + ".partial")
    file.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("w", encoding="utf-8") as lines:
        yield lines
    partial.replace(file)


def read_examples(path: Path) -> list[Example]:
    """The examples of a file that `synthesize` wrote.

    Raises:
        DataError: The file cannot be read, or a line is no example; the message names the line.
    """
    return _read_lines(path, Example)


def read_rejects(path: Path) -> list[Rejected]:
    """The dropped examples beside the training file `path`; none if there is no such file.

    Raises:
        DataError: The file cannot be read, or a line is damaged.
    """
    file = rejects_file(path)
    return _read_lines(file, Rejected) if file.exists() else []


def _read_lines(path: Path, kind: type[_Line]) -> list[_Line]:
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except OSError as error:
        raise DataError("no_data", f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise DataError("bad_data", f"{path.name} is not UTF-8.") from error
    if lines == [""]:
        return []
    return [_read_line(line, kind, f"{path.name}, line {number}") for number, line in enumerate(lines, 1)]


def _read_line(line: str, kind: type[_Line], where: str) -> _Line:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise DataError("bad_data", f"{where}: {explain(error)}.") from error
