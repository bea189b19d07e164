"""Curvature of a student's loss, and agreement of its gradients: two kinds of landscape queries."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from edc_core.landscape.losses import OwnLoss, Sample, sample_of
from edc_core.landscape.sharpness import (
    Estimated,
    curvature,
    gradient_cosines,
    hessian_of,
    largest_eigenvalues,
    worst_nearby,
)
from edc_core.landscape.surface import LossAndTop1, WeightProbe
from edc_core.pipeline.context import SCORED_AT_ONCE
from edc_core.torch_utils.device import to_device

if TYPE_CHECKING:
    from edc_core.pipeline.stages.landscape import LoadedStudent

SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500)  # of batches whose gradients are compared
DRAWS = 20  # batches of each size


def sharpness(asked: "LoadedStudent") -> dict[str, Any]:
    """Largest eigenvalues, trace (whole and by layer), Frobenius norm, worst loss in a ball; null: not finite."""
    context, settings, network = asked.context, asked.settings, asked.network
    sample, title = asked.sample()
    state = context.resume_state() or {"eigenvalues": None, "seen": []}
    state["seen"] = [(along, square) for along, square in state["seen"]]
    products = 0

    def tick() -> None:
        nonlocal products
        products += 1
        context.progress(products, 0, "product", "curvature")
        if state["eigenvalues"] is not None and context.checkpoint_due():
            context.save_checkpoint(state)

    hessian = hessian_of(network, sample, tick)
    if state["eigenvalues"] is None:
        state["eigenvalues"] = largest_eigenvalues(hessian, settings.eigenvalues, settings.seed)
        context.save_checkpoint(state)
    blocks = {name: parameter.numel() for name, parameter in network.named_parameters()}
    found = curvature(hessian.__matmul__, blocks, settings.vectors, settings.seed, hessian.device, state["seen"])
    ball = worst_nearby(network, sample, settings.radius, settings.ascents, tick)
    loss, top1 = LossAndTop1(sample)(WeightProbe(network, [], sample).wrapper)
    layers = [{"layer": name, "weights": blocks[name]} | estimate_json(part) for name, part in found.layers.items()]
    return {
        "loss": title,
        "images": len(sample),
        "centre": {"loss": number(loss), "top1": number(top1)},
        "eigenvalues": [number(value) for value in state["eigenvalues"]],
        "trace": estimate_json(found.trace),
        "frobenius": estimate_json(found.frobenius),
        "layers": layers,
        "ball": {"radius": ball.radius, "worst": number(ball.worst), "rise": number(ball.rise)},
        "weights": sum(blocks.values()),
    }


def estimate_json(estimate: Estimated) -> dict[str, float | None]:
    """A value and its standard error, as JSON can hold them."""
    return {"value": number(estimate.value), "se": number(estimate.error)}


def number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def gradients(asked: "LoadedStudent") -> dict[str, Any]:
    """Gradient cosines on the condensed set and on real training images, with one loss and one committee.

    Images are shown as they are, without augmentation, with the committee's labels of them; of the real ones
    so many as were asked for stand for the whole set.
    """
    context, settings, done = asked.context, asked.settings, 0

    def tick() -> None:
        nonlocal done
        done += 1
        context.progress(done, 0, "batch", "gradients")

    real = context.dataset.part("train")
    rows = np.random.default_rng(settings.seed).permutation(len(real))[: settings.images]
    sets = {"condensed": context.condensed()}
    sets["original"] = torch.from_numpy(real.take(rows)), torch.from_numpy(real.labels[rows])
    found = {}
    for name, (pixels, labels) in sets.items():
        sample = _as_they_are(asked, pixels, labels)
        sizes = [size for size in SIZES if size < len(sample)]
        values = gradient_cosines(asked.network, sample, sizes, DRAWS, settings.seed, tick)
        cosines = [[number(value) for value in values[size]] for size in sizes]
        found[name] = {"images": len(sample), "sizes": sizes, "cosines": cosines}
    return {"loss": "the student's training loss, without augmentation", "sets": found}


def _as_they_are(asked: "LoadedStudent", pixels: Tensor, labels: Tensor) -> Sample:
    """(N, C, H, W) uint8 and (N,) classes, taught as the student was."""
    config, committee, device = asked.context.config, asked.committee(), asked.runtime.device
    images, classes = asked.normalise(to_device(pixels.numpy(), device)), len(asked.context.dataset.description.classes)
    shares = torch.nn.functional.one_hot(labels.to(device), classes).float()
    soft = torch.zeros_like(shares)
    if committee.members:
        soft = torch.cat([asked.soft(committee, part) for part in images.split(SCORED_AT_ONCE)])
    return sample_of(images, torch.cat([soft, shares], 1), labels.to(device), OwnLoss(config.evaluate))
