import io

from PIL import Image

from herdwick.tools.bgp.plots.caption import Caption
from herdwick.tools.bgp.plots.sheet import DOTS_PER_INCH, Margins, Sheet

MARGINS = Margins(left_in=1, right_in=1, bottom_in=1, top_in=0)


def size(caption: Caption) -> tuple[int, int]:
    png = Sheet.blank(caption, width_in=4, height_in=2, margins=MARGINS).png()
    with Image.open(io.BytesIO(png)) as image:
        return image.size


def test_a_sheet_is_as_wide_as_axes_and_margins() -> None:
    assert size(Caption("T", (), ""))[0] == 6 * DOTS_PER_INCH


def test_long_captions_take_more_lines_and_leave_the_axes_alone() -> None:
    short, long = size(Caption("T", ("word",), "")), size(Caption("T", ("word " * 60,), "LAB"))
    assert long[1] > short[1]
    assert long[0] == short[0]


def test_dollar_signs_are_no_formulas() -> None:
    assert size(Caption("$x", ("$\\frac{", "$a$"), "$^{"))[0] == 6 * DOTS_PER_INCH
