import pytest

from herdwick.tools.bgp.plots.colours import BLUE, VERMILION
from herdwick.tools.bgp.plots.timeline import Timeline
from herdwick.tools.errors import PlotError
from herdwick.tools.plot import Shown


def test_the_png_shows_both_kinds_of_updates(shown, colours) -> None:
    found = colours(Timeline.of(shown("update_series", bin_seconds=5)).png())
    assert found[BLUE] > 5_000
    assert found[VERMILION] > 500


def test_where_nothing_was_withdrawn_nothing_is_drawn_below_the_line(shown, colours) -> None:
    window = {"from_time": "2026-01-01T00:02:40", "until_time": "2026-01-01T00:03:00"}
    picture = Timeline.of(shown("update_series", bin_seconds=5, **window))
    assert sum(row.withdrawals for row in picture.bins) == 0
    # The warning and the legend have the colour too.
    everything = colours(Timeline.of(shown("update_series", bin_seconds=5)).png())
    assert everything[VERMILION] - colours(picture.png())[VERMILION] > 1_000


def test_the_page_has_the_numbers_of_each_bin(shown, traces) -> None:
    picture = Timeline.of(shown("update_series", bin_seconds=60))
    announcements, withdrawals = traces(picture.html())
    assert announcements["x"] == [f"2026-01-01T00:0{minute}:00" for minute in range(4)]
    assert announcements["width"] == 60_000
    assert sum(number or 0 for number in announcements["y"]) == 762
    assert sum(number or 0 for number in withdrawals["y"]) == 137
    assert announcements["name"] == "Announcements (above the line): 762 in all"


@pytest.mark.parametrize(
    ("seconds", "title"),
    [
        (60, "BGP announcements and withdrawals per minute"),
        (90, "BGP announcements and withdrawals per 90 seconds"),
        (7200, "BGP announcements and withdrawals per 2 hours"),
    ],
)
def test_the_title_names_the_length_of_a_bin(shown, seconds, title) -> None:
    assert Timeline.of(shown("update_series", bin_seconds=seconds)).caption.title == title


def test_as_many_bins_as_there_can_be_are_drawn(shown, colours) -> None:
    window = {"from_time": "2026-01-01T00:00:00", "until_time": "2026-01-01T02:46:40"}
    picture = Timeline.of(shown("update_series", bin_seconds=1, **window))
    assert len(picture.bins) == 10_000
    assert colours(picture.png())[BLUE] > 100


def test_nothing_is_not_drawn(shown) -> None:
    empty = shown("update_series")
    with pytest.raises(PlotError, match="no updates to draw"):
        Timeline.of(Shown(empty.args, [], empty.toolkit))
