"""Graphs of small dumps that ship with Herdwick, built into the user's cache when first used.

    dump_graph(Path("evals/suites/aminer_dev"), "suites/aminer_dev")     # …/suites/aminer_dev-1f0c….sqlite

A dump is a folder with one file each of authors, papers and relations. The graph's name holds a fingerprint
of them and of the schema, so that an upgrade never reads an old graph; a checksum beside it tells damage, for
whoever asks has no dump to build it from. Several processes may ask at once: each builds a file of its own,
and all give the same graph its name.
"""

import hashlib
from pathlib import Path

import platformdirs

from herdwick.tools.aminer.local.build import build_graph
from herdwick.tools.aminer.local.graph_file import SCHEMA_VERSION
from herdwick.tools.errors import DataError
from herdwick.tools.file_hash import sha256_of


def dump_graph(dump: Path, name: str) -> Path:
    """The graph of a dump of invented people, built if it is not there or damaged.

    Args:
        dump: Folder with `authors.jsonl`, `papers.jsonl` and `relations.jsonl`, compressed.
        name: What the graph is called in the cache, before its fingerprint.

    Raises:
        DataError: The dump is not complete, or the user's cache folder cannot be written to.
    """
    authors, papers, relations = files = [
        _dump_file(dump, kind) for kind in ("authors", "papers", "relations")
    ]
    graph = platformdirs.user_cache_path("herdwick") / f"{name}-{_fingerprint(files)}.sqlite"
    try:
        graph.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_cache(str(error.strerror)) from error
    checksum = graph.with_name(f"{graph.name}.sha256")
    if not _is_intact(graph, checksum):
        try:
            build_graph([authors], [papers], [relations], out=graph, synthetic=True)
            checksum.write_text(sha256_of(graph), encoding="ascii")
        except OSError as error:
            raise _no_cache(str(error.strerror)) from error
        except DataError as error:
            if error.kind == "bad_output":
                raise _no_cache(error.message) from error
            raise
    return graph


def _dump_file(dump: Path, kind: str) -> Path:
    found = sorted(dump.glob(f"{kind}.jsonl.*"))
    if len(found) != 1:
        raise DataError(
            "missing_dump",
            f"{dump.name} holds {len(found)} files of {kind} where a dump has one.",
            "Install Herdwick again, or give a graph file.",
        )
    return found[0]


def _fingerprint(files: list[Path]) -> str:
    digest = hashlib.blake2b(str(SCHEMA_VERSION).encode(), digest_size=6)
    for path in files:
        try:
            digest.update(path.read_bytes())
        except OSError as error:
            raise DataError(
                "unreadable_dump", f"{path.name} cannot be read: {error.strerror}.", "Check the file."
            ) from error
    return digest.hexdigest()


def _no_cache(why: str) -> DataError:
    return DataError(
        "no_cache_folder",
        f"The graph of synthetic data cannot be kept in the user's cache folder: {why}",
        "Set XDG_CACHE_HOME to a folder you may write to, or give a graph file.",
    )


def _is_intact(graph: Path, checksum: Path) -> bool:
    # Of two builds at once, one may note its checksum beside the other's graph: then the next call builds.
    try:
        return checksum.read_text(encoding="ascii") == sha256_of(graph)
    except (OSError, UnicodeDecodeError):
        return False
