"""The device and its memory: the machine's own without a GPU, a worker's report with one; what does not fit is said."""

import time
from pathlib import Path

import psutil
import pytest

from edc_core.jobs.worker import DEVICE_MEMORY
from edc_core.performance.device_status import RECENT, device_status
from edc_core.store import Store
from edc_core.torch_utils.device import memory_held


@pytest.fixture
def store(tmp_path: Path):
    opened = Store(tmp_path)
    yield opened
    opened.close()


def test_without_a_gpu_the_memory_is_the_machines(store: Store) -> None:
    store.set_measurement("device", "AMD EPYC")
    found = device_status(store)
    assert found.total == psutil.virtual_memory().total
    assert 0 < found.in_use < found.total
    assert found.line.startswith("AMD EPYC, ")
    assert found.line.endswith(" GiB of memory in use")
    assert memory_held("cpu") is None


def test_a_gpus_memory_is_what_a_worker_reported_a_moment_ago(store: Store) -> None:
    store.set_measurement("device", "NVIDIA H200")
    report = {"device": "NVIDIA H200", "held": 3 * 2**30, "total": 139 * 2**30, "time": time.time()}
    store.set_measurement(DEVICE_MEMORY, report)
    assert device_status(store).line == "NVIDIA H200, 3.0 of 139 GiB of memory in use by the lab"
    store.set_measurement(DEVICE_MEMORY, report | {"time": time.time() - 2 * RECENT})
    assert device_status(store).in_use == 0


def test_a_run_that_does_not_fit_is_told_with_both_sizes(store: Store) -> None:
    found = device_status(store)
    assert found.misfit(found.total / 1e6) is None
    assert "needs about 5000.0 GB of memory, but " in found.misfit(5e6)
