"""How long paths are: a histogram.

Lengths.of(Shown(args, counts, toolkit)).png()
"""

from dataclasses import dataclass
from typing import Self

from matplotlib.ticker import FuncFormatter, MaxNLocator

from herdwick.tools.bgp.functions.paths import LengthCount
from herdwick.tools.bgp.plots.caption import Caption
from herdwick.tools.bgp.plots.colours import BLUE, INK, PAPER, VERMILION
from herdwick.tools.bgp.plots.sheet import Sheet
from herdwick.tools.errors import PlotError
from herdwick.tools.plot import Shown

LABELLED_BARS = 24
"""With more, the numbers above the bars would run into each other."""

LEAST_PERCENT = 0.1


@dataclass(frozen=True)
class Lengths:
    """Numbers of routes by the length of their path.

    Attributes:
        counts: The shortest first.
        unit: What a length is counted in.
    """

    caption: Caption
    counts: tuple[LengthCount, ...]
    unit: str

    @classmethod
    def of(cls, shown: Shown) -> Self:
        """The picture of what `path_length_distribution` returned.

        Raises:
            PlotError: There are no routes.
        """
        if not shown.value:
            raise PlotError("nothing_to_draw", "There are no routes to draw.", "Select less narrowly.")
        counted = getattr(shown.args, "prepending_counted", False)
        unit = f"Path length (ASes, prepending {'counted' if counted else 'not counted'})"
        return cls(Caption.of("How many routes have a path of each length", shown), tuple(shown.value), unit)

    def png(self) -> bytes:
        """As a PNG file."""
        sheet = Sheet.blank(self.caption, width_in=8.5, height_in=4.6)
        axes = sheet.axes
        bars = axes.bar(self._lengths, self._routes, width=0.8, color=BLUE)
        bars[0].set_label(self._legend())
        if len(self.counts) <= LABELLED_BARS:
            labels = [self._label(row) for row in self.counts]
            # On white, so that the line of the mean does not run through a number.
            on_white = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8}
            axes.bar_label(bars, labels=labels, fontsize=8, padding=3, bbox=on_white, zorder=3)
        mean = axes.axvline(
            self._mean, color=VERMILION, linewidth=1.8, linestyle="--", label=self._mean_legend()
        )
        axes.set_ylim(0, self._top)
        axes.set_xlabel(self.unit, color=INK)
        axes.set_ylabel("Routes (table entries and announcements)", color=INK)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=20, integer=True, min_n_ticks=1))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        sheet.bare()
        sheet.legend(bars[0], mean)
        return sheet.png()

    def html(self) -> bytes:
        """As one page of HTML."""
        from plotly.graph_objects import Bar, Figure, Scatter

        from herdwick.tools.bgp.plots.page import page, styled

        figure = styled(Figure())
        figure.add_trace(
            Bar(
                x=self._lengths,
                y=self._routes,
                name=self._legend(),
                marker={"color": BLUE},
                customdata=[self._percent(row) for row in self.counts],
                hovertemplate="%{x} ASes: %{y:,} routes, %{customdata}<extra></extra>",
            )
        )
        figure.add_trace(
            Scatter(
                x=[self._mean, self._mean],
                y=[0, self._top],
                mode="lines",
                name=self._mean_legend(),
                line={"color": VERMILION, "dash": "dash", "width": 2.5},
                hoverinfo="skip",
            )
        )
        figure.update_layout(
            height=560,
            bargap=0.2,
            xaxis={"title": self.unit, "tickformat": ",d", "showgrid": False},
            yaxis={
                "title": "Routes (table entries and announcements)",
                "tickformat": ",d",
                "range": [0, self._top],
            },
        )
        if len(self.counts) <= LABELLED_BARS:
            figure.update_xaxes(dtick=1)
            for row in self.counts:
                figure.add_annotation(
                    x=row.length,
                    y=row.routes,
                    text=self._label(row).replace("\n", "<br>"),
                    showarrow=False,
                    yanchor="bottom",
                    yshift=3,
                    bgcolor=PAPER,
                )
        return page(self.caption, figure)

    @property
    def _lengths(self) -> list[int]:
        return [row.length for row in self.counts]

    @property
    def _routes(self) -> list[int]:
        return [row.routes for row in self.counts]

    @property
    def _top(self) -> float:
        """Of the axis: there is room for the number on the highest bar."""
        return max(self._routes) * 1.14

    @property
    def _mean(self) -> float:
        return sum(row.length * row.routes for row in self.counts) / sum(self._routes)

    def _percent(self, row: LengthCount) -> str:
        share = 100 * row.routes / sum(self._routes)
        return f"{share:.1f} %" if share >= LEAST_PERCENT else f"under {LEAST_PERCENT} %"

    def _label(self, row: LengthCount) -> str:
        return f"{row.routes:,}\n{self._percent(row)}"

    def _legend(self) -> str:
        return f"Routes: {sum(self._routes):,} in all"

    def _mean_legend(self) -> str:
        return f"Mean: {self._mean:.2f} ASes"
