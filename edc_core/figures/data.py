"""A data set's classes as a plotly figure."""

from collections.abc import Sequence

from edc_core.figures.class_names import axis_names, plotly_text
from edc_core.figures.colours import OKABE_ITO
from edc_core.figures.plotly_objects import go

NAMED = 25  # classes up to which every bar bears its name
MAX_NAME_LENGTH = 22  # characters of a name beside its bar
AMOUNTS = {"title": "training images", "rangemode": "tozero", "tickformat": ",d"}


def class_counts(classes: Sequence[str], counts: Sequence[int]) -> go.Figure:
    """Training images of each class: a named bar each, or the fullest class to the emptiest where there are many."""
    figure = _named(classes, counts) if len(classes) <= NAMED else _ranked(classes, counts)
    figure.update_layout(margin={"l": 10, "r": 10, "t": 10, "b": 10}, font_size=15, bargap=0.25)
    figure.update_xaxes(tickfont_size=15).update_yaxes(tickfont_size=15)
    return figure


def _named(classes: Sequence[str], counts: Sequence[int]) -> go.Figure:
    places = list(range(len(classes)))
    hover = "%{customdata}<br>%{x:,} training images<extra></extra>"
    bars = {
        "orientation": "h",
        "customdata": [plotly_text(name) for name in classes],
        "hovertemplate": hover,
        "marker_color": OKABE_ITO["blue"],
    }
    figure = go.Figure(go.Bar(x=list(counts), y=places, **bars))
    figure.update_xaxes(**AMOUNTS, nticks=4)
    names = axis_names(classes, MAX_NAME_LENGTH)
    figure.update_yaxes(tickvals=places, ticktext=names, autorange="reversed", automargin=True)
    return figure.update_layout(height=max(110 + 26 * len(classes), 220))


def _ranked(classes: Sequence[str], counts: Sequence[int]) -> go.Figure:
    ranked = sorted(zip(counts, classes, strict=True), key=lambda pair: -pair[0])
    line = {"fill": "tozeroy", "line": {"shape": "hvh", "color": OKABE_ITO["blue"], "width": 2}, "mode": "lines"}
    hover = "%{customdata}<br>%{y:,} training images<extra></extra>"
    figure = go.Figure(
        go.Scatter(
            x=list(range(1, len(ranked) + 1)),
            y=[count for count, _ in ranked],
            customdata=[plotly_text(name) for _, name in ranked],
            hovertemplate=hover,
            **line,
        )
    )
    figure.update_yaxes(**AMOUNTS)
    figure.update_xaxes(title="classes, the fullest first", tickformat=",d", nticks=5)
    return figure.update_layout(height=340)
