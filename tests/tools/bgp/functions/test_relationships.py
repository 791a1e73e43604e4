import bz2
import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herdwick.tools.bgp.functions import relationships
from herdwick.tools.bgp.functions.relationships import Relationships, read_relationships
from herdwick.tools.errors import DataError

SERIAL_2 = "# source:topology|BGP|20260101\n64496|64497|0|bgp\n64496|64498|-1|mlp\n\n"


@pytest.fixture
def file(tmp_path):
    def written(text: str, name: str = "as-rel.txt"):
        path = tmp_path / name
        packed = {".bz2": bz2.compress, ".gz": gzip.compress}.get(path.suffix, bytes)
        path.write_bytes(packed(text.encode()))
        return path

    return written


@pytest.mark.parametrize("name", ["as-rel2.txt", "as-rel2.txt.bz2", "as-rel2.txt.gz"])
def test_both_serials_plain_and_packed(file, name: str) -> None:
    known = read_relationships(file(SERIAL_2 + "64498|64499|-1\n", name))

    assert known.source == name
    assert len(known) == 3
    assert known.relation(64496, 64497) == known.relation(64497, 64496) == "peer"
    assert (known.relation(64496, 64498), known.relation(64498, 64496)) == ("customer", "provider")
    assert known.relation(64498, 64499) == "customer"
    assert known.relation(64497, 64499) is None


def test_the_frame_has_every_pair_both_ways(file) -> None:
    known = read_relationships(file(SERIAL_2 + "4294967295|1|-1\n"))

    rows = set(known.frame().rows())

    assert len(rows) == 6
    assert all(known.relation(asn, other) == relation for asn, other, relation in rows)
    assert (1, 4294967295, "provider") in rows


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("64496|64497", "three or four fields"),
        ("64496|64497|0|bgp|x", "three or four fields"),
        ("64496|64497|1", "neither -1 nor 0"),
        ("AS64496|64497|0", "no AS number"),
        ("64496|4294967296|0", "no AS number"),
        ("64496|64496|0", "same AS twice"),
        ("64496 64497 0", "three or four fields"),
    ],
)
def test_a_wrong_line_is_named(file, line: str, what: str) -> None:
    with pytest.raises(DataError, match=rf"as-rel.txt, line 2 .*{what}"):
        read_relationships(file(f"64496|64497|0\n{line}\n"))


def test_what_was_said_first_holds_and_the_rest_is_counted() -> None:
    known = Relationships("test")
    said = [(1, 2, True), (2, 1, True), (1, 2, False), (2, 1, False), (1, 2, True)]
    said += [(3, 1, False), (1, 3, False), (1, 3, True)]

    agreed = [known.add(asn, other, sells_transit=sells) for asn, other, sells in said]

    assert agreed == [True, False, False, False, True, True, True, False]
    assert (known.relation(1, 2), known.relation(1, 3), known.contradictions) == ("customer", "peer", 4)


@pytest.mark.parametrize("line", ["64498|64496|-1|bgp", "64496|64498|0|bgp", "64497|64496|-1"])
def test_a_file_that_contradicts_itself_is_refused_and_the_line_named(file, line: str) -> None:
    with pytest.raises(DataError, match=r"contradicts itself: .* in line 5\.") as failure:
        read_relationships(file(f"{SERIAL_2}{line}\n"))

    assert failure.value.kind == "contradictory_relationships"


def test_the_same_said_twice_is_no_contradiction(file) -> None:
    known = read_relationships(file(SERIAL_2 + "64497|64496|0|mlp\n64496|64498|-1|bgp\n"))

    assert (len(known), known.source) == (2, "as-rel.txt")


def test_few_contradictions_among_many_lines_are_told_with_the_source(file) -> None:
    lines = [f"1|{asn}|-1" for asn in range(2, 1_002)]
    contradicting = [f"{asn}|1|-1" for asn in range(2, 9)]

    known = read_relationships(file("\n".join([*lines, *contradicting])))

    assert known.source == (
        "as-rel.txt (of contradictory lines the first counts, and not 7 later: "
        "line 1001, line 1002, line 1003, line 1004, line 1005, …)"
    )
    assert known.relation(1, 2) == "customer"


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4), st.booleans()).filter(lambda x: x[0] != x[1]))
)
def test_what_one_is_to_the_other_the_other_is_the_opposite(added) -> None:
    known = Relationships("test")
    for asn, other, sells in added:
        known.add(asn, other, sells_transit=sells)

    opposite = {"customer": "provider", "provider": "customer", "peer": "peer", None: None}
    assert all(known.relation(a, b) == opposite[known.relation(b, a)] for a in range(5) for b in range(5))


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n"])
def test_a_file_without_relationships_is_refused(file, text: str) -> None:
    with pytest.raises(DataError, match="holds no relationships"):
        read_relationships(file(text))


def test_files_without_end_are_refused(file, monkeypatch) -> None:
    monkeypatch.setattr(relationships, "MAX_LINES", 2)
    monkeypatch.setattr(relationships, "MAX_LINE_BYTES", 20)

    assert len(read_relationships(file("1|2|0\n1|3|0\n"))) == 2
    with pytest.raises(DataError, match="more than 2 lines"):
        read_relationships(file("1|2|0\n1|3|0\n1|4|0\n"))
    with pytest.raises(DataError, match="line 1 is longer"):
        read_relationships(file("1" * 21))


def test_a_missing_and_a_broken_file_are_told_apart(file, tmp_path) -> None:
    cut = file(SERIAL_2, "cut.bz2")
    cut.write_bytes(cut.read_bytes()[:-10])

    with pytest.raises(DataError, match="There is no file"):
        read_relationships(tmp_path / "absent")
    with pytest.raises(DataError, match=r"cut\.bz2 cannot be read"):
        read_relationships(cut)


def test_a_damaged_gzip_is_told_as_such(file) -> None:
    damaged = file("".join(f"{asn}|{asn + 100_000}|-1\n" for asn in range(1, 20_000)), "damaged.gz")
    packed = bytearray(damaged.read_bytes())
    packed[2000:2040] = bytes(octet ^ 0xFF for octet in packed[2000:2040])
    damaged.write_bytes(packed)

    with pytest.raises(DataError, match=r"damaged\.gz cannot be read") as failure:
        read_relationships(damaged)

    assert failure.value.kind == "unreadable"


def test_a_pipe_and_a_device_without_end_are_refused(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")

    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(DataError, match="is no regular file"):
            read_relationships(path)
