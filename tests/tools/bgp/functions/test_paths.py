from collections import Counter
from itertools import groupby
from statistics import mean, median

import pytest

from herdwick.tools.bgp.functions.paths import (
    CountPathChanges,
    PathChanges,
    PathLengthDistribution,
    PathLengths,
    count_path_changes,
    path_changes,
    path_length_distribution,
    path_lengths,
)

from .playing import routes


def short(path: list[str]) -> list[str]:
    return [hop for hop, _ in groupby(path)]


def replaced(lines, *, after_withdrawal: bool = False, seen=lambda path: path):
    """Plays the lines; what replaced which path."""
    table, gone, found = {}, set(), []
    for line in lines:
        key = line.peer, line.prefix
        if line.kind == "W":
            gone.add(key)
        elif line.ends_session:
            gone |= {key for key in table if key[0] == line.peer}
        elif line.is_route:
            if key in table and seen(table[key]) != seen(line.path) and (after_withdrawal or key not in gone):
                found.append((line, table[key], key in gone))
            table[key] = line.path
            gone.discard(key)
    return found


@pytest.mark.parametrize("args", [{}, {"ip_version": 6}, {"peer_asn": 64511}, {"origin_asn": 65540}])
def test_lengths_are_those_of_all_routes(lab, lines, args) -> None:
    chosen = [
        line.path
        for line in routes(lines)
        if (":" in line.prefix) == (args.get("ip_version") == 6) or "ip_version" not in args
        if line.peer_asn == args.get("peer_asn", line.peer_asn)
        if "origin_asn" not in args or args["origin_asn"] in line.origins
    ]

    rows = path_lengths(lab, PathLengths(**args))

    for row, lengths in zip(rows, [[len(short(p)) for p in chosen], [len(p) for p in chosen]], strict=True):
        assert row.routes == len(lengths) > 0
        assert (row.min, row.max, row.median) == (min(lengths), max(lengths), median(lengths))
        assert row.mean == pytest.approx(mean(lengths))
    assert [row.prepending_counted for row in rows] == [False, True]


def test_a_route_told_twice_counts_once_if_asked(lab, lines) -> None:
    once = {(line.peer, line.prefix, *line.path) for line in routes(lines)}

    assert path_lengths(lab, PathLengths(distinct=True))[0].routes == len(once) < len(routes(lines))


@pytest.mark.parametrize("counted", [False, True])
def test_the_distribution_has_every_length(lab, lines, counted: bool) -> None:
    expected = Counter(len(line.path if counted else short(line.path)) for line in routes(lines))

    rows = path_length_distribution(lab, PathLengthDistribution(prepending_counted=counted))

    assert [(row.length, row.routes) for row in rows] == sorted(expected.items())


def test_without_routes_there_is_no_length(lab) -> None:
    assert [
        row.model_dump(exclude={"prepending_counted"}) for row in path_lengths(lab, PathLengths(peer_asn=1))
    ] == [{"routes": 0, "min": None, "max": None, "mean": None, "median": None}] * 2


@pytest.mark.parametrize(
    ("path", "length", "prepended"),
    [
        ("1 2 {3,4}", 3, 3),
        ("(65001 65002) 1 2 2", 2, 3),
        ("[65001,65002] 1 1 1", 1, 3),
        ("", 0, 0),
    ],
)
def test_a_set_counts_one_and_a_confederation_nothing(invented, path, length, prepended) -> None:
    rows = path_lengths(invented(f"A 0 c 192.0.2.1 1 10.0.0.0/8 {path}"), PathLengths())

    assert [row.max for row in rows] == [length, prepended]


@pytest.mark.parametrize("after_withdrawal", [False, True])
def test_changes_are_replacements_by_another_path(lab, lines, after_withdrawal: bool) -> None:
    expected = [
        (line.prefix, line.peer, line.peer_asn, " ".join(old), " ".join(line.path), gone)
        for line, old, gone in replaced(lines, after_withdrawal=after_withdrawal)
    ]

    rows = path_changes(lab, PathChanges(after_withdrawal=after_withdrawal, top=1000))

    assert (
        [(r.prefix, r.peer_address, r.peer_asn, r.old_path, r.new_path, r.withdrawn_between) for r in rows]
        == expected
        != []
    )


def test_prepending_alone_is_no_change_if_asked(lab, lines) -> None:
    few = count_path_changes(lab, CountPathChanges(ignore_prepending=True))[0].changes

    assert few == len(replaced(lines, seen=short)) < len(replaced(lines))


@pytest.mark.parametrize(
    ("key", "of"),
    [
        ("prefix", lambda line: [line.prefix]),
        ("peer_asn", lambda line: [line.peer_asn]),
        ("peer_address", lambda line: [line.peer]),
        ("origin_asn", lambda line: line.origins),
        ("ip_version", lambda line: [6 if ":" in line.prefix else 4]),
        ("collector", lambda line: ["lab00"]),
    ],
)
def test_changes_are_counted_by(lab, lines, key: str, of) -> None:
    expected = Counter(value for line, _, _ in replaced(lines) for value in of(line))

    rows = count_path_changes(lab, CountPathChanges(by=key, top=1000))

    assert {row.key: row.changes for row in rows} == expected
    assert [row.changes for row in rows] == sorted(expected.values(), reverse=True)


def test_a_window_knows_the_route_from_before_it(lab, lines) -> None:
    inside = [line for line, _, _ in replaced(lines) if line.time >= 1_767_225_600 + 200]

    rows = path_changes(lab, PathChanges(from_time="2026-01-01T00:03:20", top=1000))

    assert len(rows) == len(inside) > 0


def test_peers_of_one_as_and_collectors_are_kept_apart(invented) -> None:
    data = invented("""
        A 0 c1 192.0.2.1 1 10.0.0.0/8 1 2
        A 1 c1 192.0.2.2 1 10.0.0.0/8 1 3
        A 2 c2 192.0.2.1 1 10.0.0.0/8 1 4
        A 3 c2 192.0.2.1 1 10.0.0.0/8 1 5
    """)

    assert [(row.collector, row.old_path) for row in path_changes(data, PathChanges())] == [("c2", "1 4")]


def test_a_route_after_a_lost_session_replaces_nothing(invented) -> None:
    data = invented("""
        A 0 c 192.0.2.1 1 10.0.0.0/8 1 2
        S 1 c 192.0.2.1 1 ESTABLISHED IDLE
        A 2 c 192.0.2.1 1 10.0.0.0/8 1 3
        A 3 c 192.0.2.1 1 10.0.0.0/8
    """)

    assert [row.new_path for row in path_changes(data, PathChanges())] == [""]
    assert [row.withdrawn_between for row in path_changes(data, PathChanges(after_withdrawal=True))] == [
        True,
        False,
    ]
