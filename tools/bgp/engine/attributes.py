"""Path attributes of an UPDATE or a table entry (RFC 4271, section 4.3, and later RFCs as noted).

    decoder = AttributeDecoder()
    decoded = decoder.decode(data, asn_bytes=4)
    decoded.attributes.as_path, decoded.next_hop, decoded.reach, decoded.unreach

Routes share attributes, so what was decoded is kept: whole attribute fields, and paths and communities apart.
"""

import contextlib
from collections.abc import Callable
from struct import calcsize, unpack
from typing import Any, NamedTuple

from herdwick.tools.bgp.engine.elem import Aggregator, Attributes
from herdwick.tools.bgp.engine.paths import AS_TRANS, Segment, as_path, merged, path_text, segments
from herdwick.tools.bgp.engine.prefixes import IPV4, IPV6, MalformedError, address
from herdwick.tools.bgp.engine.remembered import Remembered

ORIGIN, AS_PATH, NEXT_HOP, MED, LOCAL_PREF, ATOMIC_AGGREGATE, AGGREGATOR, COMMUNITIES = range(1, 9)
MP_REACH, MP_UNREACH, EXTENDED_COMMUNITIES, AS4_PATH, AS4_AGGREGATOR = 14, 15, 16, 17, 18
LARGE_COMMUNITIES = 32
"""Attribute type codes (IANA's BGP Parameters registry)."""

_EXTENDED_LENGTH = 0x10
_ORIGINS = ("IGP", "EGP", "INCOMPLETE")


class Reach(NamedTuple):
    """MP_REACH_NLRI or MP_UNREACH_NLRI (RFC 4760).

    Attributes:
        family: AFI.
        safi: 1 unicast, 2 multicast, others are not routes of addresses.
        next_hop: '' for withdrawals.
        nlri: The encoded prefixes.
    """

    family: int
    safi: int
    next_hop: str
    nlri: bytes


class Decoded(NamedTuple):
    """An attribute field.

    Attributes:
        attributes: What elems carry.
        next_hop: NEXT_HOP attribute, '' if absent.
        reach: MP_REACH_NLRI, None if absent.
        unreach: MP_UNREACH_NLRI, None if absent.
        problems: What could not be read, in the words of a report.
        withdraws: Whether a problem forbids to believe the routes (RFC 7606, "treat-as-withdraw"): that of
            the field itself, of AS_PATH or of NEXT_HOP. A router withdraws routes with other malformed
            attributes as well; who reads an archive is shown what the message says of them.
    """

    attributes: Attributes
    next_hop: str
    reach: Reach | None
    unreach: Reach | None
    problems: tuple[str, ...]
    withdraws: bool


