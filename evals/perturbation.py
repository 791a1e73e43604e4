"""Copies of data in which other things are true, to tell programs apart that agree on one data set by luck.

    perturbed_dumps(Path("suites/aminer_dev"), tmp, seeds=(1, 2))        # folders with AMiner dumps
    perturbed_captures(Path("sample/data/lab00"), tmp, seeds=(1, 2))     # folders with MRT files

What questions name stays: names, ids and organizations; times, collectors and peers.
"""

import gzip
import json
import random
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

SHUFFLED = {
    "authors": ("n_citation", "n_pubs", "position", "gender", "tags", "bio", "email", "edu"),
    "papers": ("year", "n_citation", "venue", "abstract", "pdf"),
    "relations": ("relation",),
}
"""Fields of each file of a dump whose values change places; names, ids, organizations and authors stay."""

KEPT = 0.7
"""Share of the records of a capture that its copies keep."""

_HEADER = struct.Struct("!IHHI")
_PEER_INDEX = (13, 1)
"""MRT type and subtype of PEER_INDEX_TABLE (RFC 6396, section 4.3.1)."""


def perturbed_dumps(dump: Path, folder: Path, seeds: Iterable[int]) -> tuple[Path, ...]:
    """Copies of an AMiner dump in which values of the same field have changed places.

    Args:
        dump: A folder with `authors.jsonl.gz`, `papers.jsonl.gz` and maybe `relations.jsonl.gz`.
        folder: Where the copies go, each into a folder of its own.
        seeds: One for each copy.
    """
    return tuple(_shuffled_dump(dump, folder / f"{dump.name}-{seed}", random.Random(seed)) for seed in seeds)  # noqa: S311


def perturbed_captures(capture: Path, folder: Path, seeds: Iterable[int]) -> tuple[Path, ...]:
    """Copies of a capture that lack some of its routes and updates.

    Args:
        capture: A folder with MRT files (RFC 6396), packed by gzip.
        folder: Where the copies go, each into a folder of its own that is called as `capture`.
        seeds: One for each copy.
    """
    return tuple(
        # Its folder tells the collector of a file.
        _thinned_capture(capture, folder / f"{seed}" / capture.name, random.Random(seed))  # noqa: S311
        for seed in seeds
    )


def _shuffled_dump(dump: Path, copy: Path, rng: random.Random) -> Path:
    copy.mkdir(parents=True)
    for name, fields in SHUFFLED.items():
        path = dump / f"{name}.jsonl.gz"
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as read:
                lines = _shuffled([json.loads(line) for line in read], fields, rng.shuffle)
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            (copy / path.name).write_bytes(gzip.compress(text.encode(), mtime=0))
    return copy


def _shuffled(
    lines: list[dict[str, Any]], fields: Sequence[str], shuffle: Callable[[list[Any]], None]
) -> list[dict[str, Any]]:
    for field in fields:
        holders = [line for line in lines if field in line]
        values = [line[field] for line in holders]
        shuffle(values)
        for line, value in zip(holders, values, strict=True):
            line[field] = value
    return lines


def _thinned_capture(capture: Path, copy: Path, rng: random.Random) -> Path:
    copy.mkdir(parents=True)
    for path in sorted(capture.glob("*.gz")):
        records = list(_records(gzip.decompress(path.read_bytes())))
        # The first one stays, so that the file begins when it did; tables mean nothing without their peers.
        kept = [
            record
            for at, (kind, record) in enumerate(records)
            if at == 0 or kind == _PEER_INDEX or rng.random() < KEPT
        ]
        (copy / path.name).write_bytes(gzip.compress(b"".join(kept), mtime=0))
    return copy


def _records(mrt: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Type and subtype of each record, and the whole record."""
    at = 0
    while at < len(mrt):
        _, kind, subtype, length = _HEADER.unpack_from(mrt, at)
        end = at + _HEADER.size + length
        yield (kind, subtype), mrt[at:end]
        at = end
