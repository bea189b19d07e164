"""The timed run: the real stages on real images, shortened, in a store that is thrown away."""

import os
import tempfile
import time
from pathlib import Path

from edc_core.data import describe
from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.profiles import default_profile
from edc_core.errors import SettingsError
from edc_core.performance.bench.markdown_sections import circumstances
from edc_core.performance.bench.report import Report, Timed
from edc_core.performance.bench.roofline import forward_operations, speeds
from edc_core.performance.bench.watch import Watch
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.torch_utils.device import best_device

IMAGES, IPC = 1000, 10  # that statistics look at; condensed ones of each class
ROUNDS, EPOCHS = 4, 5  # of observers in turn; of the student; the first of each is slow and left out
# Goals, and what the published code took on two cores of a processor, with the paper's CIFAR observers.
PAPER = {
    "statistics": (4.0, "74 s"),
    "synthesis": (0.30, "0.73 to 0.88 s"),
    "student": (0.9, "4.5 s"),
}


def bench(
    dataset: str, paper: bool = False, precision: str = "auto", settings: str | None = None, ipc: int = IPC
) -> Report:
    """Time statistics (a thousand images), synthesis (a step), and a student (an epoch) at so many images a class.

    `paper`: the paper's networks and batch sizes for CIFAR-10, EDC with flatness regularisation on; else the
    networks of that table of settings, by default the one that suits the data set.

    Raises:
        SettingsError: the paper's networks do not take this data set's images.
        DataError: the data set cannot be read.
    """
    prepared = shortened(dataset, paper, precision, settings, ipc)
    os.environ.setdefault("EDC_LIVE_POINTS", "1")
    watch = Watch(best_device())
    with tempfile.TemporaryDirectory(prefix="edc-bench-") as folder, watch.remembering():
        started = time.monotonic()
        execute(prepared, Path(folder), watch)
    about = circumstances() | {
        "dataset": prepared.description.name,
        "settings": prepared.config.profile,
        "precision": precision,
        "ipc": ipc,
        "seconds": round(time.monotonic() - started, 1),
    }
    measured = speeds(about["device"])
    memory, on_gpu = ({stage: round(most) for stage, most in peak.items()} for peak in (watch.peak, watch.gpu_peak))
    return Report(about, measured, _parts(prepared, watch, max(measured.values()), paper), memory, on_gpu)


def shortened(dataset: str, paper: bool, precision: str, settings: str | None = None, ipc: int = IPC) -> PreparedRun:
    """EDC on a thousand images, with few steps of everything; the work of each step is that of a whole run."""
    about = describe(dataset)
    named = "cifar-10" if paper else settings
    table = get_profile(named) if named else default_profile(about.classes, about.size)
    if paper and (about.size, about.channels) != (32, 3):
        raise SettingsError(
            f"--paper times the paper's CIFAR networks, but images of '{dataset}' are {about.size} px with"
            f" {about.channels} channels: give --dataset a folder of CIFAR-10, or leave --paper out."
        )
    whole = configure("EDC", dataset, table, ipc, 0)
    changes = {
        "data.train_per_class": max(ipc, IMAGES // len(about.classes)),
        "squeeze.epochs": 1,
        "synthesise.iterations": ROUNDS * len(whole.synthesise.observers),
        "synthesise.flatness": "logit",
        "views.epochs": EPOCHS,
        "score.split": "val",
        "device.precision": precision,
    }
    return prepare(configure("EDC", dataset, table, ipc, 0, None, changes), about)


def _parts(prepared: PreparedRun, watch: Watch, speed: float, paper: bool) -> tuple[Timed, ...]:
    config, about = prepared.config, prepared.description
    observers, student = config.synthesise.observers, config.evaluate.students[0]
    shape = about.channels, about.size, len(about.classes)
    forward = {name: forward_operations(name, *shape) for name in {*observers, *config.relabel.observers, student}}
    seen = watch.total["statistics"]
    images = config.ipc * len(about.classes)
    batch = min(config.synthesise.batch_size or images, images)
    steps = -(-images // config.views.batch_size)
    looked = sum(forward[name] for name in observers)
    found = {
        "statistics": (sum(watch.seconds["statistics"].values()) * 1000 / seen, 1000 * looked, "1,000 images"),
        # Forward, forward of the averaged images, backward to the images.
        "synthesis": (
            watch.round("synthesise", len(observers)) / len(observers),
            3 * batch * looked / len(observers),
            f"a step of {batch} images",
        ),
        # Forward and backward of the student, forward of its committee.
        "student": (
            watch.round("evaluate", steps),
            images * (3 * forward[student] + sum(forward[name] for name in config.relabel.observers)),
            f"an epoch of {images} images, {student}",
        ),
    }
    goals = PAPER if paper else {}
    return tuple(
        Timed(name, unit, round(seconds, 4), operations, operations / speed, *goals.get(name, (None, "")))
        for name, (seconds, operations, unit) in found.items()
    )
