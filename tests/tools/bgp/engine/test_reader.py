"""The reader against bgpdump and ftlbgp on real files, and against damage."""

import bz2
import gzip
import lzma
import random
import re
import shutil
import subprocess
import tracemalloc
from collections import Counter
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from herdwick.tools.bgp.engine.elem import STATES, Elem
from herdwick.tools.bgp.engine.reader import MRTReader
from herdwick.tools.errors import DataError

SHARED = Path(__file__).parents[5] / "shared" / "data" / "bgp"
REAL = [
    SHARED / "ris.rrc06.updates.1427846400.gz",
    SHARED / "routeviews.route-views.jinx.updates.1427846400.bz2",
]
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the two real files lie beside the repository")
needs_bgpdump = pytest.mark.skipif(not shutil.which("bgpdump"), reason="bgpdump is not installed")


def as_bgpdump(elem: Elem) -> str:
    """An elem as a line of `bgpdump -m`."""
    head = f"{int(elem.time)}|{{}}|{elem.peer_address}|{elem.peer_asn}"
    attributes = elem.attributes
    if elem.type == "S":
        states = f"{STATES.index(elem.old_state)}|{STATES.index(elem.new_state)}"
        return f"BGP4MP|{head.format('STATE')}|{states}"
    if elem.type == "W":
        return f"BGP4MP|{head.format('W')}|{elem.prefix}"
    kind, letter = ("TABLE_DUMP2", "B") if elem.type == "R" else ("BGP4MP", "A")
    aggregator = attributes.aggregator
    return "|".join(
        (
            kind,
            head.format(letter),
            elem.prefix,
            attributes.as_path,
            attributes.origin or "",
            elem.next_hop,
            str(attributes.local_pref or 0),
            str(attributes.med or 0),
            " ".join((*attributes.communities, *attributes.large_communities)),
            "AG" if attributes.atomic_aggregate else "NAG",
            f"{aggregator.asn} {aggregator.address}" if aggregator else "",
            "",
        )
    )


@needs_shared
@needs_bgpdump
@pytest.mark.parametrize("file", REAL, ids=lambda file: file.name)
def test_real_files_are_read_as_bgpdump_reads_them(file: Path) -> None:
    dumped = subprocess.run(["bgpdump", "-m", file], capture_output=True, text=True, check=True).stdout

    assert [as_bgpdump(elem) for elem in MRTReader(file)] == dumped.splitlines()


@needs_shared
@pytest.mark.parametrize("file", REAL, ids=lambda file: file.name)
def test_real_files_are_read_as_ftlbgp_reads_them(file: Path) -> None:
    from ftlbgp import BgpParser

    with BgpParser() as parse:
        routes = [record for record in parse(str(file)) if type(record).__name__ == "BgpRouteRecord"]

    # ftlbgp gives addresses and communities as numbers and announcements before withdrawals.
    assert Counter(map(_as_ftlbgp, (elem for elem in MRTReader(file) if elem.type != "S"))) == Counter(
        (r.timestamp, r.peer_as, r.peer_ip, r.prefix, _flat(r.aspath), r.nexthop_ip, r.communities or ())
        for r in routes
    )


def _as_ftlbgp(elem: Elem) -> tuple:
    network = ip_network(elem.prefix)
    communities = (community.split(":") for community in elem.attributes.communities)
    return (
        elem.time,
        elem.peer_asn,
        int(ip_address(elem.peer_address)),
        (int(network.network_address), network.prefixlen),
        tuple(int(asn) for asn in re.findall(r"\d+", elem.attributes.as_path)),
        int(ip_address(elem.next_hop)) if elem.next_hop else None,
        tuple(int(high) << 16 | int(low) for high, low in communities),
    )


def _flat(path: tuple | None) -> tuple[int, ...]:
    """A path's ASNs, without the brackets of sets."""
    return tuple(
        asn for hop in path or () for asn in (hop if isinstance(hop, tuple | list | set) else (hop,))
    )


@needs_shared
@pytest.mark.parametrize(("file", "counts"), [(REAL[0], (1435, 122, 4)), (REAL[1], (8160, 451, 0))])
def test_real_files_have_the_elems_that_were_counted_before(file: Path, counts: tuple[int, int, int]) -> None:
    kinds = [elem.type for elem in MRTReader(file)]

    assert (kinds.count("A"), kinds.count("W"), kinds.count("S")) == counts


