from itertools import groupby, pairwise

import pytest

from herdwick.tools.bgp.functions.topology import (
    AsGraph,
    Neighbours,
    Upstreams,
    as_graph,
    neighbours,
    upstreams,
)

from .playing import carried, routes


def short(line) -> list[str]:
    return [hop for hop, _ in groupby(line.path)]


def edges(lines, within=lambda place, path: True):
    """Pairs of ASes with the line that has them, each once for a line."""
    for line in routes(lines):
        path = short(line)
        pairs = {
            (int(a), int(b))
            for place, (a, b) in enumerate(pairwise(path))
            if a.isdigit() and b.isdigit() and within(place, path)
        }
        yield from ((pair, line) for pair in pairs)


def told(row) -> tuple[int, int, int]:
    return row.routes, row.prefixes, row.peers


@pytest.mark.parametrize("asn", [64500, 64496, 65548, 65540])
def test_neighbours_are_before_and_after_an_as(lab, lines, asn: int) -> None:
    before = [((a, "upstream"), line) for (a, b), line in edges(lines) if b == asn]
    after = [((b, "downstream"), line) for (a, b), line in edges(lines) if a == asn]

    rows = neighbours(lab, Neighbours(asn=asn))

    assert {(r.neighbour_asn, r.side): told(r) for r in rows} == carried(before + after) != {}
    assert [r.prefixes for r in rows] == sorted((r.prefixes for r in rows), reverse=True)


def test_neighbours_of_one_side(lab, lines) -> None:
    expected = {b for (a, b), line in edges(lines) if a == 64503 and ":" in line.prefix}

    rows = neighbours(lab, Neighbours(asn=64503, side="downstream", ip_version=6))

    assert {(r.neighbour_asn, r.side) for r in rows} == {(asn, "downstream") for asn in expected} != set()


@pytest.mark.parametrize("asn", [65540, 64508, 64499, 64503])
def test_upstreams_are_next_to_the_origin(lab, lines, asn: int) -> None:
    paths = [(short(line), line) for line in routes(lines) if line.origins == [asn]]
    expected = carried((int(path[-2]), line) for path, line in paths if len(path) > 1)

    rows = upstreams(lab, Upstreams(asn=asn))

    assert {row.upstream_asn: told(row) for row in rows} == expected != {}


def test_a_graph_of_all_paths(lab, lines) -> None:
    graph = as_graph(lab, AsGraph(top=1000))

    assert {(e.upstream_asn, e.downstream_asn): told(e) for e in graph.edges} == carried(edges(lines))
    assert graph.asns == sorted({asn for pair, _ in edges(lines) for asn in pair})
    assert graph.edges_left_out == 0


@pytest.mark.parametrize("hops", [1, 2, None])
def test_a_graph_around_an_as_follows_its_paths(lab, lines, hops) -> None:
    def near(place: int, path: list[str]) -> bool:
        centres = [number for number, hop in enumerate(path) if hop == "64502"]
        away = [max(abs(place - centre), abs(place + 1 - centre)) for centre in centres]
        return any(distance <= (hops or 99) for distance in away)

    graph = as_graph(lab, AsGraph(asn=64502, hops=hops, top=1000))

    assert {(e.upstream_asn, e.downstream_asn): told(e) for e in graph.edges} == carried(edges(lines, near))


def test_a_graph_around_a_prefix_starts_at_its_origins(lab, lines) -> None:
    chosen = [line for line in lines if line.prefix == "192.0.2.0/24"]
    last = carried(edges(chosen, lambda place, path: place >= len(path) - 2))

    graph = as_graph(lab, AsGraph(prefix="192.0.2.0/24", hops=1))
    whole = as_graph(lab, AsGraph(prefix="192.0.2.0/24"))

    assert {(e.upstream_asn, e.downstream_asn): told(e) for e in graph.edges} == last
    assert len(whole.edges) == len(carried(edges(chosen))) > len(last)


def test_a_graph_says_how_many_edges_it_leaves_out(lab, lines) -> None:
    graph = as_graph(lab, AsGraph(top=5))

    assert len(graph.edges) == 5
    assert graph.edges_left_out == len(carried(edges(lines))) - 5
    assert len(graph.asns) <= 10


def test_brackets_are_nobodys_neighbours(invented) -> None:
    data = invented("""
        A 0 c 192.0.2.1 1 10.0.0.0/8 (65001 65002) 1 2 2 {3,4}
        A 1 c 192.0.2.1 1 10.1.0.0/16 1 [65001,65002] 2
        A 2 c 192.0.2.1 1 10.2.0.0/16
        W 3 c 192.0.2.1 1 10.0.0.0/8
    """)

    assert [(e.upstream_asn, e.downstream_asn) for e in as_graph(data, AsGraph()).edges] == [(1, 2)]
    assert [r.neighbour_asn for r in neighbours(data, Neighbours(asn=2))] == [1]
    assert upstreams(data, Upstreams(asn=3)) == []


def test_peers_of_one_as_and_collectors_count_each(invented) -> None:
    data = invented("""
        A 0 c1 192.0.2.1 1 10.0.0.0/8 1 2
        A 1 c1 192.0.2.2 1 10.0.0.0/8 1 2
        A 2 c2 192.0.2.1 1 2001:db8::/32 1 2 2
        A 3 c2 192.0.2.1 1 2001:db8::/32 1 2
    """)

    (row,) = upstreams(data, Upstreams(asn=2))

    assert (row.upstream_asn, *told(row)) == (1, 4, 2, 3)


def test_a_loop_has_edges_both_ways_and_each_route_counts_once(invented) -> None:
    data = invented("A 0 c 192.0.2.1 1 10.0.0.0/8 1 2 3 2 3")

    rows = {(e.upstream_asn, e.downstream_asn): e.routes for e in as_graph(data, AsGraph(asn=2)).edges}

    assert rows == {(1, 2): 1, (2, 3): 1, (3, 2): 1}


def test_upstreams_of_an_as_that_originates_nothing_are_those_of_what_it_passes_on(invented) -> None:
    data = invented("""
        A 0 c 192.0.2.1 1 10.0.0.0/8 1 2 3 4
        A 0 c 192.0.2.1 1 10.1.0.0/16 1 5 3 4
        A 0 c 192.0.2.1 1 10.2.0.0/16 1 2 4
    """)

    assert [row.upstream_asn for row in upstreams(data, Upstreams(asn=3))] == [2, 5]
    assert [row.upstream_asn for row in upstreams(data, Upstreams(asn=4))] == [3, 2]
