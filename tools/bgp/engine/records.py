"""MRT files as records (RFC 6396), whatever their compression and condition.

    with open_records(path, report) as records:
        for record in records:
            record.time, record.type, record.subtype, record.body

Memory is bounded by `MAX_RECORD_BYTES`, however large the file or whatever lengths it claims.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import Struct
from typing import BinaryIO, NamedTuple

from herdwick.tools.bgp.engine.compression import Expanded, Readable
from herdwick.tools.bgp.engine.report import ReadReport
from herdwick.tools.errors import DataError

MAX_RECORD_BYTES = 16 << 20
"""Far above real records: a route with 3,000 peers takes about 300 KB."""

TABLE_DUMP, TABLE_DUMP_V2, BGP4MP, BGP4MP_ET = 12, 13, 16, 17
KNOWN_TYPES = frozenset(
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, TABLE_DUMP, TABLE_DUMP_V2, BGP4MP, BGP4MP_ET, 32, 33, 48, 49}
)
"""Types that RFC 6396 and IANA's MRT registry name; a file that opens with another is not MRT."""

_HEADER = Struct(">IHHI")
_MICROSECONDS = Struct(">I")


Through = Callable[[BinaryIO], Readable]
"""What stands between an open file and its reader."""


class Record(NamedTuple):
    """One MRT record.

    Attributes:
        offset: Where it starts, in bytes of uncompressed data.
        time: Seconds since 1970 UTC, with microseconds where the type has them.
        type: MRT type; `BGP4MP_ET` becomes `BGP4MP` once its microseconds are read, and stays without them.
        subtype: MRT subtype.
        body: Everything after the header.
    """

    offset: int
    time: float
    type: int
    subtype: int
    body: bytes


@contextmanager
def open_records(
    path: Path, report: ReadReport, through: Through | None = None
) -> Iterator[Iterator[Record]]:
    """The records of `path`; what cannot be read goes into `report`.

    Args:
        path: The file.
        report: Of its reading.
        through: Makes what is read instead of the open file, such as one that counts.

    Raises:
        DataError: There is no such file, it cannot be opened, or it does not begin like MRT.
    """
    try:
        with path.open("rb") as raw:
            stream = Expanded(through(raw) if through else raw)
            _check_start(path, stream)
            yield _records(stream, report)
    except FileNotFoundError as error:
        raise DataError("no_file", f"There is no file {path}.", "Check the name.") from error
    except OSError as error:
        raise DataError("unreadable", f"{path} cannot be opened: {error.strerror or error}.") from error


def _check_start(path: Path, stream: Expanded) -> None:
    """Tell a file of another kind from one that is damaged further on."""
    start = stream.peek(_HEADER.size)
    if not start:
        if stream.problem:
            raise DataError("corrupt", f"{path} holds nothing but {stream.problem}.", "Fetch it again.")
        raise DataError("empty_file", f"{path} is empty.", "Fetch it again.")
    if len(start) < _HEADER.size or _HEADER.unpack(start)[1] not in KNOWN_TYPES:
        raise DataError("not_mrt", f"{path} is not an MRT file.", "Give MRT files, such as updates.*.gz.")


def _records(stream: Expanded, report: ReadReport) -> Iterator[Record]:
    offset = 0
    while header := stream.read(_HEADER.size):
        if len(header) < _HEADER.size:
            report.stop(stream.problem or "truncated record", offset)
            return
        seconds, kind, subtype, length = _HEADER.unpack(header)
        if kind not in KNOWN_TYPES:
            report.stop("no MRT record", offset)
            return
        if length > MAX_RECORD_BYTES:
            report.stop(f"record of {length:,} bytes", offset)
            return
        body = stream.read(length)
        if len(body) < length:
            report.stop(stream.problem or "truncated record", offset)
            return
        report.records += 1
        start, offset = offset, offset + _HEADER.size + length
        time = float(seconds)
        if kind == BGP4MP_ET and length >= _MICROSECONDS.size:
            time += _MICROSECONDS.unpack_from(body)[0] / 1_000_000
            kind, body = BGP4MP, body[_MICROSECONDS.size :]
        # A named tuple made without its own constructor takes half the time.
        yield tuple.__new__(Record, (start, time, kind, subtype, body))
    if stream.problem:
        report.stop(stream.problem, offset)
