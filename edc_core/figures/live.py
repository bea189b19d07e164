"""Charts of a run at work, as Vega-Lite: a specification that stays the same while its rows grow.

A page that is given the same specification with more rows redraws in place, without a flicker, where
a plotly figure would be mounted again. Heights are whole charts', in pixels, axes and legend included.
Axes span the whole run from the start, so that a curve grows into a frame that stands still. No torch,
and nothing of the page either.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from edc_core.figures.colours import CURVE_COLOURS, OKABE_ITO

POINTS = 400  # rows of a curve at most
Curves = Mapping[str, tuple[Sequence[int], Sequence[float]]]
Spec = dict[str, Any]
Kind = tuple[str, str, list[int]]  # a curve's name, its colour's, its dashes

LOSSES = {
    "loss/total": ("total", "total", [1, 0]),
    "loss/cross_entropy": ("cross-entropy", "cross_entropy", [1, 0]),
    "loss/matching": ("matching", "matching", [6, 3]),
    "loss/flatness": ("flatness", "flatness", [2, 3]),
}
ACCURACIES = {"top1/raw": ("raw weights", "raw", [1, 0]), "top1/ema": ("averaged (EMA)", "ema", [6, 3])}
STUDENT_SHARPNESS = {f"sharpness/{series.removeprefix('top1/')}": kind for series, kind in ACCURACIES.items()}
IMAGE_SHARPNESS = {"sharpness/images": ("forming images", "matching", [1, 0])}
_COLOURS = CURVE_COLOURS | {"lr": OKABE_ITO["grey"]}
AXIS = 30  # pixels of a chart's height that go to its axis' labels
# Of the first iteration's gap: closed, as it was, twice as wide.
GAP_COLOURS = {0: OKABE_ITO["green"], 100: OKABE_ITO["yellow"], 200: OKABE_ITO["vermillion"]}


@dataclass(frozen=True)
class Chart:
    """A specification and its rows."""

    spec: Spec
    rows: pd.DataFrame


def loss_part(curves: Curves, series: str, weight: float, iterations: int, turns: int = 1, height: int = 112) -> Chart:
    """One weighted term of synthesis' loss by iteration, from 0; each point the mean over the observers' turns."""
    name = LOSSES[series][0]
    steps, values = _means(*curves.get(series, ((), ())), turns)
    rows = [(step, weight * value, name) for step, value in zip(steps, values, strict=True)]
    axis = _axis(tickCount=3, format="~g", labelFontSize=12, **_ALIGNED)
    y = {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": True}, "axis": axis}
    spec = _lines({series: LOSSES[series]}, "iteration", iterations, y, height, small=True)
    return Chart(spec, _frame(rows, ("step", "value", "series")))


def accuracies(
    curves: Curves,
    epochs: int,
    floor: float | None = None,
    ceiling: tuple[str, float] | None = None,
    random: float | None = None,
    height: int = 280,
) -> Chart:
    """A student's top-1 on held-out images by epoch, in percent.

    `floor` is chance, `random` what as many random images teach with hard labels, `ceiling` an observer's name and its
    top-1 on the same images.
    """
    rows = []
    for series, (name, _, _) in ACCURACIES.items():
        steps, values = _thinned(*curves.get(series, ((), ())))
        rows += [(step, value, name) for step, value in zip(steps, values, strict=True) if value is not None]
    scale = {"domain": [0, 100]}
    y = {
        "field": "value",
        "type": "quantitative",
        "title": "top-1 (%)",
        "scale": scale,
        "axis": _axis(tickCount=5, **_ALIGNED),
    }
    spec = _lines(ACCURACIES, "epoch", epochs, y, height, points=True)
    if floor is not None:
        spec["layer"] += _level("chance", floor, below=True)
    if random is not None:
        spec["layer"] += _level("random images, hard labels", random, below=True)
    if ceiling:
        spec["layer"] += _level(f"{ceiling[0]}, trained on all real images", ceiling[1])
    return Chart(spec, _frame(rows, ("step", "value", "series")))


def sharpness(curves: Curves, kinds: Mapping[str, Kind], axis: tuple[str, int], title: str, height: int = 190) -> Chart:
    """Worst rises of a loss in a small radius (`kinds`: those of a student or of the images); `axis`: unit and end."""
    rows = []
    for series, (name, _, _) in kinds.items():
        steps, values = _thinned(*curves.get(series, ((), ())))
        rows += [(step, value, name) for step, value in zip(steps, values, strict=True) if value is not None]
    y = {
        "field": "value",
        "type": "quantitative",
        "title": title,
        "scale": {"zero": True},
        "axis": _axis(tickCount=4, format="~g", **_ALIGNED),
    }
    return Chart(_lines(kinds, *axis, y, height, points=True), _frame(rows, ("step", "value", "series")))


def training(curves: Curves, epochs: int, height: int = 240) -> Chart:
    """An observer's cross-entropy on its training images by epoch."""
    steps, values = _thinned(*curves.get("loss/train", ((), ())))
    rows = [(step, value, "training loss") for step, value in zip(steps, values, strict=True) if value is not None]
    axis = _axis(tickCount=4, format="~g", **_ALIGNED)
    y = {"field": "value", "type": "quantitative", "title": "loss", "axis": axis, "scale": {"zero": True}}
    spec = _lines({"loss/train": ("training loss", "train", [1, 0])}, "epoch", epochs, y, height, points=True)
    return Chart(spec, _frame(rows, ("step", "value", "series")))


