"""The journal of a run: what came back and what was decided, a line each, on disk before anything follows.

    with Journal.open(path, fingerprint) as journal:
        journal.append(ReplyLine(...))
        journal.append(DecisionLine(...))
    journal.replies, journal.decisions       # what earlier runs wrote

A line is written with one call and synced. A process that is killed leaves at most half a line at the end,
which the next run cuts off: what that line would have said is asked or decided anew. The first line names the
configuration; a journal of another one is refused.
"""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from herdwick.selfinstruct.teacher.prompts import Form
from herdwick.selfinstruct.teacher.records import Drop, Item
from herdwick.selfinstruct.unwritable import unwritable
from herdwick.tools.errors import DataError
from herdwick.tools.tool import explain


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RunLine(_Line):
    """The first line.

    Attributes:
        fingerprint: Of the configuration.
    """

    line: Literal["run"] = "run"
    fingerprint: str


class ReplyLine(_Line):
    """What came back for one request.

    Attributes:
        number: Of the request.
        form: In which tasks were asked for.
        text: Of the reply.
        finish: The endpoint's `finish_reason`.
        refusal: What the endpoint calls a refusal; '' for none.
        failure: Kind of error of a request that can never succeed; '' for a reply.
        detail: The same in words.
        model: That answered, in the endpoint's words.
        id: Of the reply, in the endpoint's words.
        prompt_tokens, reply_tokens: As the endpoint counts them.
        retries: Attempts before this one.
    """

    line: Literal["reply"] = "reply"
    number: int
    form: Form
    text: str
    finish: str = "stop"
    refusal: str = ""
    failure: str = ""
    detail: str = ""
    model: str = ""
    id: str = ""
    prompt_tokens: int = 0
    reply_tokens: int = 0
    retries: int = 0


class DecisionLine(_Line):
    """What became of all that one reply holds.

    Attributes:
        number: Of the request.
        items: Those kept.
        drops: The others.
    """

    line: Literal["decision"] = "decision"
    number: int
    items: tuple[Item, ...]
    drops: tuple[Drop, ...]


AnyLine = RunLine | ReplyLine | DecisionLine
_LINE: TypeAdapter[AnyLine] = TypeAdapter(Annotated[AnyLine, Field(discriminator="line")])
_BEGINNING = b'{"line":"run",'
"""Of every journal: what begins otherwise is somebody's file, and must not be cut off."""


class Journal:
    """An open journal; one process at a time.

    Attributes:
        fingerprint: Of its configuration.
        replies: By number, of this run and earlier ones.
        decisions: In the order of their numbers, without a gap.
    """

    def __init__(self, path: Path, handle: int, fingerprint: str) -> None:
        self._path, self._handle, self._end = path, handle, 0
        self.fingerprint = fingerprint
        self.replies: dict[int, ReplyLine] = {}
        self.decisions: list[DecisionLine] = []

    @classmethod
    def open(cls, path: Path, fingerprint: str) -> Self:
        """Open the journal at `path`, or begin one.

        Raises:
            DataError: `in_use`, by another process; `other_config`; or it is damaged, full, or out of reach.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise unwritable(path, error) from error
        journal = cls(path, handle, fingerprint)
        try:
            journal._lock()
            journal._recover()
        except BaseException:
            journal.close()
            raise
        return journal

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let others open it; closing twice is harmless."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def append(self, line: AnyLine) -> None:
        """Write a line, and return when it is on disk.

        Raises:
            DataError: `disk_full` or `unwritable`; the journal is as it was.
        """
        data = line.model_dump_json().encode() + b"\n"
        try:
            _write_all(self._handle, data)
            os.fsync(self._handle)
        except OSError as error:
            os.ftruncate(self._handle, self._end)
            os.lseek(self._handle, self._end, os.SEEK_SET)
            raise unwritable(self._path, error) from error
        self._end += len(data)
        self._take(line)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataError(
                "in_use",
                f"Another process writes {self._path.name}.",
                "Wait for it, or give another --out.",
            ) from error

    def _recover(self) -> None:
        content = self._path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        lines = whole.split(b"\n")[:-1]
        if not content.startswith(_BEGINNING[: len(content)]):
            raise self._damaged(1, "it does not name its configuration")
        if lines:
            first = self._read(lines[0], 1)
            if not isinstance(first, RunLine) or first.fingerprint != self.fingerprint:
                raise DataError(
                    "other_config",
                    f"{self._path.name} was begun with another configuration, or other seeds or prompts.",
                    "Give the options it was begun with, or another --out.",
                )
            for number, line in enumerate(lines[1:], 2):
                self._take(self._in_place(self._read(line, number), number))
        os.ftruncate(self._handle, len(whole))
        self._end = os.lseek(self._handle, len(whole), os.SEEK_SET)
        if not lines:
            self.append(RunLine(fingerprint=self.fingerprint))

    def _take(self, line: AnyLine) -> None:
        match line:
            case ReplyLine():
                self.replies[line.number] = line
            case DecisionLine():
                self.decisions.append(line)
            case RunLine():
                pass

    def _read(self, line: bytes, number: int) -> AnyLine:
        try:
            return _LINE.validate_json(line)
        except ValidationError as error:
            raise self._damaged(number, explain(error)) from error

    def _in_place(self, line: AnyLine, number: int) -> AnyLine:
        """A line that says what follows from those before it."""
        match line:
            case RunLine():
                raise self._damaged(number, "it begins another run")
            case ReplyLine() if line.number in self.replies:
                raise self._damaged(number, f"request {line.number} was answered before")
            case DecisionLine() if line.number != len(self.decisions) or line.number not in self.replies:
                raise self._damaged(number, f"decision {line.number} stands at the place of another")
        return line

    def _damaged(self, number: int, why: str) -> DataError:
        return DataError(
            "bad_journal",
            f"{self._path.name}, line {number}, is damaged: {why}.",
            "Delete the lines from there on to continue from before, or give another --out.",
        )


def has_replies(path: Path) -> bool:
    """Whether there is a journal with more in it than the line that begins it."""
    try:
        return path.read_bytes().count(b"\n") > 1
    except OSError:
        # There is none, or opening it will say what is wrong.
        return False


def read_journal(path: Path) -> Iterable[AnyLine]:
    """The whole lines of a journal, without opening it for writing.

    Raises:
        DataError: It cannot be read, or a line is damaged.
    """
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
        return [_LINE.validate_json(line) for line in lines]
    except OSError as error:
        raise DataError("no_data", f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    except ValidationError as error:
        raise DataError("bad_journal", f"{path.name} is damaged: {explain(error)}.") from error


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]
