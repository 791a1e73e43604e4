"""Colours that colour-blind people tell apart and that stay apart in print.

From Okabe and Ito's palette, https://jfly.uni-koeln.de/color/. Blue and vermilion are equally dark in grey,
so whatever differs by them differs by hatching, place or shape as well.
"""

BLUE = "#0072B2"
VERMILION = "#D55E00"
INK = "#222222"
FAINT_INK = "#555555"
LINE = "#7C8791"
ARROW = "#414B55"
GRID = "#D9DDE1"
PAPER = "#FFFFFF"

PALE_BLUE = "#CFE4F2"
PALE_VERMILION = "#FADCC8"
PALE_GREY = "#F1F3F4"
