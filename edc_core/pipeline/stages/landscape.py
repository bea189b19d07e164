"""Landscape: one question about one student's loss, asked when somebody wants to know; in no run's plan.

Computed in float32 whatever the student was trained in: a surface of rounded numbers would bend by itself.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from edc_core.errors import SettingsError, StoreError
from edc_core.events import TestSetOpened
from edc_core.landscape.config import PREVIEW, LandscapeConfig
from edc_core.landscape.directions import cosine, filter_normalised, hash_of, parameters_of, raw_directions
from edc_core.landscape.interpolation import barrier, interpolate
from edc_core.landscape.losses import OwnLoss, Sample, own_target, real_sample, sample_of
from edc_core.landscape.path import plane_of, saved_weights
from edc_core.landscape.surface import LossAndTop1, Surface, WeightProbe, axis, evaluate_surface
from edc_core.networks.runtime import Runtime
from edc_core.pipeline.context import StageContext, load_weights
from edc_core.pipeline.stages.curvature import gradients, sharpness
from edc_core.pipeline.stages.image_sharpness import image_sharpness
from edc_core.stage_graph import Student
from edc_core.store.files import read_json, write_bytes
from edc_core.store.tensors import read_tensors
from edc_core.training.committee import Committee
from edc_core.training.stored_labels import pack, unpack
from edc_core.training.views import Normalisation, ViewPlan

COARSE_NOTE, FINE_NOTE = "coarse grid first", "finer where it bends"


def landscape(context: StageContext) -> None:
    """Leaves `landscape.json` and, of surfaces, `surface.safetensors`.

    `loss` and `top1` (rows, columns) float64 (top-1 in percent) at places `x` (columns,) and `y` (rows,); values
    that are infinite or no number stay what they are. Of a path also `path` (points, 2) and `epochs` (points,).
    """
    settings: LandscapeConfig = context.node.settings
    if settings.kind == "images":
        context.save_json("landscape", image_sharpness(context, settings))
        return
    asked = LoadedStudent.of(context, settings)
    if settings.is_active("split") and settings.split == "test":
        context.observe(TestSetOpened(context.node.key))
    with asked.runtime.use_threads():
        record = {"sharpness": sharpness, "cosine": gradients}.get(settings.kind, _surface)(asked)
    about = {"kind": settings.kind, "student": str(asked.student), "settings": settings.cache_key_fields()}
    context.save_json("landscape", about | record)


@dataclass(frozen=True)
class LoadedStudent:
    """A trained student, loaded, with the landscape settings it is measured by."""

    context: StageContext
    settings: LandscapeConfig
    runtime: Runtime
    student: Student
    network: nn.Module

    @classmethod
    def of(cls, context: StageContext, settings: LandscapeConfig) -> "LoadedStudent":
        student = context.node.trained_student
        name = student.network
        runtime = context.runtime({name: "float32"})
        path = context.upstream_dir("evaluate", str(student)) / "student.safetensors"
        return cls(context, settings, runtime, student, _loaded(context, name, path, settings.weights, runtime))

    @property
    def normalise(self) -> Normalisation:
        return self.context.normalisation(self.runtime.device)

    def committee(self) -> Committee:
        """The labelling observers, as the student's training had them; empty where labels are hard."""
        relabel = self.context.config.relabel
        names = relabel.observers if relabel.labels == "soft" else ()
        teaching = self.context.runtime(dict.fromkeys(names, relabel.precision), "teachers")
        return self.context.committee(teaching)

    def soft(self, committee: Committee, images: Tensor) -> Tensor | None:
        """(B, C) logits as the student was taught them, cut where they were stored cut; None without soft labels."""
        if not committee.members:
            return None
        relabel, logits = self.context.config.relabel, committee(images).clone()
        return unpack(pack(logits, relabel.logits_top_k), logits.shape[1]) if relabel.stores else logits

    def sample(self) -> tuple[Sample, str]:
        """Sample that the loss is computed over, and its title."""
        split, device = self.settings.split, self.runtime.device
        if split == "condensed":
            return self._own_views(), "the student's training loss on its own first views"
        part = self.context.dataset.part(split).some(self.settings.images)
        pixels = torch.from_numpy(part.take(np.arange(len(part)))).to(device)
        images, labels = self.normalise(pixels), torch.from_numpy(part.labels).to(device)
        return real_sample(images, labels), f"cross-entropy on {split} images"

    def _own_views(self) -> Sample:
        """The views of epochs 0, 1, ... of the training, whole batches, until there are as many as asked for."""
        config, committee = self.context.config, self.committee()
        pixels, classes_of = (tensor.to(self.runtime.device) for tensor in self.context.condensed())
        plan = ViewPlan(config.views, len(pixels), pixels.shape[-1])
        classes = len(self.context.dataset.description.classes)
        images, targets, labels = [], [], []
        for view in (view for epoch in range(plan.epochs) for view in plan.epoch(epoch)):
            if sum(map(len, images)) >= self.settings.images:
                break
            images.append(view.render(pixels, self.normalise))
            labels.append(classes_of[view.rows.to(pixels.device)])
            taught = self.soft(committee, images[-1])
            targets.append(own_target(view, labels[-1], taught, classes, config.evaluate))
        return sample_of(torch.cat(images), torch.cat(targets), torch.cat(labels), OwnLoss(config.evaluate))


