"""The plots of loss surfaces: slices, contours, one surface in space, a path, a line between students.

Values that are not finite are left blank and counted in a note; nothing is interpolated or smoothed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.colors
from plotly.subplots import make_subplots

from edc_core.figures.colours import OKABE_ITO
from edc_core.figures.plotly_objects import go
from edc_core.figures.style import FONT, framed, grey

SCALE = "Cividis"  # even in lightness, and the same to people who see colours differently
CAMERA = {"eye": {"x": 1.25, "y": 1.25, "z": 0.85}, "center": {"z": -0.12}}
SMALLEST = 1e-6  # of a loss on a logarithmic scale
COLOURS = [OKABE_ITO[name] for name in ("blue", "vermillion", "green", "purple")]
DASHES = ["solid", "dash", "dot", "dashdot"]
STEP = "direction {}, in filter norms"
WAY = "principal direction {}, L2 in the weights"
QUANTITIES = {"loss": "cross-entropy, nats", "top1": "top-1, %"}


@dataclass(frozen=True)
class Surface:
    """One run's surface as it is drawn: arrays as the stage leaves them, NaN where a point is not known."""

    name: str
    x: np.ndarray
    y: np.ndarray
    loss: np.ndarray  # (rows, columns)
    top1: np.ndarray
    done: np.ndarray | None = None  # None: all of it
    path: np.ndarray | None = None  # (points, 2)
    epochs: Sequence[int] = ()
    explained: Sequence[float] = ()
    own: str | None = None  # the loss' name where it is not the common one

    @property
    def unit(self) -> str:
        """What the loss axis is called."""
        return self.own or QUANTITIES["loss"]

    def shown(self, what: str, log: bool = False) -> np.ndarray:
        """`loss` or `top1` as numbers to draw; what is not known or not finite is NaN."""
        values = np.where(np.isfinite(grid := np.asarray(getattr(self, what), float)), grid, np.nan)
        return np.log10(np.maximum(values, SMALLEST)) if log else values

    @property
    def blank(self) -> int:
        """Points that were computed and are not finite."""
        known = np.ones(self.loss.shape, bool) if self.done is None else self.done
        return int((known & ~np.isfinite(self.loss)).sum())


def surface_of(name: str, about: dict, arrays: dict[str, np.ndarray]) -> Surface:
    """A surface as `landscapes.found` gives it."""
    condensed = about.get("settings", {}).get("split") == "condensed"
    return Surface(
        name,
        *(np.asarray(arrays[part], float) for part in ("x", "y", "loss", "top1")),
        done=arrays.get("done"),
        path=arrays.get("path"),
        epochs=[int(epoch) for epoch in arrays.get("epochs", ())],
        explained=about.get("explained", ()),
        own="the student's own training loss" if condensed else None,
    )


def notes(surfaces: Sequence[Surface]) -> list[str]:
    """A sentence for each surface with blank places."""
    return [
        f"{s.name}: at {s.blank} of {s.loss.size} points the loss is infinite or not a number; they are left blank."
        for s in surfaces
        if s.blank
    ]


