"""Every plot as a plotly figure, for the app, reports and notebooks alike; no torch."""

from collections.abc import Mapping

import plotly.graph_objects as go

# Okabe-Ito: told apart by people who see colours differently.
COLOURS = {"raw": "#0072B2", "ema": "#D55E00", "total": "#7F7F7F", "cross_entropy": "#E69F00"}
COLOURS |= {"matching": "#009E73", "flatness": "#CC79A7", "train": "#56B4E9"}
Curves = Mapping[str, tuple[list[int], list[float]]]


def accuracy_curves(curves: Curves) -> go.Figure:
    """A student's top-1 on held-out training images by epoch, raw and averaged weights."""
    names = {"raw": "raw weights", "ema": "averaged weights (EMA)"}
    figure = go.Figure()
    for kind, label in names.items():
        if f"top1/{kind}" in curves:
            steps, values = curves[f"top1/{kind}"]
            line = {"color": COLOURS[kind], "width": 3, "dash": "solid" if kind == "raw" else "dash"}
            figure.add_scatter(x=steps, y=values, name=label, line=line, mode="lines+markers")
    return _framed(figure, "epoch", "top-1 on held-out images (%)")


def loss_curves(curves: Curves, turns: int = 1) -> go.Figure:
    """Synthesis' loss terms by iteration, on a logarithmic scale.

    Observers take turns and their losses differ in size, so each point is the mean of `turns` iterations.
    """
    figure = go.Figure()
    for series, (steps, values) in curves.items():
        group, _, name = series.partition("/")
        if group == "loss" and any(value and value > 0 for value in values):
            means = [sum(values[i : i + turns]) / turns for i in range(0, len(values) - turns + 1, turns)]
            steps, shown = steps[turns - 1 :: turns], [mean if mean > 0 else None for mean in means]
            line = {"color": COLOURS.get(name, "#999999"), "width": 2}
            figure.add_scatter(x=steps, y=shown, name=name.replace("_", "-"), line=line)
    figure.update_yaxes(type="log")
    return _framed(figure, "iteration", "loss (logarithmic)")


def _framed(figure: go.Figure, x: str, y: str) -> go.Figure:
    figure.update_layout(
        height=340, margin={"l": 10, "r": 10, "t": 30, "b": 10}, legend={"orientation": "h", "y": 1.12}, font_size=15
    )
    figure.update_xaxes(title=x)
    figure.update_yaxes(title=y)
    return figure
