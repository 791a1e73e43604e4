"""The files that rows are about: all there before anything is asked, and told apart by what they hold.

    rows = read_rows(Path("questions.jsonl"))
    fingerprint = files_fingerprint(rows, Path("questions.jsonl"), domain)

Rows name files and folders relative to the file they stand in, so that both can be moved together: the
fingerprint is of names as they are written, and of contents.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from herdwick.evals.rows import Row
from herdwick.tools.domain import Domain
from herdwick.tools.errors import DataError
from herdwick.tools.file_hash import sha256_of

OPTION = "files"
"""The field of a domain's options that opens files."""


def files_fingerprint(rows: Iterable[Row], source: Path, domain: Domain) -> str:
    """SHA-256 of all files that rows are about; '' where no row names any.

    Args:
        rows: The questions, also those that are not asked this time.
        source: The file that the rows stand in.
        domain: What they ask about.

    Raises:
        DataError: The domain opens no files, or one is missing or cannot be read; the row is named.
    """
    first_rows: dict[str, Row] = {}
    for row in rows:
        _check_domain(row, source, domain)
        for name in row.files:
            first_rows.setdefault(name, row)
    # All are looked for before the first is read, which may take long.
    found = {name: _found(name, row, source) for name, row in first_rows.items()}
    digest = hashlib.sha256()
    for name in sorted(found):
        for file in found[name]:
            inside = file.relative_to(source.parent / name).as_posix()
            entry = [name, inside, _sha256(file, first_rows[name], source)]
            digest.update(json.dumps(entry).encode() + b"\n")
    return digest.hexdigest() if found else ""


def _check_domain(row: Row, source: Path, domain: Domain) -> None:
    if row.files and OPTION not in domain.options.model_fields:
        raise DataError(
            "unsupported_row",
            f"{_where(row, source)}: the domain {domain.name} cannot be asked about files.",
            "Leave `files` out of the row, or leave out the row.",
        )


def _found(name: str, row: Row, source: Path) -> tuple[Path, ...]:
    """The file that a row names, or those in the folder that it names."""
    path = source.parent / name
    try:
        found = tuple(_files_at(path))
    except OSError as error:
        raise _unreadable(path, row, source, error) from error
    if not found:
        raise DataError(
            "no_file",
            f"{_where(row, source)}: there is no file {name}, nor a folder with files.",
            f"Files are named relative to the folder of {source.name}.",
        )
    return found


def _files_at(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        # Hidden files are what file browsers and editors leave behind.
        yield from (
            file for file in sorted(path.rglob("*")) if file.is_file() and not file.name.startswith(".")
        )


def _sha256(file: Path, row: Row, source: Path) -> str:
    try:
        return sha256_of(file)
    except OSError as error:
        raise _unreadable(file, row, source, error) from error


def _unreadable(path: Path, row: Row, source: Path, error: OSError) -> DataError:
    return DataError(
        "data_unreadable",
        f"{_where(row, source)}: {path} cannot be read: {error.strerror}.",
        "Check name and permissions.",
    )


def _where(row: Row, source: Path) -> str:
    return f"{source.name}, row {row.id!r}"
