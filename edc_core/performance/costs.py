"""What a step of a network costs: a measured table, brought to this machine's speed.

The table (`costs.json`) holds seconds of a step by network, image shape, kind of step and batch
size, measured with one thread by `python -m edc_core calibrate --reference`. A short measurement of
a few networks (`python -m edc_core calibrate`) says how much faster or slower this machine is.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from edc_core.networks.catalogue import FAMILIES, family_of, work_of

TABLE = Path(__file__).with_name("costs.json")
STEP_KINDS = ("forward", "moments", "observe", "train")
PROBE_KINDS = ("forward", "observe", "train")
PROBE_SHAPE = (1, 28)
PROBE_BATCHES = (25, 100)
HEADROOM = 1.6  # of memory: what the allocator holds beside what is used


def shape_name(channels: int, size: int) -> str:
    return f"{channels}x{size}"


@cache
def table() -> dict[str, Any]:
    """network or "views" -> shape -> kind -> batch -> seconds, and "bytes" an image."""
    return json.loads(TABLE.read_text(encoding="utf-8"))["networks"]


def at_batch(costs: Mapping[str, float], batch: int) -> float:
    """Seconds at a batch size, on the line between its measured neighbours; beyond them in proportion."""
    points = sorted((int(size), seconds) for size, seconds in costs.items())
    if batch >= points[-1][0]:
        return points[-1][1] * batch / points[-1][0]
    if batch <= points[0][0]:
        return points[0][1] * (0.5 + 0.5 * batch / points[0][0])  # half of a small step is fixed
    for (low, before), (high, after) in zip(points, points[1:], strict=False):
        if low <= batch <= high:
            return before + (after - before) * (batch - low) / (high - low)
    raise AssertionError("points are sorted")


def nearest(network: str, kind: str) -> tuple[str, float]:
    """The measured network of the same family whose work is nearest, and how much more this one's is."""
    known = table()
    if network in known:
        return network, 1.0
    family, work = family_of(network)[0], work_of(network)
    if entry := FAMILIES[family].stand_in:
        return entry.network, work * (entry.weights if kind == "weights" else entry.seconds)
    same = [name for name in known if name != "views" and family_of(name)[0] == family]
    best = min(same, key=lambda name: abs(math.log(work_of(name) / work)))
    return best, work / work_of(best)


@dataclass(frozen=True)
class Costs:
    """The costs of steps on images of one shape, on a machine whose speed against the table's is known."""

    channels: int
    size: int
    slowness: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # family -> kind -> factor

    def seconds(self, kind: str, network: str, batch: int) -> float:
        """Seconds of one step of `kind` (see `STEP_KINDS`) at a batch size."""
        known, more = nearest(network, kind)
        shape, pixels = self._shape(known)
        speed = self.slowness.get(family_of(known)[0], {})
        factor = speed.get(kind, speed.get("forward", 1.0))
        return factor * more * pixels * at_batch(table()[known][shape][kind], batch)

    def render(self, batch: int, operations: int) -> float:
        """Seconds of rendering a batch of a student's views."""
        shape, pixels = self._shape("views")
        plain, augmented = (at_batch(table()["views"][shape][kind], batch) for kind in ("crop", "randaugment"))
        factor = self.slowness.get("views", {}).get("randaugment", 1.0)
        return factor * pixels * (plain + max(augmented - plain, 0) * operations / 2)

    def kept(self, kind: str, network: str) -> float:
        """Bytes an image that a step keeps for its gradient ("observe", "train"), or the network's "weights"."""
        known, more = nearest(network, kind)
        shape, pixels = self._shape(known)
        return table()[known][shape]["bytes"][kind] * more * (1 if kind == "weights" else pixels)

    def _shape(self, entry: str) -> tuple[str, float]:
        """The measured shape nearest to these images, and how many more pixels these have."""
        sides = {name: int(name.partition("x")[2]) for name in table()[entry]}
        shape = min(
            sides, key=lambda name: (abs(sides[name] - self.size), name != shape_name(self.channels, sides[name]))
        )
        return shape, (self.size / sides[shape]) ** 2
