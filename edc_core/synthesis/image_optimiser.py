"""Image optimiser: Adam on one batch of images, against one observer at a time (paper, sec. 3.1 and 3.2)."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edc_core.config import SynthesiseConfig
from edc_core.networks.runtime import Runtime
from edc_core.synthesis import flatness
from edc_core.synthesis.matching import LayerLosses, Matcher
from edc_core.synthesis.moments import MomentHooks, Moments
from edc_core.training.schedules import smoothed_cosine
from edc_core.training.views import Crops, Normalisation, crop, draw_crops


@dataclass
class Observer:
    """Observer network with its moment hooks and its matching loss."""

    name: str
    network: nn.Module
    hooks: MomentHooks
    matcher: Matcher
    runtime: Runtime

    def predict(self, images: Tensor, moments: bool = True) -> tuple[Tensor, Moments | None]:
        """Logits, float32 (B, C), and each image's moments, two (B, S), of normalised images (B, C, H, W)."""
        self.hooks.paused = not moments
        with self.runtime.autocast(self.name):
            logits = self.network(images.contiguous(memory_format=self.runtime.memory_format(self.name)))
        return logits.float(), self.hooks.pop() if moments else None


def matching_of(observer: Observer, labels: Tensor) -> Callable[[Tensor], Tensor]:
    """The matching loss as a function of the images alone: no crop, no running moments."""

    def loss(images: Tensor) -> Tensor:
        observer.matcher.reset()
        with observer.hooks:
            _, moments = observer.predict(images)
        return observer.matcher.loss(moments, labels, torch.ones_like(observer.matcher.weight))[0]

    return loss


class ImageOptimiser:
    """Optimises one batch of images: holds the images, Adam's state and the images' moving average."""

    def __init__(
        self,
        config: SynthesiseConfig,
        images: Tensor,
        labels: Tensor,
        normalise: Normalisation,
        members: Tensor | None = None,
    ) -> None:
        """Start from images (B, C, H, W), normalised, with labels (B,).

        `members`, (B,): the difficulty group that Form (2) matches each image with, in place of its class.
        """
        self.config, self.labels, self.normalise = config, labels, normalise
        self.members = labels if members is None else members
        self.images = images.clone().requires_grad_(True)
        self.averaged = images.clone()
        self.adam = torch.optim.Adam([self.images], config.lr, betas=(config.beta1, config.beta2))

    def crops(self, step: int, generator: torch.Generator) -> Crops:
        """Random crops of a step; under the curriculum (CDA) their minimum area sinks from the whole image."""
        minimum = self.config.crop_area_min
        if self.config.crop_curriculum == "easy_to_hard":
            ease = smoothed_cosine(step / self.config.iterations, zeta=1)
            minimum = min(minimum + (self.config.crop_area_max - minimum) * ease, self.config.crop_area_max)
        return draw_crops(len(self.images), minimum, self.config.crop_area_max, self.config.flip, generator)

    def step(self, step: int, observer: Observer, generator: torch.Generator) -> tuple[dict[str, Tensor], LayerLosses]:
        """One iteration against one observer: crops, losses, a step of Adam, and the moving average's update.

        Args:
            step: the iteration's number, from 0, which sets the learning rate.
            observer: its hooks must be registered (`with observer.hooks`).
            generator: for crops, flips and dropped layers.

        Returns:
            The losses by name ("loss/total", ...), each a scalar, and the matching loss per layer.
        """
        crops = self.crops(step, generator)
        layers = len(observer.matcher.weight)
        keep = (torch.rand(layers, generator=generator) >= self.config.layer_drop_prob).to(self.images)
        before = observer.matcher.state_copy() if self.config.flatness == "sam" else None
        losses, layer_losses = self._losses(self.images, observer, crops, keep)
        (gradient,) = torch.autograd.grad(losses["loss/total"], self.images)
        if before is not None:
            gradient = self._gradient_nearby(gradient, before, observer, crops, keep)
        self.images.grad = gradient
        self.adam.param_groups[0]["lr"] = self.config.lr * smoothed_cosine(step / self.config.iterations, zeta=1)
        self.adam.step()
        with torch.no_grad():
            self.normalise.clamp_(self.images)
            self.averaged.lerp_(self.images, 1 - self.config.flatness_decay)
        return losses, layer_losses

    def _gradient_nearby(self, ascent: Tensor, before: dict, observer: Observer, crops: Crops, keep: Tensor) -> Tensor:
        """SAM's gradient, taken at the perturbed images; the running moments stay those of the images."""
        after = observer.matcher.state_copy()
        observer.matcher.restore(before)
        radius, norm = self.config.flatness_radius, self.config.flatness_norm
        there = flatness.sam_perturb(self.images.detach(), ascent, radius, norm)
        losses, _ = self._losses(there.requires_grad_(True), observer, crops, keep)
        (gradient,) = torch.autograd.grad(losses["loss/total"], there)
        observer.matcher.restore(after)
        return gradient

    def _losses(
        self, images: Tensor, observer: Observer, crops: Crops, keep: Tensor
    ) -> tuple[dict[str, Tensor], LayerLosses]:
        logits, moments = observer.predict(crop(images, crops))
        cross_entropy = F.cross_entropy(logits, self.labels)
        matching, layer_losses = observer.matcher.loss(moments, self.members, keep)
        flat = flatness.FLATNESS_LOSSES[self.config.flatness](self._seen_twice(observer, crops, logits, moments))
        total = (
            self.config.cross_entropy_weight * cross_entropy
            + self.config.matching_weight * matching
            + self.config.flatness_weight * flat
        )
        losses = {"total": total, "cross_entropy": cross_entropy, "matching": matching, "flatness": flat}
        return {f"loss/{name}": loss for name, loss in losses.items()}, layer_losses

    def _seen_twice(
        self, observer: Observer, crops: Crops, logits: Tensor, moments: Moments
    ) -> flatness.FlatnessInputs:
        averaged: tuple = (None, None)
        if self.config.flatness in flatness.NEEDS_AVERAGE:
            with torch.no_grad():
                wanted = self.config.flatness == "statistics"
                averaged = observer.predict(crop(self.averaged, crops), moments=wanted)
        return flatness.FlatnessInputs(logits, moments, *averaged, groups=observer.matcher.norms, config=self.config)

    @torch.no_grad()
    def apply_data_residual(self, real: Tensor, share: float) -> None:
        """A new block begins: x <- (1 - share) x + share real, the average likewise, and Adam forgets (FADRM).

        The moving average changes likewise, or the flatness loss would pull the images back. `real`: (B, C, H, W)
        normalised.
        """
        for images in (self.images, self.averaged):
            images.lerp_(real, share)
        self.adam.state.clear()

    def state(self) -> dict:
        return {"images": self.images, "averaged": self.averaged, "adam": self.adam.state_dict()}

    def restore(self, state: dict) -> None:
        with torch.no_grad():
            self.images.copy_(state["images"])
        self.averaged.copy_(state["averaged"])
        self.adam.load_state_dict(state["adam"])
