"""Synthesise: optimise the images against the observers in turn (paper, sec. 3.1 and 3.2)."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from edc_core import flatness
from edc_core.augment import Crops, Normalisation, crop, draw_crops
from edc_core.config import SynthesiseConfig
from edc_core.device import Runtime
from edc_core.events import Scalars, Snapshot
from edc_core.matching import Gaps, Matcher, make_targets
from edc_core.moments import Collector, Columns, Moments
from edc_core.rng import generator
from edc_core.schedules import smoothed_cosine
from edc_core.stages.context import Context
from edc_core.store.files import read_json, write_grid

CURVE_POINTS = 400
SNAPSHOTS = 12


def synthesise(context: Context) -> None:
    """Leaves `images.safetensors` (uint8, rounded before anyone labels them) and `grid.png`."""
    config: SynthesiseConfig = context.config.synthesise
    runtime = context.runtime({name: config.precision for name in config.observers if config.optimised})
    images, labels = context.condensed("initialise")
    normalise = context.normalisation(runtime.device)
    if config.optimised:
        with runtime.threads_set():
            images = _optimise(context, config, runtime, normalise, images, labels)
    pixels = normalise.pixels(images.to(runtime.device)).cpu()
    context.save_tensors("images", {"images": pixels, "labels": labels})
    write_grid(context.work.path / "grid.png", pixels.numpy(), labels.numpy())


@dataclass
class Observer:
    """One observer with what it is matched against."""

    name: str
    network: nn.Module
    collector: Collector
    matcher: Matcher
    runtime: Runtime

    def look(self, images: Tensor, moments: bool = True) -> tuple[Tensor, Moments | None]:
        """Logits, float32 (B, C), and each image's moments."""
        self.collector.paused = not moments
        with self.runtime.autocast(self.name):
            logits = self.network(images.contiguous(memory_format=self.runtime.memory_format(self.name)))
        return logits.float(), self.collector.take() if moments else None


def _prepare(context: Context, config: SynthesiseConfig, runtime: Runtime, name: str) -> Observer:
    network = context.observer(name, runtime)
    folder = context.result_of("statistics", name)
    record = read_json(folder / "layout.json")
    collector = Collector(network, record["patch"])
    collector.layout.columns = [Columns(**columns) for columns in record["columns"]]
    statistics = load_file(folder / "statistics.safetensors")
    targets = make_targets(statistics, collector.layout, network, config.category_variance)
    return Observer(name, network, collector, Matcher(config, collector.layout, targets, runtime.device), runtime)


class Optimisation:
    """One batch of images on its way: the images, Adam, their moving average."""

    def __init__(self, config: SynthesiseConfig, images: Tensor, labels: Tensor, normalise: Normalisation) -> None:
        self.config, self.labels, self.normalise = config, labels, normalise
        self.images = images.clone().requires_grad_(True)
        self.averaged = images.clone()
        self.adam = torch.optim.Adam([self.images], config.lr, betas=(config.beta1, config.beta2))

    def crops(self, step: int, draw: torch.Generator) -> Crops:
        """The step's boxes; the curriculum (CDA) lets their least area sink from the whole image."""
        minimum = self.config.crop_min
        if self.config.crop_curriculum == "easy_to_hard":
            ease = smoothed_cosine(step / self.config.iterations, zeta=1)
            minimum += (self.config.crop_max - minimum) * ease
        return draw_crops(len(self.images), minimum, self.config.crop_max, self.config.flip, draw)

    def step(self, step: int, observer: Observer, draw: torch.Generator) -> tuple[dict[str, Tensor], Gaps]:
        """One iteration: the losses, each a scalar tensor, and the gaps left to match."""
        crops = self.crops(step, draw)
        layers = len(observer.matcher.weight)
        keep = (torch.rand(layers, generator=draw) >= self.config.drop_rate).to(self.images)
        if self.config.flatness == "sam":
            remembered = observer.matcher.state_copy()
            losses, _ = self._losses(self.images, observer, crops, keep)
            (ascent,) = torch.autograd.grad(losses["loss/total"], self.images)
            observer.matcher.restore(remembered)
            there = flatness.sharpest_nearby(self.images.detach(), ascent, self.config.flatness_radius)
            losses, gaps = self._losses(there.requires_grad_(True), observer, crops, keep)
            (gradient,) = torch.autograd.grad(losses["loss/total"], there)
        else:
            losses, gaps = self._losses(self.images, observer, crops, keep)
            (gradient,) = torch.autograd.grad(losses["loss/total"], self.images)
        self.images.grad = gradient
        self.adam.param_groups[0]["lr"] = self.config.lr * smoothed_cosine(step / self.config.iterations, zeta=1)
        self.adam.step()
        with torch.no_grad():
            self.normalise.clamp_(self.images)
            self.averaged.lerp_(self.images, 1 - self.config.flatness_decay)
        return losses, gaps

    def _losses(self, images: Tensor, observer: Observer, crops: Crops, keep: Tensor) -> tuple[dict[str, Tensor], Gaps]:
        logits, moments = observer.look(crop(images, crops))
        cross_entropy = F.cross_entropy(logits, self.labels)
        matching, gaps = observer.matcher.loss(moments, self.labels, keep)
        flat = flatness.TERMS[self.config.flatness](self._seen_twice(observer, crops, logits, moments))
        total = (
            self.config.cross_entropy_weight * cross_entropy
            + self.config.matching_weight * matching
            + self.config.flatness_weight * flat
        )
        losses = {"total": total, "cross_entropy": cross_entropy, "matching": matching, "flatness": flat}
        return {f"loss/{name}": loss for name, loss in losses.items()}, gaps

    def _seen_twice(self, observer: Observer, crops: Crops, logits: Tensor, moments: Moments) -> flatness.Step:
        averaged: tuple = (None, None)
        if self.config.flatness in flatness.NEEDS_AVERAGE:
            with torch.no_grad():
                wanted = self.config.flatness == "statistics"
                averaged = observer.look(crop(self.averaged, crops), moments=wanted)
        return flatness.Step(logits, moments, *averaged, groups=observer.matcher.norms, config=self.config)

    def state(self) -> dict:
        return {"images": self.images, "averaged": self.averaged, "adam": self.adam.state_dict()}

    def restore(self, state: dict) -> None:
        with torch.no_grad():
            self.images.copy_(state["images"])
        self.averaged.copy_(state["averaged"])
        self.adam.load_state_dict(state["adam"])


