"""Suites by name: their questions, and the data the questions are about.

    suite = load_suite("aminer_dev")
    suite.rows, suite.options             # questions; what the domain's data is opened with
    suite.options_for(suite.rows[0])      # the same, with the files that the row names

A suite is `suites/NAME.jsonl`; `suites/suites.yaml` says what it is about. Questions of one's own may be
called after one of these, or after a domain (`aminer_mine`, `bgp-mine`, or just `bgp`). A folder
`suites/NAME/` holds the data that a shipped suite asks about, which its domain knows how to open.
"""

import functools
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from herdwick.evals.row_files import files_fingerprint, row_options
from herdwick.evals.row_formats import read_rows
from herdwick.evals.rows import KNOWLEDGE, Row
from herdwick.tools.domain import Domain, domain_names, get_domain
from herdwick.tools.errors import DataError
from herdwick.tools.file_hash import sha256_of

LANGSMITH = "langsmith:"
"""Before the name of a dataset on LangSmith, where a file could be named as well."""


class About(BaseModel):
    """What a shipped suite is.

    Attributes:
        domain: What rows ask about that do not say so themselves.
        summary: One line for people choosing a suite.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    domain: str
    summary: str


@dataclass(frozen=True)
class Suite:
    """Questions, and the data they are about.

    Attributes:
        name: As on the command line.
        domain: What is asked about.
        rows: The questions, each with its domain.
        options: What the domain's data is opened with, beside its defaults.
        data: SHA-256 of that data; '' where the domain's defaults are used.
        source: The file of the rows, beside which files that they name are looked for.
        files: SHA-256 of those files, and of the default data of rows that name none; '' where no data is
            asked about.
    """

    name: str
    domain: Domain
    rows: tuple[Row, ...]
    options: dict[str, Any] = field(default_factory=dict)
    data: str = ""
    source: Path = Path()
    files: str = ""

    def domain_of(self, row: Row) -> Domain:
        """What a row asks about.

        Raises:
            DomainError: It names a domain that there is not.
        """
        return get_domain(row.domain) if row.domain else self.domain

    def options_for(self, row: Row) -> dict[str, Any]:
        """What the data that a row is about is opened with."""
        shared = self.options if self.domain_of(row) is self.domain else {}
        return {**shared, **row_options(row, self.source, self.domain_of(row))}


@functools.cache
def shipped_suites() -> Mapping[str, About]:
    """The suites that ship with Herdwick, by name."""
    text = (_folder() / "suites.yaml").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, About]).validate_python(yaml.safe_load(text))


def suite_names() -> tuple[str, ...]:
    """Names of the suites that ship with Herdwick, in alphabetical order."""
    return tuple(sorted(shipped_suites()))


def load_suite(name: str, *, data: Path | None = None, graph: Path | None = None) -> Suite:
    """The suite called `name`.

    Args:
        name: A name of `suite_names()`; with `data`, any name that starts with a domain.
        data: Questions to use instead of the suite's own: a file, or `langsmith:NAME` of a dataset there.
        graph: Graph to use instead of the suite's own.

    Raises:
        BackendError: LangSmith cannot be asked.
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
    options, fingerprint = _shared_data(name, domain, graph)
    rows = (row if row.domain else row.model_copy(update={"domain": domain.name}) for row in _read(source))
    suite = Suite(name, domain, tuple(rows), options, fingerprint, source)
    for row in suite.rows:
        _check_plan(row, suite)
    return replace(
        suite, files=files_fingerprint(suite.rows, source, suite.domain_of, _asked_by_default(suite))
    )


def _asked_by_default(suite: Suite) -> Iterator[Domain]:
    """The domains of questions about data that neither a row nor the suite names."""
    for row in suite.rows:
        domain = suite.domain_of(row)
        named = row.files or row.inputs or (suite.options and domain is suite.domain)
        if row.kind not in KNOWLEDGE and not named:
            yield domain


def _read(source: Path) -> tuple[Row, ...]:
    """The rows of a file, or of a dataset on LangSmith."""
    if not str(source).startswith(LANGSMITH):
        return read_rows(source)
    from herdwick.evals.langsmith_data import rows_of_dataset

    return rows_of_dataset(str(source).removeprefix(LANGSMITH))


def _check_plan(row: Row, suite: Suite) -> None:
    """A plan of functions that there are not would make every right one wrong."""
    known = [spec.name for spec in suite.domain_of(row).functions]
    for name in row.plan or ():
        if name not in known:
            raise DataError(
                "bad_row",
                f"{suite.source.name}, row {row.id!r}: the plan names {name!r}, which is no function of "
                f"{row.domain}.",
                f"Its functions: {', '.join(known)}.",
            )


def _shared_data(name: str, domain: Domain, graph: Path | None) -> tuple[dict[str, Any], str]:
    """Options for the data of all rows that name no files, and its fingerprint."""
    if graph is not None:
        return {"graph": graph}, _fingerprint([graph])
    dump = _folder() / name
    if name in shipped_suites() and domain.options_of_dump and dump.is_dir():
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
    about = shipped_suites().get(name)
    domain = about.domain if about else re.split("[_-]", name)[0]
    if domain not in domain_names():
        raise DataError(
            "unknown_suite",
            f"The suite {name!r} belongs to no domain.",
            f"Start its name with one of: {', '.join(domain_names())}.",
        )
    return get_domain(domain)


def _folder() -> Path:
    return Path(str(resources.files("herdwick.evals"))) / "suites"