def learning_rate(curves: Curves, unit: str, total: int, height: int = 94) -> Chart:
    """The learning rate by iteration or epoch."""
    steps, values = _thinned(*curves.get("lr", ((), ())))
    rows = [(step, value, "learning rate") for step, value in zip(steps, values, strict=True) if value is not None]
    axis = _axis(tickCount=2, format="~g", **_ALIGNED)
    y = {"field": "value", "type": "quantitative", "title": "learning rate", "axis": axis, "scale": {"zero": True}}
    kinds = {"lr": ("learning rate", "lr", [1, 0])}
    return Chart(_lines(kinds, unit, total, y, height, bare=True), _frame(rows, ("step", "value", "series")))


def layer_gaps(curves: Curves, observers: Sequence[str], form: str = "form1", row_height: int = 26) -> Chart:
    """How much of each layer's first matching gap is left, in percent: a strip an observer, first layer to last."""
    rows = []
    for observer in observers:
        found = _gaps_left(curves, f"gap/{form}/{observer}/")
        count = max(len(found), 1)
        rows += [
            (observer, layer, number / count, (number + 1) / count, left, first, now, step)
            for number, (layer, left, first, now, step) in enumerate(found)
        ]
    columns = ("observer", "layer", "from", "to", "left", "first", "now", "iteration")
    return Chart(_strips(list(observers), row_height * len(observers) + AXIS), _frame(rows, columns))


def _gaps_left(curves: Curves, prefix: str) -> list[tuple[str, float, float, float, int]]:
    """Each layer in order: its name, percent left, first and latest gap, and the latest's iteration."""
    found = []
    for series, (steps, values) in curves.items():
        if series.startswith(prefix) and values and values[0]:
            left = 100 * values[-1] / values[0]
            found.append((series.removeprefix(prefix), left, values[0], values[-1], steps[-1]))
    return sorted(found, key=lambda entry: _natural(entry[0]))


def _natural(name: str) -> list[tuple[bool, int | str]]:
    """Sorts features.10 after features.9; a stem's name before its numbered blocks."""
    return [(part.isdigit(), int(part) if part.isdigit() else part) for part in name.split(".")]


def _strips(observers: list[str], height: int) -> Spec:
    y = {"field": "observer", "type": "nominal", "sort": observers, "title": None}
    y |= {
        "scale": {"domain": observers, "paddingInner": 0.25},
        "axis": {"labelFontSize": 13, "labelLimit": 150, "labelPadding": 6, "ticks": False},
    }
    axis = {"values": [0, 1], "labelExpr": "datum.value < 0.5 ? 'first layer' : 'last layer'", "grid": False}
    axis |= {"labelFontSize": 13, "labelFlush": True, "ticks": False, "domain": False, "labelPadding": 6}
    x = {"field": "from", "type": "quantitative", "scale": {"domain": [0, 1]}, "title": None, "axis": axis}
    scale = {"domain": list(GAP_COLOURS), "range": list(GAP_COLOURS.values()), "clamp": True}
    tooltip = [{"field": name, "type": "nominal"} for name in ("observer", "layer")]
    tooltip += [
        {"field": field, "type": "quantitative", "title": title, "format": ".3~g"}
        for field, title in (("left", "gap left (%)"), ("first", "first gap"), ("now", "gap now"), ("iteration", "at"))
    ]
    colour = {"field": "left", "type": "quantitative", "scale": scale, "legend": None}
    encoding = {"y": y, "x": x, "x2": {"field": "to"}, "color": colour, "tooltip": tooltip}
    return {"mark": {"type": "rect"}, "encoding": encoding, "height": height, "config": _config()}