class AttributeDecoder:
    """Decodes attribute fields and remembers them."""

    def __init__(self) -> None:
        self._fields: Remembered[tuple[bytes, int, bool], Decoded] = Remembered()
        self._paths: dict[int, Remembered[bytes, str]] = {2: Remembered(), 4: Remembered()}
        self._values: dict[int, Remembered[bytes, Any]] = {code: Remembered() for code in _PARSERS}

    def decode(self, data: bytes, asn_bytes: int, *, table: bool = False) -> Decoded:
        """What the attribute field `data` says.

        Args:
            data: The field without its length.
            asn_bytes: 2 or 4, how ASNs are written in AS_PATH and AGGREGATOR.
            table: Whether it stands in TABLE_DUMP_V2, where MP_REACH_NLRI is a next hop alone (RFC 6396,
                section 4.3.4).
        """
        key = (data, asn_bytes, table)
        known = self._fields.get(key)
        if known is not None:
            return known
        decoded = self._decode(data, asn_bytes, table)
        # A field with NLRI in it hardly comes twice.
        if table or (decoded.reach is None and decoded.unreach is None):
            self._fields.keep(key, len(data), decoded)
        return decoded

    def _decode(self, data: bytes, asn_bytes: int, table: bool) -> Decoded:
        values, overrun = split(data)
        problems = [] if not overrun else ["malformed attributes"]
        found: dict[int, Any] = {}
        for code, value in values.items():
            remembered = self._values.get(code)
            if remembered is None:
                continue
            parsed = remembered.get(value)
            if parsed is None:
                try:
                    parsed = _PARSERS[code](value)
                except MalformedError as error:
                    problems.append(str(error))
                    continue
                remembered.keep(value, len(value), parsed)
            found[code] = parsed
        reach = unreach = None
        path, bad_path = "", ""
        try:
            path = self._path(values, asn_bytes, found)
        except MalformedError as error:
            bad_path = str(error)
            problems.append(bad_path)
        # It is mandatory (RFC 4271, section 5); a route of the peer's own AS has an empty one.
        if AS_PATH not in values and (NEXT_HOP in values or MP_REACH in values):
            problems.append("missing AS_PATH")
        if MP_REACH in values:
            reach, bad_reach = _reach(values[MP_REACH], table)
            problems += bad_reach
        if MP_UNREACH in values:
            unreach, bad_unreach = _unreach(values[MP_UNREACH])
            problems += bad_unreach
        get = found.get
        # In the order of the fields: by their names it takes three times as long.
        attributes: Attributes = tuple.__new__(
            Attributes,
            (
                path,
                get(COMMUNITIES, ()),
                get(LARGE_COMMUNITIES, ()),
                get(EXTENDED_COMMUNITIES, ()),
                get(ORIGIN),
                get(MED),
                get(LOCAL_PREF),
                _aggregator(found, asn_bytes),
                ATOMIC_AGGREGATE in values,
            ),
        )
        believed = not (overrun or bad_path or "malformed NEXT_HOP" in problems)
        next_hop = get(NEXT_HOP, "")
        decoded: Decoded = tuple.__new__(
            Decoded, (attributes, next_hop, reach, unreach, tuple(problems), not believed)
        )
        return decoded

    def _path(self, values: dict[int, bytes], asn_bytes: int, found: dict[int, Any]) -> str:
        """The path as text."""
        data = values.get(AS_PATH, b"")
        aggregator = found.get(AGGREGATOR)
        # RFC 6793, section 4.2.3: of both aggregators, a first one of two bytes says that routes were merged
        # by somebody who did not know four, so that what the others say is of before.
        is_stale = AS4_AGGREGATOR in values and aggregator is not None and aggregator.asn != AS_TRANS
        if asn_bytes == 2 and AS4_PATH in values and not is_stale:
            return _merged_text(segments(data, asn_bytes), values[AS4_PATH])
        remembered = self._paths[asn_bytes]
        text = remembered.get(data)
        if text is None:
            text = as_path(data, asn_bytes)
            remembered.keep(data, len(data), text)
        return text


def _merged_text(path: list[Segment], path4: bytes) -> str:
    # RFC 6793, section 6: a malformed AS4_PATH is ignored.
    with contextlib.suppress(MalformedError):
        path = merged(path, segments(path4, 4))
    return path_text(path)


def split(data: bytes) -> tuple[dict[int, bytes], bool]:
    """The attributes by type code, and whether one claims to be longer than the field.

    Of an attribute that comes twice the first counts (RFC 7606, section 3g).
    """
    values: dict[int, bytes] = {}
    at, end = 0, len(data)
    while at + 3 <= end:
        if data[at] & _EXTENDED_LENGTH:
            start = at + 4
            if start > end:
                return values, True
            after = start + (data[at + 2] << 8 | data[at + 3])
        else:
            start = at + 3
            after = start + data[at + 2]
        if after > end:
            return values, True
        if data[at + 1] not in values:
            values[data[at + 1]] = data[start:after]
        at = after
    return values, at != end


def _origin(value: bytes) -> str:
    if len(value) != 1 or value[0] >= len(_ORIGINS):
        raise MalformedError("malformed ORIGIN")
    return _ORIGINS[value[0]]


def _next_hop(value: bytes) -> str:
    if len(value) != 4:
        raise MalformedError("malformed NEXT_HOP")
    return address(value, IPV4)


def _number(name: str) -> Callable[[bytes], int]:
    def parse(value: bytes) -> int:
        if len(value) != 4:
            raise MalformedError(f"malformed {name}")
        return int.from_bytes(value, "big")

    return parse


def _aggregated(value: bytes) -> Aggregator:
    if len(value) not in (6, 8):
        raise MalformedError("malformed AGGREGATOR")
    return Aggregator(int.from_bytes(value[:-4], "big"), address(value[-4:], IPV4))


