"""The device that computes and its memory in use, without torch: what a worker reported, else what the system says."""

import os
import time
from dataclasses import dataclass

import psutil

from edc_core.environment import wanted_device
from edc_core.jobs.worker import DEVICE_MEMORY
from edc_core.store import Store

RECENT = 10.0  # seconds that it holds for; with no worker the lab holds no memory of a GPU


@dataclass(frozen=True)
class DeviceStatus:
    """Name, memory in bytes, and the processor's cores; `in_use` is the whole machine's, or the lab's on a GPU."""

    name: str
    in_use: int
    total: int
    cores: int
    gpu: bool

    @property
    def line(self) -> str:
        """ "AMD EPYC, 2 cores, 12.3 of 31 GiB of memory in use"."""
        cores = f"{self.cores} {'core' if self.cores == 1 else 'cores'}"
        memory = f"{self.in_use / 2**30:.1f} of {self.total / 2**30:.0f} GiB of memory in use"
        return f"{self.name}, {memory} by the lab" if self.gpu else f"{self.name}, {cores}, {memory}"

    def misfit(self, memory_mb: float) -> str | None:
        """Why a run that needs so much memory cannot run here; None where it can."""
        if memory_mb * 1e6 <= self.total:
            return None
        needs, has = f"{memory_mb / 1000:.1f} GB", f"{self.total / 1e9:.1f} GB"
        cure = "choose fewer images or smaller networks"
        return f"This run needs about {needs} of memory, but {self.name} has {has}: {cure}."


def device_status(store: Store) -> DeviceStatus:
    """What computes here, as of now."""
    measured, memory = store.measurement("device"), store.measurement(DEVICE_MEMORY)
    name = measured if isinstance(measured, str) else (wanted_device() or "CPU").upper()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(memory, dict) and memory.get("device") == name:
        held = memory["held"] if abs(time.time() - memory["time"]) < RECENT else 0
        return DeviceStatus(name, held, memory["total"], cores, True)
    system = psutil.virtual_memory()
    return DeviceStatus(name, system.total - system.available, system.total, cores, False)
