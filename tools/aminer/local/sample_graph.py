"""The synthetic sample graph: shipped as a dump, built into the user's cache when first used.

    sample_graph()        # path of a graph of 2,400 invented people; the first call takes about a second

The file name holds a fingerprint of the dump and of the schema, so that an upgrade never reads an old sample.
Several processes may ask at once: each builds a file of its own, and all give the same graph its name.
"""

import hashlib
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import platformdirs

from herdwick.tools.aminer.local.build import build_graph
from herdwick.tools.aminer.local.graph_file import SCHEMA_VERSION, open_graph
from herdwick.tools.errors import DataError

_DUMP = files("herdwick.tools.aminer.local") / "sample_dump"
_FILES = ("authors.jsonl.zst", "papers.jsonl.zst", "relations.jsonl.zst")


def sample_graph() -> Path:
    """The sample's graph file, built if it is not there or damaged.

    Raises:
        DataError: The user's cache folder cannot be written to.
    """
    graph = platformdirs.user_cache_path("herdwick") / f"sample-{_fingerprint()}.sqlite"
    try:
        graph.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_cache(str(error.strerror)) from error
    if not _is_usable(graph):
        _build(graph)
    return graph


def _build(graph: Path) -> None:
    try:
        with as_file(_DUMP) as dump:
            authors, papers, relations = (dump / name for name in _FILES)
            build_graph([authors], [papers], [relations], out=graph, synthetic=True)
    except DataError as error:
        if error.kind == "bad_output":
            raise _no_cache(error.message) from error
        raise


def _no_cache(why: str) -> DataError:
    return DataError(
        "no_cache_folder",
        f"The sample graph cannot be kept in the user's cache folder: {why}",
        "Set XDG_CACHE_HOME to a folder you may write to, or give a graph file.",
    )


def _is_usable(graph: Path) -> bool:
    try:
        open_graph(graph, busy_timeout_s=5.0).close()
    except DataError as error:
        if error.kind in ("missing_graph", "damaged_graph", "not_a_graph"):
            return False
        raise
    return True


@cache
def _fingerprint() -> str:
    digest = hashlib.blake2b(str(SCHEMA_VERSION).encode(), digest_size=6)
    for name in _FILES:
        digest.update((_DUMP / name).read_bytes())
    return digest.hexdigest()
