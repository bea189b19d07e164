"""One cell of the table of growth, in a process of its own: a short run, each stage's seconds and own memory.

    python -m edc_core.performance.bench.scaling_cell FILE \\
        '{"tree": ..., "home": ..., "ipc": 2, "observers": ["convnet-d2-w16"]}'

Writes one JSON object to FILE: stage -> [seconds, MiB]. The memory is what a stage held at most beyond what the process
held when it began. Pixels that are mapped from a file do not count: the system takes them back where it needs room.
"""

import ctypes
import gc
import json
import sys
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import psutil

from edc_core.data import describe
from edc_core.design_space.compose import configure
from edc_core.design_space.profiles import TINY
from edc_core.environment import set_before_torch, wanted_threads
from edc_core.events import Event, Progress, StageDone, StageStarted
from edc_core.performance.bench.watch import Watch
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import prepare
from edc_core.store.files import write_json

READING = "reading the data"
NETWORK = "convnet-d2-w16"
CHANGES = {
    "data.train_per_class": None,
    "data.holdout": 80,
    "synthesise.iterations": 20,
    "synthesise.batch_size": 20,
    "views.epochs": 10,
    "evaluate.students": [NETWORK],
}


def now() -> float:
    """Seconds: of the processor where one thread computes, so that neighbours on the machine do not count."""
    return time.process_time() if wanted_threads() == 1 else time.perf_counter()


def own_bytes() -> int:
    """Bytes of this process that no file stands for."""
    info = psutil.Process().memory_info()
    return info.rss - getattr(info, "shared", 0)


class StageWatch(Watch):
    """Each stage's seconds without its slow first step, and the memory that it adds."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = READING
        self.took: dict[str, float] = defaultdict(float)
        self.added: dict[str, float] = defaultdict(float)
        self.begin()

    def begin(self) -> None:
        gc.collect()
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)  # what earlier stages freed is given back
        self.before, self.peak[self.stage] = own_bytes() / 2**20, 0.0
        self.first, self.share, self.started = None, 0.0, now()

    def end(self) -> None:
        ended, stage = now(), self.stage
        skips = self.first is not None and self.share < 0.5
        self.took[stage] += (ended - self.first) / (1 - self.share) if skips else ended - self.started
        most = max(self.peak[stage], own_bytes() / 2**20)
        self.added[stage] = max(self.added[stage], most - self.before)

    def __call__(self, event: Event) -> None:
        match event:
            case StageStarted(stage):
                if self.stage == READING:
                    self.end()
                self.stage = stage
                self.begin()
            case StageDone(_, _, _, False):
                self.end()
                self.stage = ""
            case Progress(done, total, unit) if unit != "s" and self.first is None:
                self.first, self.share = now(), done / total


def measured(tree: str, home: str, ipc: int, observers: list[str]) -> dict[str, tuple[float, float]]:
    """EDC on a tree of images, few steps of everything: stage -> (seconds, MiB), of all its observers."""
    changes = CHANGES | {"synthesise.observers": observers, "relabel.observers": observers}
    about = describe(tree)
    prepared = prepare(configure("EDC", tree, TINY, ipc, 0, None, changes), about)
    watch = StageWatch()
    with watch.remembering(own_bytes, 0.002):
        execute(prepared, Path(home), watch)
    return {stage: (round(watch.took[stage], 4), round(watch.added[stage], 2)) for stage in watch.took}


if __name__ == "__main__":
    set_before_torch()
    write_json(Path(sys.argv[1]), measured(**json.loads(sys.argv[2])))