@pytest.fixture
def updates(wire) -> bytes:
    """A little of everything, 40 records."""
    announced = b"".join(wire.prefix(f"10.{number}.0.0/16") for number in range(20))
    return b"".join(
        wire.peers((64496, "198.51.100.9"))
        + wire.rib(2, wire.prefix(f"10.0.{number}.0/24"), wire.entry(0, wire.attributes((64496, number + 1))))
        + wire.message(wire.update(wire.attributes((64496, number + 1)), announced))
        + wire.message(b"\0\6\0\1", 5)
        for number in range(10)
    )


@pytest.mark.parametrize(
    "compress",
    [
        lambda data: data,
        gzip.compress,
        bz2.compress,
        lzma.compress,
        lambda data: gzip.compress(data[:700]) + gzip.compress(data[700:]) + b"\0" * 512,
        lambda data: bz2.compress(data[:700]) + bz2.compress(data[700:]),
    ],
    ids=["plain", "gzip", "bzip2", "xz", "gzip in parts", "bzip2 in parts"],
)
def test_every_compression_is_known_by_its_content(updates: bytes, tmp_path: Path, compress) -> None:
    file = tmp_path / "name-without-ending"
    file.write_bytes(compress(updates))
    reader = MRTReader(file)

    assert (len(list(reader)), reader.report.ended_early) == (10 * 22, "")


def test_a_file_cut_at_any_byte_is_read_up_to_the_cut(updates: bytes, tmp_path: Path) -> None:
    file = tmp_path / "cut"
    file.write_bytes(updates)
    whole = list(MRTReader(file))

    for kept in range(12, len(updates), 11):
        file.write_bytes(updates[:kept])
        reader = MRTReader(file)
        elems = list(reader)
        assert elems == whole[: len(elems)]
        assert reader.report.ended_early in ("", f"truncated record at byte {_last_border(updates, kept):,}")


def _last_border(data: bytes, kept: int) -> int:
    at = 0
    while (after := at + 12 + int.from_bytes(data[at + 8 : at + 12], "big")) <= kept:
        at = after
    return at


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_file_that_is_cut_says_so(updates: bytes, tmp_path: Path, compress) -> None:
    data = compress(updates * 400)
    file = tmp_path / "cut.gz"
    file.write_bytes(data[: len(data) - 20])
    reader = MRTReader(file)

    assert len(list(reader)) > 220
    assert reader.report.ended_early.startswith("truncated compression")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty_file"),
        (b"# Read me\n" * 9, "not_mrt"),
        (b"\0\0", "not_mrt"),
        (gzip.compress(b"hello, this is no MRT"), "not_mrt"),
        (gzip.compress(b"x" * 999)[:10], "corrupt"),
        (b"\x1f\x8b" + b"\xff" * 99, "corrupt"),
    ],
)
def test_what_is_not_mrt_is_refused(tmp_path: Path, content: bytes, kind: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)

    with pytest.raises(DataError) as failure:
        list(MRTReader(file))

    assert failure.value.kind == kind


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no file"):
        list(MRTReader(tmp_path / "none"))
    with pytest.raises(DataError, match="cannot be opened"):
        list(MRTReader(tmp_path))


def test_a_record_that_claims_gigabytes_stops_the_file(updates: bytes, read) -> None:
    elems, report = read(updates + b"\0\0\0\1\0\x10\0\4\xff\xff\xff\xff" + updates)

    assert len(elems) == 10 * 22
    assert report.ended_early == f"record of 4,294,967,295 bytes at byte {len(updates):,}"


def test_memory_is_bounded_whatever_a_file_expands_to(wire, tmp_path: Path) -> None:
    file = tmp_path / "bomb.gz"
    zeros = wire.record(48, 0, bytes(1 << 20))
    with gzip.open(file, "wb", 1) as out:
        for _ in range(200):
            out.write(zeros)
    tracemalloc.start()
    reader = MRTReader(file)
    elems = list(reader)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (elems, reader.report.records) == ([], 200)
    assert peak < 20 << 20


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_damage_at_random_neither_breaks_nor_hangs_the_reader(
    updates: bytes, tmp_path: Path, part: int
) -> None:
    """5,000 files a part, each flipped in up to eight bytes and perhaps cut."""
    rng = random.Random(part)
    file = tmp_path / "damaged"
    read, refused = 0, set[str]()
    for _ in range(5_000):
        data = bytearray(updates[: rng.choice([len(updates), rng.randint(13, len(updates))])])
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        file.write_bytes(data)
        try:
            reader = MRTReader(file)
            elems = list(reader)
        except DataError as error:
            refused.add(error.kind)
            continue
        read += len(elems)
        assert reader.report.elems == len(elems) <= 20_000
    assert refused <= {"not_mrt"}
    assert read > 100_000
