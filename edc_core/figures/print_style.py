"""Print style: a figure for a paper, 3.25 or 6.75 inches wide, black on white, with letters of 7 to 9 points.

A column of two is 3.25 inches wide, the whole page 6.75. A figure is laid out as wide as a page of the app (for one
column, as a phone's window) and shrunk as a whole, so nothing on it moves or is cut. What paper cannot use (hover,
buttons) goes; what a dark page draws in pale ink becomes black.
"""

import math
import re
from typing import Any

from edc_core.errors import SettingsError
from edc_core.figures.phone_layout import narrowed
from edc_core.figures.plotly_objects import go

ONE_COLUMN, TWO_COLUMNS = WIDTHS = (3.25, 6.75)  # inches
PIXELS_PER_INCH, DOTS_PER_INCH = 96, 300  # of SVG and PDF, as browsers count; of a PNG
LAID_OUT = {ONE_COLUMN: 390, TWO_COLUMNS: 936}  # pixels of the figure before it is shrunk
INK, GRID, FONTS = "#1A1A1A", "#DDDDDD", "Arial, Helvetica, sans-serif"
SMALLEST = 14  # pixels of letters that a figure gives no size, before it is shrunk
EDGE = 8  # pixels of white around what reaches the border of a page's chart
PALE_INK = re.compile("#EEF2F6", re.I)  # of text on the app's dark page


def shrinkage(inches: float) -> float:
    """What SVG and PDF are scaled by so that they are so many inches wide.

    Raises:
        SettingsError: a width that figures do not have.
    """
    if inches not in LAID_OUT:
        raise SettingsError(f"the width is {inches} inches, but a figure is 3.25 or 6.75 wide: choose one of these.")
    return inches * PIXELS_PER_INCH / LAID_OUT[inches]


def for_print(figure: go.Figure, inches: float) -> go.Figure:
    """A copy in the print style, with the size that it is laid out at; `shrinkage` makes it so many inches wide."""
    shrinkage(inches)  # refuses other widths
    shown = narrowed(figure) if inches == ONE_COLUMN else go.Figure(figure)
    shown = go.Figure(_black(shown.to_plotly_json()))
    size = max(shown.layout.font.size or 0, SMALLEST)
    shown.update_layout(template="plotly_white", paper_bgcolor="white", plot_bgcolor="white")
    shown.update_layout(font={"color": INK, "family": FONTS, "size": size})
    shown.update_layout(hovermode=False, dragmode=False, autosize=False)
    shown.layout.updatemenus, shown.layout.sliders = (), ()
    _names_inward(shown)
    for axes in (shown.update_xaxes, shown.update_yaxes):
        axes(gridcolor=GRID, automargin=True)
    width = LAID_OUT[inches]
    height = int(shown.layout.height or 0.62 * width)
    margin = {side: (80 if given is None else given) + EDGE for side, given in _margins(shown).items()}
    return shown.update_layout(width=width, height=height + 2 * EDGE, margin=margin)


def _margins(figure: go.Figure) -> dict[str, float | None]:
    return {side: figure.layout.margin[side] for side in "lrtb"}


def _black(part: Any) -> Any:
    """The same part of a figure's JSON, pale ink in black; arrays stay as they are."""
    if isinstance(part, dict):
        return {name: _black(value) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_black(value) for value in part]
    return PALE_INK.sub(INK, part) if isinstance(part, str) else part


def _names_inward(figure: go.Figure) -> None:
    """Names of single points at the right side stand left of them, where there is room."""
    scatters = [trace for trace in figure.data if trace.type == "scatter" and trace.x is not None]
    points = [trace for trace in scatters if len(trace.x) == 1 and isinstance(trace.x[0], int | float)]
    places = [_place(figure, trace.x[0]) for trace in points]
    if not places or min(places) == max(places):
        return
    limit = min(places) + 0.6 * (max(places) - min(places))
    for trace, place in zip(points, places, strict=True):
        if place > limit and trace.textposition == "middle right" and trace.text:
            trace.update(textposition="middle left", text=[f"{trace.text[0].strip()}  "])


def _place(figure: go.Figure, x: float) -> float:
    return math.log10(x) if figure.layout.xaxis.type == "log" and x > 0 else x
