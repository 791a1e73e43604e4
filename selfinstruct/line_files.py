"""JSONL files of records, as `synthesize` and `generate` write them.

read_lines(Path("train.jsonl"), Example)
rejects_file(Path("train.jsonl"))         # train.rejects.jsonl
"""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from herdwick.tools.errors import DataError
from herdwick.tools.tool import explain

_Record = TypeVar("_Record", bound=BaseModel)


def rejects_file(out: Path) -> Path:
    """Where what was not kept lies beside the file `out`."""
    return out.with_suffix(".rejects.jsonl")


def read_lines(path: Path, kind: type[_Record]) -> list[_Record]:
    """The records of a file, one a line; blank lines are none.

    Raises:
        DataError: `no_data`, it cannot be read; `bad_data`, a line is no such record; the message names it.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise DataError("no_data", f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    where = ((line, f"{path.name}, line {number}") for number, line in enumerate(lines, 1) if line.strip())
    return [_read_line(line, kind, place) for line, place in where]


def _read_line(line: bytes, kind: type[_Record], where: str) -> _Record:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise DataError("bad_data", f"{where}: {explain(error)}.") from error
