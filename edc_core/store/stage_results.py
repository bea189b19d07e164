"""Stage results: one folder a stage result, named by its key, whole or absent.

A stage works in `partial/<key>/` under a lock and the folder is renamed into `artefacts/` when it
is finished; a killed process leaves its checkpoint there for whoever resumes.
"""

import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from edc_core.errors import StoreError
from edc_core.events import EventHandler, Progress
from edc_core.store.digests import LIST, digests_in
from edc_core.store.files import write_json

KEY = re.compile(r"[0-9a-f]{24}")
CHECKPOINT = "checkpoint"  # files of this stem are dropped when the stage is finished


def safe_key(key: str) -> str:
    """A stage key as a folder name; anything else is refused."""
    if not KEY.fullmatch(key):
        raise StoreError(f"'{key}' is not a stage result's key: keys are 24 hexadecimal digits.")
    return key


@dataclass(frozen=True)
class Work:
    """A stage's folder while it works."""

    key: str
    path: Path


class StageResults:
    """A folder of finished results, and read-only ones beside it (`assets/`)."""

    def __init__(self, home: Path, bundled: tuple[Path, ...] = ()) -> None:
        self.home = home
        self.bundled = bundled

    def find(self, key: str) -> Path | None:
        """The finished result of that key, here or among the bundled ones."""
        for place in (self.home, *self.bundled):
            folder = place / "artefacts" / safe_key(key)
            if folder.is_dir():
                return folder
        return None

    @contextmanager
    def create(
        self, key: str, observe: EventHandler, confirm: Callable[[], object] = lambda: None
    ) -> Iterator[Work | None]:
        """Lock a stage's key and yield its working folder; None if another process finished it meanwhile.

        The folder is renamed into place, with the list of its files' digests, when the block ends without an error.
        `confirm` is called before: it raises where the result is no longer this process's to write.
        """
        partial = self.home / "partial" / safe_key(key)
        partial.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.home / "partial" / f"{key}.lock")
        _acquire(lock, observe)
        try:
            if self.find(key):
                shutil.rmtree(partial, ignore_errors=True)
                yield None
                return
            partial.mkdir(exist_ok=True)
            _drop(partial.rglob(".*.tmp"))  # half-written by a killed process
            yield Work(key, partial)
            confirm()
            write_json(partial / LIST, digests_in(partial, but=CHECKPOINT))  # a disk that is full ends it here
            _drop(partial.glob(f"{CHECKPOINT}*"))
            target = self.home / "artefacts" / key
            target.parent.mkdir(exist_ok=True)
            confirm()  # digests of large files take a while
            partial.rename(target)
        finally:
            lock.release()

    def remove(self, key: str) -> None:
        """Delete a stage result and partial files of a killed process; waits for a process computing it."""
        with self.removing(key) as away:
            away()

    @contextmanager
    def removing(self, key: str) -> Iterator[Callable[[], None]]:
        """Yield a function that moves the result aside under its lock; it is deleted on exit.

        Renamed away first, so that no reader sees half of it. The lock's file stays: another process
        may be waiting on it.
        """
        place, doomed = self.home / "partial", []
        place.mkdir(parents=True, exist_ok=True)
        _sweep(place)

        def away() -> None:
            for folder in (self.home / "artefacts" / key, place / key):
                if folder.is_dir():
                    doomed.append(Path(tempfile.mkdtemp(prefix="deleting-", dir=place)))
                    folder.rename(doomed[-1] / key)

        with FileLock(place / f"{safe_key(key)}.lock"):
            yield away
            for folder in doomed:
                shutil.rmtree(folder, ignore_errors=True)


def _sweep(place: Path) -> None:
    """Go on with what processes that were killed have left half deleted."""
    for doomed in place.glob("deleting-*"):
        with suppress(OSError):  # gone meanwhile
            if time.time() - doomed.stat().st_mtime > 60:  # a younger one may be about to be filled
                shutil.rmtree(doomed, ignore_errors=True)


def _drop(files: Iterator[Path]) -> None:
    for path in list(files):
        path.unlink()


def _acquire(lock: FileLock, observe: EventHandler) -> None:
    """Wait for the lock; the observer may cancel the wait."""
    started = time.monotonic()
    while True:
        try:
            lock.acquire(timeout=0.5)
            return
        except Timeout:
            waited = int(time.monotonic() - started)
            observe(Progress(waited, 0, "s", "waiting for another run that computes the same stage"))
