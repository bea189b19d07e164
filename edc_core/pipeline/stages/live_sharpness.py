"""Sharpness while a run works: the worst rise of the loss in a small radius, of a student and of the forming images.

It is measured between steps, in a small share of a stage's time, and leaves no trace in what the stage makes: on copies
of the networks, with observers and running moments of its own, in eval mode, without any random draw. Its points are
curves of the run like its losses; where they lie depends on the machine's speed.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from edc_core.data.dataset import Part
from edc_core.environment import live_sharpness
from edc_core.landscape.config import LIVE_ASCENTS, LIVE_FORMING, LIVE_HELD_OUT, LIVE_IMAGE_RADIUS, LIVE_RADIUS
from edc_core.landscape.losses import Sample, real_sample
from edc_core.landscape.sharpness import worst_nearby
from edc_core.synthesis.flatness import sam_perturb
from edc_core.synthesis.image_optimiser import Observer, matching_of
from edc_core.torch_utils.device import to_device
from edc_core.training.views import Normalisation

SHARE = 0.04  # of a stage's time so far
TRIED_IMAGES = 10  # that a student is tried on first, to know what a measurement takes


class TimeBudget:
    """Time for measuring: a share of the time since the stage began, asked for before each measurement."""

    def __init__(self, share: float | None = None, clock: Callable[[], float] = time.perf_counter) -> None:
        self.share, self.clock, self.began = SHARE if share is None else share, clock, clock()
        self.spent, self.dearest, self.cost = 0.0, 0.0, 0.0
        self.enabled = live_sharpness()

    def allows(self, steps: int, steps_alike: float) -> bool:
        """Whether one more measurement fits, after `steps` steps of work.

        `steps_alike`: how many of them take as long as the first measurement, of which nothing is known yet.
        """
        if not self.enabled or not steps:
            return False
        elapsed = self.clock() - self.began
        cost = self.cost or steps_alike * (elapsed - self.spent) / steps
        return self.spent + cost <= self.share * elapsed

    @contextmanager
    def spending(self, part: float = 1.0) -> Iterator[None]:
        """Counts the time inside the block, which is this `part` of a measurement: what the next one will cost."""
        start = self.clock()
        try:
            yield
        finally:
            seconds = self.clock() - start
            self.spent += seconds
            self.dearest = max(self.dearest, seconds if part == 1 else 0.0)
            self.cost = 1.25 * self.dearest or seconds / part


class StudentSharpness:
    """Worst rise of the cross-entropy on a few held-out images within `LIVE_RADIUS` of all weights, in nats."""

    def __init__(self, held_out: Part, normalise: Normalisation, device: str) -> None:
        self.held_out, self.normalise, self.device = held_out, normalise, device
        self.budget = TimeBudget()
        self.sample: Sample | None = None

    def values(self, networks: dict[str, nn.Module], steps: int, batch: int) -> dict[str, float]:
        """Curves' values of each network by the kind of its weights; none where there is no time for it now."""
        passes, images = len(networks) * (LIVE_ASCENTS + 1), min(LIVE_HELD_OUT, len(self.held_out))
        if not self.budget.allows(steps, 2 * min(TRIED_IMAGES, images) / batch):
            return {}
        if self.sample is None:  # a network's float32 may be far slower than a step: try a few images first
            with self.budget.spending(min(TRIED_IMAGES, images) / (passes * images)):
                self.sample = self._sample()
                pixels, labels = self.sample.rows(torch.arange(min(TRIED_IMAGES, images), device=self.device))
                worst_nearby(float32_copy(next(iter(networks.values()))), real_sample(pixels, labels), LIVE_RADIUS, 0)
            return {}
        with self.budget.spending():
            rises = {f"sharpness/{kind}": student_rise(network, self.sample) for kind, network in networks.items()}
        return finite(rises)

    def _sample(self) -> Sample:
        part = self.held_out.some(LIVE_HELD_OUT)
        pixels = np.ascontiguousarray(part.take(np.arange(len(part))))
        return real_sample(
            self.normalise(to_device(pixels, self.device)), torch.from_numpy(part.labels).to(self.device)
        )


def student_rise(network: nn.Module, sample: Sample) -> float:
    """Rise of the loss in the ball, computed in float32 on a copy of the network."""
    return worst_nearby(float32_copy(network), sample, LIVE_RADIUS, LIVE_ASCENTS).rise


def float32_copy(network: nn.Module) -> nn.Module:
    """A copy in the memory format of float32."""
    return copy.deepcopy(network).to(memory_format=torch.contiguous_format)


class ImageSharpness:
    """Worst rise of the matching loss of a few forming images within `LIVE_IMAGE_RADIUS`, in percent of it."""

    def __init__(self, make_observer: Callable[[], Observer]) -> None:
        self.make_observer = make_observer
        self.observer: Observer | None = None
        self.budget = TimeBudget()

    def values(self, images: Tensor, members: Tensor, steps: int) -> dict[str, float]:
        """The curve's value for images (B, C, H, W) with their classes or groups (B,); none without time for it."""
        chosen = torch.linspace(0, len(images) - 1, min(LIVE_FORMING, len(images)), device=images.device).long()
        if not self.budget.allows(steps, (LIVE_ASCENTS + 1) * len(chosen) / len(images)):
            return {}
        with self.budget.spending():
            if self.observer is None:  # its own, in float32: the run's keep their running moments
                self.observer = self.make_observer()
            loss = matching_of(self.observer, members[chosen])
            rise = images_rise(loss, images.detach()[chosen])
        return finite({"sharpness/images": rise})


def images_rise(loss: Callable[[Tensor], Tensor], images: Tensor) -> float:
    """Worst rise of a loss, in percent of it, by gradient ascent on each image's sphere; images (B, C, H, W)."""
    away, losses = torch.zeros_like(images), []
    for step in range(LIVE_ASCENTS + 1):
        here = (images + away).requires_grad_(True)
        value = loss(here)
        losses.append(value.item())
        if step < LIVE_ASCENTS:
            (slope,) = torch.autograd.grad(value, here)
            away = sam_perturb(away, slope, LIVE_IMAGE_RADIUS)
            away = sam_perturb(torch.zeros_like(away), away, LIVE_IMAGE_RADIUS)  # back onto the sphere
    if not all(map(math.isfinite, losses)) or not losses[0]:
        return math.nan
    return 100 * (max(losses) - losses[0]) / losses[0]


def finite(values: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if math.isfinite(value)}
