"""What each technique gains: a part's steps with it and without it, in turn, in one process."""

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, Literal

import torch
from torch import Tensor

from edc_core.config import RunConfig, ViewsConfig
from edc_core.data import Description
from edc_core.networks.runtime import Runtime, resolve_runtime
from edc_core.performance.bench import reference_ops as plain
from edc_core.performance.bench.markdown_sections import circumstances
from edc_core.performance.bench.run import shortened
from edc_core.performance.bench.spin_wait import waiting
from edc_core.performance.timed_steps import STEPS, normalisation, placed, random_images
from edc_core.torch_utils import frozen_batchnorm as frozen
from edc_core.torch_utils.device import best_device, synchronize
from edc_core.torch_utils.private_api import compile_error, without_compile_caches
from edc_core.training.views import ViewPlan

ROUNDS = 5  # of both in turn; the fastest of each counts
PRECISION = "each network's own precision and layout, in place of float32"
ALL_FLOAT32 = (
    "Every network here computes in float32 in torch's usual layout: neither precision nor layout gains anything."
)
IN_SYNTHESIS, IN_STATISTICS, IN_STUDENT = 100, 50, 25  # images at once


@dataclass(frozen=True)
class Technique:
    """One way to be faster: what it is timed in, and the context in which it is off."""

    part: str
    step: Callable[[str, Tensor, Runtime], Callable[[], object]]
    images: int
    off: Callable[[], AbstractContextManager]
    whose: Literal["observers", "label givers", "student"] = "observers"  # the networks it is timed with


def _label(network: str, images: Tensor, runtime: Runtime) -> Callable[[], object]:
    """An observer labels a batch of views."""
    model, layout = frozen.fold_batchnorm(placed(network, images, runtime)), runtime.memory_format(network)

    @torch.inference_mode()
    def step() -> None:
        with runtime.autocast(network):
            model(images.contiguous(memory_format=layout))

    return step


def _views(network: str, images: Tensor, runtime: Runtime) -> Callable[[], object]:
    """A batch's views are rendered."""
    count = len(images)
    plan = ViewPlan(ViewsConfig(batch_size=count), count, images.shape[-1])
    view, normalise = next(plan.epoch(0)), normalisation(images.shape[1], runtime.device)
    pixels = normalise.pixels(images)
    return lambda: view.render(pixels, normalise)


_statistics = "statistics", STEPS["moments"], IN_STATISTICS
_synthesis = "synthesis", STEPS["observe"], IN_SYNTHESIS
_labels = "student's labels", _label, IN_STUDENT
TECHNIQUES: dict[str, tuple[Technique, ...]] = {
    "moments read in the cache, channels and patches together": (
        Technique(*_statistics, plain.plain_moments),
        Technique(*_synthesis, plain.plain_moments),
    ),
    "pooling by rows": (
        Technique(*_statistics, plain.plain_pooling),
        Technique(*_synthesis, plain.plain_pooling),
        Technique(*_labels, plain.plain_pooling, "label givers"),
    ),
    "frozen BatchNorm's short gradient": (Technique(*_synthesis, plain.plain_norms),),
    "BatchNorm folded into convolutions": (Technique(*_labels, plain.plain_committee, "label givers"),),
    "AdamW in one go": (Technique("student", STEPS["train"], IN_STUDENT, plain.plain_optimiser, whose="student"),),
    "views of a batch together": (
        Technique("student's views", _views, IN_STUDENT, plain.plain_views, whose="student"),
    ),
    "teachers frozen, in inference mode": (Technique(*_labels, plain.plain_passes, "label givers"),),
    PRECISION: (
        Technique(*_statistics, plain.plain_precision),
        Technique(*_synthesis, plain.plain_precision),
        Technique("student", STEPS["train"], IN_STUDENT, plain.plain_precision, whose="student"),
    ),
    "all threads": (
        Technique(*_statistics, plain.one_thread),
        Technique(*_synthesis, plain.one_thread),
        Technique("student", STEPS["train"], IN_STUDENT, plain.one_thread, whose="student"),
    ),
}


@dataclass(frozen=True)
class Gain:
    """One row: seconds of one step with each network in turn, without the technique and with it."""

    technique: str
    part: str
    images: int
    off: float
    on: float

    @property
    def ratio(self) -> float:
        return self.off / self.on

    def told(self) -> str:
        """One line for a person who waits."""
        return f"{self.technique}, {self.part}: {self.off:.4f} s without, {self.on:.4f} s with"

    def plain(self) -> dict:
        return asdict(self) | {"ratio": round(self.ratio, 2)}


