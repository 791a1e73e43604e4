from collections import defaultdict

import pytest
from pydantic import ValidationError

from herdwick.tools.bgp.functions.tables import TableAt, TableCounts, table_at, table_counts
from herdwick.tools.bgp.times import parse_time, show_time

from .playing import START


def held_at(lines, time: float) -> dict:
    """(peer, prefix) → line and since when, by playing the capture until `time`."""
    held: dict = {}
    for line in (line for line in lines if line.time <= time):
        key = line.peer, line.prefix
        if line.ends_session:
            held = {known: value for known, value in held.items() if known[0] != line.peer}
        elif line.kind == "W":
            held.pop(key, None)
        elif line.is_route:
            same = key in held and held[key][0].path == line.path
            held[key] = line, held[key][1] if same else line.time
    return held


MOMENTS = [0, 30, 69, 70, 115, 172, 175, 178, 200, 240]


@pytest.mark.parametrize("second", MOMENTS)
def test_routes_held_at_a_moment(lab, lines, second: int) -> None:
    held = held_at(lines, START + second)
    expected = {
        (peer, prefix): (" ".join(line.path), line.peer_asn, since)
        for (peer, prefix), (line, since) in held.items()
    }
    found = {}
    for version in (4, 6):
        for row in table_at(lab, TableAt(time=str(START + second), ip_version=version, top=1000)):
            found[row.peer_address, row.prefix] = row.as_path, row.peer_asn, parse_time(row.since)

    # Routes of IPv4 are more than fit; those that are shown are the first ones.
    assert found.items() <= expected.items()
    assert len(found) == min(sum(":" not in k[1] for k in expected), 1000) + sum(
        ":" in k[1] for k in expected
    )


@pytest.mark.parametrize("second", MOMENTS)
@pytest.mark.parametrize(
    ("key", "of"),
    [
        ("total", lambda line: ["total"]),
        ("origin_asn", lambda line: line.origins),
        ("peer_asn", lambda line: [line.peer_asn]),
        ("peer_address", lambda line: [line.peer]),
        ("ip_version", lambda line: [6 if ":" in line.prefix else 4]),
        ("prefix_length", lambda line: [int(line.prefix.partition("/")[2])]),
    ],
)
def test_counts_of_a_table(lab, lines, second: int, key: str, of) -> None:
    groups = defaultdict(list)
    for line, _ in held_at(lines, START + second).values():
        for value in of(line):
            groups[value].append(line)

    rows = table_counts(lab, TableCounts(time=show_time(START + second), by=key, top=1000))

    assert {row.key: (row.routes, row.prefixes, row.peers, row.origins) for row in rows} == {
        value: (
            len(chosen),
            len({x.prefix for x in chosen}),
            len({x.peer for x in chosen}),
            len({asn for x in chosen for asn in x.origins}),
        )
        for value, chosen in groups.items()
    }
    assert [row.routes for row in rows] == sorted((row.routes for row in rows), reverse=True)


def test_the_hijacked_prefix_at_two_moments(lab) -> None:
    def origins(time: str) -> set[int]:
        rows = table_at(lab, TableAt(prefix="192.0.2.0/24", time=time))
        return {asn for row in rows for asn in row.origin_asns}

    assert origins("2026-01-01T00:00:29") == {64499}
    assert origins("2026-01-01T00:00:30") == {64499, 65551}


def test_a_route_holds_since_its_path_came_and_no_longer_than_its_session(invented) -> None:
    data = invented("""
        R 0 c 192.0.2.1 1 10.0.0.0/8 1 {2,3}
        A 5 c 192.0.2.1 1 10.0.0.0/8 1 {2,3} med=5
        R 9 c 192.0.2.1 1 10.0.0.0/8 1 {2,3}
        A 3 c 192.0.2.2 1 10.0.0.0/8
        A 4 c 192.0.2.3 1 2001:db8::/32 1 4
        W 6 c 192.0.2.3 1 2001:db8::/32
        A 7 c 192.0.2.3 1 2001:db8::/32 1 4
        S 8 d 192.0.2.1 1 ESTABLISHED IDLE
        S 10 c 192.0.2.2 1 ESTABLISHED IDLE
        A 12 c 192.0.2.1 1 10.0.0.0/8 1 4
    """)

    rows = table_at(data, TableAt(time="1970-01-01T00:00:09"))

    assert [(r.peer_address, r.as_path, r.origin_asns, r.since[-3:]) for r in rows] == [
        ("192.0.2.1", "1 {2,3}", [2, 3], "00Z"),
        ("192.0.2.2", "", [], "03Z"),
        ("192.0.2.3", "1 4", [4], "07Z"),
    ]
    assert [r.peer_address for r in table_at(data, TableAt(time="1970-01-01T00:00:10"))] == [
        "192.0.2.1",
        "192.0.2.3",
    ]


def test_no_more_rows_than_asked_and_a_moment_instead_of_a_window(lab) -> None:
    assert len(table_at(lab, TableAt(time="2026-01-01T00:01", top=5))) == 5
    assert table_at(lab, TableAt(time="2025-12-31")) == []
    with pytest.raises(ValidationError, match="of a moment"):
        TableAt(time="2026-01-01", from_time="2025-01-01")


def test_without_a_moment_it_is_the_end_of_the_data(lab) -> None:
    assert table_at(lab, TableAt()) == table_at(lab, TableAt(time="2026-01-02")) != []


def test_counts_by_origin_put_the_most_prefixes_or_routes_first(lab) -> None:
    for order in ("routes", "prefixes"):
        rows = table_counts(lab, TableCounts(by="origin_asn", order=order, top=1000))
        counts = [getattr(row, order) for row in rows]

        assert counts == sorted(counts, reverse=True)
        assert len(set(counts)) > 1


def test_the_total_of_nothing_is_zero_but_before_the_data_begins_nothing_is_known(lab) -> None:
    during, before = ("2026-01-01T00:02:00Z", "2025-12-31T00:00:00Z")
    gone = table_counts(lab, TableCounts(origin_asn=65545, time=during))

    assert [row.model_dump() for row in gone] == [
        {"key": "total", "routes": 0, "prefixes": 0, "peers": 0, "origins": 0}
    ]
    assert table_counts(lab, TableCounts(origin_asn=65545, time=during, by="peer_asn")) == []
    assert table_counts(lab, TableCounts(origin_asn=65545, time=before)) == []
