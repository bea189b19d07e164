"""The observer that writes a run's events to the store, in batches, at most four times a second."""

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from edc_core.errors import Cancelled, StoreError, TakenOver
from edc_core.events import (
    CheckpointReached,
    Event,
    Progress,
    Scalars,
    Snapshot,
    StageDone,
    StageStarted,
    TestSetOpened,
)
from edc_core.store.background_thread import background_thread
from edc_core.store.files import write_grid
from edc_core.store.stage_results import safe_key
from edc_core.store.store import Store

INTERVAL = 0.25  # seconds between writes
BEAT = 2.0  # seconds between signs of life while a stage is silent


class Recorder:
    """Records one run; calling it with an event raises `Cancelled` when the run was asked to stop."""

    def __init__(self, store: Store, run: str, dataset: str) -> None:
        self.store, self.run, self.dataset = store, run, dataset
        self.key = ""
        self.rows: list[tuple[str, str, int, float]] = []
        self.progress: dict = {}
        self.written = 0.0

    def __call__(self, event: Event) -> None:
        match event:
            case StageStarted(stage, name, key):
                self.key = key
                self.progress = {"stage": stage, "name": name, "key": key}
            case StageDone() | CheckpointReached():
                self.flush()
            case Progress(done, total, unit, note):
                if "resumed_at" not in self.progress:
                    self.progress |= {"resumed_at": done - 1, "started": time.time()}
                self.progress |= {"done": done, "total": total, "unit": unit, "note": note}
            case Scalars(step, values):
                self.rows += [(self.key, series, step, value) for series, value in values.items()]
            case Snapshot(step, pixels, labels):
                folder = self.store.home / "partial" / safe_key(self.key) / "snapshots"
                folder.mkdir(exist_ok=True)
                write_grid(folder / f"{step:06d}.png", pixels, labels)
            case TestSetOpened(key):
                self.store.add_test_set_evaluation(key, self.dataset, self.run)
        if time.monotonic() - self.written >= INTERVAL:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting; raise `Cancelled` where the run was asked to stop."""
        self.written = time.monotonic()
        cancelled = self.confirm()
        if self.rows:
            self.store.add_curves(self.rows)
            self.rows = []
        if cancelled:
            raise Cancelled(
                f"run '{self.run}' was cancelled; 'python -m edc_core resume {self.run}' takes it up again."
            )

    def confirm(self) -> bool:
        """Make sure that the run is still this process's; returns whether it was asked to stop.

        Raises:
            TakenOver: it is not.
        """
        return self.store.heartbeat(self.run, self.progress)

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Keep the heartbeat going inside the block, whatever a stage is busy with; its last events are written."""

        def beat(stop: threading.Event) -> None:
            # Where the run was taken over, the next event says so.
            with contextlib.suppress(StoreError, TakenOver), closing(Store(self.store.home)) as own:  # a thread's own
                while not stop.wait(BEAT):
                    with contextlib.suppress(StoreError):  # a busy database: the next beat will do
                        own.heartbeat(self.run)

        try:
            with background_thread(beat, name="heartbeat"):
                yield
        finally:
            with contextlib.suppress(Exception):  # how the block ended is what counts, a full disk and a stop included
                self.flush()
