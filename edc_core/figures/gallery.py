"""The gallery's plots: a soft label, and how near a set lies to real images."""

from collections.abc import Sequence

import numpy as np

from edc_core.figures.class_names import axis_names
from edc_core.figures.colours import OKABE_ITO
from edc_core.figures.plotly_objects import go

FURTHEST = 4.0  # ratios beyond are drawn here
MAX_BARS = 12


def soft_label(probabilities: np.ndarray, classes: Sequence[str], label: int) -> go.Figure:
    """The committee's probabilities of one image, the likeliest on top, its own class coloured.

    Of many classes only the likeliest are drawn, the image's own always.
    """
    order = np.argsort(-probabilities, kind="stable")
    shown = list(order[:MAX_BARS])
    if label not in shown:
        shown[-1] = label
    names = axis_names(classes)
    colours = [OKABE_ITO["orange"] if index == label else OKABE_ITO["sky"] for index in shown]
    percent = 100 * probabilities[shown]
    figure = go.Figure(
        go.Bar(
            x=percent,
            y=[names[index] for index in shown],
            orientation="h",
            marker_color=colours,
            text=[f"{value:.1f} %" if value >= 0.05 else "0 %" for value in percent],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.2f} %<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(title="committee's probability (%)", range=[0, 125], tickvals=[0, 25, 50, 75, 100])
    figure.update_layout(height=90 + 34 * len(shown))
    return _framed(figure)


def confusion(probabilities: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> go.Figure:
    """The mean soft label of each class's images, a row per class present."""
    present = np.unique(labels)
    means = 100 * np.stack([probabilities[labels == label].mean(0) for label in present])
    few, names = len(classes) <= 20, axis_names(classes)
    figure = go.Figure(
        go.Heatmap(
            z=means,
            x=names,
            y=[names[label] for label in present],
            colorscale="Cividis",
            zmin=0,
            zmax=100,
            text=np.round(means).astype(int) if few else None,
            texttemplate="%{text}" if few else None,
            colorbar={"title": "%"},
            hovertemplate="%{y} looks like %{x}: %{z:.1f} %<extra></extra>",
        )
    )
    figure.update_xaxes(title="what the committee sees", type="category", side="top")
    figure.update_yaxes(title="what the image stands for", type="category", autorange="reversed")
    figure.update_layout(height=max(160 + 40 * len(present), 300) if few else 760)
    return _framed(figure)


def nearness(ratio: np.ndarray, held: np.ndarray) -> go.Figure:
    """Shares of images by how near they come to a real one; 1 is how near real images are to each other."""
    edges = np.linspace(0, FURTHEST, 33)
    centres = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure()
    for values, name, colour in (
        (held, "real images held out", OKABE_ITO["grey"]),
        (ratio, "condensed images", OKABE_ITO["orange"]),
    ):
        counts = np.histogram(np.clip(values, 0, FURTHEST - 1e-6), edges)[0]
        figure.add_bar(
            x=centres,
            y=100 * counts / max(len(values), 1),
            name=name,
            marker_color=colour,
            opacity=0.75,
            hovertemplate="%{x:.2f}: %{y:.1f} %<extra>" + name + "</extra>",
        )
    figure.add_vline(1, line={"color": OKABE_ITO["vermillion"], "width": 2})
    figure.add_annotation(
        x=1, y=1, yref="paper", text="← suspiciously near", showarrow=False, xanchor="right", xshift=-6
    )
    figure.update_layout(barmode="overlay", bargap=0.05, height=300, legend={"orientation": "h", "y": 1.2})
    figure.update_xaxes(title="distance to the nearest real image, scaled (1 = that image's own nearest other)")
    figure.update_yaxes(title="images (%)")
    return _framed(figure)


def _framed(figure: go.Figure) -> go.Figure:
    """Readable from the back of a room, on a light page and a dark one."""
    figure.update_xaxes(tickfont_size=15, title_font_size=16)
    figure.update_yaxes(tickfont_size=15, title_font_size=16)
    return figure.update_layout(
        margin={"l": 10, "r": 10, "t": 20, "b": 10}, font_size=16, legend_font_size=15, hoverlabel_font_size=15
    )
