"""Taking over another store's results: finished stages, runs, looks at the test set.

For ablations whose parts were computed on several machines. Both stores may be at work meanwhile. A
result is copied under another name, checked there, and renamed into place under its lock: it is here
whole or not at all. What this store has is never overwritten; queue, workers and people stay where
they are. Merging twice changes nothing.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from edc_core.data.external_sets.given import clipped_share, load_given, save_given
from edc_core.errors import StoreError
from edc_core.store import Store
from edc_core.store.files import write_bytes
from edc_core.store.other_store import Rows, read_rows, write_rows
from edc_core.store.result_owners import expected_by_key, sets_by_digest
from edc_core.store.result_schema import Expected
from edc_core.store.schema import as_store_error
from edc_core.store.stage_results import KEY
from edc_core.store.verify_stage_result import WHOLE, check

ProgressCallback = Callable[[int, int, str | None], None]  # results looked at, of how many, and what is wrong with one


@dataclass
class MergeReport:
    """What was taken over, by kind; `there` was here already, `skipped` says in a sentence each what was not."""

    stage_results: int = 0
    there: int = 0
    runs: int = 0
    curves: int = 0
    looks: int = 0
    ablations: int = 0
    sets: int = 0  # imported ones
    skipped: list[str] = field(default_factory=list)

    def plain(self) -> dict:
        return asdict(self)


def merge(source: Path, home: Path, told: ProgressCallback = lambda done, total, problem: None) -> MergeReport:
    """Take over into `home` what the store `source` has finished and `home` has not.

    Raises:
        StoreError: `source` is no store, is damaged, or a newer version wrote it; `home` cannot be written.
    """
    source, home = source.absolute(), home.absolute()
    if source.resolve() == home.resolve():
        raise StoreError(f"'{source}' is this very store: name another one to take results over from.")
    rows = read_rows(source)  # before the results: what is finished by now has its results by then
    merged = MergeReport()
    with closing(Store(home)) as store, as_store_error(home / "store.sqlite"), exclusive_home(home) as place:
        taken = _take_results(source, store, place, merged, told, expected_by_key(rows.runs))
        _take_sets(source, home, merged, rows)
        _take_rows(rows, store, merged, taken)
    return merged


@contextmanager
def exclusive_home(home: Path) -> Iterator[Path]:
    """A folder to copy into, this merge's own; what a killed one left is dropped."""
    partial = home / "partial"
    partial.mkdir(parents=True, exist_ok=True)
    lock = FileLock(partial / "merge.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreError("another import or merge is at work: wait for its end.") from None
    try:
        for left in partial.glob("merging-*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="merging-", dir=partial, ignore_cleanup_errors=True) as place:
            yield Path(place)
    finally:
        lock.release()


# Results ------------------------------------------------------------------------------------------


def _take_results(
    source: Path,
    store: Store,
    place: Path,
    merged: MergeReport,
    told: ProgressCallback,
    expected: dict[str, list[Expected]],
) -> set[str]:
    """Gives the keys of those that were taken."""
    taken: set[str] = set()
    folders = sorted(folder for folder in (source / "artefacts").glob("*") if folder.is_dir() or folder.is_symlink())
    for number, folder in enumerate(folders, 1):
        problem = None
        try:
            if not KEY.fullmatch(folder.name):
                raise StoreError("a result's name is 24 hexadecimal digits")
            if store.stage_results.find(folder.name):
                merged.there += 1
            elif _take_result(folder, store, place, expected.get(folder.name, [])):
                merged.stage_results += 1
                taken.add(folder.name)
            else:
                merged.there += 1
        except StoreError as error:
            problem = f"the result '{folder}' is left out: {error}."
            merged.skipped.append(problem)
        told(number, len(folders), problem)
    return taken


def _take_result(folder: Path, store: Store, place: Path, expected: list[Expected]) -> bool:
    """Copy, check, rename; False where it appeared here meanwhile.

    Raises:
        StoreError: it is damaged, or is being computed here.
    """
    key, copy = folder.name, place / folder.name
    try:
        try:
            _copy(folder, copy)
            check(copy, key, expected)
        except StoreError as error:
            raise StoreError(f"{error}: delete it there, run it again there and merge again") from None
        return publish_result(copy, key, store)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def publish_result(copy: Path, key: str, store: Store) -> bool:
    """Rename a checked copy into place under the result's lock; False where it appeared here meanwhile.

    Raises:
        StoreError: it is being computed here.
    """
    lock = FileLock(store.home / "partial" / f"{key}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreError("it is being computed here just now") from None
    try:
        if store.stage_results.find(key):
            return False
        target = store.home / "artefacts" / key
        target.parent.mkdir(exist_ok=True)
        copy.rename(target)
        return True
    finally:
        lock.release()


def _copy(folder: Path, copy: Path) -> None:
    """Plain files of the kinds that stages write, one by one; an unreadable one is the source's fault."""
    if folder.is_symlink():
        raise StoreError("it is a link")
    copy.mkdir()
    for at, folders, files in os.walk(folder):
        inside = copy / Path(at).relative_to(folder)
        for name in folders:
            if (Path(at) / name).is_symlink():
                raise StoreError(f"it holds '{name}', which is a link")
            (inside / name).mkdir()
        for name in files:
            path = Path(at) / name
            if path.is_symlink() or not path.is_file() or path.suffix not in WHOLE:
                raise StoreError(f"it holds '{name}', which no stage writes")
            write_bytes(inside / name, _read(path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"'{path.name}' cannot be read ({error.strerror})") from None


def _take_sets(source: Path, home: Path, merged: MergeReport, rows: Rows) -> None:
    """Somebody else's sets that were judged there: their names are digests of what they hold."""
    judged = sets_by_digest(rows.runs)
    for path in sorted((source / "given").glob("*.safetensors")):
        if not KEY.fullmatch(path.stem) or (home / "given" / path.name).exists():
            continue
        try:
            images, labels = load_given(source, path.stem)
            for expected in judged.get(path.stem, []):
                _check_set(images, labels, expected)
            share = clipped_share(source, path.stem)
        except (StoreError, ValueError, KeyError) as error:
            merged.skipped.append(f"the imported set '{path}' is left out: {str(error).rstrip('.')}.")
            continue
        if save_given(home, images, labels, share) == path.stem:
            merged.sets += 1


def _check_set(images: np.ndarray, labels: np.ndarray, expected: Expected) -> None:
    """An imported set is of the data set for which a run judged it."""
    wanted = (expected.channels, expected.size, expected.size)
    if images.shape[1:] != wanted or labels.max() >= expected.classes:
        raise StoreError(
            f"its images are of {images.shape[1:]} and its classes go to {labels.max()}, but the run '{expected.run}'"
            f" has images of {wanted} and {expected.classes} classes: delete it there, import it again and merge again"
        )


# Rows ---------------------------------------------------------------------------------------------


def _take_rows(rows: Rows, store: Store, merged: MergeReport, taken: set[str]) -> None:
    written = write_rows(rows, store, taken)
    merged.runs = written.runs + written.finished
    merged.curves, merged.looks = written.curves, written.looks
    merged.ablations = written.ablations
    merged.skipped += [f"the run '{name}' is left out: {reason}." for name, reason in written.left_out]