def _loaded(context: StageContext, name: str, path: Path, weights: str, runtime: Runtime) -> nn.Module:
    """A trained student in eval mode, float32."""
    network = context.new_network(name, "landscape")
    saved = {k.partition(".")[2]: v for k, v in read_tensors(path).items() if k.startswith(f"{weights}.")}
    load_weights(network, saved, path, name)
    return network.eval().to(runtime.device)


# Surfaces -----------------------------------------------------------------------------------------

At = Callable[..., tuple[float, float]]


@dataclass(frozen=True)
class Layout:
    """Layout of a surface: a function from a place to loss and top-1, its axes, and facts to store."""

    at: At
    x: np.ndarray
    y: np.ndarray
    about: dict
    extra: dict[str, Tensor]


def _surface(asked: LoadedStudent) -> dict:
    sample, title = asked.sample()
    layout = LAYOUTS[asked.settings.kind](asked, sample)
    surface = _resumed(asked.context, Surface(layout.x, layout.y))
    total = surface.done.size

    def save(grown: Surface) -> None:
        _preview(asked.context, grown)
        state = {name: torch.from_numpy(grid.copy()) for name, grid in grown.arrays().items()}
        asked.context.save_checkpoint(state)

    def progress(done: int, _: int) -> None:
        asked.context.progress(done, total, "point", COARSE_NOTE if done <= 121 else FINE_NOTE)

    evaluate_surface(surface, layout.at, progress, save)
    arrays = {name: surface.arrays()[name] for name in ("x", "y", "loss", "top1")}
    asked.context.save_tensors(
        "surface", {name: torch.from_numpy(a.copy()) for name, a in arrays.items()} | layout.extra
    )
    loss, top1 = LossAndTop1(sample)(WeightProbe(asked.network, [], sample).wrapper)
    about = layout.about
    if asked.settings.kind == "between":
        about |= {"barrier": plain(barrier(surface.x, surface.loss[0]))}
    return about | {
        "loss": title,
        "images": len(sample),
        "centre": {"loss": plain(loss), "top1": plain(top1)},  # of a line: its end, this student
        "not_finite": int((~np.isfinite(surface.loss)).sum()),
    }


def plain(value: float) -> float | None:
    """A number that JSON can hold."""
    return float(value) if math.isfinite(value) else None


def _resumed(context: StageContext, surface: Surface) -> Surface:
    if state := context.resume_state():
        surface.loss, surface.top1, surface.done = (state[n].numpy().copy() for n in ("loss", "top1", "done"))
    return surface


def _preview(context: StageContext, surface: Surface) -> None:
    """Surface so far, as JSON; null where a point is missing or its loss not finite."""
    known = {name: array.tolist() for name, array in surface.arrays().items()}
    for name in ("loss", "top1"):
        known[name] = [[plain(value) for value in row] for row in known[name]]
    write_bytes(context.work.path / PREVIEW, json.dumps(known).encode())


def _random(asked: LoadedStudent, sample: Sample, count: int = 2) -> Layout:
    settings, weights = asked.settings, parameters_of(asked.network)
    raw = raw_directions(weights, settings.seed)
    ways = filter_normalised(weights, raw)
    about = {"directions": hash_of(raw), "cosine": cosine(*ways)}
    places = axis(settings.grid, settings.span)
    walk = WeightProbe(asked.network, ways[:count], sample)
    return Layout(walk.at, places, places if count == 2 else np.zeros(1), about, {})


def _slice(asked: LoadedStudent, sample: Sample) -> Layout:
    return _random(asked, sample, 1)


def _path(asked: LoadedStudent, sample: Sample) -> Layout:
    """Axes in L2 units of the weights; `weights` are the raw ones, whose path was saved.

    The path begins at epoch 0, whose weights are those that the training's own names draw.
    """
    names = [own for own, _ in asked.network.named_parameters()]
    file = asked.context.upstream_dir("evaluate", str(asked.student)) / "path.safetensors"
    first = asked.context.new_network(asked.student.network, "student", asked.student.seed)
    saved = {0: parameters_of(first)} | saved_weights(read_tensors(file), names)
    device = asked.runtime.device
    for weights in saved.values():
        weights.parameters = [tensor.to(device) for tensor in weights.parameters]
    plane = plane_of(parameters_of(asked.network), list(saved.values()))
    x, y = (axis(asked.settings.grid, side) for side in plane.span)
    extra = {"path": torch.from_numpy(plane.places), "epochs": torch.tensor(list(saved))}
    about = {"explained": list(plane.explained)}
    return Layout(WeightProbe(asked.network, plane.directions, sample).at, x, y, about, extra)


def _between(asked: LoadedStudent, sample: Sample) -> Layout:
    """From the other student (0) to this one's (1)."""
    context, key = asked.context, asked.settings.other
    folder = context.stage_results.find(key)
    if folder is None:
        raise StoreError(f"the other student ({key}) is not in the store: train it first, by a landscape of its own.")
    own, record = asked.student.network, read_json(folder / "student.json")
    if record["network"] != own:
        raise SettingsError(f"a line from a {record['network']} to a {own} is none: choose two of one architecture.")
    there = _loaded(context, own, folder / "student.safetensors", asked.settings.weights, asked.runtime)
    gaps = parameters_of(asked.network) - parameters_of(there)
    at = interpolate(there, asked.network, sample)
    places = np.linspace(0, 1, asked.settings.grid)
    return Layout(at, places, np.zeros(1), {"distance": gaps.model_norm()}, {})


LAYOUTS: dict[str, Callable[[LoadedStudent, Sample], Layout]] = {
    "plane": _random,
    "slice": _slice,
    "path": _path,
    "between": _between,
}
