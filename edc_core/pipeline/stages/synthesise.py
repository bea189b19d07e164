"""Synthesise: the images' optimisation, batch after batch, recorded, checkpointed and resumable."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from edc_core.config import SynthesiseConfig
from edc_core.errors import Diverged
from edc_core.events import Scalars, Snapshot
from edc_core.networks.runtime import Runtime
from edc_core.pipeline.context import StageContext
from edc_core.pipeline.stages.live_sharpness import ImageSharpness
from edc_core.rng import named_generator
from edc_core.store.files import read_json, write_grid
from edc_core.store.tensors import read_tensors
from edc_core.synthesis.difficulty import members
from edc_core.synthesis.image_optimiser import ImageOptimiser, Observer
from edc_core.synthesis.matching import LayerLosses, Matcher, make_targets
from edc_core.synthesis.moments import MomentHooks, NormGroup
from edc_core.synthesis.residual import block_ends, drawn_patches, starts_real
from edc_core.torch_utils.frozen_batchnorm import freeze_batchnorm
from edc_core.training.views import Normalisation

CURVE_POINTS = 400
SNAPSHOTS = 12


def synthesise(context: StageContext) -> None:
    """Leaves `images.safetensors` (uint8, rounded before anyone labels them) and `grid.png`."""
    config: SynthesiseConfig = context.config.synthesise
    runtime = context.runtime({name: config.precision for name in config.observers if config.optimised})
    images, labels = context.condensed("initialise")
    normalise = context.normalisation(runtime.device)
    if config.optimised:
        with runtime.use_threads():
            observers = [matched_observer(context, config, runtime, name) for name in config.observers]
            moved = images.to(runtime.device), labels.to(runtime.device)
            images = Synthesis(context, config, observers, normalise, *moved).run()
    pixels = normalise.pixels(images.to(runtime.device)).cpu()
    context.save_tensors("images", {"images": pixels, "labels": labels})
    write_grid(context.work.path / "grid.png", pixels.numpy(), labels.numpy())


def matched_observer(context: StageContext, config: SynthesiseConfig, runtime: Runtime, name: str) -> Observer:
    """An observer of this run with its statistics as targets, frozen."""
    network = freeze_batchnorm(context.observer(name, runtime))
    folder = context.upstream_dir("statistics", name)
    record = read_json(folder / "layout.json")
    hooks = MomentHooks(network, record["patch"])
    hooks.layout.groups = [NormGroup(**group) for group in record["columns"]]
    statistics = read_tensors(folder / "statistics.safetensors")
    groups = read_tensors(context.upstream_dir("difficulty") / f"{name}.safetensors") if config.grouped else None
    targets = make_targets(statistics, hooks.layout, network, config.category_variance, groups)
    return Observer(name, network, hooks, Matcher(config, hooks.layout, targets, runtime.device), runtime)


@dataclass
class Synthesis:
    """All images of a run; batches are optimised one after the other, each from a fresh optimiser."""

    context: StageContext
    config: SynthesiseConfig
    observers: list[Observer]
    normalise: Normalisation
    images: Tensor  # (N, C, H, W) normalised; batches done hold their result
    labels: Tensor

    def __post_init__(self) -> None:
        self.sharpness, self.taken = ImageSharpness(self._measuring), 0

    def run(self) -> Tensor:
        """Optimise every batch, from the last checkpoint on; returns the images (N, C, H, W), normalised."""
        batches = torch.arange(len(self.images)).split(self.config.batch_size or len(self.images))
        self.total = self.config.iterations * len(batches)
        saved = self.context.resume_state()
        if saved:
            self.images = saved["done"].to(self.images.device)
        for number in range(saved["batch"] if saved else 0, len(batches)):
            rows = batches[number].to(self.images.device)
            self.images[rows] = self._batch(number, rows, saved)
            saved = None
        if not self.images.isfinite().all():
            raise Diverged("synthesis diverged", f"lower synthesise.lr (now {self.config.lr})")
        return self.images

    def _batch(self, number: int, rows: Tensor, saved: dict | None) -> Tensor:
        groups = members(self.labels, self.context.config.ipc)[rows] if self.config.grouped else None
        work = ImageOptimiser(self.config, self.images[rows], self.labels[rows], self.normalise, groups)
        for observer in self.observers:
            observer.matcher.reset()
            if saved:
                observer.matcher.restore(saved["matchers"][observer.name])
        if saved:
            work.restore(saved["work"])
        for step in range(saved["step"] if saved else 0, self.config.iterations):
            if number == 0 and step in snapshot_steps(self.config.iterations):
                self._snapshot(work, step)
            observer = self.observers[step % len(self.observers)]
            with observer.hooks:
                losses, layer_losses = work.step(
                    step, observer, named_generator("synthesise", self.config.seed, number, step)
                )
            if self.config.blends and step + 1 in block_ends(self.config.iterations, self.config.residual_blocks):
                work.apply_data_residual(self._real_images(number, step + 1, rows), self.config.residual)
            self._report(number, step, observer, losses, layer_losses, work)
            if number == 0:
                self._sharpness(step, work)
            if self.context.checkpoint_due():
                self.context.save_checkpoint(self._state(number, step + 1, work))
        if number == 0:
            self._snapshot(work, self.config.iterations)
        return work.images.detach()

    def _real_images(self, number: int, step: int, rows: Tensor) -> Tensor:
        """Real images of the images' classes, (B, C, H, W) normalised, that a new block begins with."""
        if self.config.residual_patch == "start" and starts_real(self.context.config.initialise):
            return self.images[rows]  # a batch's results come here when it is done
        generator = named_generator("synthesise", self.config.seed, "residual", number, step)
        return drawn_patches(
            self.context.dataset.part("train"), self.labels[rows], self.normalise, self.config, generator
        )

    def _state(self, number: int, step: int, work: ImageOptimiser) -> dict:
        matchers = {observer.name: observer.matcher.state() for observer in self.observers}
        return {"batch": number, "step": step, "done": self.images, "work": work.state(), "matchers": matchers}

    def _snapshot(self, work: ImageOptimiser, step: int) -> None:
        """The first batch's images, the same ones at each of a dozen log-spaced steps."""
        pixels = self.normalise.pixels(work.images.detach()).cpu().numpy()
        self.context.observe(Snapshot(step, pixels, work.labels.cpu().numpy()))

    def _report(
        self,
        number: int,
        step: int,
        observer: Observer,
        losses: dict[str, Tensor],
        layer_losses: LayerLosses,
        work: ImageOptimiser,
    ) -> None:
        """Progress at each step; losses at most 400 times; each layer's for a round of observers at each snapshot."""
        done = number * self.config.iterations + step + 1
        self.context.progress(done, self.total, "step")
        values: dict[str, float] = {}
        if self._round(done - 1) % math.ceil(self.total / CURVE_POINTS) == 0:  # whole rounds of observers
            values = {name: loss.item() for name, loss in losses.items()}
            if not all(map(math.isfinite, values.values())):
                self._check(done, observer, work.images)
                values = {name: value for name, value in values.items() if math.isfinite(value)}
            values["lr"] = work.adam.param_groups[0]["lr"]
        if number == 0 and self._round(step) in map(self._round, snapshot_steps(self.config.iterations)):
            for form, gap in (("form1", layer_losses.form1), ("form2", layer_losses.form2)):
                for layer, value in zip(observer.hooks.layout.layers, gap.tolist(), strict=True):
                    values[f"gap/{form}/{observer.name}/{layer}"] = value
        if values:
            self.context.observe(Scalars(done, values))

    def _sharpness(self, step: int, work: ImageOptimiser) -> None:
        """Sharpness in the first batch's images, now and then, against the first observer."""
        self.taken += 1
        if values := self.sharpness.values(work.images, work.members, self.taken):
            self.context.observe(Scalars(step + 1, values))

    def _measuring(self) -> Observer:
        """The first observer once more, in float32: rounded numbers would be sharp by themselves."""
        first = self.observers[0]
        exact = Runtime(first.runtime.device, first.runtime.threads, {first.name: "float32"})
        return matched_observer(self.context, self.config, exact, first.name)

    def _check(self, done: int, observer: Observer, images: Tensor) -> None:
        """A loss beyond all numbers ends the synthesis where pixels are none either: no later step mends them."""
        if not images.isfinite().all():
            cure = f"lower synthesise.lr (now {self.config.lr}) or the weights of its losses"
            raise Diverged(f"synthesis diverged at step {done} against {observer.name}", cure)

    def _round(self, step: int) -> int:
        """Number of the round of observers that a step belongs to."""
        return step // len(self.observers)


def snapshot_steps(iterations: int) -> set[int]:
    """About a dozen steps, evenly spaced on a log scale, the first included."""
    top = math.log(max(iterations, 2))
    return {0} | {round(math.exp(top * i / (SNAPSHOTS - 1))) for i in range(SNAPSHOTS)}
