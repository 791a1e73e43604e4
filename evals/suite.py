"""Suites by name: their questions, and the data the questions are about.

    suite = load_suite("aminer_dev")
    suite.rows, suite.options             # questions; what the domain's data is opened with
    suite.options_for(suite.rows[0])      # the same, with the files that the row names

A suite is `suites/NAME.jsonl`, where NAME starts with its domain (`aminer_dev`, or just `bgp`). A folder
`suites/NAME/` beside it holds the data it asks about, which the domain knows how to open. There is no list of
suites to keep.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from herdwick.evals.row_files import OPTION, files_fingerprint
from herdwick.evals.rows import Row, read_rows
from herdwick.tools.domain import Domain, domain_names, get_domain
from herdwick.tools.errors import DataError
from herdwick.tools.file_hash import sha256_of


@dataclass(frozen=True)
class Suite:
    """Questions, and the data they are about.

    Attributes:
        name: As on the command line.
        domain: What is asked about.
        rows: The questions.
        options: What the domain's data is opened with, beside its defaults.
        data: SHA-256 of that data; '' where the domain's defaults are used.
        folder: Where files that rows name are looked for.
        files: SHA-256 of those files; '' where no row names any.
    """

    name: str
    domain: Domain
    rows: tuple[Row, ...]
    options: dict[str, Any] = field(default_factory=dict)
    data: str = ""
    folder: Path = Path()
    files: str = ""

    def options_for(self, row: Row) -> dict[str, Any]:
        """What the data that a row is about is opened with."""
        if not row.files:
            return self.options
        return {**self.options, OPTION: tuple(self.folder / name for name in row.files)}


def suite_names() -> tuple[str, ...]:
    """The suites that ship with Herdwick, in alphabetical order."""
    return tuple(sorted(path.stem for path in _folder().glob("*.jsonl")))


def load_suite(name: str, *, data: Path | None = None, graph: Path | None = None) -> Suite:
    """The suite called `name`.

    Args:
        name: A name of `suite_names()`; with `data`, any name that starts with a domain.
        data: Questions to use instead of the suite's own.
        graph: Graph to use instead of the suite's own.

    Raises:
        DataError: There is no such suite, or its questions, graph or a row's files cannot be read.
    """
    if data is None and name not in suite_names():
        raise DataError(
            "unknown_suite",
            f"There is no suite {name!r}.",
            f"Use one of: {', '.join(suite_names())}; or give your own questions as --data FILE.jsonl.",
        )
    domain = _domain_of(name)
    source = data or _folder() / f"{name}.jsonl"
    rows = read_rows(source)
    files = files_fingerprint(rows, source, domain)
    options, fingerprint = _shared_data(name, domain, graph)
    return Suite(name, domain, rows, options, fingerprint, source.parent, files)


def _shared_data(name: str, domain: Domain, graph: Path | None) -> tuple[dict[str, Any], str]:
    """Options for the data of all rows that name no files, and its fingerprint."""
    dump = _folder() / name
    if graph is not None:
        return {"graph": graph}, _fingerprint([graph])
    if domain.options_of_dump and dump.is_dir():
        options = domain.options_of_dump(dump).model_dump(exclude_unset=True)
        # Not of what is built from it, which notes when it was built.
        return options, _fingerprint(sorted(dump.iterdir()))
    return {}, ""


def _fingerprint(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        try:
            digest.update(bytes.fromhex(sha256_of(path)))
        except OSError as error:
            raise DataError(
                "data_unreadable", f"{path.name} cannot be read: {error.strerror}.", "Check the path."
            ) from error
    return digest.hexdigest()


def _domain_of(name: str) -> Domain:
    domain, _, _ = name.partition("_")
    if domain not in domain_names():
        raise DataError(
            "unknown_suite",
            f"The suite {name!r} belongs to no domain.",
            f"Start its name with one of: {', '.join(domain_names())}.",
        )
    return get_domain(domain)


def _folder() -> Path:
    return Path(str(resources.files("herdwick.evals"))) / "suites"
