"""Surfaces of loss and top-1 over a line or a plane of weights; each point is computed from the centre.

`loss-landscapes` has the model wrapper, the arithmetic of parameters and the interface of metrics. Its own
scans are not used: they shift every other row by a step, and leave another network behind.
"""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from loss_landscapes.metrics.metric import Metric
from loss_landscapes.model_interface.model_parameters import ModelParameters
from loss_landscapes.model_interface.model_wrapper import SimpleModelWrapper
from torch import nn

from edc_core.landscape.losses import Sample

COARSE = 11  # points a side that are seen first
SAVE_EVERY = 2.0  # seconds

Progress = Callable[[int, int], None]
Save = Callable[["Surface"], None]


def eval_copy(network: nn.Module) -> nn.Module:
    """An eval-mode deep copy of the network, whose weights may be overwritten."""
    return copy.deepcopy(network).eval()


class LossAndTop1(Metric):
    """Mean loss and top-1 in percent over a sample; top-1 is NaN where a logit is not a number."""

    def __init__(self, sample: Sample) -> None:
        super().__init__()
        self.sample = sample

    @torch.no_grad()
    def __call__(self, wrapper: SimpleModelWrapper) -> tuple[float, float]:
        loss, right, count = 0.0, 0, len(self.sample)
        broken = False
        for (images, target), labels in zip(self.sample.batches, self.sample.labels, strict=True):
            logits = wrapper.forward(images).float()
            loss += self.sample.loss(logits, target).item() * len(labels) / count
            right += (logits.argmax(1) == labels).sum().item()
            broken |= not logits.isfinite().all().item()
        return loss, math.nan if broken else 100 * right / count


@dataclass
class Surface:
    """Surface of loss and top-1 at [row, column] = centre + y[row] second + x[column] first; a line has one row.

    `done` marks the points that were computed: there, a loss that is not finite is a result.
    """

    x: np.ndarray  # (columns,)
    y: np.ndarray  # (rows,)
    loss: np.ndarray = field(default=None)  # (rows, columns) float64
    top1: np.ndarray = field(default=None)  # percent
    done: np.ndarray = field(default=None)  # bool

    def __post_init__(self) -> None:
        shape = (len(self.y), len(self.x))
        if self.loss is None:
            self.loss, self.top1 = np.full(shape, np.nan), np.full(shape, np.nan)
            self.done = np.zeros(shape, bool)

    def arrays(self) -> dict[str, np.ndarray]:
        names = ("x", "y", "loss", "top1", "done")
        return {name: np.ascontiguousarray(getattr(self, name)) for name in names}


def axis(side: int, span: float) -> np.ndarray:
    """Axis of `side` points from -span to span, symmetric, with exactly 0 in the middle."""
    half = span * np.arange(1, side // 2 + 1) / (side // 2)
    return np.concatenate([-half[::-1], [0.0], half])


class WeightProbe:
    """Probe of a network's loss at points of weight space, around the weights in `centre`."""

    def __init__(self, network: nn.Module, directions: list[ModelParameters], sample: Sample) -> None:
        self.twin = eval_copy(network).requires_grad_(False)
        self.wrapper, self.metric = SimpleModelWrapper(self.twin), LossAndTop1(sample)
        self.centre = ModelParameters([p.clone() for p in self.twin.parameters()])
        self.directions = directions

    def at(self, *distances: float) -> tuple[float, float]:
        """Loss and top-1 in percent at the centre plus these multiples of the directions."""
        here = self.centre
        for distance, direction in zip(distances, self.directions, strict=True):
            here = here + direction * distance if distance else here
        with torch.no_grad():
            for own, value in zip(self.twin.parameters(), here, strict=True):
                own.copy_(value)
        return self.metric(self.wrapper)


def evaluate_surface(surface: Surface, at: Callable[..., tuple[float, float]], progress: Progress, save: Save) -> None:
    """Evaluate a surface's missing points, in place: a coarse grid first, then the rest by the grid's curvature.

    Args:
        surface: (rows, columns) of loss and top-1; points that are `done` are kept.
        at: x of a line, or x and y of a plane -> loss and top-1 in percent.
        progress: called with points done and their total; it may raise to stop.
        save: called every few seconds, after the coarse grid, and at the end.
    """
    flat = surface.loss.shape[0] == 1
    total, saved = surface.done.size, time.monotonic()

    def compute(points: list[tuple[int, int]]) -> None:
        nonlocal saved
        for row, column in points:
            if surface.done[row, column]:
                continue
            place = (surface.x[column],) if flat else (surface.x[column], surface.y[row])
            surface.loss[row, column], surface.top1[row, column] = at(*map(float, place))
            surface.done[row, column] = True
            if time.monotonic() - saved >= SAVE_EVERY:
                save(surface)
                saved = time.monotonic()
            progress(int(surface.done.sum()), total)

    rows, columns = coarse(surface.loss.shape[0]), coarse(surface.loss.shape[1])
    try:
        compute([(row, column) for row in rows for column in columns])
        save(surface)
        compute(by_curvature(surface, rows, columns))
    finally:
        save(surface)


def coarse(side: int) -> list[int]:
    """Coarse grid along one side: evenly spread indices with the first, the middle and the last."""
    half = side // 2
    steps = sorted({round(half * i / (COARSE // 2)) for i in range(COARSE // 2 + 1)})
    return sorted({half - step for step in steps} | {half + step for step in steps} if side > 1 else {0})


def by_curvature(surface: Surface, rows: list[int], columns: list[int]) -> list[tuple[int, int]]:
    """Remaining points, those near the coarse grid's strongest curvature, or a loss that is not finite, first."""
    height = np.log(np.maximum(surface.loss[np.ix_(rows, columns)], 1e-9))
    finite = np.isfinite(height)
    known = np.where(finite, height, 0.0)
    bend = np.zeros_like(known)
    for dim in (0, 1):
        if known.shape[dim] > 2:
            inner = np.moveaxis(bend, dim, 0)[1:-1]
            inner += np.abs(np.diff(np.moveaxis(known, dim, 0), 2, axis=0))
    bend[~finite] = np.inf
    nearest = [np.abs(np.subtract.outer(np.arange(n), chosen)).argmin(1) for n, chosen in
            zip(surface.loss.shape, (rows, columns), strict=True)]  # fmt: skip
    worth = bend[np.ix_(*nearest)]
    rest = np.argwhere(~surface.done)
    order = np.lexsort((rest[:, 1], rest[:, 0], -worth[rest[:, 0], rest[:, 1]]))
    return [(int(row), int(column)) for row, column in rest[order]]
