"""Worker process: executes queued runs one at a time and exits when the queue stays empty.

torch is loaded with the first run and stays warm for the next ones.
"""

import contextlib
import gc
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from edc_core.environment import handed_devices, set_before_torch, wanted_device
from edc_core.errors import Cancelled, EDCError, SettingsError, StoreError, TakenOver
from edc_core.jobs.matrix_feeder import enqueue_next_runs
from edc_core.jobs.queue import claim
from edc_core.jobs.supervisor import GPUS, device_name, supervise, worker_lock
from edc_core.jobs.tasks.registry import execute_job
from edc_core.store import Store
from edc_core.store.background_thread import background_thread
from edc_core.store.liveness import COLUMNS, OWN, is_own, own_process
from edc_core.store.processes import birth
from edc_core.store.schema import transaction
from edc_core.store.states import RunState

IDLE_SECONDS = 60.0
LOOK = 0.25  # seconds between looks into an empty queue
BEAT = 2.0
DEVICE_MEMORY = "device memory"  # the measurement of what a worker holds of its GPU
SIGN_OFF = f"DELETE FROM workers WHERE {OWN}"

log = logging.getLogger("edc_core.worker")


def idle_seconds() -> float:
    """`EDC_WORKER_IDLE_SECONDS`: how long a worker stays with an empty queue, by default a minute."""
    value = os.environ.get("EDC_WORKER_IDLE_SECONDS") or str(IDLE_SECONDS)
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", value):
        raise SettingsError(f"EDC_WORKER_IDLE_SECONDS is '{value}': give a number of seconds like 60.")
    return float(value)


def work(home: Path, idle: float | None = None) -> int | None:
    """Take runs from the queue until it has been empty for `idle` seconds; returns how many were worked on.

    None where another worker is at this home's queue on this device already, or torch cannot use the GPU handed to it.

    Raises:
        SettingsError: `EDC_DEVICE` is a GPU that somebody asked for and torch cannot use.
    """
    set_before_torch()
    idle = idle_seconds() if idle is None else idle
    with closing(Store(home)) as store:
        if not _has_device(store):
            store.database.execute(SIGN_OFF, own_process())
            return None
        lock = worker_lock(home, device_name())
        try:
            lock.acquire(timeout=0)
        except Timeout:
            store.database.execute(SIGN_OFF, own_process())
            return None
        try:
            return Worker(store, lock).serve(idle)
        finally:
            lock.release()


def _has_device(store: Store) -> bool:
    """Whether torch can use this worker's GPU, before it takes a run that another one could do.

    The first of several goes on without a GPU where torch can use none, so that there is always one.
    """
    wanted, handed = wanted_device() or "", handed_devices()
    if not wanted.startswith("cuda"):
        return True
    from edc_core.torch_utils.device import best_device, is_usable, usable_gpus

    if not handed:
        best_device()
        return True
    store.set_measurement(GPUS, usable_gpus())
    if not is_usable(wanted) and wanted == handed[0]:
        del os.environ["EDC_DEVICE"]
        return True
    return is_usable(wanted)


