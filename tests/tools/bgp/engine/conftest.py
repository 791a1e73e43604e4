"""MRT made by hand, for what no daemon writes: rare types and broken records."""

import gzip
from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from struct import pack

import pytest

from herdwick.tools.bgp.engine.elem import Elem
from herdwick.tools.bgp.engine.reader import MRTReader
from herdwick.tools.bgp.engine.report import ReadReport

TIME = 1_767_225_600


class Wire:
    """Pieces of MRT as bytes."""

    @staticmethod
    def record(kind: int, subtype: int, body: bytes, time: int = TIME) -> bytes:
        return pack(">IHHI", time, kind, subtype, len(body)) + body

    @staticmethod
    def prefix(text: str, path_id: int | None = None) -> bytes:
        network = ip_network(text)
        octets = network.network_address.packed[: (network.prefixlen + 7) // 8]
        return (b"" if path_id is None else pack(">I", path_id)) + bytes([network.prefixlen]) + octets

    @staticmethod
    def attribute(code: int, value: bytes, flags: int = 0x40) -> bytes:
        if len(value) > 255:
            return bytes([flags | 0x10, code]) + pack(">H", len(value)) + value
        return bytes([flags, code, len(value)]) + value

    @classmethod
    def attributes(cls, asns: Sequence[int] = (64496, 64500), *others: bytes, asn_bytes: int = 4) -> bytes:
        code = {2: "H", 4: "I"}[asn_bytes]
        path = bytes([2, len(asns)]) + pack(f">{len(asns)}{code}", *asns) if asns else b""
        return (
            cls.attribute(1, b"\0")
            + cls.attribute(2, path)
            + cls.attribute(3, ip_address("198.51.100.1").packed)
            + b"".join(others)
        )

    @classmethod
    def update(cls, attributes: bytes = b"", announced: bytes = b"", withdrawn: bytes = b"") -> bytes:
        content = (
            pack(">H", len(withdrawn)) + withdrawn + pack(">H", len(attributes)) + attributes + announced
        )
        return b"\xff" * 16 + pack(">HB", 19 + len(content), 2) + content

    @classmethod
    def message(
        cls,
        message: bytes,
        subtype: int = 4,
        peer: int = 64496,
        address: str = "198.51.100.9",
        kind: int = 16,
    ) -> bytes:
        """A BGP4MP record around a BGP message."""
        packed = ip_address(address).packed
        code = "I" if subtype in (4, 5, 7, 9, 11) else "H"
        head = pack(f">{code}{code}HH", peer, 64510, 0, 1 if len(packed) == 4 else 2)
        microseconds = pack(">I", 250_000) if kind == 17 else b""
        return cls.record(kind, subtype, microseconds + head + packed + packed + message)

    @classmethod
    def peers(cls, *peers: tuple[int, str]) -> bytes:
        """A PEER_INDEX_TABLE."""
        entries = b""
        for asn, text in peers:
            address = ip_address(text)
            entries += bytes([2 | (address.version == 6)]) + b"\1\1\1\1" + address.packed + pack(">I", asn)
        return cls.record(13, 1, b"\0\0\0\0" + pack(">H", 3) + b"lab" + pack(">H", len(peers)) + entries)

    @classmethod
    def entry(cls, peer: int, attributes: bytes, path_id: int | None = None) -> bytes:
        middle = b"" if path_id is None else pack(">I", path_id)
        return pack(">HI", peer, TIME - 100) + middle + pack(">H", len(attributes)) + attributes

    @classmethod
    def rib(cls, subtype: int, head: bytes, *entries: bytes) -> bytes:
        return cls.record(13, subtype, pack(">I", 0) + head + pack(">H", len(entries)) + b"".join(entries))


@pytest.fixture(scope="session")
def wire() -> type[Wire]:
    return Wire


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], tuple[list[Elem], ReadReport]]:
    """Reads MRT from bytes: its elems and what the reader reports."""

    def read_bytes(data: bytes) -> tuple[list[Elem], ReadReport]:
        file = tmp_path / "updates.mrt.gz"
        file.write_bytes(gzip.compress(data, 1))
        reader = MRTReader(file)
        return list(reader), reader.report

    return read_bytes
