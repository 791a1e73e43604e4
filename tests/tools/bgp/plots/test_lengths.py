import pytest

from herdwick.tools.bgp.plots.colours import BLUE, VERMILION
from herdwick.tools.bgp.plots.lengths import Lengths
from herdwick.tools.errors import PlotError


def test_the_png_shows_bars_and_the_mean(shown, colours) -> None:
    found = colours(Lengths.of(shown("path_length_distribution")).png())
    assert found[BLUE] > 50_000
    assert found[VERMILION] > 500


def test_the_page_has_every_length_with_its_share(shown, traces) -> None:
    value = shown("path_length_distribution").value
    bars, mean = traces(Lengths.of(shown("path_length_distribution")).html())
    routes = sum(row.routes for row in value)
    assert dict(zip(bars["x"], bars["y"], strict=True)) == {row.length: row.routes for row in value}
    assert bars["customdata"][3] == f"{100 * value[3].routes / routes:.1f} %"
    assert mean["x"][0] == pytest.approx(sum(row.length * row.routes for row in value) / routes)


def test_a_share_too_small_to_show_is_not_called_nothing(shown) -> None:
    picture = Lengths.of(shown("path_length_distribution"))
    assert picture.counts[-1].routes == 1
    assert b"under 0.1 %" in picture.html()


@pytest.mark.parametrize(
    ("counted", "unit"),
    [
        (True, "Path length (ASes, prepending counted)"),
        (False, "Path length (ASes, prepending not counted)"),
    ],
)
def test_the_axis_says_what_is_counted(shown, counted, unit) -> None:
    assert Lengths.of(shown("path_length_distribution", prepending_counted=counted)).unit == unit


def test_nothing_is_not_drawn(shown) -> None:
    with pytest.raises(PlotError, match="no routes to draw"):
        Lengths.of(shown("path_length_distribution", prefix="192.88.99.0/24"))