def _aggregator(found: dict[int, Any], asn_bytes: int) -> Aggregator | None:
    aggregator: Aggregator | None = found.get(AGGREGATOR)
    # RFC 6793, section 4.1: where ASNs have four bytes, AS4_AGGREGATOR is discarded.
    if asn_bytes == 2 and aggregator is not None and aggregator.asn == AS_TRANS:
        aggregator = found.get(AS4_AGGREGATOR, aggregator)
    return aggregator


def _standard(value: bytes) -> tuple[str, ...]:
    halves = _unpacked(value, 4, "H", "COMMUNITIES")
    return tuple(f"{asn}:{low}" for asn, low in zip(halves[::2], halves[1::2], strict=True))


def _large(value: bytes) -> tuple[str, ...]:
    thirds = _unpacked(value, 12, "I", "LARGE_COMMUNITIES")
    return tuple(
        f"{asn}:{high}:{low}" for asn, high, low in zip(thirds[::3], thirds[1::3], thirds[2::3], strict=True)
    )


def _extended(value: bytes) -> tuple[str, ...]:
    numbers = _unpacked(value, 8, "Q", "EXTENDED_COMMUNITIES")
    return tuple(_extended_text(number.to_bytes(8, "big")) for number in numbers)


def _extended_text(value: bytes) -> str:
    """Route targets and origins by name, the rest in hexadecimal (RFC 4360, sections 3 and 4; RFC 5668)."""
    kind = {0x02: "rt", 0x03: "soo"}.get(value[1])
    if kind and value[0] == 0x00:
        return f"{kind}:{int.from_bytes(value[2:4], 'big')}:{int.from_bytes(value[4:], 'big')}"
    if kind and value[0] == 0x01:
        return f"{kind}:{address(value[2:6], IPV4)}:{int.from_bytes(value[6:], 'big')}"
    if kind and value[0] == 0x02:
        return f"{kind}:{int.from_bytes(value[2:6], 'big')}:{int.from_bytes(value[6:], 'big')}"
    return f"0x{value.hex()}"


def _unpacked(value: bytes, unit: int, code: str, name: str) -> tuple[int, ...]:
    if len(value) % unit:
        raise MalformedError(f"malformed {name}")
    return unpack(f">{len(value) // calcsize('>' + code)}{code}", value)


def _reach(value: bytes, table: bool) -> tuple[Reach | None, tuple[str, ...]]:
    """MP_REACH_NLRI and what is wrong with it."""
    # Some writers put the whole attribute into TABLE_DUMP_V2; a next hop never has 0 bytes.
    if table and value[:1] != b"\0":
        return Reach(0, 1, _mp_next_hop(value[1 : 1 + value[0]]), b"") if value else None, ()
    if len(value) < 5 or len(value) < 5 + value[3]:
        return None, ("malformed MP_REACH_NLRI",)
    after = 4 + value[3]
    # Snpa count: one byte, always 0 today, skipped (RFC 4760, section 3).
    return Reach(value[0] << 8 | value[1], value[2], _mp_next_hop(value[4:after]), value[after + 1 :]), ()


def _unreach(value: bytes) -> tuple[Reach | None, tuple[str, ...]]:
    """MP_UNREACH_NLRI and what is wrong with it."""
    if len(value) < 3:
        return None, ("malformed MP_UNREACH_NLRI",)
    return Reach(value[0] << 8 | value[1], value[2], "", value[3:]), ()


def _mp_next_hop(octets: bytes) -> str:
    """The global address; a link-local one may follow it (RFC 2545, section 3)."""
    if len(octets) == 4:
        return address(octets, IPV4)
    return address(octets[:16], IPV6) if len(octets) in (16, 32) else ""


_PARSERS: dict[int, Callable[[bytes], Any]] = {
    ORIGIN: _origin,
    NEXT_HOP: _next_hop,
    MED: _number("MED"),
    LOCAL_PREF: _number("LOCAL_PREF"),
    AGGREGATOR: _aggregated,
    AS4_AGGREGATOR: _aggregated,
    COMMUNITIES: _standard,
    EXTENDED_COMMUNITIES: _extended,
    LARGE_COMMUNITIES: _large,
}
