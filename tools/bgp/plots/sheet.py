"""The sheet of paper that PNG pictures are drawn on: caption above, one pair of axes, sizes in inches.

sheet = Sheet.blank(caption, width_in=10, height_in=5)
sheet.axes.plot(…)
sheet.png()
"""

import io
import textwrap
from dataclasses import dataclass
from typing import Self

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from herdwick.tools.bgp.plots.caption import Caption
from herdwick.tools.bgp.plots.colours import FAINT_INK, GRID, INK, PAPER, VERMILION

DOTS_PER_INCH = 150
MARGIN_IN = 0.3
TITLE_IN, LINE_IN = 0.34, 0.2
CHARS_PER_IN = 14
"""Of the caption's lines: nine points high, which are about seven hundredths of an inch wide."""


@dataclass(frozen=True)
class Margins:
    """Room around the axes for their labels, in inches."""

    left_in: float
    right_in: float
    bottom_in: float
    top_in: float


WITH_AXES = Margins(left_in=0.95, right_in=0.35, bottom_in=0.75, top_in=0.45)


@dataclass(frozen=True)
class Sheet:
    """A captioned sheet; draw on `axes`."""

    figure: Figure
    axes: Axes

    @classmethod
    def blank(
        cls, caption: Caption, *, width_in: float, height_in: float, margins: Margins = WITH_AXES
    ) -> Self:
        """An empty sheet whose axes are `width_in` by `height_in`."""
        sheet_width = width_in + margins.left_in + margins.right_in
        lines = _wrapped(caption, int((sheet_width - 2 * MARGIN_IN) * CHARS_PER_IN))
        top = MARGIN_IN + TITLE_IN + len(lines) * LINE_IN + margins.top_in
        sheet_height = top + height_in + margins.bottom_in
        figure = Figure(figsize=(sheet_width, sheet_height), facecolor=PAPER)
        FigureCanvasAgg(figure)
        axes = figure.add_axes(
            (
                margins.left_in / sheet_width,
                margins.bottom_in / sheet_height,
                width_in / sheet_width,
                height_in / sheet_height,
            )
        )
        x, y = MARGIN_IN / sheet_width, 1 - (MARGIN_IN + TITLE_IN * 0.6) / sheet_height
        # Names of files may have dollar signs, which would be read as formulas.
        figure.text(x, y, caption.title, size=14, weight="bold", color=INK, parse_math=False)
        for number, (line, is_warning) in enumerate(lines, start=1):
            figure.text(
                x,
                y - (number * LINE_IN + 0.04) / sheet_height,
                line,
                size=9,
                color=VERMILION if is_warning else FAINT_INK,
                weight="bold" if is_warning else "normal",
                parse_math=False,
            )
        return cls(figure, axes)

    def bare(self) -> None:
        """Leave only the lines of the grid and the ground line."""
        for side in ("top", "right", "left"):
            self.axes.spines[side].set_visible(False)
        self.axes.spines["bottom"].set_color(FAINT_INK)
        self.axes.tick_params(colors=INK, labelsize=9, length=3)
        self.axes.grid(axis="y", color=GRID, linewidth=0.8)
        self.axes.set_axisbelow(True)

    def legend(self, *handles: Artist) -> None:
        """Put a legend above the axes, at their left."""
        self.axes.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(-0.01, 1.0),
            ncols=len(handles),
            frameon=False,
            fontsize=9,
        )

    def png(self) -> bytes:
        """The sheet as a PNG file."""
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH, metadata={"Software": "Herdwick"})
        return buffer.getvalue()


def _wrapped(caption: Caption, chars: int) -> list[tuple[str, bool]]:
    """The caption's lines, no longer than `chars`, and whether each is a warning."""
    texts = [(line, False) for line in caption.lines]
    if caption.lab:
        texts.append((caption.lab, True))
    return [(part, warns) for text, warns in texts for part in textwrap.wrap(text, chars)]
