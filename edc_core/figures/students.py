"""The plots of many students: what a set is worth, how they learn, where they err, whom it suits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edc_core.figures.class_names import axis_names
from edc_core.figures.judge import Mark, levels
from edc_core.figures.plotly_objects import go
from edc_core.figures.style import FONT, GREY, band, framed, grey
from edc_core.intervals import MIN_SEEDS, Estimate
from edc_core.judging.worth import RealImageCurve

BLUE = (0, 114, 178)


@dataclass(frozen=True)
class Reading:
    """An accuracy to be read off the curve of real subsets."""

    name: str
    top1: float
    images: float  # 0: fewer than the smallest size; infinity: more than the largest
    colour: str
    hard: bool = False


def worth_curves(
    curves: Sequence[RealImageCurve],
    readings: Sequence[Reading],
    marks: Sequence[Mark],
    split: str,
    axis: str,
    ink: str | None = None,
) -> go.Figure:
    """Hard-labelled real subsets by size, and where each accuracy meets them."""
    figure = go.Figure()
    for number, curve in enumerate(curves):
        last = number == len(curves) - 1
        points = curve.points(split)
        style = {"color": GREY, "width": 4 if last else 2, "dash": "solid" if last else "dot"}
        values = curve.values[split]
        band(figure, list(curve.sizes), values.min(0).tolist(), values.max(0).tolist(), GREY)
        figure.add_scatter(
            x=list(curve.sizes),
            y=[point.mean for point in points],
            mode="lines+markers",
            line=style,
            marker_size=9,
            name=f"real images, hard labels, {curve.steps:,} steps",
            hovertemplate="%{x:,} real images: %{y:.1f} %<extra></extra>",
        )
    sizes = curves[-1].sizes
    for reading in readings:
        end = min(max(reading.images, sizes[0]), sizes[-1])
        line = {"color": reading.colour, "width": 2, "dash": "dot" if reading.hard else "solid"}
        symbol = "circle-open" if reading.hard else "circle"
        figure.add_scatter(
            x=[sizes[0], end],
            y=[reading.top1] * 2,
            mode="lines+markers",
            line=line,
            marker={"symbol": ["line-ns", symbol], "size": [1, 15], "color": reading.colour, "line_width": 3},
            name=reading.name,
            hovertemplate=f"{reading.name}: {reading.top1:.1f} %<extra></extra>",
        )
    ticks = [10**power for power in range(1, 8) if sizes[0] <= 10**power <= sizes[-1]] + [sizes[-1]]
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=[f"{tick:,}" for tick in ticks])
    framed(figure, "real training images with hard labels (logarithmic)", axis, 560, ink)
    levels(figure, marks, ink)
    figure.update_layout(legend={"y": -0.2, "yanchor": "top"})
    return figure


@dataclass(frozen=True)
class Band:
    """A training curve over seeds."""

    name: str
    colour: str
    points: Mapping[str, Sequence[float]]  # step, mean, low, high
    dash: str = "solid"


def learning(bands: Sequence[Band], y: str, marks: Sequence[Mark] = (), ink: str | None = None) -> go.Figure:
    """Curves by epoch with bands from the lowest to the highest seed."""
    figure = go.Figure()
    for curve in bands:
        points = curve.points
        band(figure, points["step"], points["low"], points["high"], curve.colour)
        line = {"color": curve.colour, "width": 3, "dash": curve.dash}
        figure.add_scatter(x=points["step"], y=points["mean"], mode="lines", line=line, name=curve.name)
    levels(figure, marks, ink)
    return framed(figure, "epoch", y, 460, ink)


def table_map(
    rows: Sequence[str], columns: Sequence[str], values: Sequence[Sequence[Estimate | None]], ink: str | None = None
) -> go.Figure:
    """Accuracies as a heat map with their figures: sets by students, or sets by protocols."""
    means = [[cell.mean if cell else None for cell in row] for row in values]
    said = [[_said(cell) for cell in row] for row in values]
    figure = _heat(means, columns, rows, said, "top-1 (%)", ink)
    return framed(figure, "", "", 130 + 56 * len(rows), ink)


def confusion_map(shares: np.ndarray, classes: Sequence[str], ink: str | None = None) -> go.Figure:
    """Of 100 images of a true class (row), how many were taken for which class (column)."""
    said = [[f"{share:.0f}" if share >= 0.5 else "" for share in row] for row in shares]
    names = axis_names(classes)
    figure = _heat(shares.tolist(), names, names, said, "of 100 images", ink, (0, 100))
    return framed(figure, "taken for", "true class", 170 + 38 * len(classes), ink)


def per_class(
    classes: Sequence[str],
    lines: Sequence[tuple[str, str, Sequence[Estimate | None]]],
    floor: Sequence[Estimate | None],
    axis: str,
    ink: str | None = None,
) -> go.Figure:
    """Top-1 of each class, one mark a set: (name, colour, an estimate for each class); `floor` may be empty.

    A class without an estimate has no mark.
    """
    figure, names = go.Figure(), axis_names(classes)
    if floor:
        figure.add_scatter(
            x=[estimate and estimate.mean for estimate in floor],
            y=names,
            mode="markers",
            marker={"size": 16, "symbol": "line-ns", "line": {"width": 3, "color": grey(0.95)}},
            name="floor: random, hard labels",
        )
    for name, colour, estimates in lines:
        halves = [estimate.half if estimate and estimate.count >= MIN_SEEDS else 0 for estimate in estimates]
        figure.add_scatter(
            x=[estimate and estimate.mean for estimate in estimates],
            y=names,
            error_x={"type": "data", "array": halves, "color": colour, "thickness": 3, "width": 0},
            mode="markers",
            marker={"size": 14, "color": colour, "line": {"width": 1, "color": grey(0.9)}},
            name=name,
        )
    figure.update_yaxes(autorange="reversed")
    framed(figure, axis, "", 130 + 40 * len(classes), ink)
    figure.update_xaxes(range=[0, 102])
    return figure


def _heat(
    values, columns, rows, said, unit: str, ink: str | None, ends: tuple[float, float] | None = None
) -> go.Figure:
    """A heat map from clear to blue, its figures in ink that each cell's shade lets read."""
    numbers = [value for row in values for value in row if value is not None]
    low, high = ends or ((min(numbers), max(numbers)) if numbers else (0, 100))
    if not ends:
        low -= 0.15 * (high - low) + 1
    red, green, blue = BLUE
    scale = [[0, f"rgba({red},{green},{blue},0.02)"], [1, f"rgba({red},{green},{blue},0.9)"]]
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=list(columns),
            y=list(rows),
            colorscale=scale,
            zmin=low,
            zmax=high,
            xgap=3,
            ygap=3,
            hovertemplate="%{y}, %{x}: %{z:.1f}<extra></extra>",
            colorbar={"title": unit, "thickness": 14},
            showscale=False,
        )
    )
    for row, name in enumerate(rows):
        for column, other in enumerate(columns):
            value = values[row][column]
            dark = value is not None and high > low and (value - low) / (high - low) > 0.6
            shade = "white" if dark else ink
            figure.add_annotation(
                x=other, y=name, text=said[row][column], showarrow=False, font={"size": FONT - 1, "color": shade}
            )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False)
    return figure


def _said(cell: Estimate | None) -> str:
    if cell is None:
        return "·"
    return f"{cell.mean:.1f}" if cell.low is None else f"{cell.mean:.1f} ± {cell.half:.1f}"
