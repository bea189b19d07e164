"""Linear interpolation between two students, and the loss barrier on it (Frankle et al. 2020)."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from edc_core.errors import SettingsError
from edc_core.landscape.directions import parameters_of
from edc_core.landscape.losses import Sample
from edc_core.landscape.surface import WeightProbe


def interpolate(first: nn.Module, second: nn.Module, sample: Sample) -> Callable[[float], tuple[float, float]]:
    """A function from a share in [0, 1] to loss and top-1 in percent on the line from the first student to the second.

    BatchNorm's running moments are interpolated like weights: between two networks they fit neither, which accounts for
    part of the barrier.

    Raises:
        SettingsError: the two have different shapes.
    """
    starts, ends = parameters_of(first), parameters_of(second)
    if [p.shape for p in first.parameters()] != [p.shape for p in second.parameters()]:
        raise SettingsError("the two students are different networks: a line is drawn between equal ones only.")
    walk = WeightProbe(first, [], sample)
    pairs = [
        (own, a.clone(), b.clone())
        for (own, a, b) in zip(walk.twin.buffers(), first.buffers(), second.buffers(), strict=True)
        if own.is_floating_point()
    ]

    def at(share: float) -> tuple[float, float]:
        with torch.no_grad():
            for buffer, a, b in pairs:
                buffer.copy_(b if share == 1 else a + (b - a) * share)
        walk.centre = ends if share == 1 else starts + (ends - starts) * share
        return walk.at()

    return at


def barrier(shares: np.ndarray, loss: np.ndarray) -> float:
    """Loss barrier: highest rise above the straight line between the ends; NaN if a value is not finite."""
    if not np.isfinite(loss).all():
        return float("nan")
    straight = loss[0] + (loss[-1] - loss[0]) * shares
    return float((loss - straight).max())
