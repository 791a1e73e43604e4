"""Updates in time: announcements above the line, withdrawals below it, to one scale.

Timeline.of(Shown(args, bins, toolkit)).png()
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.ticker import FuncFormatter, MaxNLocator

from herdwick.tools.bgp.functions.updates import UpdateBin
from herdwick.tools.bgp.plots.caption import Caption
from herdwick.tools.bgp.plots.colours import BLUE, INK, PALE_VERMILION, VERMILION
from herdwick.tools.bgp.plots.sheet import Sheet
from herdwick.tools.bgp.times import parse_time
from herdwick.tools.errors import PlotError
from herdwick.tools.plot import Shown

SMALLEST_SHARE = 0.12
"""Of the height, for the side with less: room for its label even where nothing was withdrawn."""

TICKS = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%H:%M:%S"]
"""How years, months, days, hours, minutes and seconds are written below the axis."""


@dataclass(frozen=True)
class Timeline:
    """Bins of updates, ready to be drawn.

    Attributes:
        bins: One after the other, without gaps.
        bin_seconds: The length of each.
    """

    caption: Caption
    bins: Sequence[UpdateBin]
    bin_seconds: int

    @classmethod
    def of(cls, shown: Shown) -> Self:
        """The picture of what `update_series` returned.

        Raises:
            PlotError: There are no bins.
        """
        if not shown.value:
            raise PlotError(
                "nothing_to_draw", "There are no updates to draw.", "Ask about data that has elems."
            )
        seconds: int = getattr(shown.args, "bin_seconds")  # noqa: B009 -- a field of this function's schema
        title = f"BGP announcements and withdrawals per {_length(seconds)}"
        return cls(Caption.of(title, shown), shown.value, seconds)

    def png(self) -> bytes:
        """As a PNG file."""
        sheet = Sheet.blank(self.caption, width_in=10, height_in=4.6)
        axes = sheet.axes
        edges = [date2num(datetime.fromtimestamp(moment, UTC)) for moment in self._edges()]
        # The outline keeps bins visible that are narrower than a dot.
        style: dict[str, Any] = {"fill": True, "linewidth": 0.7}
        announcements = axes.stairs(
            self._announcements,
            edges,
            **style,
            color=BLUE,
            label=_legend("Announcements", self._announcements),
        )
        withdrawals = axes.stairs(
            [-number for number in self._withdrawals],
            edges,
            **style,
            facecolor=PALE_VERMILION,
            edgecolor=VERMILION,
            hatch="/////",
            label=_legend("Withdrawals", self._withdrawals),
        )
        # Over the outlines of empty bins.
        axes.axhline(0, color=INK, linewidth=1.2, zorder=4)
        up, down = self._heights()
        axes.set(xlim=(edges[0], edges[-1]), ylim=(-down, up))
        axes.set_xlabel(f"Time (UTC), {self._days()}", color=INK)
        axes.set_ylabel(self._unit(), color=INK)
        locator = AutoDateLocator(tz=UTC, maxticks=10)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(
            ConciseDateFormatter(
                locator, tz=UTC, formats=TICKS, zero_formats=["", *TICKS[:-1]], show_offset=False
            )
        )
        axes.yaxis.set_major_locator(MaxNLocator(nbins=9, integer=True))
        # Below the line there are numbers of withdrawals, not negative ones.
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):,.0f}"))
        sheet.bare()
        sheet.legend(announcements, withdrawals)
        return sheet.png()

    def html(self) -> bytes:
        """As one page of HTML."""
        from plotly.graph_objects import Bar, Figure

        from herdwick.tools.bgp.plots.page import page, styled

        up, down = self._heights()
        share = down / (up + down)
        common = {
            "x": [row.time.removesuffix("Z") for row in self.bins],
            "width": self.bin_seconds * 1000,
            "offset": 0,
            "hovertemplate": "%{x|%Y-%m-%d %H:%M:%S} UTC: %{y:,}",
        }
        figure = styled(Figure())
        figure.add_trace(
            Bar(
                **common,
                y=_seen(self._announcements),
                name=_legend("Announcements", self._announcements),
                marker={"color": BLUE, "line": {"color": BLUE, "width": 0.7}},
            )
        )
        figure.add_trace(
            Bar(
                **common,
                y=_seen(self._withdrawals),
                yaxis="y2",
                name=_legend("Withdrawals", self._withdrawals),
                marker={
                    "color": VERMILION,
                    "line": {"color": VERMILION, "width": 0.7},
                    "pattern": {"shape": "/", "bgcolor": PALE_VERMILION, "fgcolor": VERMILION},
                },
            )
        )
        # Two axes that meet: below the line there are numbers of withdrawals, not negative ones.
        figure.update_layout(
            height=560,
            barmode="overlay",
            hovermode="x unified",
            xaxis={"title": f"Time (UTC), {self._days()}", "anchor": "y2", "type": "date"},
            yaxis={"domain": [share, 1], "range": [0, up], "title": self._unit(), "tickformat": ",d"},
            yaxis2={"domain": [0, share], "range": [down, 0], "tickformat": ",d", "showgrid": True},
        )
        figure.update_traces(xaxis="x")
        return page(self.caption, figure)

    @property
    def _announcements(self) -> list[int]:
        return [row.announcements for row in self.bins]

    @property
    def _withdrawals(self) -> list[int]:
        return [row.withdrawals for row in self.bins]

    def _edges(self) -> list[float]:
        starts = [parse_time(row.time) for row in self.bins]
        return [*starts, starts[-1] + self.bin_seconds]

    def _heights(self) -> tuple[float, float]:
        """How far the axis goes up and down."""
        up, down = max(self._announcements), max(self._withdrawals)
        least = max(up, down, 1) * SMALLEST_SHARE
        return max(up * 1.08, least), max(down * 1.08, least)

    def _unit(self) -> str:
        return f"Updates (prefixes) per {_length(self.bin_seconds)}"

    def _days(self) -> str:
        first, last = (row.time[: len("2026-01-01")] for row in (self.bins[0], self.bins[-1]))
        return first if first == last else f"{first} to {last}"


def _seen(numbers: Sequence[int]) -> list[int | None]:
    """The numbers without zeros, whose bars would be drawn as a line all the same."""
    return [number or None for number in numbers]


def _legend(name: str, numbers: Sequence[int]) -> str:
    side = "above" if name == "Announcements" else "below"
    return f"{name} ({side} the line): {sum(numbers):,} in all"


def _length(seconds: int) -> str:
    """A bin's length in the largest unit that divides it."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % size == 0:
            return unit if seconds == size else f"{seconds // size} {unit}s"
    return "second" if seconds == 1 else f"{seconds} seconds"
