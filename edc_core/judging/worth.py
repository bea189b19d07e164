"""Worth N real images: an accuracy read off the stored curve of hard-labelled real subsets.

A curve is the preset `random` under the protocol `hard` at growing IPC, at one number of optimiser steps
and one student, on the training part of a data set; each seed draws other images, views and weights. What suits a
hundred images harms nine thousand, so every size is trained by each of `RECIPES`, and a size's point is the recipe
whose mean over seeds is the best on held-out images.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edc_core.environment import ASSETS
from edc_core.errors import StoreError
from edc_core.intervals import Estimate, estimate
from edc_core.store.files import read_json

CURVES_FOLDER = ASSETS / "worth"
FORMAT = 2
RECIPES: dict[str, tuple[str, dict[str, Any]]] = {
    "strong": ("EDC's augmentation and schedule", {}),
    "light": (
        "almost no augmentation and a rate that decays to zero",
        {
            "views.randaugment_ops": 0,
            "views.cutmix_alpha": 0.0,
            "views.crop_area_min": 1.0,
            "evaluate.schedule": "cosine",
            "evaluate.zeta": 1.0,
        },
    ),
}
IPCS = (1, 2, 5, 10, 20, 50, 100, 200, 450, 900)  # at ten classes 10 to 9,000 images, all there are to train on
STEPS = (1_200, 6_000)  # the lab's own number at IPC 10, and five times as many


@dataclass(frozen=True)
class RealImageCurve:
    """Top-1 in percent by the number of real images; `values[split]` is (seeds, sizes), averaged weights.

    `recipes` names the one of `RECIPES` that each size stands for.
    """

    dataset: str
    digest: str
    student: str
    steps: int
    sizes: tuple[int, ...]
    values: dict[str, np.ndarray]
    record: dict[str, Any]
    recipes: tuple[str, ...] = ()

    @property
    def ways(self) -> str:
        """How the images are learnt, in words."""
        said = ", or with ".join(RECIPES[name][0] for name in dict.fromkeys(self.recipes))
        return f"{said}: at each number whichever serves held-out images better" if len(set(self.recipes)) > 1 else said

    @property
    def seeds(self) -> int:
        return len(next(iter(self.values.values())))

    def points(self, split: str) -> list[Estimate]:
        """Mean and interval at each size."""
        return [estimate(column) for column in self.values[split].T.tolist()]


@dataclass(frozen=True)
class EquivalentImages:
    """A number of real images, with the lowest and highest that the curve's seeds allow.

    0 stands for fewer than the curve's smallest size, infinity for more than its largest.
    """

    images: float
    low: float
    high: float
    smallest: int
    largest: int

    def __iter__(self):
        return iter((self.images, self.low, self.high))

    def text(self) -> str:
        """As read aloud: "about 240 (180 to 310)", "more than 9,000"."""
        head = f"{'' if self.images in (0, math.inf) else 'about '}{self._said(self.images)}"
        return head if self.low == self.high else f"{head} ({self._said(self.low)} to {self._said(self.high)})"

    def _said(self, images: float) -> str:
        if images == 0:
            return f"fewer than {self.smallest:,}"
        if images == math.inf:
            return f"more than {self.largest:,}"
        digits = max(0, math.floor(math.log10(images)) - 1)
        return f"{round(images / 10**digits) * 10**digits:,}"


def equivalent_real_images(top1: float | Estimate, curve: RealImageCurve, split: str = "test") -> EquivalentImages:
    """How many hard-labelled real images teach as well, by log-interpolation of the monotone curve.

    The range takes in the curve's lowest and highest seed and, for an estimate, its interval.
    """
    low, mean, high = (top1, top1, top1) if not isinstance(top1, Estimate) else _ends(top1)
    values = curve.values[split]
    each = [_invert(low, curve.sizes, seed) for seed in values] + [_invert(high, curve.sizes, seed) for seed in values]
    images = _invert(mean, curve.sizes, values.mean(0))
    return EquivalentImages(images, min(*each, images), max(*each, images), curve.sizes[0], curve.sizes[-1])


def isotonic(values: Sequence[float]) -> list[float]:
    """The nearest never-falling sequence in squares: neighbours that fall are pooled into their mean."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        blocks.append((float(value), 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (left, before), (right, after) = blocks[-2:]
            blocks[-2:] = [((left * before + right * after) / (before + after), before + after)]
    return [mean for mean, count in blocks for _ in range(count)]


def load_curves(digest: str, places: Sequence[Path] = (CURVES_FOLDER,)) -> list[RealImageCurve]:
    """The stored curves of a data set, the shortest training first.

    Raises:
        StoreError: a file is damaged.
    """
    paths = [path for place in places if place.is_dir() for path in sorted(place.glob("*.json"))]
    curves = [read_curve(path) for path in paths]
    return sorted((curve for curve in curves if curve.digest == digest), key=lambda curve: (curve.student, curve.steps))


def read_curve(path: Path) -> RealImageCurve:
    record = read_json(path)
    try:
        if record["format"] != FORMAT:
            raise StoreError(f"'{path}' has format {record['format']}, not {FORMAT}: make it again with 'worth'.")
        sizes = sorted({point["images"] for point in record["points"]})
        tables = {name: _values(record["points"], name, sizes) for name in record["recipes"]}
        best = [max(tables, key=lambda name: tables[name]["val"][:, place].mean()) for place in range(len(sizes))]
        values = {
            split: np.stack([tables[name][split][:, place] for place, name in enumerate(best)], 1)
            for split in ("val", "test")
        }
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise StoreError(f"'{path}' is no curve of real subsets ({error!r}): make it again with 'worth'.") from None
    identity = (record["dataset"]["name"], record["dataset"]["digest"], record["student"], record["steps"])
    return RealImageCurve(*identity, tuple(sizes), values, record, tuple(best))


def _values(points: Sequence[dict], recipe: str, sizes: Sequence[int]) -> dict[str, np.ndarray]:
    """Top-1 of one recipe by split, (seeds, sizes)."""
    top1 = {(point["seed"], point["images"]): point for point in points if point["recipe"] == recipe}
    seeds = sorted({seed for seed, _ in top1})
    return {
        split: np.array([[top1[seed, size][split]["ema"] for size in sizes] for seed in seeds])
        for split in ("val", "test")
    }


def _ends(top1: Estimate) -> tuple[float, float, float]:
    if top1.low is None:
        return top1.mean, top1.mean, top1.mean
    return top1.low, top1.mean, top1.high


def _invert(top1: float, sizes: Sequence[int], values: Sequence[float]) -> float:
    """The smallest number of images at which the monotone curve reaches `top1`."""
    curve = isotonic(values)
    if top1 < curve[0]:
        return 0.0
    if top1 > curve[-1]:
        return math.inf
    upper = next(place for place, value in enumerate(curve) if value >= top1)
    if upper == 0 or curve[upper] == top1:
        return float(sizes[upper])
    share = (top1 - curve[upper - 1]) / (curve[upper] - curve[upper - 1])
    return math.exp((1 - share) * math.log(sizes[upper - 1]) + share * math.log(sizes[upper]))
