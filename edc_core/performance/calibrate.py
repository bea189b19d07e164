"""How fast this machine is against the table of costs: measured once in a few seconds, kept in the store."""

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

import psutil
from filelock import FileLock, Timeout

from edc_core.access import permissions as rights
from edc_core.environment import IMPORT_ROOT, wanted_device
from edc_core.jobs import supervisor as tending
from edc_core.networks.catalogue import probes
from edc_core.store import Store
from edc_core.store.states import RunState

NAME = "costs"
VERSION = 1  # raised whenever what is measured changes
TRIED = 600.0  # seconds before a measurement that failed is tried again


@dataclass(frozen=True)
class Calibration:
    """This machine's speed and size; without a measurement, the table's own."""

    slowness: dict[str, dict[str, float]] = field(default_factory=dict)  # family -> kind -> factor on the table
    startup: float = 4.0  # seconds from a worker's start to its first step
    decode: float = 4e-5  # seconds an image of 28 px, when a data set is first read
    base_mb: float = 450.0  # of a worker before its first step
    threads: int = 0  # that it was measured with; 0 where it was not
    measured: bool = False


def circumstances() -> dict[str, Any]:
    """What a measurement holds for; where it differs, the machine is measured again."""
    return {
        "version": VERSION,
        "torch": metadata.version("torch"),
        "threads": tending.worker_threads(),
        "cores": os.cpu_count(),
        "device": wanted_device() or "",
    }


def read(store: Store) -> Calibration:
    """The store's measurement, or the table's own machine where there is none that holds."""
    found = store.measurement(NAME)
    if not found or found.get("circumstances") != circumstances():
        return Calibration()
    values = {name: found[name] for name in ("slowness", "startup", "decode", "base_mb", "threads")}
    return Calibration(**values, measured=True)


def is_allowed() -> bool:
    """`EDC_CALIBRATE=0` leaves the machine unmeasured, as tests of other things want it."""
    return os.environ.get("EDC_CALIBRATE", "1") != "0"


def measure_soon(store: Store) -> bool:
    """Start the measurement in its own process if it is wanted and nothing runs; returns whether it was started.

    A run at work would slow it down, and be slowed by it: then the next forecast asks again.
    """
    if not is_allowed() or rights.read_only():  # a read-only lab writes nothing
        return False
    if read(store).measured or any(row.state == RunState.RUNNING for row in store.alive()):
        return False
    tried = store.measurement(f"{NAME}-tried") or {}
    if time.time() - tried.get("time", 0) < TRIED and tried.get("circumstances") == circumstances():
        return False
    try:
        with FileLock(store.home / "calibrate.lock", timeout=0):
            store.set_measurement(f"{NAME}-tried", {"time": time.time(), "circumstances": circumstances()})
            subprocess.Popen(
                [sys.executable, "-m", "edc_core", "calibrate", "--home", str(store.home)],
                cwd=IMPORT_ROOT,
                env=tending.worker_environment(store.home),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
    except Timeout:
        return False
    return True


def measure(store: Store) -> dict[str, Any]:
    """Measure this machine now (seconds; loads torch), keep it in the store, and give it."""
    began = psutil.Process().create_time()
    from edc_core.performance import measure_costs as probing

    startup = time.time() - began
    found = probing.this_machine(tending.worker_threads())
    value = {
        "circumstances": circumstances(),
        "slowness": found.slowness,
        "startup": round(startup, 2),
        "decode": found.decode,
        "base_mb": found.base_mb,
        "threads": found.threads,
        "seconds": round(time.time() - began, 2),
        "typical": round(statistics.median(found.slowness[family]["forward"] for family in probes()), 3),
    }
    store.set_measurement(NAME, value)
    return value
