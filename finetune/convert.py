"""A training file in another format, row by row, whatever its size.

    report = convert(Path("alpaca.json"), Path("train.jsonl"), read_as="alpaca", write_as="herdwick")
    report.written, report.rejected

Rows come from JSON lines or from one JSON array; Alpaca is written as an array, everything else as lines.
What cannot be converted goes with its reason to a file beside the new one (`.rejects.jsonl`).
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from herdwick.finetune.dataset_formats import BadRowError, Example, Format, read_row, write_row
from herdwick.finetune.recipe import FinetuneError

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class ConvertReport:
    """What became of the rows.

    Attributes:
        read: Rows found.
        written: Rows in the new file.
        rejected: Rows in the rejects file.
        joined: Written rows whose prompt was two texts, such as instruction and input, which the way back
            does not take apart.
    """

    read: int
    written: int
    rejected: int
    joined: int


@dataclass(frozen=True)
class _Found:
    """A row as it was found: its number from 1, its text, and its value unless the text is no JSON."""

    number: int
    text: str
    value: Any
    problem: str = ""


def rejects_file(out: Path) -> Path:
    """Where the rows go that `out` has no place for."""
    return out.with_suffix(".rejects.jsonl")


def convert(
    source: Path,
    out: Path,
    *,
    read_as: Format,
    write_as: Format,
    progress: Callable[[int], None] | None = None,
) -> ConvertReport:
    """Write the rows of `source` to `out` in another format, atomically.

    Args:
        source: JSON lines, or one JSON array.
        out: File to write; an earlier one is replaced only when all is done.
        read_as: Format of `source`.
        write_as: Format of `out`.
        progress: Called with the number of bytes read so far.

    Raises:
        FinetuneError: A file cannot be read or written, an array ends early, or no row could be converted;
            then the rejects say why, and `out` is as it was.
    """
    if source.resolve() in (out.resolve(), rejects_file(out).resolve()):
        raise FinetuneError(
            "same_file", f"{out} or its rejects would replace what is read.", "Choose another --out."
        )
    partials = {file: file.with_name(f"{file.name}.partial") for file in (out, rejects_file(out))}
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        try:
            report = _convert(source, partials[out], partials[rejects_file(out)], read_as, write_as, progress)
            if report.rejected:
                partials[rejects_file(out)].replace(rejects_file(out))
            else:
                rejects_file(out).unlink(missing_ok=True)
            if report.written:
                partials[out].replace(out)
        finally:
            for partial in partials.values():
                partial.unlink(missing_ok=True)
    except OSError as error:
        raise FinetuneError(
            "bad_file", f"{error.filename or out}: {error.strerror}.", "Check paths, rights and free space."
        ) from error
    if not report.written:
        raise FinetuneError(
            "nothing_converted",
            f"None of {report.read} rows of {source.name} is a row of {read_as} that {write_as} can hold.",
            f"See {rejects_file(out)}." if report.rejected else "The file has no rows.",
        )
    return report


def _convert(
    source: Path,
    out: Path,
    rejects: Path,
    read_as: Format,
    write_as: Format,
    progress: Callable[[int], None] | None,
) -> ConvertReport:
    read = written = joined = 0
    with ExitStack() as stack:
        origin = stack.enter_context(source.open("rb"))
        rejected = stack.enter_context(rejects.open("wb"))
        rows = stack.enter_context(_RowWriter(out, array=write_as == "alpaca"))
        for found in _rows(origin, source.name):
            read += 1
            try:
                example = _example(found, read_as)
                rows.write(write_row(example, write_as))
            except BadRowError as error:
                reason = {"row": found.number, "kind": error.kind, "message": str(error), "text": found.text}
                rejected.write(json.dumps(reason).encode() + b"\n")
            else:
                written += 1
                joined += example.joined
            if progress:
                progress(origin.tell())
    return ConvertReport(read, written, read - written, joined)


def _example(found: _Found, form: Format) -> Example:
    if found.problem:
        raise BadRowError("not_json", found.problem)
    return read_row(found.value, form)


class _RowWriter:
    """Writes rows as lines, or as an array with a row on each line."""

    def __init__(self, path: Path, *, array: bool) -> None:
        self._path = path
        self._array = array
        self._first = True

    def __enter__(self) -> "_RowWriter":
        self._file = self._path.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        with self._file:
            if self._array:
                self._file.write(b"[]\n" if self._first else b"\n]\n")

    def write(self, row: Any) -> None:
        """Add a row.

        Raises:
            BadRowError: It holds half a character, which no file in UTF-8 can.
        """
        try:
            text = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError as error:
            raise BadRowError("not_text", f"A text is no Unicode: {error.reason}.") from error
        if self._array:
            self._file.write((b"[\n" if self._first else b",\n") + text)
        else:
            self._file.write(text + b"\n")
        self._first = False


def _rows(file: IO[bytes], name: str) -> Iterator[_Found]:
    start = file.read(len(_BOM))
    file.seek(len(_BOM) if start == _BOM else 0)
    begin = file.tell()
    # Byte by byte, since an array may be one line of any length.
    first = next((byte for byte in iter(lambda: file.read(1), b"") if not byte.isspace()), b"")
    file.seek(begin)
    yield from _items(file, name) if first == b"[" else _lines(file)


def _lines(file: IO[bytes]) -> Iterator[_Found]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        text = line.decode("utf-8", errors="backslashreplace").rstrip("\r\n")
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield _Found(number, text, None, str(error))
        else:
            yield _Found(number, text, value)


def _items(file: IO[bytes], name: str) -> Iterator[_Found]:
    import ijson

    number = 0
    try:
        for number, value in enumerate(ijson.items(file, "item", use_float=True), 1):
            yield _Found(number, json.dumps(value), value)
    except ijson.JSONError as error:
        raise FinetuneError(
            "bad_data",
            f"{name} is no JSON array after its row {number}: {str(error).splitlines()[0]}",
            "Mend the file; as JSON lines, bad rows would be passed over and reported.",
        ) from error
