"""The files that rows are about: all there before anything is asked, and told apart by what they hold.

    rows = read_rows(Path("questions.jsonl"))
    fingerprint = files_fingerprint(rows, Path("questions.jsonl"), domain_of)
    row_options(rows[0], Path("questions.jsonl"), domain)

Rows name files and folders relative to the file they stand in, so that both can be moved together: the
fingerprint is of names as they are written, and of contents.
"""

import hashlib
import json
import types
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from herdwick.evals.rows import Row
from herdwick.tools.domain import Domain
from herdwick.tools.errors import DataError
from herdwick.tools.file_hash import sha256_of

FILES = "files"
"""The field of a domain's options that opens files."""


def row_options(row: Row, source: Path, domain: Domain) -> dict[str, Any]:
    """What the data that a row names is opened with; nothing where it names none.

    Args:
        row: The question.
        source: The file that it stands in.
        domain: What it asks about.

    Raises:
        DataError: A folder with a dump cannot be made into a graph.
    """
    options: dict[str, Any] = {FILES: tuple(source.parent / name for name in row.files)} if row.files else {}
    for option, name in row.inputs.items():
        path = source.parent / name
        if path.is_dir() and domain.options_of_dump:
            options |= domain.options_of_dump(path).model_dump(exclude_unset=True)
        else:
            options[option] = path
    return options


def files_fingerprint(
    rows: Iterable[Row],
    source: Path,
    domain_of: Callable[[Row], Domain],
    defaults: Iterable[Domain] = (),
) -> str:
    """SHA-256 of all files that rows are about; '' where there are none.

    Args:
        rows: The questions, also those that are not asked this time.
        source: The file that the rows stand in.
        domain_of: What each of them asks about.
        defaults: Domains whose default data rows are about that name none.

    Raises:
        DataError: The domain opens no such files, or one is missing or cannot be read; the row is named.
    """
    first_rows: dict[str, Row] = {}
    for row in rows:
        _check_options(row, source, domain_of(row))
        for name in (*row.files, *row.inputs.values()):
            first_rows.setdefault(name, row)
    # All are looked for before the first is read, which may take long.
    found = {name: _found(name, row, source) for name, row in first_rows.items()}
    digest = hashlib.sha256()
    for name in sorted(found):
        for file in found[name]:
            inside = file.relative_to(source.parent / name).as_posix()
            entry = [name, inside, _sha256(file, first_rows[name], source)]
            digest.update(json.dumps(entry).encode() + b"\n")
    folders = {domain.name: domain.default_data for domain in defaults if domain.default_data}
    for name, folder in sorted(folders.items()):
        for file in _files_at(folder):
            entry = [f"default data of {name}", file.relative_to(folder).as_posix(), sha256_of(file)]
            digest.update(json.dumps(entry).encode() + b"\n")
    return digest.hexdigest() if found or folders else ""


def _check_options(row: Row, source: Path, domain: Domain) -> None:
    if row.files and FILES not in domain.options.model_fields:
        raise DataError(
            "unsupported_row",
            f"{_where(row, source)}: the domain {domain.name} cannot be asked about files.",
            "Leave `files` out of the row, or leave out the row.",
        )
    for option in row.inputs:
        known = [name for name in domain.request_options if name != FILES and _is_path(domain, name)]
        if option not in known:
            raise DataError(
                "unsupported_row",
                f"{_where(row, source)}: the domain {domain.name} is opened with no file called {option!r}.",
                f"Its `inputs` can be: {', '.join(sorted(known))}.",
            )


def _is_path(domain: Domain, option: str) -> bool:
    annotation = domain.options.model_fields[option].annotation
    union = get_origin(annotation) in (Union, types.UnionType)
    return Path in (get_args(annotation) if union else (annotation,))


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
