"""Validated ROA payloads: what the RPKI says about who may originate which prefixes.

vrps = read_vrps(Path("vrps.json"))        # as routinator or rpki-client write it
vrps.snapshot                              # "2026-01-01T00:00:00Z"
vrps.state("192.0.2.0/24", 64499)          # "valid"

A VRP is a prefix, the longest length that may be announced in it, and an AS (RFC 6811, section 2).
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from herdwick.tools.bgp.functions.prefix_map import PrefixMap, parsed
from herdwick.tools.bgp.regular_file import check_regular
from herdwick.tools.bgp.times import show_time
from herdwick.tools.errors import DataError

State = Literal["valid", "invalid_asn", "invalid_length", "not_found"]

MAX_FILE_BYTES = 1_000_000_000
"""Some 10 million VRPs; there were about 700,000 in 2025."""


class Vrp(NamedTuple):
    """A prefix that an AS may announce, and parts of it down to `max_length`."""

    prefix: str
    max_length: int
    asn: int
    trust_anchor: str


class Vrps:
    """The VRPs of a snapshot.

    Attributes:
        source: Name of the file, for the answer.
        snapshot: When it was made, UTC; None if it does not say.
    """

    def __init__(self, source: str, snapshot: str | None = None) -> None:
        self.source = source
        self.snapshot = snapshot
        self._by_prefix: PrefixMap[tuple[Vrp, ...]] = PrefixMap()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, vrp: Vrp) -> None:
        """Add one.

        Raises:
            ValueError: Its prefix is none, or its longest length is not possible in it (RFC 9582).
        """
        version, _, length = parsed(vrp.prefix)
        if not length <= vrp.max_length <= (32 if version == 4 else 128):
            raise ValueError(f"{vrp.prefix!r} cannot have the longest length {vrp.max_length}")
        self._by_prefix[vrp.prefix] = (*(self._by_prefix.get(vrp.prefix) or ()), vrp)
        self._size += 1

    def covering(self, prefix: str) -> Iterator[Vrp]:
        """VRPs whose prefix is, or contains, `prefix`; the longest first."""
        for _, vrps in self._by_prefix.covering(prefix):
            yield from vrps

    def state(self, prefix: str, asn: int | None) -> State:
        """What RFC 6811 says of a route.

        Args:
            prefix: Of the route.
            asn: Its origin; None if the path ends in an AS_SET.

        Returns:
            `valid` if a VRP matches; `not_found` if none covers the prefix; otherwise RFC 6811's Invalid:
            `invalid_length` if the AS may originate a shorter prefix, else `invalid_asn`. AS 0 matches
            nothing (RFC 6483, section 4), nor does an AS_SET (RFC 6811, section 2: its origin is "NONE"):
            such a route is `invalid_asn` or `not_found`.
        """
        length = int(prefix.partition("/")[2])
        found: State = "not_found"
        for vrp in self.covering(prefix):
            if vrp.asn != asn or asn == 0:
                found = "invalid_asn" if found == "not_found" else found
            elif length <= vrp.max_length:
                return "valid"
            else:
                found = "invalid_length"
        return found


class _Roa(msgspec.Struct, gc=False):
    asn: int | str
    prefix: str
    max_length: int = msgspec.field(name="maxLength")
    ta: str = ""


class _Metadata(msgspec.Struct):
    """Routinator says when in `generated`, rpki-client in `buildtime`."""

    generated: int | None = None
    generated_time: str | None = msgspec.field(name="generatedTime", default=None)
    buildtime: str | None = None


class _File(msgspec.Struct):
    roas: list[_Roa]
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


def read_vrps(path: Path) -> Vrps:
    """The VRPs of a JSON file as routinator (`--format json`) or rpki-client (`-j`) write it.

    Raises:
        DataError: The file is no regular one, cannot be read, is too long, or is no such JSON.
    """
    check_regular(path)
    try:
        with path.open("rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size
            if size_bytes > MAX_FILE_BYTES:
                raise DataError("too_long", f"{path.name} has more than {MAX_FILE_BYTES:,} bytes.")
            # Not to the end: others may write to it meanwhile.
            content = file.read(size_bytes)
    except FileNotFoundError as error:
        raise DataError("no_file", f"There is no file {path}.", "Check the name.") from error
    except OSError as error:
        raise DataError("unreadable", f"{path.name} cannot be read: {error.strerror}.") from error
    try:
        read = msgspec.json.decode(content, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _bad(f"{path.name}: {error}.") from error
    vrps = Vrps(path.name, _moment(read.metadata, path.name))
    for number, roa in enumerate(read.roas):
        try:
            vrps.add(Vrp(roa.prefix, roa.max_length, _asn(roa.asn), roa.ta))
        except ValueError as error:
            raise _bad(f"{path.name}, roas[{number}]: {error}.") from error
    return vrps


def _asn(written: int | str) -> int:
    text = str(written).upper().removeprefix("AS")
    if not text.isascii() or not text.isdigit() or int(text) > 0xFFFFFFFF:
        raise ValueError(f"{written!r} is no AS number")
    return int(text)


def _moment(metadata: _Metadata, name: str) -> str | None:
    if metadata.generated is not None:
        try:
            return show_time(metadata.generated)
        except (ValueError, OverflowError, OSError) as error:
            raise _bad(
                f"{name}, metadata.generated: {metadata.generated} is no time in seconds since 1970."
            ) from error
    return metadata.buildtime or metadata.generated_time


def _bad(message: str) -> DataError:
    return DataError(
        "bad_vrps", message, "Write it with `routinator vrps --format json` or `rpki-client -j`."
    )
