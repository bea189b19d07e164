"""Techniques taken away again: each context puts the plain form in the fast one's place while it lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edc_core import frozen, moments, probing_steps
from edc_core.config import EvaluateConfig
from edc_core.frozen import FrozenNorm
from edc_core.pooling import Halve
from edc_core.stages.evaluate import parameter_groups


@contextmanager
def _swapped(owner: Any, **plain: Any) -> Iterator[None]:
    fast = {name: getattr(owner, name) for name in plain}
    try:
        for name, value in plain.items():
            setattr(owner, name, value)
        yield
    finally:
        for name, value in fast.items():
            setattr(owner, name, value)


def plain_moments():
    """All images at once, channels and patches each for themselves, in torch's own operations."""
    return _swapped(moments, channel_moments=_channels, both_moments=_both)


def _channels(h: Tensor) -> tuple[Tensor, Tensor]:
    h = h.float()
    mean = h.mean((2, 3), keepdim=True)
    return mean.flatten(1), (h - mean).square().mean((2, 3))


def _both(h: Tensor, patch: int) -> tuple[Tensor, ...]:
    larger, patches = moments._patched(h, patch)
    larger = larger.float()
    mean = patches.pool(larger)
    variance = patches.pool((larger - patches.spread(mean)).square())
    return *_channels(h), mean.flatten(1), variance.flatten(1)


def plain_pooling():
    """torch's own pooling."""
    return _swapped(Halve, forward=lambda self, x: F.avg_pool2d(x, 2))


def plain_norms():
    """torch's own gradient of BatchNorm."""
    return _swapped(FrozenNorm, forward=nn.BatchNorm2d.forward)


def plain_teachers():
    """BatchNorm layers of their own."""
    return _swapped(frozen, folded=lambda network: network)


def plain_optimiser():
    """AdamW parameter by parameter."""

    def make(student: nn.Module, config: EvaluateConfig) -> torch.optim.Optimizer:
        return torch.optim.AdamW(parameter_groups(student, config.weight_decay), config.lr, foreach=False)

    return _swapped(probing_steps, make_optimiser=make)


@contextmanager
def one_thread() -> Iterator[None]:
    """The same on one core."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
