"""The predictions in a run's file, read from it when they are looked at.

    predictions = Predictions.read(Path("runs/dev/predictions.jsonl"))
    predictions["17"].answer

Answers are as long as models and data make them, so that only where each stands is kept in memory.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from herdwick.agents.answer import Answer, AnswerError
from herdwick.evals.tokens import Tokens
from herdwick.tools.errors import DataError
from herdwick.tools.whole_file import replacing


class Prediction(Answer):
    """An answer with the id of its row.

    Attributes:
        id: The row's id.
        tokens: What the model calls took; None where they were not counted.
        code: Version and commit that asked; '' where nobody knows.
    """

    id: str
    tokens: Tokens | None = None
    code: str = ""

    @classmethod
    def of(cls, answer: Answer, name: str, tokens: Tokens | None = None, code: str = "") -> Self:
        """The prediction that `answer` is for the row with the id `name`."""
        # The parts as they are: not all of an error is in its JSON.
        return cls(**dict(answer), id=name, tokens=tokens, code=code)


_TOO_DEEP = AnswerError(
    kind="unkeepable_answer",
    message="The answer is nested too deep to be kept.",
    hint="Answers of lists within lists are kept up to some 200 levels.",
)


class _Place(NamedTuple):
    """Of a line in the file, in bytes."""

    start: int
    length: int


class Predictions(Mapping[str, Prediction]):
    """Predictions by the id of their row, in the order of the file.

    Args:
        path: JSON lines; need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[str, _Place] = {}
        self._end = 0

    @classmethod
    def read(cls, path: Path) -> Self:
        """What a file holds; of a row with several predictions the last, without a last line cut short.

        Raises:
            DataError: It cannot be read, or a line is no prediction.
        """
        found = cls(path)
        if not path.exists():
            return found
        with _telling_what_is_not_read(path), path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.endswith(b"\n"):
                    if line.strip():
                        found._places[found._parsed(line, f"line {number}").id] = _Place(
                            found._end, len(line)
                        )
                    found._end += len(line)
        return found

    def append(self, prediction: Prediction) -> None:
        """Write one more, on disk before this returns.

        Raises:
            DataError: Somebody else has changed the file.
            OSError: It cannot be written; what is there stays.
        """
        line = _line_of(prediction)
        with self._path.open("ab+") as file:
            if drop_what_was_cut_short(file) != self._end:
                raise self._changed()
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self._places[prediction.id] = _Place(self._end, len(line))
        self._end += len(line)

    def put_in_order(self, names: Iterable[str]) -> None:
        """Write the file anew with the predictions of `names` first, in their order, each once.

        Raises:
            DataError: Somebody else has changed the file.
            OSError: It cannot be written; what is there stays.
        """
        order = dict.fromkeys([*(name for name in names if name in self._places), *self._places])
        if self._end == sum(place.length for place in self._places.values()) and [*order] == [*self._places]:
            return
        places: dict[str, _Place] = {}
        end = 0
        with replacing(self._path) as lines:
            for name in order:
                # Before its line is copied: what stands there must still be its prediction.
                self[name]
                line = self._line(name)
                lines.write(line.decode())
                places[name] = _Place(end, len(line))
                end += len(line)
        self._places, self._end = places, end

    def __getitem__(self, name: str) -> Prediction:
        found = self._parsed(self._line(name), f"byte {self._places[name].start}")
        if found.id != name:
            raise self._changed()
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def _line(self, name: str) -> bytes:
        place = self._places[name]
        with _telling_what_is_not_read(self._path), self._path.open("rb") as file:
            file.seek(place.start)
            return file.read(place.length)

    def _parsed(self, line: bytes, where: str) -> Prediction:
        try:
            return Prediction.model_validate_json(line)
        except ValidationError as error:
            raise DataError(
                "bad_prediction",
                f"{self._path}, {where}, is no prediction.",
                "Remove that line, or give another --out folder.",
            ) from error

    def _changed(self) -> DataError:
        return DataError(
            "changed_meanwhile",
            f"{self._path} was changed by somebody else.",
            "Start the same command again: it asks what is missing.",
        )


def _line_of(prediction: Prediction) -> bytes:
    """The prediction as a line that can be read again; without its values where they are nested too deep."""
    try:
        line = f"{prediction.model_dump_json()}\n".encode()
        Prediction.model_validate_json(line)
    except (ValidationError, PydanticSerializationError):
        nothing: dict[str, object] = {"answer": None, "calls": [], "data": {}}
        said = {"status": "error", "error": _TOO_DEEP, "text": _TOO_DEEP.message}
        bare = prediction.model_copy(update=nothing | said)
        return f"{bare.model_dump_json()}\n".encode()
    return line


@contextmanager
def _telling_what_is_not_read(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(
            "unreadable", f"{path} cannot be read: {error.strerror}.", "Start the same command again."
        ) from error


def drop_what_was_cut_short(file: BinaryIO) -> int:
    """Remove what a kill or a full disk left of a last line.

    Returns:
        Where the next line begins, in bytes.
    """
    size = file.seek(0, os.SEEK_END)
    if size:
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.seek(0)
            file.truncate(sum(len(line) for line in file if line.endswith(b"\n")))
    return file.seek(0, os.SEEK_END)
