r"""AS paths: from bytes to text (RFC 4271, section 4.3; RFC 5065; RFC 6793), and from text to what is asked.

as_path(b"\2\2\0\0\375\350\0\0\375\351", asn_bytes=4)   # "65000 65001"
origins("65000 65001 {65002,65003}")                    # (65002, 65003)
"""

import re
from collections.abc import Iterator
from functools import cache
from struct import Struct, unpack

from herdwick.tools.bgp.engine.prefixes import MalformedError

AS_SET, AS_SEQUENCE, CONFED_SEQUENCE, CONFED_SET = 1, 2, 3, 4
"""Segment types (RFC 4271, section 4.3; RFC 5065, section 3)."""

AS_TRANS = 23456
"""Stands for a four-byte ASN where only two bytes fit (RFC 6793, section 9)."""

Segment = tuple[int, tuple[int, ...]]

_BRACKETS = {
    AS_SET: ("{", ",", "}"),
    AS_SEQUENCE: ("", " ", ""),
    CONFED_SEQUENCE: ("(", " ", ")"),
    CONFED_SET: ("[", ",", "]"),
}
_HOP = re.compile(r"\{[^}]*\}|\([^)]*\)|\[[^]]*\]|\d+")
_NUMBER = re.compile(r"\d+")


def segments(data: bytes, asn_bytes: int) -> list[Segment]:
    """The segments of an AS_PATH or AS4_PATH attribute.

    Raises:
        MalformedError: A segment is empty, of an unknown type, or longer than the attribute.
    """
    found: list[Segment] = []
    at = 0
    code = "I" if asn_bytes == 4 else "H"
    while at < len(data):
        if at + 2 > len(data):
            raise MalformedError("malformed AS_PATH")
        kind, count = data[at], data[at + 1]
        after = at + 2 + count * asn_bytes
        if kind not in _BRACKETS or count == 0 or after > len(data):
            raise MalformedError("malformed AS_PATH")
        found.append((kind, unpack(f">{count}{code}", data[at + 2 : after])))
        at = after
    return found


def as_path(data: bytes, asn_bytes: int) -> str:
    """An AS_PATH attribute as text; see `Attributes.as_path`.

    Raises:
        MalformedError: As `segments` does.
    """
    # Nearly all paths are one sequence.
    if data[:1] == b"\2" and len(data) == 2 + data[1] * asn_bytes > 2:
        numbers, form = _sequence(data[1], asn_bytes)
        return form % numbers.unpack_from(data, 2)
    return path_text(segments(data, asn_bytes))


@cache
def _sequence(count: int, asn_bytes: int) -> tuple[Struct, str]:
    """How to read so many ASNs, and how to write them."""
    return Struct(f">{count}{'I' if asn_bytes == 4 else 'H'}"), " ".join(["%d"] * count)


def path_text(path: list[Segment]) -> str:
    """Segments as text; see `Attributes.as_path`."""
    parts = []
    for kind, asns in path:
        opening, separator, closing = _BRACKETS[kind]
        parts.append(f"{opening}{separator.join(map(str, asns))}{closing}")
    return " ".join(parts)


def merged(path: list[Segment], path4: list[Segment]) -> list[Segment]:
    """AS_PATH with its tail replaced by AS4_PATH (RFC 6793, section 4.2.3).

    A sequence counts each ASN, a set counts one, confederations count nothing. AS4_PATH is ignored if it is
    the longer.
    """
    spare = _hops(path) - _hops(path4)
    if spare < 0:
        return path
    head: list[Segment] = []
    for kind, asns in path:
        if kind in (CONFED_SEQUENCE, CONFED_SET):
            head.append((kind, asns))
        elif spare <= 0:
            break
        elif kind == AS_SET:
            head.append((kind, asns))
            spare -= 1
        else:
            head.append((kind, asns[:spare]))
            spare -= min(spare, len(asns))
    return _joined([*head, *(part for part in path4 if part[0] in (AS_SET, AS_SEQUENCE))])


def _hops(path: list[Segment]) -> int:
    return sum(1 if kind == AS_SET else len(asns) for kind, asns in path if kind in (AS_SET, AS_SEQUENCE))


def _joined(path: list[Segment]) -> list[Segment]:
    """Neighbouring sequences as one."""
    joined: list[Segment] = []
    for kind, asns in path:
        if joined and kind == joined[-1][0] == AS_SEQUENCE:
            joined[-1] = (kind, joined[-1][1] + asns)
        else:
            joined.append((kind, asns))
    return joined


def hops(path: str) -> list[str]:
    """The hops of a path in text, sets and confederations as one hop each."""
    return _HOP.findall(path) if not path.replace(" ", "").isdigit() else path.split()


def origins(path: str) -> tuple[int, ...]:
    """The ASNs that originate a route: the last one, or all of a closing set.

    A confederation is no origin (RFC 5065: its members are invisible outside it), so a path of nothing else
    has none; nor has the empty path of a route that the peer itself originates.
    """
    outside = [hop for hop in hops(path) if hop[0] not in "(["]
    return tuple(map(int, _NUMBER.findall(outside[-1]))) if outside else ()


def without_prepending(path: str) -> list[str]:
    """The hops of a path, each run of the same one counted once."""
    return [hop for hop, before in _with_previous(hops(path)) if hop != before]


def _with_previous(items: list[str]) -> Iterator[tuple[str, str]]:
    return zip(items, ["", *items], strict=False)
