"""The plots of sharpness: bars with intervals, against accuracy, during synthesis; and gradient cosines."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edc_core.figures.ladder import wrapped
from edc_core.figures.landscape import COLOURS, DASHES
from edc_core.figures.plotly_objects import go
from edc_core.figures.style import band, framed
from edc_core.intervals import Estimate, t_quantile

MEASURES = {
    "eigenvalue": "largest eigenvalue of the Hessian",
    "trace": "trace of the Hessian",
    "frobenius": "Frobenius norm of the Hessian",
    "ball": "worst rise of the loss within a small radius (nats)",
}
SHORT = {
    "eigenvalue": "largest eigenvalue",
    "trace": "trace",
    "frobenius": "Frobenius norm",
    "ball": "rise in the ball",
}
WHISKER = {"type": "data", "thickness": 2.5, "width": 8}


@dataclass(frozen=True)
class Bar:
    """One run's sharpness: an estimate over seeds, or one student's value with its standard error."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""


def value_of(about: dict, measure: str) -> tuple[float | None, float | None]:
    """A measure and its standard error (None: exact) out of a sharpness answer."""
    if measure == "eigenvalue":
        return about["eigenvalues"][0], None
    if measure == "ball":
        return about["ball"]["rise"], None
    return about[measure]["value"], about[measure]["se"]


def reach(errors: Sequence[float], vectors: int) -> float:
    """Half the 95 % interval of a mean of estimates, each of so many random vectors, by Student's t.

    Degrees of freedom by Welch and Satterthwaite: one estimate's own, more where several noisy ones are averaged.
    """
    squares = [error**2 for error in errors]
    if not any(squares):
        return 0.0
    freedom = (vectors - 1) * sum(squares) ** 2 / sum(square**2 for square in squares)
    return t_quantile(int(freedom + 1e-9)) * math.sqrt(sum(squares)) / len(errors)


def headline(names: tuple[str, str], values: Mapping[str, tuple[float | None, float | None]]) -> str:
    """Which of two students each measure calls flatter; a trace at or below 0 marks no valley and ranks neither."""
    lower: tuple[list[str], list[str]] = ([], [])
    for measure, (one, other) in values.items():
        if one is None or other is None or one == other or (measure == "trace" and min(one, other) <= 0):
            continue
        lower[one > other].append(SHORT[measure])
    first, second = (" and ".join(found) for found in lower)
    if first and second:
        return f"The measures disagree: {names[0]} has the lower {first}, {names[1]} the lower {second}."
    if not first and not second:
        return ""
    return f"{names[0] if first else names[1]} is the flatter: it has the lower {first or second}."


def bar_of(name: str, about: dict, measure: str) -> Bar:
    """One student; its interval is the estimate's own, 95 %."""
    value, error = value_of(about, measure)
    if value is None:
        return Bar(name, None, note="not finite")
    if error is None:
        return Bar(name, value, note="one student")
    half = reach([error], about["settings"]["vectors"])
    return Bar(name, value, value - half, value + half, "one student, estimate's 95 % interval")


def bar_over_seeds(name: str, estimate: Estimate) -> Bar:
    """Several students: the mean and its 95 % interval."""
    return Bar(name, estimate.mean, estimate.low, estimate.high, f"{estimate.count} students")


def bars(
    shown: Sequence[Bar], measure: str, log: bool = False, ink: str | None = None, colours: Sequence[str] = COLOURS
) -> go.Figure:
    """A bar a run, in its colour; whiskers are 95 % intervals; a run whose loss is not finite has a note and no bar."""
    figure = go.Figure()
    known = [bar for bar in shown if bar.value is not None]
    up = [0 if bar.high is None else bar.high - bar.value for bar in known]
    down = [0 if bar.low is None else bar.value - bar.low for bar in known]
    log = log and all(bar.value > 0 for bar in known)  # a negative trace has no logarithm
    # A bar's length means nothing on a logarithmic scale: marks stand there.
    own = [colours[shown.index(bar)] for bar in known]
    style = {"mode": "markers", "marker": {"size": 16, "color": own}} if log else {"marker_color": own}
    (figure.add_scatter if log else figure.add_bar)(
        x=[bar.name for bar in known],
        y=[bar.value for bar in known],
        error_y={"array": up, "arrayminus": down, "visible": any(up)} | WHISKER | {"color": ink},
        customdata=[bar.note for bar in known],
        hovertemplate="%{x}: %{y:.4g}<br>%{customdata}<extra></extra>",
        showlegend=False,
        **style,
    )
    for bar in shown:
        if bar.value is None:
            figure.add_annotation(x=bar.name, y=0, text=bar.note, showarrow=False, yanchor="bottom", font_color=ink)
    framed(figure, "", MEASURES[measure], 420, ink)
    names = [bar.name for bar in shown]
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=names, tickangle=0)  # never aslant
    figure.update_xaxes(tickvals=names, ticktext=[wrapped(name, 18 if len(names) < 3 else 12) for name in names])
    if log:
        figure.update_yaxes(type="log")
    return figure


