"""Moves the times in MRT data, and cuts it by time (RFC 6396).

    moved(data, by_s=-86400)                    # the same records, one day earlier
    between(data, from_time, until_time)

Only times are touched: those in record headers, and those at which the entries of a table were learnt. Every
other byte stays as the daemon wrote it.
"""

from collections.abc import Iterator
from struct import Struct

_HEADER = Struct(">IHHI")
_SECONDS = Struct(">I")
_ENTRY = Struct(">HIH")
_TABLE_DUMP_V2 = 13
_ROUTES = (2, 4)
"""RIB_IPV4_UNICAST and RIB_IPV6_UNICAST."""


def moved(data: bytes, by_s: int) -> bytes:
    """The records of `data`, `by_s` seconds later."""
    result = bytearray(data)
    for start, kind, subtype, end in _records(data):
        places = [start]
        if kind == _TABLE_DUMP_V2 and subtype in _ROUTES:
            places += _learnt(data, start + _HEADER.size, end)
        for place in places:
            _SECONDS.pack_into(result, place, _SECONDS.unpack_from(data, place)[0] + by_s)
    return bytes(result)


def between(data: bytes, from_time: int, until_time: int) -> bytes:
    """The records of `data` in `[from_time, until_time)`."""
    return b"".join(
        data[start:end]
        for start, _, _, end in _records(data)
        if from_time <= _SECONDS.unpack_from(data, start)[0] < until_time
    )


def _records(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Start, type, subtype and end of each record.

    Raises:
        ValueError: The last record is cut short.
    """
    start = 0
    while start < len(data):
        _, kind, subtype, length = _HEADER.unpack_from(data, start)
        end = start + _HEADER.size + length
        if end > len(data):
            raise ValueError("The last MRT record is cut short; the daemon may still be writing.")
        yield start, kind, subtype, end
        start = end


def _learnt(data: bytes, at: int, end: int) -> Iterator[int]:
    """Where the entries of one prefix say when they were learnt (RFC 6396, section 4.3.4)."""
    sequence_bytes, count_bytes = 4, 2
    at += sequence_bytes
    at += 1 + (data[at] + 7) // 8
    at += count_bytes
    while at < end:
        _, _, length = _ENTRY.unpack_from(data, at)
        yield at + 2
        at += _ENTRY.size + length
