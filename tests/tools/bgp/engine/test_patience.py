"""What holds nothing that can be read is given up early; what only begins so is read."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from herdwick.tools.bgp.engine import patience
from herdwick.tools.bgp.engine.patience import AT_START, Run
from herdwick.tools.bgp.engine.reader import MRTReader
from herdwick.tools.errors import DataError


def bomb(path: Path, piece: bytes, size_bytes: int) -> Path:
    """A gzip file of `piece`, again and again; a member of a megabyte is packed once and repeated."""
    packed = gzip.compress(piece * max(1, (1 << 20) // len(piece)))
    with path.open("wb") as out:
        for _ in range(size_bytes >> 20):
            out.write(packed)
    return path


@pytest.mark.parametrize(
    ("kind", "subtype", "length", "reason"),
    [
        (0, 0, 0, "MRT type 0"),
        (48, 0, 0, "MRT type 48"),
        (48, 0, 1 << 20, "MRT type 48"),
        (17, 4, 0, "record too short"),
        (16, 4, 3, "record too short"),
        (16, 99, 20, "BGP4MP subtype 99"),
        (13, 99, 8, "TABLE_DUMP_V2 subtype 99"),
        (13, 2, 40, "entry of an unknown peer"),
    ],
)
def test_a_file_of_nothing_that_can_be_read_is_refused(
    wire, tmp_path: Path, kind: int, subtype: int, length: int, reason: str
) -> None:
    body = {40: b"\0\0\0\0" + b"\x08\x0a" + b"\0\1" + bytes(32)}.get(length, bytes(length))
    path = bomb(tmp_path / "bomb.gz", wire.record(kind, subtype, body), 2_000 << 20)
    reader = MRTReader(path)

    with pytest.raises(
        DataError, match=rf"not an MRT file of BGP: none of its first .* \({reason}\)"
    ) as failure:
        list(reader)

    assert failure.value.kind == "not_mrt"
    assert reader.report.records <= AT_START.records
    assert reader.report.records * (12 + length) <= AT_START.size_bytes + patience.BATCH_RECORDS * (
        12 + length
    )


@pytest.mark.parametrize(("kind", "body"), [(48, b""), (11, bytes(40)), (17, b"\0"), (2, b"x")])
def test_what_follows_a_long_run_of_other_records_is_read(
    wire, read: Callable, kind: int, body: bytes
) -> None:
    before = AT_START.records - patience.BATCH_RECORDS
    update = wire.message(wire.update(wire.attributes(), wire.prefix("10.0.0.0/8")))

    elems, report = read(wire.record(kind, 0, body) * before + update)

    assert [elem.prefix for elem in elems] == ["10.0.0.0/8"]
    assert (report.records, report.skipped_records, report.ended_early) == (before + 1, before, "")


def test_messages_without_routes_are_no_junk(wire, read: Callable) -> None:
    keepalive = wire.message(b"\xff" * 16 + b"\0\x13\x04")

    elems, report = read(keepalive * (AT_START.records + 1_000))

    assert (elems, report.ended_early, report.skipped_records) == ([], "", 0)


def test_records_that_are_half_junk_are_read_to_the_end(wire, read: Callable, monkeypatch) -> None:
    monkeypatch.setattr(patience, "AT_START", Run(200, 1 << 30))
    keepalive = wire.message(b"\xff" * 16 + b"\0\x13\x04")
    twice_wrong = wire.message(wire.update(wire.attribute(1, b"\0\0") + wire.attribute(4, b"\0")))

    _, report = read((keepalive + twice_wrong) * 1_000)

    assert report.records == 2_000
    assert report.skipped_records == 1_000 < sum(report.skipped.values())


def test_junk_after_what_can_be_read_is_counted_and_bounded(wire, read: Callable, monkeypatch) -> None:
    monkeypatch.setattr(patience, "LATER", Run(5_000, 1 << 30))
    update = wire.message(wire.update(wire.attributes(), wire.prefix("10.0.0.0/8")))
    junk = wire.record(48, 0, b"")

    elems, report = read((update + junk * 4_800) * 3)
    assert (len(elems), report.skipped["MRT type 48"], report.ended_early) == (3, 3 * 4_800, "")

    elems, report = read(update + junk * 1_000_000 + update)
    assert len(elems) == 1
    assert report.ended_early.startswith("nothing but records that cannot be read at byte ")
    assert report.skipped["MRT type 48"] < 5_200


def test_the_size_of_junk_is_bounded_too(wire, read: Callable, monkeypatch) -> None:
    monkeypatch.setattr(patience, "LATER", Run(5_000, 1 << 20))
    update = wire.message(wire.update(wire.attributes(), wire.prefix("10.0.0.0/8")))

    elems, report = read(update + wire.record(48, 0, bytes(20_000)) * 1_000)

    assert len(elems) == 1
    assert report.ended_early.startswith("nothing but records that cannot be read at byte ")
    assert report.records == 200
