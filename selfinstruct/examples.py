"""The files of a synthesis: examples, one a line, and beside them what was dropped and why.

for example in read_examples(Path("runs/aminer/train.jsonl")):
    example.question, example.completion
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pydantic import BaseModel, ConfigDict

from herdwick.selfinstruct.intents import Language
from herdwick.selfinstruct.line_files import read_lines, rejects_file
from herdwick.selfinstruct.unwritable import unwritable
from herdwick.tools.whole_file import replacing


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


@contextmanager
def writing(file: Path) -> Iterator[TextIO]:
    """A file that appears under its name when it is complete.

    Raises:
        DataError: `disk_full` or `unwritable`.
    """
    try:
        with replacing(file) as lines:
            yield lines
    except OSError as error:
        raise unwritable(file, error) from error


def read_examples(path: Path) -> list[Example]:
    """The examples of a file that `synthesize` wrote.

    Raises:
        DataError: The file cannot be read, or a line is no example; the message names the line.
    """
    return read_lines(path, Example)


def read_rejects(path: Path) -> list[Rejected]:
    """The dropped examples beside the training file `path`; none if there is no such file.

    Raises:
        DataError: The file cannot be read, or a line is damaged.
    """
    file = rejects_file(path)
    return read_lines(file, Rejected) if file.exists() else []