def layers(about: dict, ink: str | None = None) -> go.Figure:
    """Each parameter tensor's part of the trace, with 95 % intervals; tensors that are not finite are left out."""
    known = [layer for layer in about["layers"] if layer["value"] is not None]
    figure = go.Figure()
    figure.add_bar(
        x=[layer["value"] for layer in known],
        y=[layer["layer"] for layer in known],
        orientation="h",
        error_x={"array": [reach([layer["se"] or 0], about["settings"]["vectors"]) for layer in known]}
        | WHISKER
        | {"color": ink},
        marker_color=COLOURS[0],
        customdata=[layer["weights"] for layer in known],
        hovertemplate="%{y}: %{x:.4g} over %{customdata} weights<extra></extra>",
        showlegend=False,
    )
    framed(figure, "its part of the Hessian's trace", "", 140 + 26 * len(known), ink)
    figure.update_yaxes(autorange="reversed")
    return figure


def against_accuracy(
    points: Sequence[tuple[str, float | None, float, str]], measure: str, log: bool = True, ink: str | None = None
) -> go.Figure:
    """Runs as points: (name, sharpness, top-1 in percent, colour); those without a finite sharpness are left out."""
    known = [point for point in points if point[1] is not None]
    figure = go.Figure()
    figure.add_scatter(
        x=[sharp for _, sharp, *_ in known],
        y=[top1 for _, _, top1, _ in known],
        text=[name for name, *_ in known],
        mode="markers",
        marker={"size": 11, "color": [colour for *_, colour in known]},
        hovertemplate="%{text}: %{y:.2f} % at %{x:.4g}<extra></extra>",
        showlegend=False,
    )
    framed(figure, MEASURES[measure], "top-1, %", 420, ink)
    if log and all(sharp > 0 for _, sharp, *_ in known):
        figure.update_xaxes(type="log")
    return figure


def during_synthesis(
    runs: Sequence[tuple[str, dict]], log: bool = True, ink: str | None = None, colours: Sequence[str] = COLOURS
) -> go.Figure:
    """Sharpness of the matching loss in the images by iteration, the observers' mean, with 95 % intervals."""
    figure = go.Figure()
    for number, (name, about) in enumerate(runs):
        colour = colours[number]
        known = [sample for sample in about["samples"] if sample["value"] is not None]
        steps, values = ([sample[key] for sample in known] for key in ("step", "value"))
        vectors = about["settings"]["vectors"]
        halves = [reach([one["se"] or 0 for one in sample["observers"].values()], vectors) for sample in known]
        floor = [max(v - half, 1e-3 * v) for v, half in zip(values, halves, strict=True)]
        band(figure, steps, floor, [v + half for v, half in zip(values, halves, strict=True)], colour)
        style = {"color": colour, "dash": DASHES[number % 4], "width": 3}
        figure.add_scatter(x=steps, y=values, mode="lines+markers", line=style, name=name)
    framed(figure, "iteration of the synthesis", "Frobenius norm of the images' Hessian", 420, ink)
    if log:
        figure.update_yaxes(type="log")
    return figure


def gradient_cosines(
    runs: Sequence[tuple[str, dict]], ink: str | None = None, colours: Sequence[str] = COLOURS
) -> go.Figure:
    """Cosine of a batch's gradient with the whole set's by batch size: mean, and the middle 90 % of batches."""
    figure = go.Figure()
    for number, (name, about) in enumerate(runs):
        for kind, dash in (("condensed", "solid"), ("original", "dash")):
            found = about["sets"][kind]
            rows = [[value for value in row if value is not None] for row in found["cosines"]]
            sizes = [size for size, row in zip(found["sizes"], rows, strict=True) if row]
            rows = [row for row in rows if row]
            colour = colours[number]
            low, high = (([float(np.quantile(row, share)) for row in rows]) for share in (0.05, 0.95))
            if kind == "condensed":
                band(figure, sizes, low, high, colour)
            style = {"color": colour, "dash": dash, "width": 3}
            figure.add_scatter(
                x=sizes,
                y=[float(np.mean(row)) for row in rows],
                mode="lines+markers",
                line=style,
                name=f"{name}, {kind} set ({found['images']} images)",
            )
    framed(figure, "images in a batch", "cosine with the whole set's gradient", 420, ink)
    figure.update_xaxes(type="log", tickvals=[base * step for base in (1, 10, 100, 1000) for step in (1, 2, 5)])
    return figure
