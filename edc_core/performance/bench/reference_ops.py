"""Techniques taken away again: each context puts the plain form in the fast one's place while it lasts."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edc_core.config import EvaluateConfig
from edc_core.networks.runtime import Runtime
from edc_core.performance import timed_steps as probing_steps
from edc_core.pipeline.stages.evaluate import parameter_groups
from edc_core.synthesis import moments
from edc_core.torch_utils import frozen_batchnorm as frozen
from edc_core.torch_utils.avg_pool import AvgPool2x2
from edc_core.torch_utils.frozen_batchnorm import FrozenBatchNorm2d
from edc_core.training.views import Normalisation, View, cut_mix


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
    return _swapped(AvgPool2x2, forward=lambda self, x: F.avg_pool2d(x, 2))


def plain_norms():
    """torch's own gradient of BatchNorm."""
    return _swapped(FrozenBatchNorm2d, forward=nn.BatchNorm2d.forward)


def plain_committee():
    """BatchNorm layers of their own."""
    return _swapped(frozen, fold_batchnorm=lambda network: network)


@contextmanager
def plain_passes() -> Iterator[None]:
    """Networks that look as they do in training: their weights want gradients, and what these need is kept."""
    with (
        _swapped(torch, inference_mode=torch.enable_grad),
        _swapped(nn.Module, requires_grad_=lambda self, requires_grad=True: self),
    ):
        yield


def plain_views():
    """A batch's views made one image after the other."""
    together = View.render

    def render(view: View, pixels: Tensor, normalise: Normalisation) -> Tensor:
        images = torch.cat([together(_one(view, k), pixels, normalise) for k in range(len(view.rows))])
        return cut_mix(images, view.cutmix) if view.cutmix else images

    return _swapped(View, render=render)


def _one(view: View, k: int) -> View:
    """The view of one image of a batch, before it is mixed."""
    orders = None if view.orders is None else view.orders[:, [k]]
    operations, signs = view.operations[:, [k]], view.signs[:, [k]]
    return View(view.rows[[k]], operations, signs, view.magnitude, view.crops[[k]], None, orders)


def plain_precision():
    """float32 in torch's usual layout for every network."""
    return _swapped(
        Runtime,
        autocast=lambda self, network: nullcontext(),
        memory_format=lambda self, network: torch.contiguous_format,
    )


def plain_optimiser():
    """AdamW parameter by parameter."""

    def make(student: nn.Module, config: EvaluateConfig) -> torch.optim.Optimizer:
        return torch.optim.AdamW(parameter_groups(student, config.weight_decay), config.lr, foreach=False)

    return _swapped(probing_steps, make_optimiser=make)


def compiled_networks():
    """Every network compiled when it is placed: the one context that adds something."""
    prepare_network = Runtime.prepare_network

    def compiled(self: Runtime, network: nn.Module, name: str) -> nn.Module:
        placed = prepare_network(self, network, name)
        placed.compile()
        return placed

    return _swapped(Runtime, prepare_network=compiled)


@contextmanager
def one_thread() -> Iterator[None]:
    """The same on one core."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
