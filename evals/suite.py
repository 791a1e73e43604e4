"""Suites by name: their questions, and the graph the questions are about.

    suite = load_suite("aminer_dev")
    suite.rows, suite.options        # questions; what the domain's data is opened with

A suite is `suites/NAME.jsonl`, where NAME starts with its domain (`aminer_dev`, or just `bgp`). A folder
`suites/NAME/` beside it holds the synthetic dump of its graph, which is built into the user's cache when
first used. There is no list of suites to keep.
"""

import hashlib
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import platformdirs

from herdwick.evals.rows import Row, read_rows
from herdwick.tools.domain import Domain, domain_names, get_domain
from herdwick.tools.errors import DataError

_DUMP_FILES = ("authors.jsonl.gz", "papers.jsonl.gz", "relations.jsonl.gz")


@dataclass(frozen=True)
class Suite:
    """Questions, and the data they are about.

    Attributes:
        name: As on the command line.
        domain: What is asked about.
        rows: The questions.
        options: What the domain's data is opened with, beside its defaults.
    """

    name: str
    domain: Domain
    rows: tuple[Row, ...]
    options: dict[str, Any] = field(default_factory=dict)


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
    if graph is None and dump.is_dir():
        graph = suite_graph(dump)
    return Suite(name, domain, rows, {"graph": graph} if graph else {})


def suite_graph(dump: Path) -> Path:
    """The graph of a suite's dump, built if it is not there.

    The file's name holds a fingerprint of the dump and of the graph format, so that neither an old suite nor
    an old format is ever read. `build_graph` is atomic: several processes may build at once.
    """
    from herdwick.tools.aminer.local.build import build_graph
    from herdwick.tools.aminer.local.graph_file import SCHEMA_VERSION

    authors, papers, relations = (dump / name for name in _DUMP_FILES)
    digest = hashlib.blake2b(str(SCHEMA_VERSION).encode(), digest_size=6)
    for path in (authors, papers, relations):
        digest.update(path.read_bytes())
    folder = platformdirs.user_cache_path("herdwick") / "suites"
    graph = folder / f"{dump.name}-{digest.hexdigest()}.sqlite"
    if not graph.exists():
        folder.mkdir(parents=True, exist_ok=True)
        build_graph([authors], [papers], [relations], out=graph, synthetic=True)
    return graph


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
