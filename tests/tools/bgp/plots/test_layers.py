from hypothesis import given
from hypothesis import strategies as st

from herdwick.tools.bgp.plots.layers import assign_layers

PAIRS = st.lists(
    st.tuples(st.integers(1, 12), st.integers(1, 12)).filter(lambda p: p[0] != p[1]), unique=True
)


def test_everything_stands_right_of_what_leads_to_it() -> None:
    assert assign_layers([(1, 2), (2, 3), (1, 3)], peers=set()) == {1: 0, 2: 1, 3: 2}


def test_peers_stay_in_the_first_column_whatever_leads_to_them() -> None:
    assert assign_layers([(1, 2), (2, 9), (9, 3)], peers={1, 9}) == {1: 0, 9: 0, 2: 1, 3: 1}


def test_of_a_circle_the_least_important_edge_points_back() -> None:
    layers = assign_layers([(1, 2), (2, 3), (3, 1)], peers=set())
    assert layers == {1: 0, 2: 1, 3: 2}


def test_beginnings_that_are_no_peers_stand_next_to_what_follows() -> None:
    layers = assign_layers([(1, 2), (2, 3), (7, 3)], peers={1})
    assert layers == {1: 0, 2: 1, 3: 2, 7: 1}


@given(PAIRS, st.sets(st.integers(1, 12)))
def test_every_node_gets_a_column_and_most_edges_point_right(edges, peers) -> None:
    layers = assign_layers(edges, peers)
    assert set(layers) == {node for edge in edges for node in edge}
    assert all(layers[node] == 0 for node in peers & set(layers))
    if edges and not peers:
        assert layers[edges[0][0]] < layers[edges[0][1]]
