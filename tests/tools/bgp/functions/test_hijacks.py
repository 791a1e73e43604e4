from collections import defaultdict
from ipaddress import ip_network

import pytest
from pydantic import ValidationError

from herdwick.tools.bgp.functions.hijacks import HijackCheck, hijack_check
from herdwick.tools.bgp.times import parse_time
from herdwick.tools.errors import ToolFailure


def played(lines):
    """(prefix, origin) → [peers, first, last] by playing the capture."""
    held: dict[tuple[str, str], list[int]] = {}
    seen: dict[tuple[str, int], list] = defaultdict(lambda: [set(), float("inf"), 0])

    def leaves(peer: str, prefix: str, time: int) -> None:
        for asn in held.pop((peer, prefix), []):
            seen[prefix, asn][2] = max(seen[prefix, asn][2], time)

    for line in lines:
        if line.ends_session:
            for peer, prefix in [key for key in held if key[0] == line.peer]:
                leaves(peer, prefix, line.time)
        leaves(line.peer, line.prefix, line.time)
        if line.is_route:
            held[line.peer, line.prefix] = line.origins
            for asn in line.origins:
                entry = seen[line.prefix, asn]
                entry[0].add(line.peer)
                entry[1] = min(entry[1], line.time)
    for peer, prefix in [*held]:
        leaves(peer, prefix, lines[-1].time)
    return seen


def test_the_prefixes_of_a_victim_show_the_hijacker_and_nobody_else(lab, lines) -> None:
    """For every AS: the other origins, their times and peers are those of the capture when played."""
    seen = played(lines)
    for asn in (64499, 64502, 64503, 65549, 65543):
        own = [ip_network(prefix) for prefix, origin in seen if origin == asn]
        expected = {
            key: (len(peers), first, last)
            for key, (peers, first, last) in seen.items()
            if key[1] != asn
            and any(p.version == ip_network(key[0]).version and ip_network(key[0]).subnet_of(p) for p in own)
        }

        rows = hijack_check(lab, HijackCheck(asn=asn, top=1000))

        assert {
            (r.prefix, r.origin_asn): (r.peers, parse_time(r.first_seen), parse_time(r.last_seen))
            for r in rows
        } == expected
        assert all((row.kind == "exact") == (row.prefix == row.expected_prefix) for row in rows)


def test_the_exact_hijack_of_the_scenario(lab) -> None:
    (row,) = hijack_check(lab, HijackCheck(prefix="192.0.2.0/24"))

    assert row.model_dump() == {
        "prefix": "192.0.2.0/24",
        "origin_asn": 65551,
        "kind": "exact",
        "expected_prefix": "192.0.2.0/24",
        "expected_asns": [64499],
        "in_set": False,
        "through_expected": False,
        "peers": 2,
        "peer_asns": [64496, 64511],
        "first_seen": "2026-01-01T00:00:30Z",
        "last_seen": "2026-01-01T00:01:10Z",
        "peer_seconds": 80.0,
    }


@pytest.mark.parametrize(
    ("covering", "prefix", "times"),
    [
        ("10.200.4.0/22", "10.200.6.0/24", ("00:00:40Z", "00:01:40Z")),
        ("2001:db8:f000::/44", "2001:db8:f001::/48", ("00:00:45Z", "00:01:35Z")),
    ],
)
def test_more_specifics_of_the_scenario_in_both_families(lab, covering: str, prefix: str, times) -> None:
    (row,) = hijack_check(lab, HijackCheck(prefix=covering))

    assert (row.prefix, row.origin_asn, row.kind, row.peers) == (prefix, 65547, "subprefix", 3)
    assert (row.first_seen[11:], row.last_seen[11:]) == times


def test_siblings_and_the_usual_origin_are_no_hijackers(lab) -> None:
    asked = HijackCheck(prefix="203.0.113.0/24")
    (row,) = hijack_check(lab, asked)
    others = {64506, 64507} - {row.origin_asn}

    assert set(row.expected_asns) == others
    assert hijack_check(lab, asked.model_copy(update={"siblings": [row.origin_asn]})) == []


def test_in_a_table_alone_the_usual_origin_is_the_one_that_most_peers_show(invented) -> None:
    data = invented("""
        R 9 c1 192.0.2.1 1 10.0.0.0/8 1 7
        R 9 c1 192.0.2.2 2 10.0.0.0/8 2 6
        R 9 c1 192.0.2.3 3 10.0.0.0/8 3 7
        R 9 c2 192.0.2.2 2 10.1.0.0/16 2 5
    """)

    rows = hijack_check(data, HijackCheck(prefix="10.0.0.0/8"))

    assert [(row.prefix, row.origin_asn, row.expected_asns, row.peer_seconds) for row in rows] == [
        ("10.0.0.0/8", 6, [7], 0.0),
        ("10.1.0.0/16", 5, [7], 0.0),
    ]


