"""Command line in forked processes that have loaded torch already.

What happens to such a process (a kill, Ctrl-C, a cancelled run) happens to one that a person starts, only sooner.
"""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from edc_core.environment import ROOT

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.support.loaded"])


class Forked:
    """`python -m edc_core WORDS` with this home and environment; what it says goes into two files of `logs`."""

    def __init__(self, words: list[str], home: Path, logs: Path, **environment: str) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._paths = [logs / f"{time.monotonic_ns()}.{name}" for name in ("out", "err")]
        surroundings = {"EDC_HOME": str(home)} | environment
        self._process = CONTEXT.Process(target=_run, args=(words, surroundings, self._paths))
        with _no_main():
            self._process.start()
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float = 300) -> int:
        """Its exit status, once it has ended."""
        self._process.join(seconds)
        assert self._process.exitcode is not None, f"still running after {seconds} s: {self.err[-500:]}"
        return self._process.exitcode

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    @property
    def out(self) -> str:
        return self._paths[0].read_text()

    @property
    def err(self) -> str:
        return self._paths[1].read_text()


@contextmanager
def _no_main() -> Iterator[None]:
    """A new process runs its parent's main script; under Streamlit's AppTest that is the last page that was tested."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _run(words: list[str], environment: dict[str, str], paths: list[Path]) -> None:
    from edc_core.cli import main

    os.environ.update(environment)
    os.chdir(ROOT)
    for number, path in enumerate(paths, start=1):
        with path.open("w") as file:
            os.dup2(file.fileno(), number)
    sys.stderr = os.fdopen(2, "w", buffering=1)
    sys.stdout = os.fdopen(1, "w", buffering=1)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell ignores it
    sys.argv = ["edc_core", *words]
    main()
