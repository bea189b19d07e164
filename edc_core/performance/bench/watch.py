"""An observer with a clock: when each step of each stage ended, and the most memory held meanwhile."""

import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from edc_core.events import Event, Progress, StageDone, StageStarted
from edc_core.store.background_thread import background_thread
from edc_core.torch_utils.device import peak_memory_bytes, reset_peak_memory

EVERY = 0.05  # seconds between looks at the memory


def resident() -> int:
    """Bytes of this process in memory, files that are mapped there included."""
    return psutil.Process().memory_info().rss


class Watch:
    """Called with a run's events; `steps` are the moments at which they ended, by stage."""

    def __init__(self, device: str = "cpu") -> None:
        self.device = device
        self.stage = ""
        self.steps: dict[str, list[float]] = defaultdict(list)
        self.seconds: dict[str, dict[str, float]] = defaultdict(dict)  # stage -> name -> its seconds
        self.total: dict[str, int] = {}
        self.peak: dict[str, float] = defaultdict(float)  # stage -> MiB
        self.gpu_peak: dict[str, float] = defaultdict(float)  # stage -> MiB of tensors on a GPU

    def __call__(self, event: Event) -> None:
        match event:
            case StageStarted(stage):
                self.stage = stage
                reset_peak_memory(self.device)
            case StageDone(stage, name, _, False, seconds):
                self.gpu_peak[stage] = max(self.gpu_peak[stage], peak_memory_bytes(self.device) / 2**20)
                self.seconds[stage][name] = seconds
                self.stage = ""
            case Progress(_, total, unit) if unit != "s":
                self.steps[self.stage].append(time.perf_counter())
                self.total[self.stage] = total

    def intervals(self, stage: str) -> list[float]:
        """Seconds between the ends of consecutive steps."""
        ends = self.steps[stage]
        return [after - before for before, after in zip(ends, ends[1:], strict=False)]

    def round(self, stage: str, length: int) -> float:
        """Seconds of a round of so many steps: each place's median over the rounds, the first one (slow) left out."""
        kept = self.intervals(stage)[length - 1 :]
        places = [kept[place::length] for place in range(length)]
        return sum(statistics.median(times) for times in places if times)

    @contextmanager
    def remembering(self, held: Callable[[], int] = resident, every: float = EVERY) -> Iterator[None]:
        """Note the most memory that this process holds in each stage; `held` gives its bytes."""

        def look(stop: threading.Event) -> None:
            while not stop.wait(every):
                if stage := self.stage:
                    self.peak[stage] = max(self.peak[stage], held() / 2**20)

        with background_thread(look, name="memory"):
            yield
