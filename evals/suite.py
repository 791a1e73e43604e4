"""Suites by name: their questions, and the graph the questions are about.

    suite = load_suite("aminer_dev")
    suite.rows, suite.options        # questions; what the domain's data is opened with

A suite is `suites/NAME.jsonl`, where NAME starts with its domain (`aminer_dev`, or just `bgp`). A folder
`suites/NAME/` beside it holds the data it asks about, which the domain knows how to open. There is no list of
suites to keep.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

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
    """

    name: str
    domain: Domain
    rows: tuple[Row, ...]
    options: dict[str, Any] = field(default_factory=dict)
    data: str = ""


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
        DataError: There is no such suite, or its questions or graph cannot be read.
    """
    if data is None and name not in suite_names():
        raise DataError(
            "unknown_suite",
            f"There is no suite {name!r}.",
            f"Use one of: {', '.join(suite_names())}; or give your own questions as --data FILE.jsonl.",
        )
    domain = _domain_of(name)
    rows = read_rows(data or _folder() / f"{name}.jsonl")
    dump = _folder() / name
    if graph is not None:
        return Suite(name, domain, rows, {"graph": graph}, _fingerprint([graph]))
    if domain.options_of_dump and dump.is_dir():
        options = domain.options_of_dump(dump).model_dump(exclude_unset=True)
        # Not of what is built from it, which notes when it was built.
        return Suite(name, domain, rows, options, _fingerprint(sorted(dump.iterdir())))
    return Suite(name, domain, rows)


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
    return Path(str(files("herdwick.evals"))) / "suites"
