import pytest

from herdwick.tools.bgp.plots.colours import ARROW, PALE_BLUE, PALE_VERMILION
from herdwick.tools.bgp.plots.graph import ASKED, OTHER, PEER, GraphPicture
from herdwick.tools.errors import PlotError
from herdwick.tools.plot import Shown


def test_the_png_shows_boxes_and_arrows(shown, colours) -> None:
    found = colours(GraphPicture.of(shown("as_graph", asn=65545)).png())
    assert min(found[ARROW], found[PALE_BLUE], found[PALE_VERMILION]) > 200


def test_peers_of_the_collector_and_the_as_asked_about_stand_out(shown) -> None:
    kinds = GraphPicture.of(shown("as_graph", asn=65545)).kinds
    assert {asn for asn, kind in kinds.items() if kind == PEER} == {64496, 65550}
    assert kinds[65545] == ASKED
    assert kinds[64498] == OTHER


def test_peers_stand_at_the_left(shown) -> None:
    picture = GraphPicture.of(shown("as_graph"))
    first = min(box.x for box in picture.layout.boxes.values())
    assert {asn for asn, box in picture.layout.boxes.items() if box.x == first} == {64496, 64503, 65550}


def test_the_page_tells_of_every_edge(shown, traces) -> None:
    value = shown("as_graph").value
    picture = GraphPicture.of(shown("as_graph"))
    drawn = traces(picture.html())
    told = next(trace for trace in drawn if "→" in "".join(trace.get("hovertext", [])))
    edge = value.edges[0]
    assert len(told["hovertext"]) == len(value.edges)
    assert told["hovertext"][0] == (
        f"AS{edge.upstream_asn} → AS{edge.downstream_asn}: prefixes {edge.prefixes}, "
        f"routes {edge.routes}, peers {edge.peers}"
    )
    lines = [trace for trace in drawn if trace.get("mode") == "lines+markers"]
    assert sum(trace["x"].count(None) for trace in lines) == len(value.edges)


def test_what_is_left_out_is_told(shown) -> None:
    picture = GraphPicture.of(shown("as_graph", top=3))
    assert len(picture.edges) == 3
    everything = len(shown("as_graph").value.edges)
    assert f"The 3 edges with the most prefixes; {everything - 3} more are left out" in picture.caption.lines


def test_a_wider_line_has_more_prefixes(shown) -> None:
    picture = GraphPicture.of(shown("as_graph"))
    widths = [picture.thickness(edge.prefixes) for edge in picture.edges]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 3 * widths[-1]


def test_nothing_is_not_drawn(shown) -> None:
    with pytest.raises(PlotError, match="No two ASes"):
        GraphPicture.of(shown("as_graph", prefix="192.88.99.0/24"))


def test_a_graph_of_something_else_is_a_mistake(shown) -> None:
    graph = shown("as_graph")
    with pytest.raises(TypeError, match="BGP data"):
        GraphPicture.of(Shown(graph.args, graph.value, object()))
