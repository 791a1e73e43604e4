"""Who sells transit to whom: CAIDA's files of AS relationships, serial-1 and serial-2.

known = read_relationships(Path("20260101.as-rel2.txt.bz2"))
known.relation(64496, 64498)      # "customer": 64498 is a customer of 64496

A line is `provider|customer|-1` or `peer|peer|0`; serial-2 adds a source, as in `64496|64497|0|bgp`.
Lines with `#` are comments. The relationships are inferred from paths (Luckie et al., "AS relationships,
customer cones, and validation", IMC 2013), so that they are right often and not always.
"""

import bz2
import gzip
import zlib
from array import array
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import Literal

import polars as pl

from herdwick.tools.bgp.regular_file import check_regular
from herdwick.tools.errors import DataError

Relation = Literal["provider", "customer", "peer"]

RELATION = pl.Enum(["provider", "customer", "peer"])
MAX_LINES = 5_000_000
"""Ten times what CAIDA's files have."""

MAX_CONTRADICTIONS = 0.01
"""Of the lines: more than this share, and the file is no merge of nearly equal ones but a mistake."""

MAX_LINES_NAMED = 5
"""Contradictory lines named one by one."""

MAX_LINE_BYTES = 65_536
"""Comments may be long: one of serial-1 lists the clique."""


class Relationships:
    """What ASes are to each other.

    Attributes:
        source: Where they are from, and what of it does not hold, for the answer.
        contradictions: How often something was said otherwise than before; what was said first holds.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.contradictions = 0
        self._known: dict[int, bool] = {}

    def __len__(self) -> int:
        return len(self._known)

    def add(self, asn: int, other: int, *, sells_transit: bool) -> bool:
        """`asn` is a provider of `other`, or they are peers; what is known already stays.

        Returns:
            Whether it agrees with what is known.
        """
        # Peers are kept once, the lower first; a customer's key is its provider and itself.
        key, turned = (asn << 32) | other, (other << 32) | asn
        if not sells_transit and asn > other:
            key, turned = turned, key
        if turned in self._known or self._known.get(key, sells_transit) != sells_transit:
            self.contradictions += 1
            return False
        self._known[key] = sells_transit
        return True

    def relation(self, asn: int, other: int) -> Relation | None:
        """What `other` is to `asn`; None if that is not known."""
        found = self._known.get((asn << 32) | other)
        if found is not None:
            return "customer" if found else "peer"
        found = self._known.get((other << 32) | asn)
        return None if found is None else ("provider" if found else "peer")

    def frame(self) -> pl.DataFrame:
        """`asn`, `other` and `relation`, what `other` is to `asn`; each pair both ways."""
        keys = pl.Series(array("Q", self._known), dtype=pl.UInt64)
        sells = pl.Series(self._known.values(), dtype=pl.Boolean)
        pairs = pl.DataFrame({"key": keys, "sells": sells}).select(
            "sells",
            asn=(pl.col("key") // (1 << 32)).cast(pl.UInt32),
            other=(pl.col("key") % (1 << 32)).cast(pl.UInt32),
        )
        there = pairs.select("asn", "other", relation=_name("customer"))
        back = pairs.select(asn="other", other="asn", relation=_name("provider"))
        return pl.concat([there, back])


def _name(of_transit: Relation) -> pl.Expr:
    return pl.when("sells").then(pl.lit(of_transit)).otherwise(pl.lit("peer")).cast(RELATION)


def read_relationships(path: Path) -> Relationships:
    """The relationships in a file, which may be packed with bzip2 or gzip, as its name says.

    A pair of which two lines say different things is as the first of them says; how many such lines there are
    stands in `source`, and so in the answer. More than a few are an error.

    Raises:
        DataError: The file is no regular one, cannot be read, has a line that is none of the format's,
            contradicts itself, or is too long.
    """
    known = Relationships(path.name)
    contradicting: list[int] = []
    check_regular(path)
    try:
        with _opened(path) as stream:
            for number, line in _lines(stream, path.name):
                if not _add(known, line, f"{path.name}, line {number}"):
                    contradicting.append(number)
    except FileNotFoundError as error:
        raise DataError("no_file", f"There is no file {path}.", "Check the name.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError("unreadable", f"{path.name} cannot be read: {error}.") from error
    if not known:
        raise DataError(
            "no_relationships", f"{path.name} holds no relationships.", "Take CAIDA's as-rel file."
        )
    if contradicting:
        named = ", ".join(f"line {number}" for number in contradicting[:MAX_LINES_NAMED])
        named += ", …" if len(contradicting) > MAX_LINES_NAMED else ""
        if len(contradicting) > MAX_CONTRADICTIONS * len(known):
            raise DataError(
                "contradictory_relationships",
                f"{path.name} contradicts itself: earlier lines say otherwise of the pair in {named}.",
                "Each pair stands in one line: take CAIDA's file as it is, or remove lines that are wrong.",
            )
        known.source += (
            f" (of contradictory lines the first counts, and not {len(contradicting):,} later: {named})"
        )
    return known


def _opened(path: Path) -> BufferedIOBase:
    if path.suffix == ".bz2":
        return bz2.open(path, "rb")
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _lines(stream: BufferedIOBase, name: str) -> Iterator[tuple[int, bytes]]:
    """Numbered lines without comments and empty ones."""
    for number in range(1, MAX_LINES + 1):
        line = stream.readline(MAX_LINE_BYTES + 1)
        if not line:
            return
        if len(line) > MAX_LINE_BYTES:
            raise _bad(f"{name}, line {number}", "is longer than a line of this format")
        stripped = line.strip()
        if stripped and not stripped.startswith(b"#"):
            yield number, stripped
    if stream.readline(1):
        raise DataError("too_long", f"{name} has more than {MAX_LINES:,} lines.")


def _add(known: Relationships, line: bytes, where: str) -> bool:
    """Whether `line`, which is added, agrees with those before it."""
    fields = line.split(b"|")
    if len(fields) not in (3, 4):
        raise _bad(where, "does not have three or four fields")
    asn, other = _asn(fields[0], where), _asn(fields[1], where)
    if asn == other:
        raise _bad(where, "names the same AS twice")
    if fields[2] not in (b"-1", b"0"):
        raise _bad(where, f"has a relationship {_shown(fields[2])}, neither -1 nor 0")
    return known.add(asn, other, sells_transit=fields[2] == b"-1")


def _asn(text: bytes, where: str) -> int:
    if not text.isdigit() or len(text) > 10 or int(text) > 0xFFFFFFFF:
        raise _bad(where, f"has {_shown(text)}, which is no AS number")
    return int(text)


def _bad(where: str, what: str) -> DataError:
    return DataError(
        "bad_relationships",
        f"{where} {what}.",
        "Lines are `provider|customer|-1` or `peer|peer|0`, as CAIDA's serial-1 and serial-2 have them.",
    )


def _shown(text: bytes) -> str:
    return repr(text[:40].decode(errors="replace"))
