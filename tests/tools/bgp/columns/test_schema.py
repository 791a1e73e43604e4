from pathlib import Path
from struct import pack

import polars as pl
import pytest

from herdwick.tools.bgp.columns import convert as conversion
from herdwick.tools.bgp.columns.schema import ElemColumns
from herdwick.tools.bgp.engine.elem import Attributes, Elem, Source
from herdwick.tools.bgp.engine.sources import MRTFile


def announced(path: str) -> Elem:
    attributes = Attributes(path)
    return Elem("A", 0.0, 64496, "198.51.100.9", "192.0.2.0/24", "198.51.100.1", attributes, Source("local"))


def test_what_was_added_is_taken_once_in_its_order() -> None:
    columns = ElemColumns()
    for origin in range(20_000):
        columns.add(announced(f"64496 {origin}"))

    assert len(columns) == 20_000
    assert columns.take()["as_path"].to_list() == [f"64496 {origin}" for origin in range(20_000)]
    assert (len(columns), columns.size_bytes, len(columns.take())) == (0, 0, 0)


def update(hops: int, prefixes: int) -> bytes:
    """A BGP4MP_MESSAGE_AS4 record that announces 0.0.0.0/0 so many times with so long a path."""
    path = b"".join(
        bytes([2, 250]) + pack(">250I", *range(4_000_000_000, 4_000_000_250)) for _ in range(hops // 250)
    )
    attributes = b"\x50\x02" + pack(">H", len(path)) + path + b"\x40\x03\x04\xc6\x33\x64\x01"
    body = b"\0\0" + pack(">H", len(attributes)) + attributes + bytes(prefixes)
    message = b"\xff" * 16 + pack(">HB", 19 + len(body), 2) + body
    record = pack(">IIHH", 64496, 64510, 0, 1) + bytes(8) + message
    return pack(">IHHI", 1_767_225_600, 16, 4, len(record)) + record


def test_elems_with_long_paths_make_parts_of_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "PART_BYTES", 1 << 20)
    file = tmp_path / "updates"
    file.write_bytes(update(hops=2_000, prefixes=100))

    made = conversion.convert(MRTFile(file, Source("local")), tmp_path / "cache")

    elems = [pl.read_parquet(part) for part in made.parts]
    assert [len(part) for part in elems] == [24, 24, 24, 24, 4]
    assert all(row == 250 * 8 for part in elems for row in part["hops"].list.len())
