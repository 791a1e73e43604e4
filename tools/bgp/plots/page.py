"""The page that HTML pictures stand on: the caption as text, and a plotly figure with its library inside.

page(caption, figure)
"""

from functools import cache
from html import escape
from pathlib import Path
from string import Template

from plotly.graph_objects import Figure
from plotly.io import to_html

from herdwick.tools.bgp.plots.caption import Caption
from herdwick.tools.bgp.plots.colours import GRID, INK, PAPER


def page(caption: Caption, figure: Figure) -> bytes:
    """A page that opens without a network: plotly's JavaScript, several megabytes, is part of it."""
    # The caption's words are text of the page, where they can be searched and copied.
    lines = [f"<p>{escape(line)}</p>" for line in caption.lines]
    if caption.lab:
        lines.append(f'<p class="lab">{escape(caption.lab)}</p>')
    plot = to_html(
        figure,
        full_html=False,
        include_plotlyjs=True,
        div_id="plot",
        config={"displaylogo": False, "responsive": True},
    )
    filled = _template().substitute(title=escape(caption.title), lines="\n".join(lines), plot=plot)
    return filled.encode()


def styled(figure: Figure) -> Figure:
    """`figure` on white, with legible letters and a legend above it."""
    figure.update_layout(
        template="plotly_white",
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        font={"color": INK, "size": 13},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        margin={"l": 80, "r": 30, "t": 60, "b": 60},
    )
    figure.update_xaxes(gridcolor=GRID, linecolor=INK)
    figure.update_yaxes(gridcolor=GRID)
    return figure


@cache
def _template() -> Template:
    return Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
