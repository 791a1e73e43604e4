from pathlib import Path

import pytest

import herdwick.tools.bgp.sample
from herdwick.tools.bgp.functions.leaks import Leaks, leak_summary, route_leaks
from herdwick.tools.bgp.functions.relationships import Relationships, read_relationships
from herdwick.tools.errors import ToolFailure

FILE = Path(herdwick.tools.bgp.sample.__file__).parent / "data" / "relationships.txt"


@pytest.fixture(scope="module")
def known() -> Relationships:
    return read_relationships(FILE)


@pytest.fixture
def small() -> Relationships:
    """3 is in the middle: 1 and 2 are its providers, 4 and 5 its peers, 6 its customer."""
    made = Relationships("test")
    for provider, customer in ((1, 3), (2, 3), (3, 6)):
        made.add(provider, customer, sells_transit=True)
    for peer in (4, 5):
        made.add(3, peer, sells_transit=False)
    return made


def valleys(
    path: list[str], up: set[tuple[int, int]], across: set[tuple[int, int]]
) -> set[tuple[int, int, int]]:
    """(leaker, learnt from, told to), by walking a path from its origin."""
    asns = [int(hop) for hop in path if hop.isdigit()]
    walk = [asn for at, asn in enumerate(asns) if at == 0 or asns[at - 1] != asn][::-1]
    if len(set(walk)) != len(walk):
        return set()
    found = set()
    for source, middle, receiver in zip(walk, walk[1:], walk[2:], strict=False):
        came_down = (source, middle) in up or {(source, middle), (middle, source)} & across
        goes_up = (receiver, middle) in up or {(receiver, middle), (middle, receiver)} & across
        if came_down and goes_up:
            found.add((middle, source, receiver))
    return found


def test_the_leak_of_the_scenario_is_found_and_nothing_else(lab, lines, known) -> None:
    fields = [line.split("|") for line in FILE.read_text().splitlines() if not line.startswith("#")]
    up = {(int(a), int(b)) for a, b, kind in fields if kind == "-1"}
    across = {(int(a), int(b)) for a, b, kind in fields if kind == "0"}
    expected: dict[tuple[str, int, int, int], set[str]] = {}
    for line in lines:
        if line.is_route:
            for place in valleys(line.path, up, across):
                expected.setdefault((line.prefix, *place), set()).add(line.peer)

    rows = route_leaks(lab, Leaks(top=1000), known)

    assert {(row.prefix, row.leaker_asn, row.learnt_from, row.told_to): row.peers for row in rows} == {
        key: len(peers) for key, peers in expected.items()
    }
    assert {key[1:] for key in expected} == {(65544, 64501, 64500)}


def test_a_leaked_prefix_with_all_that_is_known_of_it(lab, known) -> None:
    (row,) = route_leaks(lab, Leaks(prefix="10.19.0.0/21"), known)

    assert row.model_dump() == {
        "leaker_asn": 65544,
        "learnt_from": 64501,
        "source": "provider",
        "told_to": 64500,
        "receiver": "provider",
        "leak_type": 1,
        "peers": 1,
        "first_seen": "2026-01-01T00:00:50Z",
        "last_seen": "2026-01-01T00:01:30Z",
        "prefix": "10.19.0.0/21",
        "origin_asns": [64505],
        "peer_asns": [64496],
        "as_path": "64496 64500 65544 64501 64505",
    }


def test_the_summary_has_one_row_for_each_place(lab, known) -> None:
    (row,) = leak_summary(lab, Leaks(), known)

    assert (row.prefixes, row.peers, row.origin_asns) == (13, 2, [64505])
    assert leak_summary(lab, Leaks(leaker_asn=64500), known) == []
    assert leak_summary(lab, Leaks(until_time="2026-01-01T00:00:50"), known) == []


@pytest.mark.parametrize(
    ("path", "leak_type"),
    [
        ("1 3 2 9", 1),
        ("4 3 5 9", 2),
        ("4 3 1 9", 3),
        ("1 3 4 9", 4),
        ("6 3 1 9", None),
        ("6 3 4 9", None),
        ("1 3 6 9", None),
        ("4 3 6", None),
    ],
)
def test_the_types_of_rfc_7908(invented, small, path: str, leak_type: int | None) -> None:
    rows = route_leaks(invented(f"A 0 c 192.0.2.1 1 10.0.0.0/8 {path}"), Leaks(), small)

    assert [row.leak_type for row in rows] == ([] if leak_type is None else [leak_type])


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("1 1 3 3 3 2 2 9", 1),
        ("1 3 (65001 65002) 2 9", 1),
        ("(65001 1) 1 3 [65001,65002] 3 2 9", 1),
        ("1 3 {2,7}", 0),
        ("1 {3} 2", 0),
        ("1 3 2 3 1", 0),
        ("3 2 9", 0),
        ("1 3", 0),
        ("", 0),
        ("1 3 77 9", 0),
    ],
)
def test_what_is_a_neighbour(invented, small, path: str, found: int) -> None:
    """Prepending and confederations are looked through; sets, loops and unknown neighbours are not judged."""
    assert len(route_leaks(invented(f"A 0 c 192.0.2.1 1 10.0.0.0/8 {path}"), Leaks(), small)) == found


def test_a_session_that_goes_down_ends_the_leak_and_peers_of_one_as_count_each(invented, small) -> None:
    data = invented("""
        A 0 c 192.0.2.1 1 2001:db8::/32 1 3 2 9
        A 5 c 2001:db8::1 1 2001:db8::/32 1 3 2 9
        S 7 c 192.0.2.1 1 ESTABLISHED IDLE
        W 20 c 2001:db8::1 1 2001:db8::/32
        A 30 c 192.0.2.9 8 10.0.0.0/8 8
    """)

    (row,) = route_leaks(data, Leaks(), small)

    assert (row.peers, row.peer_asns) == (2, [1])
    assert (row.first_seen, row.last_seen) == ("1970-01-01T00:00:00Z", "1970-01-01T00:00:20Z")


def test_without_relationships_the_answer_says_why_there_is_none(lab) -> None:
    with pytest.raises(ToolFailure, match="nobody can tell a leak") as caught:
        route_leaks(lab, Leaks(), None)

    assert caught.value.kind == "no_relationships"