def _lines(
    kinds: Mapping[str, Kind],
    unit: str,
    total: int,
    y: Spec,
    height: int,
    points: bool = False,
    bare: bool = False,
    small: bool = False,
) -> Spec:
    """Lines by `series`, told apart by colour and dash, over the whole run's x.

    `bare`: a strip beneath another; `small`: one of several side by side, named above them.
    """
    names = [name for name, _, _ in kinds.values()]
    colours = [_COLOURS[colour] for _, colour, _ in kinds.values()]
    shown = {"orient": "top", "title": None, "labelFontSize": 14, "symbolStrokeWidth": 3, "symbolSize": 220}
    shown |= {"labelLimit": 220, "columnPadding": 12, "columns": 2, "rowPadding": 2, "offset": 6, "padding": 0}
    encoding = {
        "x": {
            "field": "step",
            "type": "quantitative",
            "title": None if bare or small else unit,
            "scale": {"domain": [0, max(total, 1)], "nice": False},
            "axis": _axis(tickCount=3 if small else 5, format="d", tickMinStep=1)
            | ({"labels": False, "ticks": False} if bare else {}),
        },
        "y": y,
        "color": {
            "field": "series",
            "type": "nominal",
            "scale": {"domain": names, "range": colours},
            "legend": shown | {"symbolType": "stroke"} if not (bare or small) else None,
        },
        "strokeDash": {
            "field": "series",
            "type": "nominal",
            "scale": {"domain": names, "range": [dash for _, _, dash in kinds.values()]},
            "legend": shown if not (bare or small) else None,
        },
        "tooltip": [
            {"field": "series", "type": "nominal", "title": "curve"},
            {"field": "step", "type": "quantitative", "title": unit},
            {"field": "value", "type": "quantitative", "title": y["title"] or "value", "format": ".4~g"},
        ],
    }
    mark = {"type": "line", "strokeWidth": 2.5, "clip": True} | ({"point": {"size": 45}} if points else {})
    return {"layer": [{"mark": mark, "encoding": encoding}], "height": height, "config": _config()}


def _level(name: str, level: float, below: bool = False) -> list[Spec]:
    """A dashed line across with its name and value on it, or beneath it."""
    data = {"values": [{"name": f"{name}: {level:.0f} %", "level": level}]}
    y = {"field": "level", "type": "quantitative"}
    grey = OKABE_ITO["grey"]
    text = {"type": "text", "align": "right", "dy": 10 if below else -9, "fontSize": 13, "color": grey}
    return [
        {"data": data, "mark": {"type": "rule", "strokeDash": [3, 3], "color": grey}, "encoding": {"y": y}},
        {
            "data": data,
            "mark": text | {"x": {"expr": "width - 4"}},
            "encoding": {"y": y, "text": {"field": "name", "type": "nominal"}},
        },
    ]


_UNLABELLED = {"labels": False, "ticks": False}
_ALIGNED = {"minExtent": 40}  # frames of all charts in line, whatever their numbers' width
_CLOSE = {"labelPadding": 4, "titlePadding": 6}  # a page's theme leaves far more room


def _axis(**more: Any) -> Spec:
    return {"labelFontSize": 13, "titleFontSize": 14, "titleFontWeight": "normal"} | _CLOSE | more


def _config() -> Spec:
    return {"view": {"continuousWidth": 300}, "padding": {"left": 0, "top": 4, "right": 12, "bottom": 4}}


def _means(steps: Sequence[int], values: Sequence[float], turns: int) -> tuple[list[int], list[float]]:
    """Means over whole rounds of observers, whose losses differ in size; then thinned."""
    ends = range(turns, len(values) + 1, turns)
    means = [sum(values[end - turns : end]) / turns for end in ends]
    return _thinned([steps[end - 1] for end in ends], means)


def _thinned(steps: Sequence[int], values: Sequence[float]) -> tuple[list[int], list[float]]:
    """Every n-th point, the last one kept, so that at most `POINTS` remain."""
    stride = math.ceil(len(steps) / POINTS) or 1
    chosen = range((len(steps) - 1) % stride, len(steps), stride) if steps else range(0)
    return [steps[i] for i in chosen], [values[i] for i in chosen]


def _frame(rows: list[tuple], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))