def _optimise(
    context: Context,
    config: SynthesiseConfig,
    runtime: Runtime,
    normalise: Normalisation,
    images: Tensor,
    labels: Tensor,
) -> Tensor:
    """All batches of images, one after the other; gives the optimised images, normalised."""
    observers = [_prepare(context, config, runtime, name) for name in config.observers]
    images, labels = images.to(runtime.device), labels.to(runtime.device)
    batches = torch.arange(len(images)).split(config.batch_size or len(images))
    first, step, saved = 0, 0, context.resume_state(runtime.device)
    if saved:
        first, step, images = saved["batch"], saved["step"], saved["done"]
    for number in range(first, len(batches)):
        rows = batches[number].to(runtime.device)
        work = Optimisation(config, images[rows], labels[rows], normalise)
        for observer in observers:
            observer.matcher.reset()
        if saved:
            work.restore(saved["work"])
            for observer in observers:
                observer.matcher.restore(saved["matchers"][observer.name])
            saved = None
        for step in range(step, config.iterations):
            if number == 0 and step in snapshot_steps(config.iterations):
                _snapshot(context, work, step)
            observer = observers[step % len(observers)]
            draw = generator("synthesise", config.seed, number, step)
            with observer.collector:
                losses, gaps = work.step(step, observer, draw)
            _report(context, config, observer, step, number, len(batches), len(observers), losses, gaps, work)
            if context.checkpoint_due():
                matchers = {observer.name: observer.matcher.state() for observer in observers}
                context.save_checkpoint(
                    {"batch": number, "step": step + 1, "done": images, "work": work.state(), "matchers": matchers}
                )
        if number == 0:
            _snapshot(context, work, config.iterations)
        images[rows], step = work.images.detach(), 0
    return images


def snapshot_steps(iterations: int) -> set[int]:
    """About a dozen steps, evenly spaced on a log scale, the first included."""
    top = math.log(max(iterations, 2))
    return {0} | {round(math.exp(top * i / (SNAPSHOTS - 1))) for i in range(SNAPSHOTS)}


def _snapshot(context: Context, work: Optimisation, step: int) -> None:
    pixels = work.normalise.pixels(work.images.detach()).cpu().numpy()
    context.observe(Snapshot(step, pixels, work.labels.cpu().numpy()))


def _report(
    context: Context,
    config: SynthesiseConfig,
    observer: Observer,
    step: int,
    number: int,
    batches: int,
    observers: int,
    losses: dict[str, Tensor],
    gaps: Gaps,
    work: Optimisation,
) -> None:
    """Progress at each step; losses at most 400 times; layers' gaps a round of observers at each snapshot."""
    total = config.iterations * batches
    done = number * config.iterations + step + 1
    context.progress(done, total, "step")
    values: dict[str, float] = {}
    if done % math.ceil(total / CURVE_POINTS) == 0 or done == total:
        values = {name: loss.item() for name, loss in losses.items()}
        values["lr"] = work.adam.param_groups[0]["lr"]
    if number == 0 and step // observers * observers in _rounds(config.iterations, observers):
        for form, gap in (("form1", gaps.form1), ("form2", gaps.form2)):
            for layer, value in zip(observer.collector.layout.layers, gap.tolist(), strict=True):
                values[f"gap/{form}/{observer.name}/{layer}"] = value
    if values:
        context.observe(Scalars(done, values))


def _rounds(iterations: int, observers: int) -> set[int]:
    """The first step of the round of observers that each snapshot falls into."""
    return {step // observers * observers for step in snapshot_steps(iterations)}
