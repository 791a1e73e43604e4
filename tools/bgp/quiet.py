"""MRT files as they would be if nothing had happened: the control that data makes a difference.

    quiet = quiet_files(find_files([Path("rrc06")]), folder)

A table becomes one without routes, updates become a single KEEPALIVE. Names, collectors and the time of the
first record stay, so that a script finds what it looks for, and finds it empty.
"""

import struct
from collections.abc import Sequence
from pathlib import Path

from herdwick.tools.bgp.engine.compression import Expanded
from herdwick.tools.bgp.engine.sources import MRTFile
from herdwick.tools.errors import DataError

_HEADER = struct.Struct("!IHHI")
_TABLE_DUMP, _TABLE_DUMP_V2, _BGP4MP = 12, 13, 16
"""MRT types (RFC 6396, section 4)."""

_PACKED = (".gz", ".bz2", ".xz")


def quiet_files(files: Sequence[MRTFile], folder: Path) -> tuple[MRTFile, ...]:
    """Quiet copies of `files`, each in a folder of its own below `folder`, with the same source.

    Raises:
        DataError: A file cannot be read.
    """
    return tuple(_quiet(file, folder / f"{at}") for at, file in enumerate(files))


def _quiet(file: MRTFile, folder: Path) -> MRTFile:
    at, kind = _first_record(file.path)
    # Where no other name tells the collector of a file, its folder does.
    folder = folder / file.source.collector
    folder.mkdir(parents=True)
    name = file.path.name
    for suffix in _PACKED:
        # Not packed, so that the suffix would promise something else.
        name = name.removesuffix(suffix)
    copy = folder / name
    copy.write_bytes(_no_routes(at) if kind in (_TABLE_DUMP, _TABLE_DUMP_V2) else _keepalive(at))
    return MRTFile(copy, file.source)


def _first_record(path: Path) -> tuple[int, int]:
    """Time in seconds since 1970 UTC and MRT type of the first record; without one, those of updates."""
    try:
        with path.open("rb") as raw:
            header = Expanded(raw).read(_HEADER.size)
    except OSError as error:
        raise DataError(
            "unreadable", f"{path} cannot be read: {error.strerror}.", "Check the file."
        ) from error
    if len(header) < _HEADER.size:
        return 0, _BGP4MP
    at, kind, _, _ = _HEADER.unpack(header)
    return at, kind


def _keepalive(at: int) -> bytes:
    """BGP4MP_MESSAGE_AS4 (RFC 6396, section 4.4.3) with a KEEPALIVE (RFC 4271, section 4.4)."""
    peer, collector = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 254])
    message = b"\xff" * 16 + struct.pack("!HB", 19, 4)
    body = struct.pack("!IIHH", 64_496, 64_511, 0, 1) + peer + collector + message
    return _HEADER.pack(at, _BGP4MP, 4, len(body)) + body


def _no_routes(at: int) -> bytes:
    """A TABLE_DUMP_V2 PEER_INDEX_TABLE without peers (RFC 6396, section 4.3.1), and no routes behind it."""
    body = bytes([192, 0, 2, 254]) + struct.pack("!HH", 0, 0)
    return _HEADER.pack(at, _TABLE_DUMP_V2, 1, len(body)) + body