@dataclass(frozen=True)
class Gains:
    """All rows, with what they were measured on."""

    about: dict[str, Any]
    rows: tuple[Gain, ...]
    notes: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """JSON of it."""
        return {"about": self.about, "techniques": [row.plain() for row in self.rows], "notes": list(self.notes)}

    def markdown(self) -> str:
        """A table for the documentation, and what it cannot say."""
        lines = ["| technique | in | without | with | gain |", "|---|---|---|---|---|"]
        for row in self.rows:
            place = f"{row.part}, {row.images} images"
            lines.append(f"| {row.technique} | {place} | {row.off:.4f} s | {row.on:.4f} s | {row.ratio:.2f} |")
        return "\n".join([*lines, "", *self.notes])


def techniques(
    dataset: str, paper: bool, precision: str, settings: str | None, told: Callable[[str], None] = lambda line: None
) -> Gains:
    """Each technique's own gain with the networks of that table of settings, as `bench` has them.

    Raises:
        SettingsError: the paper's networks do not take this data set's images.
        DataError: the data set cannot be read.
    """
    prepared = shortened(dataset, paper, precision, settings)
    about = circumstances() | {
        "dataset": prepared.description.name,
        "settings": prepared.config.profile,
        "precision": precision,
    }
    config, description = prepared.config, prepared.description
    rows = gains(config, description, told)
    notes = [] if any(row.technique == PRECISION for row in rows) else [ALL_FLOAT32]
    more, said = by_itself(config, description)
    for row in more:
        told(row.told())
    return Gains(about, (*rows, *more), (*notes, said))


def gains(config: RunConfig, about: Description, told: Callable[[str], None] = lambda line: None) -> list[Gain]:
    """Each technique's own gain with a run's networks, on random images; `told` hears of each as it is done."""
    networks = {
        "observers": config.synthesise.observers,
        "label givers": config.relabel.observers,
        "student": config.evaluate.students[:1],
    }
    runtime = resolve_runtime(dict.fromkeys(chain(*networks.values()), config.synthesise.precision))
    found = []
    for name, places in TECHNIQUES.items():
        if name == PRECISION and set(runtime.precisions.values()) == {"float32"}:
            continue
        for technique in places:
            images = random_images(technique.images, about.channels, about.size, runtime)
            with runtime.use_threads():
                pairs = [_pair(technique, network, images, runtime) for network in networks[technique.whose]]
            off, on = (round(sum(times), 4) for times in zip(*pairs, strict=True))
            found.append(Gain(name, technique.part, technique.images, off, on))
            told(found[-1].told())
    return found


def by_itself(config: RunConfig, about: Description) -> tuple[list[Gain], str]:
    """What no context can take away: how threads wait, and torch.compile; rows, and a sentence on the latter."""
    student, precision = config.evaluate.students[0], config.evaluate.precision
    runtime = resolve_runtime({student: precision})
    rows = []
    if runtime.device == "cpu" and runtime.threads > 1 and sys.platform == "linux":
        seconds = waiting(student, IN_STUDENT, about.channels, about.size, precision)
        for name, how in (("sleep", "sleeping at once"), ("spin", "spinning on")):
            title = f"threads that spin 10,000 times and then sleep, in place of {how}"
            rows.append(Gain(title, "student", IN_STUDENT, round(seconds[name], 4), round(seconds["brief"], 4)))
    images = random_images(IN_STUDENT, about.channels, about.size, runtime)
    with runtime.use_threads():
        row, sentence = compiled(student, images, runtime)
    return rows + row, sentence


def compiled(network: str, images: Tensor, runtime: Runtime) -> tuple[list[Gain], str]:
    """A student compiled, which no stage does: its row, and after how many steps that would have paid."""
    plainly = STEPS["train"](network, images, runtime)
    try:
        with plain.compiled_networks(), without_compile_caches():
            fast = STEPS["train"](network, images, runtime)
            first = _seconds(fast)
    except compile_error() as error:
        return [], f"torch.compile cannot be used here: {str(error).splitlines()[0]}"
    plainly()
    pairs = [(_seconds(plainly), _seconds(fast)) for _ in range(ROUNDS)]
    without, with_it = (min(times) for times in zip(*pairs, strict=True))
    row = Gain("torch.compile (not used)", "student", len(images), round(without, 4), round(with_it, 4))
    return [row], when_it_pays(first, without, with_it)


def when_it_pays(first: float, without: float, with_it: float) -> str:
    """A sentence on seconds to compile, and of a step without and with it."""
    saved = without - with_it
    pays = f"which pays after {round(first / saved):,} steps" if saved > 0 else "which never pays"
    return f"torch.compile takes {first:.0f} s before a student's first step, {pays}; no stage uses it."


def _pair(technique: Technique, network: str, images: Tensor, runtime: Runtime) -> tuple[float, float]:
    """Seconds of a step without and with the technique, taken in turn."""
    with technique.off():
        without = technique.step(network, images, runtime)
        without()
    with_it = technique.step(network, images, runtime)
    with_it()
    off, on = [], []
    for _ in range(ROUNDS):
        with technique.off():
            off.append(_seconds(without))
        on.append(_seconds(with_it))
    return min(off), min(on)


def _seconds(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    step()
    synchronize(best_device())
    return time.perf_counter() - started