def common_range(surfaces: Sequence[Surface], what: str = "loss", log: bool = False) -> tuple[float, float]:
    """The lowest and highest finite value of all of them: one scale, so that colours compare."""
    values = np.concatenate([s.shown(what, log).ravel() for s in surfaces]) if surfaces else np.array([])
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def contours(surfaces: Sequence[Surface], what: str = "loss", log: bool = False, ink: str | None = None) -> go.Figure:
    """Up to four surfaces side by side on one colour scale; a cross marks the trained weights."""
    count = len(surfaces)
    columns = min(count, 2) or 1
    rows = -(-count // columns) or 1
    gaps = {"horizontal_spacing": 0.12, "vertical_spacing": 0.16}
    titles = [s.name for s in surfaces] if count > 1 else None
    figure = make_subplots(rows, columns, subplot_titles=titles, **gaps)
    low, high = common_range(surfaces, what, log)
    for number, surface in enumerate(surfaces):
        row, column = number // columns + 1, number % columns + 1
        figure.add_trace(_contour(surface, what, log, low, high, number == 0, ink), row, column)
        _marks(figure, surface, row, column)
    way = WAY if surfaces and surfaces[0].path is not None else STEP
    framed(figure, way.format(1), way.format(2), 130 + 410 * rows, ink)
    figure.update_layout(margin_t=50, showlegend=False)
    for column in range(2, columns + 1):
        figure.update_yaxes(title="", col=column)  # said once a row
    figure.update_annotations(font={"size": FONT, "color": ink})
    return figure


def _contour(s: Surface, what: str, log: bool, low: float, high: float, bar: bool, ink: str | None) -> go.Contour:
    values = s.shown(what)
    unit = s.unit if what == "loss" else QUANTITIES[what]
    ticks = _ticks(low, high, log)
    return go.Contour(
        x=s.x,
        y=s.y,
        z=s.shown(what, log),
        customdata=values,
        zmin=low,
        zmax=high,
        colorscale=SCALE,
        reversescale=what == "top1",  # dark is good on either
        connectgaps=False,
        contours={"start": low, "end": high, "size": (high - low) / 20},
        line_width=0.5,
        showscale=bar,
        colorbar={
            "title": {"text": unit, "side": "right", "font": {"color": ink, "size": FONT}},
            "thickness": 14,
            "tickfont": {"color": ink, "size": FONT - 1},
            **ticks,
        },
        hovertemplate="%{x:.3g}, %{y:.3g}: %{customdata:.4g}<extra>" + s.name + "</extra>",
    )


def _ticks(low: float, high: float, log: bool) -> dict:
    """Colour bar ticks in few digits, that say the loss itself where log10 of it is drawn."""
    if log:
        places = np.linspace(low, high, 6)
        return {"tickvals": places.tolist(), "ticktext": [f"{10**place:.3g}" for place in places]}
    step = float(f"{(high - low) / 5:.0e}")  # one digit
    places = step * np.arange(np.ceil(low / step), np.floor(high / step) + 1)
    return {"tickvals": places.tolist(), "ticktext": [f"{place:.4g}" for place in places]}


def _marks(figure: go.Figure, surface: Surface, row: int, column: int) -> None:
    """The trained weights, and the path that led to them."""
    if surface.path is not None:
        figure.add_scatter(
            x=surface.path[:, 0],
            y=surface.path[:, 1],
            mode="lines+markers",
            line={"color": OKABE_ITO["vermillion"], "width": 3},
            marker={"size": 8, "line": {"color": "white", "width": 1}},
            text=[f"epoch {epoch}" for epoch in surface.epochs],
            hovertemplate="%{text}<extra></extra>",
            row=row,
            col=column,
        )
    cross = {"symbol": "cross-thin", "size": 13, "line": {"width": 3, "color": "white"}}
    hover = "the trained weights<extra></extra>"
    figure.add_scatter(x=[0], y=[0], mode="markers", marker=cross, hovertemplate=hover, row=row, col=column)


def explained_sentence(surface: Surface) -> str:
    """How much of the way a path's plane holds."""
    both = 100 * sum(surface.explained)
    first, second = (100 * share for share in surface.explained)
    return (
        f"The plane holds {both:.1f} % of the squared distances to the last weights ({first:.1f} and {second:.1f} %)."
    )


def slices(
    surfaces: Sequence[Surface],
    what: str = "loss",
    log: bool = False,
    axis: int = 0,
    ink: str | None = None,
    colours: Sequence[str] = COLOURS,
) -> go.Figure:
    """Each surface, in its colour, along one of its axes through the trained weights; gaps stay gaps."""
    figure = go.Figure()
    for number, surface in enumerate(surfaces):
        middle = tuple(side // 2 for side in surface.loss.shape)
        values = surface.shown(what)
        along = values[middle[0]] if axis == 0 else values[:, middle[1]]
        style = {"color": colours[number], "dash": DASHES[number % 4], "width": 3}
        places = surface.x if axis == 0 else surface.y
        figure.add_scatter(x=places, y=along, mode="lines", line=style, name=surface.name, connectgaps=False)
    figure.add_vline(0, line_width=1, line_dash="dot", line_color=grey(0.8))
    unit = QUANTITIES[what] if what == "top1" or not surfaces else surfaces[0].unit
    way = WAY if surfaces and surfaces[0].path is not None else STEP
    framed(figure, way.format(axis + 1), unit, 420, ink)
    if log:
        figure.update_yaxes(type="log")
    return figure


def line_between(surface: Surface, first: str, second: str, log: bool = False, ink: str | None = None) -> go.Figure:
    """Loss and top-1 on the straight line from one student (0) to the other (1)."""
    figure = make_subplots(specs=[[{"secondary_y": True}]])
    for what, colour, second_axis in (("loss", COLOURS[0], False), ("top1", COLOURS[1], True)):
        style = {"color": colour, "width": 3, "dash": "dash" if second_axis else "solid"}
        line = go.Scatter(
            x=surface.x, y=surface.shown(what)[0], mode="lines+markers", line=style, name=QUANTITIES[what]
        )
        figure.add_trace(line, secondary_y=second_axis)
    framed(figure, f"share of the path from {first} (0) to {second} (1)", surface.unit, 420, ink)
    figure.update_yaxes(title_text=QUANTITIES["top1"], secondary_y=True, showgrid=False, tickmode="auto", nticks=6)
    if log:
        figure.update_yaxes(type="log", secondary_y=False)
    return figure


def in_space(surface: Surface, what: str = "loss", log: bool = False, ink: str | None = None) -> go.Figure:
    """One surface in three dimensions; holes where it is not known or not finite."""
    low, high = common_range([surface], what, log)
    unit = surface.unit if what == "loss" else QUANTITIES[what]
    ticks = _ticks(low, high, log) if log else {}
    figure = go.Figure(
        go.Surface(
            x=surface.x,
            y=surface.y,
            z=surface.shown(what, log),
            customdata=surface.shown(what),
            cmin=low,
            cmax=high,
            colorscale=SCALE,
            reversescale=what == "top1",
            connectgaps=False,
            showscale=False,
            hovertemplate="%{x:.3g}, %{y:.3g}: %{customdata:.4g}<extra></extra>",
        )
    )
    way = WAY if surface.path is not None else STEP
    titles = {"xaxis_title": way.format(1), "yaxis_title": way.format(2)}
    figure.update_layout(
        height=620,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        font={"size": FONT - 3, "color": ink},
        scene={
            **titles,
            "zaxis": {"title": unit, **ticks},
            "aspectratio": {"x": 1, "y": 1, "z": 0.7},
            "camera": CAMERA,
        },
    )
    return figure


def preview(arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, float, float]:
    """A surface's known points as an image (height, width, 4) uint8, a pixel a point, and the range shown.

    While only the coarse lattice is known, its points alone make the image; rows run upwards.
    """
    done, loss = arrays["done"], np.where(arrays["done"], arrays["loss"], np.nan)
    rows, columns = np.flatnonzero(done.any(1)), np.flatnonzero(done.any(0))
    loss = loss[np.ix_(rows, columns)][::-1]
    finite = np.isfinite(loss)
    low, high = (float(loss[finite].min()), float(loss[finite].max())) if finite.any() else (0.0, 1.0)
    place = np.where(finite, (loss - low) / max(high - low, 1e-12), 0)
    anchors, colours = zip(*plotly.colors.get_colorscale(SCALE), strict=True)
    table = np.array([plotly.colors.hex_to_rgb(c) if c[0] == "#" else plotly.colors.unlabel_rgb(c) for c in colours])
    bands = [np.interp(place, anchors, table[:, band]) for band in range(3)]
    return np.stack([*bands, finite * 255.0], -1).astype(np.uint8), low, high


def as_csv(surface: Surface) -> str:
    """A surface's numbers, a row a point; losses in nats, top-1 in percent."""
    lines = ["x,y,loss,top1"]
    for row, y in enumerate(surface.y):
        for column, x in enumerate(surface.x):
            lines.append(f"{x:.9g},{y:.9g},{surface.loss[row, column]:.9g},{surface.top1[row, column]:.9g}")
    return "\n".join(lines) + "\n"
