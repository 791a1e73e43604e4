"""What a run writes: predictions as they come, figures at the end.

    folder = RunFolder.open(Path("runs/dev"), settings)
    folder.predictions          # those of an earlier, interrupted run with the same settings
    folder.write_rows(rows)
    folder.add(prediction)
    folder.write_metrics(report)

A run that was killed goes on where it stopped: every prediction is on disk before the next question is asked,
and a last line cut short is dropped.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from herdwick.evals.folder_lock import locked
from herdwick.evals.predictions import Prediction, Predictions
from herdwick.evals.row_formats import read_rows
from herdwick.evals.rows import Row
from herdwick.tools.errors import DataError
from herdwick.tools.whole_file import replacing, write_whole

RUN, ROWS, PREDICTIONS = "run.json", "questions.jsonl", "predictions.jsonl"
METRICS, REPORT = "metrics.json", "report.html"
"""The files of the settings, the rows, the answers, the figures and the page in a run's folder."""

_START_ANEW = "Give another --out folder, or remove this one to start again."


class Settings(BaseModel):
    """What makes two runs the same run.

    Attributes:
        suite: Name of the suite.
        questions: Fingerprint of its rows.
        graph: SHA-256 of the suite's graph, '' where it has none of its own.
        model: As it was asked for.
        strategy: As it was asked for.
        base: SHA-256 of the embedded base model, '' behind an endpoint.
        adapter: SHA-256 of the embedded adapter, '' where there is none.
        endpoint: Where the model is served, '' in this process.
        files: SHA-256 of the files that rows name, or of the default data of those that name none; '' where
            no data is asked about.
        repeat: How often each question is asked.
        seed: Of the order of options.
        attention: Of the embedded engine; '' for its default.
        prompts: SHA-256 of what models are shown around a question.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    questions: str
    graph: str
    model: str
    strategy: str
    base: str
    adapter: str
    endpoint: str
    files: str = ""
    repeat: int = 1
    seed: int = 0
    attention: str = ""
    prompts: str = ""


class RunFolder:
    """The folder of one run.

    Attributes:
        path: Where it is.
        settings: Of the run.
        predictions: What is there so far, by row id.
    """

    def __init__(self, path: Path, settings: Settings, predictions: Predictions) -> None:
        self.path = path
        self.settings = settings
        self.predictions = predictions

    @classmethod
    def existing(cls, path: Path) -> Self:
        """A folder that holds a run, to be read.

        Raises:
            DataError: It holds none, or one of another version.
        """
        if not (path / RUN).is_file():
            raise DataError(
                "no_run", f"{path} holds no run.", "Give a folder that `herdwick eval run` wrote."
            )
        return cls(path, _read_settings(path / RUN), Predictions.read(path / PREDICTIONS))

    def rows(self) -> tuple[Row, ...]:
        """The questions, as they were asked.

        Raises:
            DataError: They are not there, or cannot be read.
        """
        if not (self.path / ROWS).is_file():
            raise DataError(
                "no_rows",
                f"{self.path} does not hold its questions: an earlier version wrote it.",
                "Give the command that wrote it again: it asks nothing twice.",
            )
        return read_rows(self.path / ROWS)

    @classmethod
    def open(cls, path: Path, settings: Settings) -> Self:
        """The folder, made or continued.

        Raises:
            DataError: It holds another run, a prediction in it cannot be read, or it cannot be written.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
            _claim(path, settings)
            return cls(path, settings, Predictions.read(path / PREDICTIONS))
        except OSError as error:
            raise DataError(
                "out_unwritable", f"{path} cannot be used: {error.strerror}.", "Give another --out folder."
            ) from error

    def add(self, prediction: Prediction) -> None:
        """Keeps a prediction, on disk before this returns.

        Raises:
            DataError: It cannot be written; what is there stays.
        """
        with _telling_what_is_not_written(self.path):
            self.predictions.append(prediction)

    def put_in_order(self, names: Iterable[str]) -> None:
        """Writes the predictions in the order of `names`, the ids of their rows.

        Raises:
            DataError: They cannot be written; what is there stays.
        """
        with _telling_what_is_not_written(self.path):
            self.predictions.put_in_order(names)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps other processes from writing into the folder, and reads what one has written meanwhile.

        Raises:
            DataError: Another process writes into it, it cannot be written, or it is no longer of this run.
        """
        with ExitStack() as stack:
            with _telling_what_is_not_written(self.path):
                stack.enter_context(locked(self.path))
            _claim(self.path, self.settings)
            self.predictions = Predictions.read(self.path / PREDICTIONS)
            yield

    def notes(self) -> dict[str, JsonValue]:
        """What `metrics.json` tells of how the answers came about, and no judging finds anew.

        What LangSmith found is not of it: it was about the answers and the rules of that time.
        """
        path = self.path / METRICS
        try:
            found = json.loads(path.read_bytes()) if path.exists() else {}
        except ValueError:
            # It is about to be written anew.
            return {}
        return {name: found[name] for name in ("cache", "price") if name in found}

    def write_rows(self, rows: Iterable[Row]) -> None:
        """Keeps the questions with what is expected of them, so that the run can be judged again by itself.

        Raises:
            DataError: They cannot be written.
        """
        text = "".join(f"{row.model_dump_json(exclude_unset=True)}\n" for row in rows)
        with _telling_what_is_not_written(self.path):
            write_whole(self.path / ROWS, text.encode())

    def write_report(self, page: Iterable[str]) -> None:
        """Writes the parts of `report.html`, all or none.

        Raises:
            DataError: It cannot be written.
        """
        with _telling_what_is_not_written(self.path), replacing(self.path / REPORT) as file:
            file.writelines(page)

    def write_metrics(self, metrics: JsonValue) -> None:
        """Writes `metrics.json`, whole or not at all.

        Raises:
            DataError: It cannot be written.
        """
        text = json.dumps(metrics, ensure_ascii=False, indent=1, allow_nan=False)
        with _telling_what_is_not_written(self.path):
            write_whole(self.path / METRICS, f"{text}\n".encode())


@contextmanager
def _telling_what_is_not_written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(
            "out_unwritable",
            f"{path} cannot be written: {error.strerror}.",
            "Make room and start the same command again: it goes on from there.",
        ) from error


def _claim(path: Path, settings: Settings) -> None:
    """Make the folder that of a run with these settings, unless it is that of another."""
    file = path / RUN
    # Of two runs that begin at once in a new folder, only one can write its settings.
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not file.exists():
            write_whole(file, f"{settings.model_dump_json(indent=1)}\n".encode())
            return
    finally:
        os.close(handle)
    earlier = _read_settings(file)
    changed = [name for name, value in settings if value != getattr(earlier, name)]
    if changed:
        raise DataError(
            "other_run", f"{path} holds a run that differs in {' and '.join(changed)}.", _START_ANEW
        )


def _read_settings(path: Path) -> Settings:
    try:
        return Settings.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise DataError("other_run", f"{path} was not written by this version.", _START_ANEW) from error
