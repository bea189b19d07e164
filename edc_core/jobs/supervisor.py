"""Queue supervisor: start one worker per GPU while runs wait; kill runs that ignore cancellation.

There is no server for this: every page that polls tends, and so does every submission.
"""

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from edc_core.access.permissions import read_only
from edc_core.data.known_datasets import absolute_places
from edc_core.environment import (
    IMPORT_ROOT,
    handed_devices,
    visible_gpus,
    wanted_device,
    wanted_threads,
    worker_devices,
)
from edc_core.store import Store
from edc_core.store.files import is_finite
from edc_core.store.liveness import HEARTBEAT_TIMEOUT, is_here, kill_holder, own_process, state_of
from edc_core.store.processes import birth, process_lives, reap
from edc_core.store.schema import as_store_error, transaction
from edc_core.store.states import RunState

CANCEL_GRACE_SECONDS = 8.0  # seconds that a run is given to obey its cancellation
RESTART_PAUSE_SECONDS = 3.0  # seconds between two starts of a worker
LOG_BYTES = 2**20
MIN_FREE_BYTES = 2**20  # with less than this free, nothing can be written
MAX_DEATHS = 3  # workers that may die within a minute of their start before nobody starts another
GPUS = "gpus"  # the measurement of how many torch can use here, where a worker has looked


def supervise(store: Store) -> str | None:
    """Supervise the queue's workers; cheap enough for every poll. Returns a sentence where nothing can go on: a full
    disk, or no worker that stays alive.

    Raises:
        StoreError: the store cannot be read or written.
    """
    if read_only():
        return None
    if sentence := _disk_trouble(store.home):
        return sentence
    kill_unresponsive(store)
    devices = _usable(store)
    if not _waiting(store) or len(live_workers(store)) >= len(devices):
        return None
    with transaction(store.database):  # one starts them, however many ask
        live = live_workers(store)
        if len(live) >= len(devices):
            return None
        busy = {row["device"] for row in _workers(store) if _lives(row)}
        free = [device for device in devices if device_name(device) not in busy | _held_elsewhere(store)]
        troubles = [_start(store, device) for device in free[: _waiting(store)]]
    return None if live else next(filter(None, troubles), None)


def _devices() -> tuple[str, ...]:
    return handed_devices() or worker_devices(wanted_device(), visible_gpus())


def _usable(store: Store) -> tuple[str, ...]:
    """The devices that get a worker each: of several GPUs those that torch can use, as far as a worker has seen."""
    devices, known = _devices(), store.measurement(GPUS)
    return devices if len(devices) < 2 or known is None else devices[:known] or ("",)


def _waiting(store: Store) -> int:
    return store.database.row("SELECT COUNT(*) FROM runs WHERE state = ?", (RunState.QUEUED,))[0]


def _workers(store: Store) -> list:
    return store.database.rows("SELECT pid, pid_scope, created, device, started, heartbeat, runs FROM workers")


def _disk_trouble(home: Path) -> str | None:
    """A sentence where the disk has no room for anything."""
    with as_store_error(home / "store.sqlite"):
        if shutil.disk_usage(home).free >= MIN_FREE_BYTES:
            return None
    return f"the disk of the store '{home}' is full: free some space; the queue goes on by itself then."


def kill_unresponsive(store: Store) -> None:
    """Kill what was cancelled and does not stop, and write down what died while it was to stop."""
    for row in store.database.rows("SELECT * FROM runs WHERE state = ? AND cancel = 1", (RunState.RUNNING,)):
        since = row["cancel_time"]
        late = not is_finite(since) or time.time() - since > CANCEL_GRACE_SECONDS
        if state_of(row).is_at_work and not late:
            continue
        with transaction(store.database):
            again = store.database.row("SELECT pid, state, cancel FROM runs WHERE id = ?", (row["id"],))
            if again and (again["state"], again["cancel"], again["pid"]) == (RunState.RUNNING, 1, row["pid"]):
                kill_holder(row)
                store.finish_of_another(row["id"], RunState.CANCELLED)


def live_workers(store: Store) -> list[int]:
    """The processes that take from this queue; those that died are taken off the process table."""
    rows = _workers(store)
    for row in rows:
        if is_here(row) and not _lives(row):
            reap(row["pid"])
    return [row["pid"] for row in rows if _lives(row)]


def _lives(worker: Any) -> bool:
    """Whether it takes from this queue; one in another container or on another host is believed its heartbeat."""
    if is_here(worker):
        return process_lives(worker["pid"], worker["created"])
    return abs(time.time() - worker["heartbeat"]) < HEARTBEAT_TIMEOUT


def _held_elsewhere(store: Store) -> set[str]:
    """Devices whose lock a worker elsewhere holds though it is silent: one started here would end at once."""
    silent = {row["device"] for row in _workers(store) if not is_here(row) and not _lives(row)}
    return {device for device in silent if not _is_free(worker_lock(store.home, device))}


def worker_lock(home: Path, device: str) -> FileLock:
    """What the one worker of a device holds, whichever container it is in."""
    return FileLock(home / f"worker-{device}.lock")


def _is_free(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    lock.release()
    return True


def device_name(device: str | None = None) -> str:
    """A device, or this process's own, as it stands in the lock's name."""
    own = wanted_device() or _devices()[0]
    return ((own if device is None else device) or "default").replace(":", "-")


def worker_threads() -> int:
    """How many threads a worker computes with where `EDC_THREADS` does not say; 0: all cores."""
    return wanted_threads()


def worker_environment(home: Path, device: str = "") -> dict[str, str]:
    """Worker environment: store path, thread count, passive OpenMP waiting, no class codes.

    `device` is its own, where there are several, of which it is told, too.
    """
    kept = {name: value for name, value in os.environ.items() if name not in ("EDC_CLASS_CODE", "EDC_TEACHER_CODE")}
    own = {"EDC_HOME": str(home), "EDC_THREADS": str(worker_threads()), "PYTHONUNBUFFERED": "1"}
    if device and len(devices := _devices()) > 1:
        own |= {"EDC_DEVICE": device, "EDC_WORKER_DEVICES": ",".join(devices)}
    return {"OMP_WAIT_POLICY": "PASSIVE"} | kept | absolute_places() | own


def _start(store: Store, device: str) -> str | None:
    """Start a worker of a device that has none, unless the last ones died at once; then returns a sentence."""
    now, name = time.time(), device_name(device)
    for row in _workers(store):
        if not _lives(row) and not 0 <= now - row["started"] < 60:  # or the clock was set back since
            store.database.execute(
                "DELETE FROM workers WHERE pid = ? AND pid_scope = ?", (row["pid"], row["pid_scope"])
            )
    dead = [row for row in _workers(store) if row["device"] == name and not _lives(row)]
    log = store.home / "logs" / "worker.log"
    if sum(row["runs"] == 0 for row in dead) >= MAX_DEATHS:
        return f"no worker stays alive, so nothing is computed: the reason is at the end of {log}."
    if any(0 <= now - row["started"] < RESTART_PAUSE_SECONDS for row in dead):
        return None
    pid = _popen(store.home, log, device)
    store.database.execute(
        "INSERT OR REPLACE INTO workers (pid, pid_scope, created, device, started, heartbeat)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (pid, own_process()[1], birth(pid), name, now, now),
    )
    return None


def _popen(home: Path, log: Path, device: str) -> int:
    with as_store_error(home / "store.sqlite"):
        log.parent.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            if log.stat().st_size > LOG_BYTES:
                log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "edc_core", "worker"],
                cwd=IMPORT_ROOT,
                env=worker_environment(home, device),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # outlives the server, and leads its own group
            ).pid
