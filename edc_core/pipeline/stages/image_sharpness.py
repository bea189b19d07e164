"""Sharpness in the images while they are synthesised (the paper's figure 2c, top).

Stored snapshots are rounded to 8 bits, so the first batch's synthesis is repeated instead, step for step as it
was, and measured on the way; measuring touches neither images nor running moments. That its last images are
those of the store is checked and reported.
"""

import torch

from edc_core.landscape.config import LandscapeConfig
from edc_core.landscape.sharpness import image_curvature
from edc_core.networks.runtime import Runtime
from edc_core.pipeline.context import StageContext
from edc_core.pipeline.stages.curvature import estimate_json
from edc_core.pipeline.stages.synthesise import Synthesis, matched_observer
from edc_core.rng import seed_from
from edc_core.synthesis.image_optimiser import ImageOptimiser, Observer, matching_of


def image_sharpness(context: StageContext, settings: LandscapeConfig) -> dict:
    """The Frobenius norm of the matching loss' Hessian in the images, every so many iterations."""
    config = context.config.synthesise
    runtime = context.runtime(dict.fromkeys(config.observers, config.precision))
    exact = Runtime(runtime.device, runtime.threads, dict.fromkeys(config.observers, "float32"))
    images, labels = (tensor.to(runtime.device) for tensor in context.condensed("initialise"))
    normalise = context.normalisation(runtime.device)
    with runtime.use_threads():
        observers = [matched_observer(context, config, runtime, name) for name in config.observers]
        work = Watched(context, config, observers, normalise, images, labels)
        work.watch(settings, [matched_observer(context, config, exact, name) for name in config.observers])
        pixels = normalise.pixels(work.run()).cpu()
    stored = context.condensed()[0][: len(pixels)]
    off = (pixels.int() - stored.int()).abs().max().item()
    return {
        "kind": "images",
        "settings": settings.cache_key_fields(),
        "loss": "matching loss, every layer, running moments reset, the whole image",
        "images": len(pixels),
        "iterations": config.iterations,
        "flatness": config.flatness,
        "largest_difference": off,  # in steps of 255; 0: identical to the stored synthesis
        "samples": work.samples,
    }


class Watched(Synthesis):
    """The first batch's synthesis, looked at on the way."""

    def watch(self, settings: LandscapeConfig, measuring: list[Observer]) -> None:
        self.settings, self.measuring = settings, measuring
        self.samples: list[dict] = []

    def run(self) -> torch.Tensor:
        rows = torch.arange(len(self.images)).split(self.config.batch_size or len(self.images))[0]
        self.total = self.config.iterations
        saved = self.context.resume_state()
        if saved:
            self.samples = saved["samples"]
        return self._batch(0, rows.to(self.images.device), saved)

    def _state(self, number: int, step: int, work: ImageOptimiser) -> dict:
        return super()._state(number, step, work) | {"samples": self.samples}

    def _snapshot(self, work: ImageOptimiser, step: int) -> None:
        if step == 0:
            self._sample(0, work)

    def _report(self, number: int, step: int, observer: Observer, losses: dict, layer_losses: object, work) -> None:
        """After step `step` the images have seen step + 1 iterations."""
        if (step + 1) % self.settings.every == 0 or step + 1 == self.config.iterations:
            self._sample(step + 1, work)
        self.context.progress(step + 1, self.total, "step", "sharpness of the images")

    def _sharpness(self, step: int, work: ImageOptimiser) -> None:
        """Measured here as it was asked for, not now and then."""

    def _sample(self, step: int, work: ImageOptimiser) -> None:
        if any(sample["step"] == step for sample in self.samples):
            return  # measured before the checkpoint
        norms = {}
        for observer in self.measuring:
            seed = seed_from("image sharpness", self.settings.seed, step, observer.name)
            found = image_curvature(matching_of(observer, work.members), work.images, self.settings.vectors, seed)
            norms[observer.name] = estimate_json(found.frobenius)
            self.context.progress(step, self.total, "step", "sharpness of the images")
        self.samples.append({"step": step, "observers": norms} | _average(list(norms.values())))


def _average(norms: list[dict]) -> dict:
    """The mean over observers and its standard error, from theirs."""
    if any(norm["value"] is None for norm in norms):
        return {"value": None, "se": None}
    value = sum(norm["value"] for norm in norms) / len(norms)
    return {"value": value, "se": sum(norm["se"] ** 2 for norm in norms) ** 0.5 / len(norms)}
