"""The style that every plot shares: type size, axes, intervals, greys.

Text takes the page's own colour; lines and marks are seen on light and dark alike.
"""

from collections.abc import Sequence

from edc_core.figures.colours import OKABE_ITO
from edc_core.figures.plotly_objects import go

GREY = OKABE_ITO["grey"]
FONT = 16
PERCENT = {"minallowed": 0, "maxallowed": 100}  # where few seeds make an interval wider than any accuracy
CLEAR = "rgba(0,0,0,0)"  # what is behind the plot shows, a dark page or a light one


def framed(figure: go.Figure, x: str, y: str, height: int, ink: str | None = None) -> go.Figure:
    """Titles, type size and margins as every plot here has them."""
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "font": {"size": FONT - 1, "color": ink}}
    title, ticks = {"size": FONT, "color": ink}, {"size": FONT - 1, "color": ink}
    figure.update_layout(height=height, margin={"l": 10, "r": 10, "t": 20, "b": 10}, legend=legend, font_size=FONT)
    figure.update_layout(paper_bgcolor=CLEAR, plot_bgcolor=CLEAR)
    figure.update_xaxes(title=x, title_font=title, tickfont=ticks, gridcolor=grey(0.2), automargin=True)
    figure.update_yaxes(title=y, title_font=title, tickfont=ticks, gridcolor=grey(0.2), automargin=True)
    return figure


def band(figure: go.Figure, x: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str) -> None:
    """The area between two curves, in a colour of its own."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*high, *reversed(low)],
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.18)",
        line_width=0,
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
    )


def grey(opacity: float) -> str:
    """A grey that is seen on light and dark."""
    return f"rgba(138,143,152,{opacity})"
