"""A data set's classes as a plotly figure; no torch."""

from collections.abc import Sequence

import plotly.graph_objects as go

from edc_core.colours import OKABE_ITO

NAMED = 25  # classes up to which every bar bears its name
LONGEST = 22  # characters of a name beside its bar


def class_counts(classes: Sequence[str], counts: Sequence[int]) -> go.Figure:
    """Training images of each class: a bar with its name each, or bars by class number where there are many."""
    named = len(classes) <= NAMED
    along, across = ("y", "x") if named else ("x", "y")
    bars = {along: list(range(len(classes))), across: list(counts), "orientation": "h" if named else "v"}
    hover = f"%{{customdata}}<br>%{{{across}:,}} training images<extra></extra>"
    figure = go.Figure(go.Bar(**bars, customdata=list(classes), hovertemplate=hover, marker_color=OKABE_ITO["blue"]))
    amounts = {"title": "training images", "rangemode": "tozero", "tickformat": ",d"}
    if named:
        figure.update_xaxes(**amounts)
        names = [shortened(name) for name in classes]
        figure.update_yaxes(tickvals=bars["y"], ticktext=names, autorange="reversed", automargin=True)
    else:
        figure.update_yaxes(**amounts)
        figure.update_xaxes(title="class number, in alphabetical order", tickformat=",d")
        figure.update_traces(marker_line_width=0)
    height = 110 + 26 * len(classes) if named else 340
    figure.update_layout(
        height=max(height, 220), margin={"l": 10, "r": 10, "t": 10, "b": 10}, font_size=15, bargap=0.25 * named
    )
    return figure


def shortened(name: str) -> str:
    """A name that fits beside a bar."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
