"""Accuracy against what it costs, as a plotly figure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from edc_core.ablation.results import Row
from edc_core.ablation.tidy_table import image_bytes
from edc_core.figures.colours import PRESET_COLOURS, colour_of
from edc_core.figures.judge import Mark, levels
from edc_core.figures.ladder import TOP1, UP, Bounds
from edc_core.figures.plotly_objects import go
from edc_core.figures.style import FONT, GREY, framed, grey
from edc_core.intervals import Estimate, estimate

AXES = {
    "bytes": "bytes of images and soft labels (log)",
    "image_bytes": "bytes of images (log)",
    "seconds": "seconds to make the images (log)",
}
MAX_NAMED = 20  # points; beyond, only the front is named
NAME, NEAR = 0.06, 2.0  # a name's height as a part of the axis, and how many times as dear names may lie side by side


@dataclass(frozen=True)
class Point:
    """One cell at one IPC: its cost and its top-1."""

    name: str
    preset: str | None  # where it has a colour of its own
    cost: float
    top1: Estimate


def pareto(
    rows: Iterable[Row | dict[str, Any]],
    x: Literal["bytes", "seconds"] = "bytes",
    axis: str = TOP1,
    ink: str | None = None,
    bounds: Bounds = (),
) -> go.Figure:
    """Top-1 against bytes or seconds, a point a cell and IPC; the front is what no other beats on both.

    Tidy rows know bytes of labels, and seconds where stage results are there; plain rows only bytes of images.
    """
    rows = list(rows)
    kind = x if x == "seconds" or all(isinstance(row, dict) for row in rows) else "image_bytes"
    points = _points(rows, kind)
    best = front(points)
    figure = go.Figure()
    if best:
        _front(figure, best)
    named = _named(points, best)
    for point in sorted(points, key=lambda point: point in best):
        _point(figure, point, point in best, ink, point in named)
    if not points:
        said = "no seconds are kept of these runs: they were measured elsewhere" if x == "seconds" else "no run yet"
        figure.add_annotation(
            text=said, showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper", font={"size": FONT, "color": ink}
        )
    framed(figure, AXES[kind], axis, 460, ink).update_layout(showlegend=bool(best))
    if not points:
        return figure.update_layout(height=120).update_xaxes(visible=False).update_yaxes(visible=False)
    levels(figure, [Mark(*bound) for bound in bounds], ink)
    return figure.update_xaxes(type="log", range=_room(points), exponentformat="SI", minor={"ticks": "outside"})


def _room(points: Sequence[Point]) -> list[float] | None:
    """The axis in powers of ten, with room for names on the right."""
    if not points:
        return None
    low, high = (math.log10(end([point.cost for point in points])) for end in (min, max))
    width = max(high - low, 0.2)
    return [low - 0.1 * width, high + 0.35 * width]


def front(points: Sequence[Point]) -> list[Point]:
    """The points that no other beats on cost and mean top-1 at once, the cheapest first."""
    best: list[Point] = []
    for point in sorted(points, key=lambda point: (point.cost, -point.top1.mean)):
        if not best or point.top1.mean > best[-1].top1.mean:
            best.append(point)
    return best


def _named(points: Sequence[Point], best: Sequence[Point]) -> list[Point]:
    """The points that have room for their names, the front's first; the others' stand in the hover."""
    levels = [point.top1.mean for point in points]
    room = NAME * (max(levels, default=0) - min(levels, default=0))
    named: list[Point] = []
    for point in [*best, *(points if len(points) <= MAX_NAMED else [])]:
        near = (one for one in named if NEAR > one.cost / point.cost > 1 / NEAR)
        if all(abs(one.top1.mean - point.top1.mean) > room for one in near):
            named.append(point)
    return named


def _points(rows: Sequence[Row | dict[str, Any]], kind: str) -> list[Point]:
    groups: dict[tuple, list] = {}
    for row in rows:
        plain = row if isinstance(row, dict) else vars(row)
        groups.setdefault((plain["cell"], plain["dataset"], plain["ipc"], plain["student"]), []).append(row)
    several = len({ipc for _, _, ipc, _ in groups}) > 1
    found = []
    for (cell, _, ipc, _), members in groups.items():
        costs = [cost for cost in (_cost(row, kind) for row in members) if cost]
        if costs:
            top1 = estimate([row["top1"] if isinstance(row, dict) else row.top1 for row in members])
            name = f"{cell}, IPC {ipc}" if several else cell
            found.append(Point(name, cell if cell in PRESET_COLOURS else None, sum(costs) / len(costs), top1))
    return found


def _cost(row: Row | dict[str, Any], kind: str) -> float | None:
    if kind == "image_bytes":
        return image_bytes(row.dataset, row.ipc)
    if kind == "seconds":
        return row["seconds_making"] if isinstance(row, dict) else None
    return row["image_bytes"] + row["label_bytes"]


def _front(figure: go.Figure, best: Sequence[Point]) -> None:
    line = {"color": grey(0.9), "width": 2, "shape": "hv", "dash": "dot"}
    figure.add_scatter(
        x=[point.cost for point in best],
        y=[point.top1.mean for point in best],
        mode="lines",
        line=line,
        name="front: none is both cheaper and better",
        hoverinfo="skip",
    )


def _point(figure: go.Figure, point: Point, best: bool, ink: str | None, named: bool) -> None:
    colour = colour_of(point.preset) if point.preset else UP if best else GREY
    figure.add_scatter(
        x=[point.cost],
        y=[point.top1.mean],
        mode="markers+text" if named else "markers",
        text=[f"  {point.name}"],
        textposition="middle right",
        textfont={"size": FONT - 3, "color": ink},
        error_y=None
        if point.top1.half is None
        else {"type": "data", "array": [point.top1.half], "color": colour, "thickness": 1.5, "width": 3},
        marker={"size": 14 if best else 10, "color": colour, "symbol": "circle" if best else "circle-open"}
        | {"line": {"width": 2, "color": grey(0.9) if best else colour}},
        hovertemplate=f"{point.name}: {point.top1.text(' %')}, %{{x:.4s}}<extra></extra>",
        showlegend=False,
        cliponaxis=False,
    )
