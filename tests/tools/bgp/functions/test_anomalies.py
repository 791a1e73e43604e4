from itertools import groupby

import pytest

from herdwick.tools.bgp.functions.anomalies import (
    PathLoops,
    Prepending,
    ReservedAsns,
    path_loops,
    prepending,
    reserved_asns,
)

from .playing import carried, lasting, routes, seen


def runs(line) -> list[tuple[str, int]]:
    return [(hop, len([*run])) for hop, run in groupby(line.path)]


def told(row) -> tuple[int, int, int]:
    return row.routes, row.prefix_count, row.peers


def test_who_prepends_and_how_often(lab, lines) -> None:
    found = [(int(hop), times, line) for line in routes(lines) for hop, times in runs(line) if times > 1]
    longest = {asn: max(times for other, times, _ in found if other == asn) for asn, _, _ in found}

    rows = prepending(lab, Prepending())

    assert {row.asn: row.times for row in rows} == longest
    assert {row.asn: told(row) for row in rows} == carried((asn, line) for asn, _, line in found)
    assert [row.times for row in rows] == sorted(longest.values(), reverse=True)
    for row in rows:
        assert row.as_path in {
            " ".join(line.path) for asn, n, line in found if (asn, n) == (row.asn, row.times)
        }
        assert row.at_origin == any(line.path[-2:] == [str(row.asn)] * 2 for _, _, line in found)


def test_the_prepending_of_the_scenario(lab) -> None:
    (row,) = prepending(lab, Prepending(asn=64508))

    assert (row.times, row.prefixes, row.at_origin) == (5, ["10.200.9.0/24"], True)
    (row,) = prepending(lab, Prepending(asn=64498))
    assert (row.times, row.prefixes, row.at_origin) == (3, ["10.200.10.0/24"], False)


def test_only_runs_that_are_long_enough(lab) -> None:
    assert {row.asn for row in prepending(lab, Prepending(least=4))} == {64508, 65540}


def test_repeated_brackets_are_no_prepending_and_two_runs_are_one_as(invented) -> None:
    data = invented("""
        A 0 c 192.0.2.1 1 10.0.0.0/8 (65001 65001) (65001 65001) 1 2 2 3 2 2 2 4
        A 1 c 192.0.2.1 1 10.1.0.0/16 1 {2,2} {2,2}
        A 2 c 192.0.2.1 1 10.2.0.0/16
        W 3 c 192.0.2.1 1 10.0.0.0/8
    """)

    (row,) = prepending(data, Prepending())

    assert (row.asn, row.times, row.routes, row.at_origin) == (2, 3, 1, False)


def test_loops_are_ases_that_come_again(lab, lines) -> None:
    found = []
    for line in routes(lines):
        hops = [hop for hop, _ in runs(line)]
        found += [((int(hop), " ".join(line.path)), line) for hop in set(hops) if hops.count(hop) > 1]

    rows = path_loops(lab, PathLoops())

    assert {(row.asn, row.as_path): told(row) for row in rows} == carried(found) != {}
    assert {row.asn for row in rows} == {65548}
    assert {tuple(row.prefixes) for row in rows} == {("10.200.22.0/24",)}
    for row in rows:
        times = seen((" ".join(line.path), line, end) for line, end in lasting(lines))
        assert (row.first_seen, row.last_seen) == times[row.as_path]


def test_prepending_is_no_loop_and_a_set_in_between_is_one(invented) -> None:
    data = invented("""
        A 0 c 192.0.2.1 1 10.0.0.0/8 1 2 2 2
        A 1 c1 192.0.2.1 1 2001:db8::/32 1 {2,3} 1
        A 2 c2 192.0.2.1 1 2001:db8::/32 1 {2,3} 1
        A 3 c 192.0.2.1 1 10.1.0.0/16
    """)

    (row,) = path_loops(data, PathLoops())

    assert (row.asn, row.as_path, row.peers, row.prefixes) == (1, "1 {2,3} 1", 2, ["2001:db8::/32"])


def test_every_asn_of_the_lab_is_for_documentation_but_two(lab, lines) -> None:
    found = [
        ((int(asn), "origin" if int(asn) in line.origins else "transit"), line)
        for line in routes(lines)
        for asn in {asn for hop in line.path for asn in hop.strip("{}").split(",")}
    ]

    rows = reserved_asns(lab, ReservedAsns(top=1000))

    assert {(row.asn, row.position): told(row) for row in rows} == carried(found)
    private = {(row.asn, row.rfc, row.position, *row.prefixes) for row in rows if row.kind == "private"}
    assert private == {
        (4200000001, "RFC 6996", "origin", "10.200.21.0/24"),
        (64512, "RFC 6996", "origin", "10.200.20.0/24"),
    }


@pytest.mark.parametrize(
    ("asn", "kind"),
    [
        (0, "reserved"),
        (1, None),
        (23456, "as_trans"),
        (64495, None),
        (64496, "documentation"),
        (64511, "documentation"),
        (64512, "private"),
        (65534, "private"),
        (65535, "reserved"),
        (65536, "documentation"),
        (65551, "documentation"),
        (65552, None),
        (4199999999, None),
        (4200000000, "private"),
        (4294967294, "private"),
        (4294967295, "reserved"),
    ],
)
def test_ranges_begin_and_end_where_their_rfcs_say(invented, asn: int, kind: str | None) -> None:
    data = invented(f"A 0 c 192.0.2.1 1 10.0.0.0/8 1 {asn} 2")

    assert [(row.asn, row.kind, row.position) for row in reserved_asns(data, ReservedAsns())] == (
        [(asn, kind, "transit")] if kind else []
    )


def test_sets_count_and_confederations_do_not(invented) -> None:
    data = invented("""
        A 0 c 192.0.2.1 1 10.0.0.0/8 (64512 64513) 1 64514 {64515,64516}
        A 1 c 192.0.2.2 1 10.0.0.0/8 [64512,64513] 1 64514 64514 64515
        W 2 c 192.0.2.2 1 10.0.0.0/8
    """)

    assert {
        (row.asn, row.position): (row.routes, row.peers) for row in reserved_asns(data, ReservedAsns())
    } == {
        (64514, "transit"): (2, 2),
        (64515, "origin"): (2, 2),
        (64516, "origin"): (1, 1),
    }


def test_a_reserved_number_is_seen_until_its_last_route_is_lost(lab, lines) -> None:
    private = {64512, 4200000001}
    expected = seen((a, line, end) for line, end in lasting(lines) for a in private & {*line.origins})

    rows = reserved_asns(lab, ReservedAsns(kinds=["private"]))

    assert {row.asn: (row.first_seen, row.last_seen) for row in rows} == expected
    assert expected.keys() == private
