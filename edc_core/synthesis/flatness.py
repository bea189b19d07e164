"""Flatness losses of the images (paper, sec. 3.2, Eq. 7, and table 4).

Each compares the observer's outputs for one step's view of the images and of their moving average, under the same crop
and flip, and returns a scalar. `sam` has no loss: it moves the point where the gradient is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from edc_core.config import SynthesiseConfig
from edc_core.synthesis.moments import Moments, pool_moments


@dataclass(frozen=True)
class FlatnessInputs:
    """Inputs of a flatness loss: the observer's outputs for the images and, if needed, for their moving average."""

    logits: Tensor  # (B, C)
    moments: Moments  # two (B, S)
    averaged_logits: Tensor | None
    averaged_moments: Moments | None
    groups: Callable[[Tensor], Tensor]  # (M, S) differences -> (M, G) norms
    config: SynthesiseConfig


def no_flatness(step: FlatnessInputs) -> Tensor:
    """Zero."""
    return step.logits.new_zeros(())


def logit_flatness(step: FlatnessInputs) -> Tensor:
    """Flatness loss of Eq. 7: KL(softmax(z(X) / tau) || softmax(z(X_EMA) / tau)), mean over the batch."""
    tau = step.config.flatness_temperature
    own, averaged = (F.log_softmax(z / tau, 1) for z in (step.logits, step.averaged_logits))
    return F.kl_div(averaged, own, reduction="batchmean", log_target=True)


def reference_flatness(step: FlatnessInputs) -> Tensor:
    """Flatness loss of the published code: KL(EMA || X) with the mean over all elements, C times smaller than Eq. 7."""
    tau = step.config.flatness_temperature
    own, averaged = (F.log_softmax(z / tau, 1) for z in (step.logits, step.averaged_logits))
    return F.kl_div(own, averaged, reduction="none", log_target=True).mean()


def statistics_flatness(step: FlatnessInputs) -> Tensor:
    """Flatness loss L_FR of table 4: distance of each layer's moments of X from those of X_EMA."""
    everyone = torch.ones(1, len(step.logits), device=step.logits.device)
    own, averaged = (pool_moments(moments, everyone) for moments in (step.moments, step.averaged_moments))
    return (step.groups(own.mean - averaged.mean) + step.groups(own.variance - averaged.variance)).sum()


FLATNESS_LOSSES: dict[str, Callable[[FlatnessInputs], Tensor]] = {
    "none": no_flatness,
    "logit": logit_flatness,
    "reference": reference_flatness,
    "statistics": statistics_flatness,
    "sam": no_flatness,
}
NEEDS_AVERAGE = {"logit", "reference", "statistics"}


def sam_perturb(images: Tensor, gradient: Tensor, radius: float, norm: str = "image") -> Tensor:
    """SAM's perturbed images X + rho g / ||g|| (Foret et al. 2021), (B, C, H, W) in normalised units.

    Args:
        images: X.
        gradient: g, of their shape.
        radius: rho.
        norm: "image": each image moves by an RMS of rho per pixel. "batch": one Euclidean norm over all of them, so
            that an image of 28 px in a batch of 100 moves by rho / 280 per pixel.
    """
    if norm == "batch":
        return images + radius * gradient / gradient.norm().clamp_min(1e-12)
    rms = gradient.square().mean((1, 2, 3), keepdim=True).sqrt()
    return images + radius * gradient / rms.clamp_min(1e-20)