def test_in_a_table_alone_origins_that_as_many_peers_show_are_all_usual(invented) -> None:
    data = invented("""
        R 9 c1 192.0.2.1 1 10.0.0.0/8 1 7
        R 9 c1 192.0.2.2 2 10.0.0.0/8 2 6
        R 9 c1 192.0.2.2 2 10.1.0.0/16 2 5
    """)

    (row,) = hijack_check(data, HijackCheck(prefix="10.0.0.0/8"))

    assert (row.origin_asn, row.expected_asns) == (5, [6, 7])


def test_who_held_it_for_longer_is_usual_even_if_more_peers_show_another(invented) -> None:
    data = invented("""
        R 0 c1 192.0.2.1 1 10.0.0.0/8 1 7
        A 8 c1 192.0.2.2 2 10.0.0.0/8 2 6
        A 8 c1 192.0.2.3 3 10.0.0.0/8 3 6
        W 9 c1 192.0.2.4 4 10.0.0.0/8
    """)

    (row,) = hijack_check(data, HijackCheck(prefix="10.0.0.0/8"))

    assert (row.origin_asn, row.expected_asns) == (6, [7])


def test_of_those_seen_equally_long_the_one_that_most_peers_show_comes_first(invented) -> None:
    data = invented("""
        R 9 c1 192.0.2.1 1 10.0.0.0/16 1 6
        R 9 c1 192.0.2.1 1 10.1.0.0/16 1 5
        R 9 c1 192.0.2.2 2 10.1.0.0/16 2 5
    """)

    (row,) = hijack_check(data, HijackCheck(prefix="10.0.0.0/8", asn=7, top=1))

    assert (row.prefix, row.peers) == ("10.1.0.0/16", 2)


def test_an_aggregate_has_all_members_of_its_set_as_usual_origins(lab) -> None:
    assert hijack_check(lab, HijackCheck(prefix="10.210.0.0/22")) == []


def test_the_rightful_as_in_the_paths_is_said(lab) -> None:
    rows = hijack_check(lab, HijackCheck(prefix="10.200.20.0/24", asn=64500))

    assert [(row.origin_asn, row.through_expected) for row in rows if row.origin_asn == 64512] == [
        (64512, True)
    ]


def test_a_window_before_the_hijack_shows_nothing_and_the_usual_origin_stays_in_one_within_it(lab) -> None:
    before = HijackCheck(prefix="192.0.2.0/24", until_time="2026-01-01T00:00:30")
    within = HijackCheck(
        prefix="192.0.2.0/24", from_time="2026-01-01T00:00:40", until_time="2026-01-01T00:00:50"
    )

    assert hijack_check(lab, before) == []
    assert [row.origin_asn for row in hijack_check(lab, within)] == [65551]


def test_no_more_rows_than_asked(lab) -> None:
    assert len(hijack_check(lab, HijackCheck(prefix="10.0.0.0/8", asn=64499, top=3))) == 3


@pytest.mark.parametrize(
    ("args", "kind"),
    [({"prefix": "198.18.0.0/15"}, "no_expected_origin"), ({"asn": 64999}, "originates_nothing")],
)
def test_without_a_rightful_origin_there_is_no_answer(lab, args, kind: str) -> None:
    with pytest.raises(ToolFailure) as caught:
        hijack_check(lab, HijackCheck(**args))

    assert caught.value.kind == kind


def test_something_must_be_asked() -> None:
    with pytest.raises(ValidationError, match="Give `asn`, `prefix` or both"):
        HijackCheck()


def test_sets_empty_paths_confederations_sessions_and_collectors(invented) -> None:
    data = invented("""
        R 0 c1 192.0.2.1 1 2001:db8::/32 1 9
        R 0 c1 192.0.2.2 1 2001:db8::/32 1 (65001 65002) 9
        R 0 c2 192.0.2.1 9 2001:db8::/32
        A 2 c1 192.0.2.1 1 2001:db8::/33 1 9 {8,9}
        A 3 c1 192.0.2.1 1 2001:db8::/32 1 7
        A 4 c1 192.0.2.2 1 2001:db8::/32 1 7
        A 5 c2 192.0.2.1 1 2001:db8::/32 1 7
        S 6 c1 192.0.2.1 1 ESTABLISHED IDLE
        W 7 c1 192.0.2.2 1 2001:db8::/32
        W 8 c2 192.0.2.1 1 2001:db8::/32
        A 9 c2 192.0.2.1 1 10.0.0.0/8 1 3
    """)

    rows = hijack_check(data, HijackCheck(prefix="2001:db8::/32", asn=9))

    assert [
        (r.prefix, r.origin_asn, r.in_set, r.through_expected, r.peers, r.peer_asns, r.peer_seconds)
        for r in rows
    ] == [
        ("2001:db8::/32", 7, False, False, 3, [1], 9.0),
        ("2001:db8::/33", 8, True, True, 1, [1], 4.0),
    ]
    assert (rows[0].first_seen[-3:], rows[0].last_seen[-3:]) == ("03Z", "08Z")
