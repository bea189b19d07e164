"""What the tests share: a home of their own, the command line, a small real run."""

import functools
import importlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from edc_core.environment import set_before_torch
from tests.support.crowd import bare_bundle, bare_store  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
CIFAR10 = ROOT.parent / "shared" / "data" / "cifar10-jpeg"
os.environ.setdefault("EDC_CALIBRATE", "0")  # pages that forecast would measure the machine beside the tests
os.environ.setdefault("EDC_WORKER_IDLE_SECONDS", "2")  # workers do not outlive the tests that started them


def pytest_configure() -> None:
    """Two test files run at once: each has a core of its own.

    What is compiled is kept: each of the hundred processes of a session would compile the project anew.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("EDC_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # torch's own, before it is loaded
    set_before_torch()


def pytest_collection_finish() -> None:
    """Tests of the engine's functions compute as runs do; where no test file has loaded torch, nor does this."""
    if "torch" in sys.modules:
        from edc_core.torch_utils.setup import configure_torch

        configure_torch()


@pytest.fixture(autouse=True, scope="session")
def _packages_are_searched_once() -> Iterator[None]:
    """Streamlit looks for components in every installed package whenever an `AppTest` runs: a third of a second."""
    from tests.support.streamlit_private import MANIFEST_SCANNER

    module, name = importlib.import_module(MANIFEST_SCANNER[0]), MANIFEST_SCANNER[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, functools.cache(getattr(module, name)))
        yield


@pytest.fixture(autouse=True, scope="module")
def _one_browser_a_file(request: pytest.FixtureRequest) -> Iterator[None]:
    """The tests of a file share one browser, each with a context of its own."""
    from tests.support.browser import one_browser

    with one_browser():
        yield


LONGEST = (
    *("test_browser_walk", "test_browser", "test_browser_landscape", "test_browser_choices", "test_browser_phone"),
    *("test_resume", "test_cli", "test_recipe", "test_browser_data", "test_worker", "test_judge_page"),
    *("test_extension_choices", "test_forecast", "test_api", "test_api_document"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that neither core ends up waiting for the other; they are what `slow` marks."""
    from tests.support.browser import needs_chromium  # which takes `ROOT` from here

    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))
    for item in items:
        if item.path.stem in place:
            item.add_marker("slow")
        if needs_chromium.mark in item.iter_markers():
            item.add_marker("browser")
            item.add_marker(pytest.mark.flaky(reruns=1))  # a machine that stands still outlasts any timeout; shown as R


def edc(*arguments: str, home: Path, check: bool = True, **environment: str) -> subprocess.CompletedProcess:
    """`python -m edc_core ...` in this process, where torch is loaded once; in one of its own with an `environment`."""
    words = [str(argument) for argument in arguments]
    done = _edc_process(*words, home=home, **environment) if environment else _edc_here(words, home)
    if check:
        assert done.returncode == 0, done.stderr
    return done


def _edc_process(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess:
    """`python -m edc_core ...` as a person runs it."""
    return subprocess.run(
        [sys.executable, "-m", "edc_core", *arguments],
        cwd=ROOT,
        env=os.environ | {"EDC_HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def _edc_here(words: list[str], home: Path) -> subprocess.CompletedProcess:
    from edc_core.cli import main

    out, err, status = io.StringIO(), io.StringIO(), 0
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("EDC_HOME", str(home))
        patch.setenv("EDC_DEBUG", "1")  # what nobody foresaw fails the test with its traceback, not in one line
        patch.setattr(sys, "argv", ["edc_core", *words])
        patch.chdir(ROOT)
        try:
            main()
        except SystemExit as end:
            status = end.code
        finally:
            signal.signal(signal.SIGTERM, handler)
    return subprocess.CompletedProcess(words, status, out.getvalue(), err.getvalue())


def answer(done: subprocess.CompletedProcess) -> dict:
    """The JSON object on the last line of stdout."""
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for tests that only add to it, so that the tiny observers are squeezed once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def decoded(shared_home: Path) -> Callable[[Path], Path]:
    """Gives a new home the decoded pixels of the embedded data set, for tests of what comes after."""
    from edc_core.config import DataConfig
    from edc_core.data.dataset import open_dataset

    def begin(place: Path) -> Path:
        open_dataset("fashion-mnist-mini", DataConfig(), shared_home)
        return shutil.copytree(shared_home / "datasets", place / "datasets").parent

    return begin


@pytest.fixture(scope="session")
def tiny_run(shared_home: Path) -> dict:
    """A finished tiny run of preset G at IPC 2."""
    return answer(edc("run", "--profile", "tiny", "--ipc", "2", home=shared_home))


@pytest.fixture(scope="session")
def begun(tiny_run: dict, shared_home: Path, decoded: Callable[[Path], Path]) -> Callable[[Path], Path]:
    """Gives a new home the decoded pixels and the tiny observers with their statistics, as they take longest."""

    def begin(place: Path) -> Path:
        decoded(place)
        for stage in tiny_run["stages"]:
            if stage["stage"] in ("squeeze", "statistics"):
                shutil.copytree(shared_home / "artefacts" / stage["key"], place / "artefacts" / stage["key"])
        return place

    return begin


@pytest.fixture
def cifar10() -> Path:
    if not CIFAR10.is_dir():
        pytest.skip("CIFAR-10 is not on this machine (../shared/data/cifar10-jpeg)")
    return CIFAR10