class Worker:
    """One process's work on one store's queue."""

    def __init__(self, store: Store, lock: FileLock) -> None:
        self.store, self.lock = store, lock
        self.run: str | None = None  # what it is at; its sign of life is written from the first moment
        self.unsaid: dict[str, EDCError | str] = {}  # run -> why it failed, where a full disk did not take it
        self.done = 0
        self.inode = os.stat(store.home / "store.sqlite").st_ino

    def serve(self, idle: float) -> int:
        """The loop; returns the number of runs it took."""
        self._register()
        log.info("worker %d looks after %s", os.getpid(), self.store.home)
        free_since = time.monotonic()
        with self._beating():
            while self._home_lives():
                with self._store_troubles_said():
                    for run, error in list(self.unsaid.items()):
                        self._fail(run, error)
                    self._feed()
                    self.run = claim(self.store)
                    if self.run:
                        self._perform(self.run)
                        free_since = time.monotonic()
                        continue
                if time.monotonic() - free_since >= idle and self._leave():
                    break
                time.sleep(LOOK)
        log.info("worker %d ends after %d runs", os.getpid(), self.done)
        return self.done

    def _perform(self, run: str) -> None:
        """Execute one run; whatever happens to it, the worker goes on."""
        self.done += 1
        log.info("run %s starts", run)
        try:
            found = self.store.run(run)
            self.store.database.execute(f"UPDATE workers SET runs = runs + 1 WHERE {OWN}", own_process())
            execute_job(found, self.store.home)
            if self.store.run(run).state == RunState.RUNNING:  # others had made all of it by the time that it came
                self.store.finish(run, RunState.FINISHED)
            self._name_device()
            log.info("run %s is finished", run)
        except Cancelled as error:
            log.info("%s", error)
        except KeyboardInterrupt:  # the worker is told to end: the run was not cancelled by anybody
            self.store.finish(run, RunState.INTERRUPTED)
            raise
        except EDCError as error:
            log.exception("run %s failed", run)
            self._fail(run, error)
        except Exception as error:
            log.exception("run %s failed", run)
            self._fail(run, f"{type(error).__name__}: {error}")
        finally:
            self.run = None  # no more signs of life, whether its end could be written or not
        gc.collect()

    def _feed(self) -> None:
        """Enqueue matrices' next runs and start the other GPUs' workers; their errors do not end this worker."""
        try:
            enqueue_next_runs(self.store)
            supervise(self.store)
        except StoreError:
            raise
        except Exception:
            log.exception("a matrix could not be handed on")
            time.sleep(1)

    def _name_device(self) -> None:
        """Keep what computes here, for pages, which do not load torch to ask."""
        if "edc_core.torch_utils.device" in sys.modules:  # torch is loaded: the run computed something
            title = sys.modules["edc_core.torch_utils.device"].device_display_name()
            if self.store.measurement("device") != title:
                self.store.set_measurement("device", title)

    def _report_memory(self, own: Store) -> None:
        """Keep what this process holds of a GPU, while it works."""
        loaded = sys.modules.get("edc_core.torch_utils.device")
        if self.run is None or loaded is None or not hasattr(loaded, "memory_held"):  # torch loads just now
            return
        with contextlib.suppress(SettingsError, RuntimeError):  # of a device that fails the run itself says so
            if held := loaded.memory_held(loaded.best_device()):
                about = {"device": loaded.device_display_name(), "held": held[0], "total": held[1], "time": time.time()}
                own.set_measurement(DEVICE_MEMORY, about)

    def _fail(self, run: str, error: EDCError | str) -> None:
        """Say why, where the run failed before it could say so itself."""
        self.unsaid[run] = error  # until it is written
        row = self.store.database.row(f"SELECT {COLUMNS} FROM runs WHERE id = ?", (run,))
        if row and row["state"] == RunState.RUNNING and is_own(row):
            self.store.finish(run, RunState.FAILED, error=error)
        del self.unsaid[run]

    # Coming and going ---------------------------------------------------------------------------

    def _register(self) -> None:
        now = time.time()
        self.store.database.execute(
            "INSERT OR REPLACE INTO workers (pid, pid_scope, created, device, started, heartbeat)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (*own_process(), birth(os.getpid()), device_name(), now, now),
        )

    def _leave(self) -> bool:
        """Sign off, unless a run came meanwhile; whoever queues one after this starts another worker."""
        with self._store_troubles_said(), transaction(self.store.database):
            if self.store.database.row("SELECT 1 FROM runs WHERE state = ? LIMIT 1", (RunState.QUEUED,)):
                return False
            self.store.database.execute(SIGN_OFF, own_process())
            self.lock.release()
            return True
        return not self.lock.is_locked  # who let it go must leave: another worker may have come

    def _home_lives(self) -> bool:
        try:
            return os.stat(self.store.home / "store.sqlite").st_ino == self.inode
        except OSError:
            return False

    @contextmanager
    def _store_troubles_said(self) -> Iterator[None]:
        """A store that is busy or full for a moment ends no worker."""
        try:
            yield
        except StoreError as error:
            log.error("%s", error)
            time.sleep(1)

    @contextmanager
    def _beating(self) -> Iterator[None]:
        """Signs of life from a thread of its own; it ends the process where the home was deleted."""

        def beat(stop: threading.Event) -> None:
            with closing(Store(self.store.home)) as own:
                while not stop.wait(BEAT):
                    if not self._home_lives() and not stop.wait(BEAT) and not self._home_lives():
                        log.error("the home is gone: the worker ends")
                        os._exit(1)  # in the midst of a stage, whose results have no place any more
                    with contextlib.suppress(StoreError, TakenOver):  # what a run's work is at says that it was taken
                        own.database.execute(
                            f"UPDATE workers SET heartbeat = ? WHERE {OWN}", (time.time(), *own_process())
                        )
                        self._report_memory(own)
                        if run := self.run:
                            own.heartbeat(run)

        with background_thread(beat, name="worker's heartbeat"):
            yield
