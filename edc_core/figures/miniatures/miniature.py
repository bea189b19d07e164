"""What every miniature is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from edc_core.figures.colours import OKABE_ITO
from edc_core.figures.plotly_objects import go

HEIGHT = 300  # pixels of a figure
FAINT, STRONG, OTHER = OKABE_ITO["grey"], OKABE_ITO["blue"], OKABE_ITO["vermillion"]


@dataclass(frozen=True)
class Look:
    """What can be shown: real training images (N, C, H, W) uint8, one a class, and facts about observers."""

    samples: np.ndarray
    classes: int = 10
    observers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # name -> observer.json


@dataclass(frozen=True)
class Row:
    """One line of images under a name."""

    name: str
    image: np.ndarray  # (height, width, bands) uint8 at native size
    chosen: bool


@dataclass(frozen=True)
class Reading:
    """One figure read off a miniature."""

    name: str
    value: str
    hint: str = ""


@dataclass(frozen=True)
class Miniature:
    """A small figure and the one sentence that says what to look at."""

    say: str
    figure: go.Figure | None = None
    rows: tuple[Row, ...] = ()
    readings: tuple[Reading, ...] = ()
    scene: dict[str, Any] | None = None  # the figure and its readings as plain values, for a browser to draw


def framed(figure: go.Figure, x: str, y: str, height: int = HEIGHT) -> go.Figure:
    """The miniatures' common frame: axes with names, a legend above, no empty margin."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 14}},
        font={"size": 15},
        hovermode=False,
    )
    figure.update_xaxes(title={"text": x, "font": {"size": 15}}, tickfont={"size": 14}, zeroline=False, fixedrange=True)
    figure.update_yaxes(title={"text": y, "font": {"size": 15}}, tickfont={"size": 14}, zeroline=False, fixedrange=True)
    return figure


def bare(figure: go.Figure, height: int = HEIGHT) -> go.Figure:
    """A figure whose axes mean nothing: none are drawn."""
    framed(figure, "", "", height)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def rgb(pixels: np.ndarray) -> np.ndarray:
    """(N, C, H, W) grey or RGB to (N, H, W, 3)."""
    return np.broadcast_to(pixels.transpose(0, 2, 3, 1), (len(pixels), *pixels.shape[2:], 3))
