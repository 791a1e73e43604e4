from ipaddress import ip_network
from itertools import pairwise

import pytest
from pydantic import ValidationError

from herdwick.tools.bgp.functions.subprefixes import (
    Covering,
    Nested,
    SubPrefixes,
    covering,
    deaggregation,
    overlapping,
    subprefixes,
)
from herdwick.tools.bgp.times import parse_time
from herdwick.tools.errors import ToolFailure

from .playing import lasting, routes, seen, tables


def inside(inner: str, outer: str) -> bool:
    one, other = ip_network(inner), ip_network(outer)
    return one.version == other.version and one != other and one.subnet_of(other)


@pytest.fixture(scope="module")
def nested(lines):
    """(inner, its origin, outer, its origin) → first and last second of both, by playing the capture."""
    found: dict[tuple[str, int, str, int], list[int]] = {}
    prefixes = {line.prefix for line in routes(lines)}
    around = {p: [q for q in prefixes if inside(p, q)] for p in prefixes}
    played = [*tables(lines)]
    for (time, held), (following, _) in pairwise([*played, played[-1]]):
        origins: dict[str, set[int]] = {}
        for (_, prefix), line in held.items():
            origins.setdefault(prefix, set()).update(line.origins)
        for prefix, asns in origins.items():
            for wider in around[prefix]:
                for key in ((prefix, a, wider, b) for a in asns for b in origins.get(wider, ())):
                    found.setdefault(key, [time, 0])[1] = following
    return found


def as_dict(rows):
    return {
        (r.prefix, r.origin_asn, r.covering_prefix, r.covering_asn): [
            parse_time(r.first_seen),
            parse_time(r.last_seen),
        ]
        for r in rows
    }


def test_prefixes_of_one_as_within_those_of_another(lab, nested) -> None:
    expected = {key: times for key, times in nested.items() if key[1] != key[3]}

    assert as_dict(overlapping(lab, Nested(top=1000))) == expected != {}


def test_the_deaggregation_of_the_scenario(lab, nested, lines) -> None:
    own = {line.prefix for line in lines if line.is_route and 65543 in line.origins}
    (row,) = deaggregation(lab, Nested(origin_asn=65543))

    assert row.model_dump() == {
        "origin_asn": 65543,
        "prefixes": len(own),
        "more_specifics": 4,
        "share": 4 / len(own),
    }
    assert {r.origin_asn for r in deaggregation(lab, Nested())} == {k[1] for k in nested if k[1] == k[3]}


def test_the_hijacks_of_the_scenario_overlap(lab) -> None:
    (row,) = overlapping(lab, Nested(prefix="2001:db8:f001::/48"))

    assert (row.origin_asn, row.covering_prefix, row.covering_asn) == (65547, "2001:db8:f000::/44", 65549)
    assert row.first_seen == "2026-01-01T00:00:45Z"


def test_overlaps_outside_the_window_are_left_out(lab) -> None:
    before = Nested(prefix="10.200.6.0/24", until_time="2026-01-01T00:00:40")
    within = Nested(prefix="10.200.6.0/24", from_time="2026-01-01T00:00:50", until_time="2026-01-01T00:00:51")

    assert overlapping(lab, before) == []
    assert len(overlapping(lab, within)) == 1


@pytest.mark.parametrize("prefix", ["10.200.4.0/22", "10.200.0.0/16", "2001:db8:f000::/44", "0.0.0.0/0"])
def test_prefixes_within_a_prefix_with_their_origins(lab, lines, prefix: str) -> None:
    expected: dict[tuple[str, int], set[str]] = {}
    for line in lines:
        if line.is_route and inside(line.prefix, prefix):
            for asn in line.origins:
                expected.setdefault((line.prefix, asn), set()).add(line.peer)

    rows = subprefixes(lab, SubPrefixes(prefix=prefix, top=1000))

    assert {(row.prefix, row.origin_asn): row.peers for row in rows if row.origin_asn} == {
        key: len(peers) for key, peers in expected.items()
    }
    networks = [ip_network(row.prefix) for row in rows]
    assert networks == sorted(networks)


def test_the_longest_prefix_around_an_address_comes_first(lab, lines) -> None:
    expected = {x.prefix for x in lines if x.is_route and inside("10.200.6.1/32", x.prefix)}

    rows = covering(lab, Covering(prefix="10.200.6.1"))

    assert {row.prefix for row in rows} == expected
    assert [row.prefix for row in rows] == ["10.200.6.0/24", "10.200.4.0/22"]
    assert [row.prefix for row in covering(lab, Covering(prefix="10.200.6.0/24"))] == [
        "10.200.6.0/24",
        "10.200.4.0/22",
    ]


def test_no_more_rows_than_asked_and_no_question_without_a_prefix(lab) -> None:
    assert len(subprefixes(lab, SubPrefixes(prefix="0.0.0.0/0", top=7))) == 7
    with pytest.raises(ValidationError):
        Covering()


def test_default_routes_empty_paths_and_sessions_that_end(invented) -> None:
    data = invented("""
        A 0 c1 2001:db8::1 1 ::/0 1 5
        A 0 c1 2001:db8::1 1 2001:db8::/32 1 5
        A 1 c1 2001:db8::2 1 2001:db8::/33
        S 2 c1 2001:db8::1 1 ESTABLISHED IDLE
        A 3 c2 2001:db8::1 1 2001:db8::/48 1 5
        A 4 c2 2001:db8::1 1 2001:db8::/32 1 {5,6}
    """)

    assert [(r.prefix, r.origin_asn) for r in covering(data, Covering(prefix="2001:db8::/40"))] == [
        ("2001:db8::/33", None),
        ("2001:db8::/32", 5),
        ("2001:db8::/32", 6),
        ("::/0", 5),
    ]
    # What was announced in second 3 is within nothing before second 4, when a set has both origins.
    assert [(r.origin_asn, r.more_specifics) for r in deaggregation(data, Nested())] == [(5, 1)]
    assert [(r.origin_asn, r.covering_asn, r.first_seen[-3:]) for r in overlapping(data, Nested())] == [
        (5, 6, "04Z")
    ]


def test_prefixes_around_and_within_are_seen_until_the_last_peer_lost_them(lab, lines) -> None:
    expected = seen(((line.prefix, a), line, end) for line, end in lasting(lines) for a in line.origins)

    around = covering(lab, Covering(prefix="10.200.6.1"))
    within = subprefixes(lab, SubPrefixes(prefix="10.200.0.0/16", top=1000))

    assert len(around) == 2 < len(within)
    for row in (r for r in (*around, *within) if r.origin_asn):
        assert (row.first_seen, row.last_seen) == expected[row.prefix, row.origin_asn]


def test_what_contains_the_address_of_a_peer_can_be_asked_for(invented) -> None:
    data = invented("A 10 rrc00 192.0.2.1 64500 192.0.2.0/24 64500 64510")
    args = Covering(prefix="192.0.2.1")

    args.refuse_peer_as_prefix(data.elems())

    assert [row.prefix for row in covering(data, args)] == ["192.0.2.0/24"]
    with pytest.raises(ToolFailure, match="address of a peer"):
        Nested(prefix="192.0.2.1").refuse_peer_as_prefix(data.elems())
