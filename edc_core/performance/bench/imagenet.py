"""A forecast of EDC on the whole of ImageNet-1k on GPUs that are not here: what is counted, measured and assumed."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch

from edc_core.data import Description
from edc_core.design_space.compose import configure
from edc_core.design_space.profiles import PROFILES
from edc_core.networks.runtime import resolve_runtime
from edc_core.performance.bench import stage_steps as units
from edc_core.performance.bench.markdown_sections import circumstances
from edc_core.performance.bench.roofline import speeds
from edc_core.performance.bench.stage_steps import Unit
from edc_core.performance.costs import Costs
from edc_core.performance.workload import Workload
from edc_core.pipeline.context import SCORED_AT_ONCE
from edc_core.pipeline.stages.statistics import batch_size
from edc_core.training.stored_labels import label_bytes, pack

NAME, IMAGES, TESTS, SIDE = "imagenet-1k", 1_281_167, 50_000, 224
PAPER_HOURS = 5.11  # the paper's own, of synthesis on four RTX 4090 (figure 1)
TOP_K = (10, 100)  # logits kept of a view
FLOAT, HALF, DOUBLE = 4, 2, 8  # bytes


@dataclass(frozen=True)
class Card:
    """A GPU as its maker publishes it: an assumption."""

    name: str = "NVIDIA RTX 4090"
    operations: float = 165e12  # a second: dense bfloat16 products, summed in float32
    memory: float = 24 * 2**30
    launch: float = 5e-6  # seconds that handing over an operation takes, however small it is


@dataclass(frozen=True)
class Stage:
    """One stage on one card."""

    name: str
    work: str  # what is counted
    seconds: float
    operations: float  # floating-point, that are needed
    memory: float  # bytes at its peak on the card
    shares: int  # independent parts that several cards can take

    def hours(self, cards: int = 1) -> float:
        return -(-self.shares // cards) / self.shares * self.seconds / 3600


def work() -> Workload:
    """The paper's settings at IPC 10 for the published data set's numbers."""
    per_class, more = divmod(IMAGES, 1000)
    counts = tuple(per_class + (number < more) for number in range(1000))
    about = Description(NAME, "", tuple(map(str, range(1000))), SIDE, 3, counts, TESTS)
    return Workload(configure("EDC", NAME, PROFILES[NAME], 10, 0), about, Costs(3, SIDE))


def measured(asked: Workload, told: Callable[[str], None]) -> tuple[dict[str, Unit], float]:
    """Every network's unit costs, and this processor's speed of float32 matrix products."""
    config, speed = asked.config, speeds("cpu")["float32"]
    found = {}
    for name in dict.fromkeys((*config.synthesise.observers, *asked.committee, *config.evaluate.students)):
        kinds = ("forward",) + (("moments", "observe") if name in config.synthesise.observers else ())
        kinds += ("train",) if name in config.evaluate.students else ()
        found[name] = units.measure(name, SIDE, asked.classes, config.statistics.patch, kinds, speed)
        told(f"{name}: {found[name].operations / 1e9:.2f} GFLOP an image")
    return found, speed


@dataclass(frozen=True)
class Needs:
    """What the run asks of the networks, from their unit costs."""

    asked: Workload
    unit: dict[str, Unit]
    card: Card = Card()

    @property
    def observers(self) -> tuple[str, ...]:
        return self.asked.config.synthesise.observers

    @property
    def student(self) -> str:
        return self.asked.config.evaluate.students[0]

    def passes(
        self, names: tuple[str, ...], count: float, batch: int, *, recorded: bool = False, **kinds: int
    ) -> tuple[float, float]:
        """So many images through each network, `kinds` of steps each: seconds on the card, and operations.

        A step takes what its operations take at their measured multiple of the bound, but no less than handing them
        over: one by one, or once where the card has them recorded (`edc_core/torch_utils/cuda_graphs.py`).
        """
        seconds, total = 0.0, 0.0
        for unit in (self.unit[name] for name in names):
            for kind, times in kinds.items():
                operations = count * times * units.PASSES[kind] * unit.operations
                computing = operations * unit.ratio[kind] / self.card.operations
                calls = 1 if recorded else unit.calls[kind]
                seconds += max(computing, count / batch * times * calls * self.card.launch)
                total += operations
        return seconds, total

    def largest(self, names: tuple[str, ...]) -> int:
        """Bytes an image of a forward pass: what the largest layer takes in and gives, and as much beside it."""
        return 2 * max(self.unit[name].largest for name in names)

    def weights(self, names: tuple[str, ...]) -> int:
        return sum(self.unit[name].weights for name in names)

    def memory(self) -> dict[str, float]:
        """Bytes at the peak of each stage; activations and images in float32."""
        asked, batch = self.asked, self.asked.config.views.batch_size
        pixels, start, committee = 3 * SIDE**2, asked.config.initialise, asked.committee
        together, columns = asked.synthesis_batch, [self.unit[name].columns for name in self.observers]
        scored, student = min(SCORED_AT_ONCE, asked.images), self.unit[self.student]
        kept = max(self.unit[name].kept["observe"] for name in self.observers)
        return {
            "statistics": batch_size(SIDE, "cuda") * self.largest(self.observers) + self.weights(self.observers[:1]),
            "initialise": start.candidates_per_class * (FLOAT * 3 * pixels + self.largest((start.scorer,))),
            # All images; the batch with its average, Adam's, gradient and views; what the gradient needs, and as much
            # for gradients; class targets (mean, variance, variance within) of all observers; those of the batch.
            "synthesise": FLOAT * pixels * (asked.images + 6 * together)
            + 2 * together * kept
            + self.weights(self.observers)
            + FLOAT * 3 * asked.classes * sum(columns)
            + FLOAT * 12 * together * max(columns),
            "relabel": scored * (self.largest(committee) + FLOAT * pixels) + self.weights(committee),
            # Weights with gradient, Adam's two, their average and one to spare; all images as bytes. What the recorded
            # labelling observers compute in is theirs alone.
            "evaluate": batch * (student.kept["train"] + FLOAT * 2 * pixels + self.largest(committee))
            + 6 * student.weights
            + self.weights(committee)
            + asked.images * pixels,
            "score": scored * (self.largest((self.student,)) + FLOAT * pixels) + 2 * student.weights,
        }

    def stages(self) -> tuple[Stage, ...]:
        """What a run computes, in order. Squeeze takes torchvision's weights and computes nothing."""
        asked, config = self.asked, self.asked.config
        start, together, batches = config.initialise, asked.synthesis_batch, -(-asked.images // asked.synthesis_batch)
        candidates = asked.classes * min(
            max(start.candidates_per_class, config.ipc * start.tiles**2), asked.train // asked.classes
        )
        batch, scored = config.views.batch_size, SCORED_AT_ONCE
        steps, views = config.synthesise.iterations * batches, asked.student_steps * batch
        committee, one = asked.committee, steps * together / len(self.observers)  # observers take turns
        learning = zip(
            self.passes((self.student,), views, batch, train=1),
            self.passes(committee, views, batch, recorded=True, forward=1),
            strict=True,
        )
        table = {
            "statistics": (
                f"{asked.train:,} images, {len(self.observers)} observers",
                self.passes(self.observers, asked.train, batch_size(SIDE, "cuda"), moments=1),
                len(self.observers),
            ),
            "initialise": (
                f"{start.crops_per_image} crops of {candidates:,} images",
                self.passes((start.scorer,), start.crops_per_image * candidates, start.candidates_per_class, forward=1),
                asked.classes,
            ),
            "synthesise": (
                f"{steps:,} steps of {together} images",
                self.passes(
                    self.observers, one, together, observe=1, forward=1
                ),  # forward: the averaged images, for flatness
                batches,
            ),
            "relabel": (f"{asked.images:,} images", self.passes(committee, asked.images, scored, forward=1), 1),
            "evaluate": (
                f"{asked.student_steps:,} steps of {batch} views, {len(committee)} label givers",
                tuple(map(sum, learning)),
                1,
            ),
            "score": (
                f"{TESTS:,} images, two sets of weights",
                self.passes((self.student,), TESTS, scored, forward=2),
                1,
            ),
        }
        held = self.memory()
        return tuple(Stage(name, said, *both, held[name], shares) for name, (said, both, shares) in table.items())


def stored_bytes(asked: Workload, unit: dict[str, Unit]) -> dict[str, int]:
    """Bytes on the disk, by what they are."""
    views = asked.student_steps * asked.config.views.batch_size
    view = torch.zeros(1, asked.classes)
    moments = sum(unit[name].columns for name in asked.config.synthesise.observers)
    return {
        "decoded pixels of the data set": (sum(asked.about.train_counts) + TESTS) * 3 * SIDE**2,
        "statistics of all observers": FLOAT * 3 * asked.classes * moments,
        "condensed images": asked.images * 3 * SIDE**2,
        "labels made on the fly": 0,
        "labels stored, all logits": views * label_bytes(pack(view)),
        **{f"labels stored, top {k}": views * label_bytes(pack(view, k)) for k in TOP_K},
    }


def forecast(told: Callable[[str], None]) -> dict[str, Any]:
    """Measure the networks here, and lay out the forecast: JSON of all of it."""
    asked, started = work(), time.monotonic()
    with resolve_runtime({}).use_threads():
        unit, speed = measured(asked, told)
    return imagenet_needs(
        Needs(asked, unit), speed, circumstances() | {"seconds": round(time.monotonic() - started, 1)}
    )


def imagenet_needs(needs: Needs, speed: float, about: dict[str, Any]) -> dict[str, Any]:
    """JSON of a forecast; `speed` of this processor's matrix products, in operations a second."""
    asked, card = needs.asked, needs.card
    config = asked.config
    settings = {
        "dataset": NAME,
        "ipc": config.ipc,
        "iterations": config.synthesise.iterations,
        "synthesis_batch": asked.synthesis_batch,
        "epochs": config.views.epochs,
        "batch": config.views.batch_size,
        "student": needs.student,
    }
    hours = [
        {"hours": stage.hours(), "hours_on_four": stage.hours(4)}
        | {"least_hours": stage.operations / card.operations / 3600}
        for stage in needs.stages()
    ]
    return {
        "about": about | settings,
        "card": asdict(card),
        "processor_gigaflops": round(speed / 1e9, 1),
        "paper_hours_on_four": PAPER_HOURS,
        "networks": {name: asdict(one) for name, one in needs.unit.items()},
        "stages": [asdict(stage) | times for stage, times in zip(needs.stages(), hours, strict=True)],
        "bytes": stored_bytes(asked, needs.unit),
    }
