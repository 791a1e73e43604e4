from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herdwick.tools.bgp.engine.paths import (
    AS_SEQUENCE,
    AS_SET,
    CONFED_SEQUENCE,
    CONFED_SET,
    Segment,
    as_path,
    hops,
    merged,
    origins,
    path_text,
    segments,
    without_prepending,
)
from herdwick.tools.bgp.engine.prefixes import MalformedError


def encoded(path: list[Segment], asn_bytes: int) -> bytes:
    code = {2: "H", 4: "I"}[asn_bytes]
    return b"".join(bytes([kind, len(asns)]) + pack(f">{len(asns)}{code}", *asns) for kind, asns in path)


segment = st.tuples(
    st.sampled_from([AS_SET, AS_SEQUENCE, CONFED_SEQUENCE, CONFED_SET]),
    st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=5).map(tuple),
)


@given(st.lists(segment, max_size=5), st.sampled_from([2, 4]))
def test_segments_are_read_as_they_were_written(path: list[Segment], asn_bytes: int) -> None:
    assert segments(encoded(path, asn_bytes), asn_bytes) == path


@given(st.lists(segment, max_size=3), st.sampled_from([2, 4]))
def test_a_path_of_one_sequence_has_the_same_text_by_the_short_way(
    path: list[Segment], asn_bytes: int
) -> None:
    assert as_path(encoded(path, asn_bytes), asn_bytes) == path_text(path)


@pytest.mark.parametrize("data", [b"\x02\x00", b"\x02\x02\0\0\0\x01", b"\x02\x01\0\0\0\x01\0"])
def test_a_sequence_of_another_length_than_it_says_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        as_path(data, 4)


@given(st.lists(segment, min_size=1, max_size=3), st.integers(1, 200))
def test_a_path_that_is_cut_short_is_malformed_or_ends_between_segments(
    path: list[Segment], cut: int
) -> None:
    data = encoded(path, 4)
    borders = {len(encoded(path[:count], 4)) for count in range(len(path))}
    kept = max(0, len(data) - cut)

    if kept in borders:
        assert segments(data[:kept], 4) == path[: sorted(borders).index(kept)]
    else:
        with pytest.raises(MalformedError):
            segments(data[:kept], 4)


@pytest.mark.parametrize("data", [b"\x05\x01\0\0\0\x01", b"\x02\x00"], ids=["unknown type", "empty segment"])
def test_impossible_segments_are_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        segments(data, 4)


def test_sets_and_confederations_have_brackets_of_their_own() -> None:
    path: list[Segment] = [
        (CONFED_SEQUENCE, (65001, 65002)),
        (CONFED_SET, (65003, 65004)),
        (AS_SEQUENCE, (64496, 64497)),
        (AS_SET, (64499, 64498)),
    ]

    assert path_text(path) == "(65001 65002) [65003,65004] 64496 64497 {64499,64498}"


@pytest.mark.parametrize(
    ("path", "path4", "expected"),
    [
        # RFC 6793, section 4.2.3: the last hops come from AS4_PATH.
        ([(AS_SEQUENCE, (64496, 23456, 23456))], [(AS_SEQUENCE, (70000, 70001))], "64496 70000 70001"),
        ([(AS_SEQUENCE, (64496, 23456))], [(AS_SEQUENCE, (64496, 70001))], "64496 70001"),
        ([(AS_SEQUENCE, (64496,))], [(AS_SEQUENCE, (70000, 70001))], "64496"),
        (
            [(CONFED_SEQUENCE, (65001,)), (AS_SEQUENCE, (64496, 23456))],
            [(AS_SEQUENCE, (70001,))],
            "(65001) 64496 70001",
        ),
        (
            [(AS_SEQUENCE, (64496,)), (AS_SET, (23456, 64497))],
            [(AS_SET, (70000, 64497))],
            "64496 {70000,64497}",
        ),
    ],
    ids=["shorter", "as long", "longer is ignored", "confederation is not counted", "set counts one"],
)
def test_four_byte_asns_are_put_back(path: list[Segment], path4: list[Segment], expected: str) -> None:
    assert path_text(merged(path, path4)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("64496 64497", (64497,)),
        ("64496 {64498,64499}", (64498, 64499)),
        ("64496 (65001 65002)", (64496,)),
        ("(65001)", ()),
        ("", ()),
    ],
)
def test_the_origin_is_the_last_hop_or_a_closing_set(path: str, expected: tuple[int, ...]) -> None:
    assert origins(path) == expected


def test_hops_keep_sets_whole() -> None:
    assert hops("64496 (65001 65002) 64497 {1,2}") == ["64496", "(65001 65002)", "64497", "{1,2}"]


def test_prepending_counts_once() -> None:
    assert without_prepending("64496 64496 64497 64497 64497 64496") == ["64496", "64497", "64496"]
