"""Importing the engine changes nothing of its process; two calls set up what torch needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = """
import torch
def flags():
    backends = torch.backends
    return (backends.cudnn.deterministic, backends.cudnn.benchmark, backends.cudnn.allow_tf32,
            backends.cuda.matmul.allow_tf32, torch.get_num_threads(), torch.get_default_dtype(),
            torch.are_deterministic_algorithms_enabled())
"""
EVERY_MODULE = """
import importlib, pkgutil, edc_core
for module in pkgutil.walk_packages(edc_core.__path__, "edc_core."):
    importlib.import_module(module.name)
"""
FROM_THE_HEAP = """
import ctypes
libc = ctypes.CDLL(None)
def from_the_heap(size=100 * 2**20):
    if not hasattr(libc, "sbrk"):
        return False
    libc.sbrk.restype = libc.malloc.restype = ctypes.c_void_p
    libc.sbrk.argtypes, libc.malloc.argtypes = [ctypes.c_long], [ctypes.c_size_t]
    before = libc.sbrk(0)
    assert libc.malloc(size)
    return libc.sbrk(0) - before > size // 2
"""


def failure_of(code: str, **environment: str) -> str:
    """What the code, run in a process that has loaded nothing yet, fails with: nothing where its assertions hold."""
    inherited = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=inherited | environment, capture_output=True, text=True, timeout=300
    )
    return done.stderr if done.returncode else ""


def test_importing_every_module_changes_nothing_and_a_run_sets_up_torch() -> None:
    """One process for both, as loading everything takes seconds; torchvision sets a variable itself."""
    failure = failure_of(
        f"{FLAGS}\n{FROM_THE_HEAP}\nimport os, sys, torchvision\nbefore = dict(os.environ), flags()\n{EVERY_MODULE}"
        "\nassert 'edc_core.pipeline.stages.evaluate' in sys.modules"
        "\nassert (dict(os.environ), flags()) == before and not flags()[0] and not from_the_heap()"
        "\nfrom edc_core.pipeline.execute import load_stages\nload_stages()"
        "\nassert flags()[:4] == (True, False, False, False)"
        "\nassert from_the_heap() or sys.platform != 'linux' or not hasattr(libc, 'mallopt')"
    )
    assert failure == ""


def test_set_before_torch_sets_what_torch_reads_while_it_loads() -> None:
    code = (
        "import os, sys\nfrom edc_core.environment import set_before_torch\nset_before_torch()"
        "\nassert 'torch' not in sys.modules\nassert os.environ['GOMP_SPINCOUNT'] == {!r}"
    )
    assert failure_of(code.format("10000")) == ""
    assert failure_of(code.format("7"), GOMP_SPINCOUNT="7") == ""  # the user's own stays


@pytest.mark.parametrize("words", [["--help"], ["worker", "--idle", "0"]])
def test_the_command_line_sets_the_environment_first(words: list[str], tmp_path: Path) -> None:
    failure = failure_of(
        f"import os, sys\nsys.argv[1:] = {words}\nfrom edc_core.cli import main"
        "\nassert 'GOMP_SPINCOUNT' not in os.environ"
        "\ntry:\n    main()\nexcept SystemExit:\n    pass"
        "\nassert os.environ['GOMP_SPINCOUNT'] == '10000'",
        EDC_HOME=str(tmp_path),
    )
    assert failure == ""


def test_a_worker_sets_the_environment_itself(tmp_path: Path) -> None:
    failure = failure_of(
        "import os\nfrom pathlib import Path\nfrom edc_core.jobs.worker import work"
        f"\nassert work(Path({str(tmp_path)!r}), idle=0) == 0\nassert os.environ['GOMP_SPINCOUNT'] == '10000'"
    )
    assert failure == ""
