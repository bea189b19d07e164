"""Judging somebody else's condensed set: imported once, then a run like any other, controls beside it."""

import math
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from edc_core.config import DataConfig
from edc_core.data import Description, describe, open_dataset
from edc_core.data.external_sets.given import clipped_share, given_path, load_given, save_given
from edc_core.data.external_sets.imports import read_set
from edc_core.data.external_sets.members import MAX_BYTES, Source
from edc_core.data.hub.repositories import condensed_set, is_hub_address
from edc_core.design_space.compose import configure
from edc_core.design_space.profiles import Profile
from edc_core.errors import SettingsError
from edc_core.judging.comparison_sets import CONTROLS, companion_config
from edc_core.judging.set_checks import RefusedSet, SetCheck, check_set
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.store import Store, default_home
from edc_core.synthesis.initial_images import ipc_text


def import_set(
    source: Source,
    description: Description,
    home: Path,
    labels: Source | None = None,
    normalisation: str | None = None,
    ipc: int | None = None,
    most: int = MAX_BYTES,
) -> str:
    """Read a set, check it against the data set, keep it under `home`; returns its digest (24 hexadecimal digits).

    `source` is a folder, or a ZIP or NPZ as a path, bytes or an open file (an upload); see `data.imports.read_set`. A
    path that begins with hf: is a repository of the Hub, which has been fetched before.
    `ipc` keeps only the first so many images of each class; `most` bounds the set's bytes, unpacked and as pixels.

    Raises:
        DataError: it cannot be read, is too large, or does not fit the data set.
        SettingsError: `normalisation` is missing where numbers need it, or wrong.
        StoreError: `home` cannot be written.
    """
    if isinstance(source, Path) and is_hub_address(str(source)):
        source = condensed_set(str(source))
    found = read_set(source, description, labels, normalisation, ipc, most)
    return save_given(home, found.images, found.labels, found.clipped, found.remarks)


def checked_set(
    digest: str, dataset: str, home: Path, observers_in: tuple[Path, ...] = (), judge_anyway: bool = False
) -> SetCheck:
    """An imported set compared with its data set, see `set_checks`; deleted where it is refused and no run has it.

    Raises:
        RefusedSet: it cannot be a set of this data set as it is, and `judge_anyway` is not given.
        DataError: an image of the data set is damaged.
    """
    found = check_set(digest, open_dataset(dataset, DataConfig(), home), home, observers_in)
    check = replace(found, consented=judge_anyway)
    try:
        check.require_consent()
    except RefusedSet:
        with closing(Store(home)) as store:
            discard_external_set(store, digest)
        raise
    return check


@dataclass(frozen=True)
class ExternalSet:
    """What an imported set is; `ipc` is rounded up where classes differ, so that controls have no fewer images."""

    digest: str
    images: int
    counts: tuple[int, ...]  # images of each class
    bytes: int  # as eight-bit pixels
    clipped: float  # share of values that had to be cut to the range of pixels

    @property
    def ipc(self) -> int:
        return math.ceil(self.images / len(self.counts))

    @property
    def even(self) -> bool:
        """Whether every class has `ipc` images."""
        return len(set(self.counts)) == 1

    @property
    def ipc_text(self) -> str:
        """Images per class as shown: "10", or "8.4 (3 to 12)" where classes differ."""
        return ipc_text(self.counts)


def read_external_set(digest: str, classes: int, home: Path) -> ExternalSet:
    """What the imported set of that digest is.

    Raises:
        StoreError: it is not in this store.
    """
    images, labels = load_given(home, digest)
    counts = np.bincount(labels, minlength=classes)
    return ExternalSet(digest, len(images), tuple(counts.tolist()), images.nbytes, clipped_share(home, digest))


def remove_unused_sets(store: Store, seconds: float = 86400.0) -> int:
    """Delete imported sets that no run refers to and that are older than that; returns how many.

    What a killed process left half written goes likewise.
    """
    used, place = _used(store), store.home / "given"
    old = [
        path
        for path in (*place.glob("*.safetensors"), *place.glob(".*.tmp"))
        if path.stem not in used and _age(path) > seconds
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _age(path: Path) -> float:
    """Seconds since it was written; none where somebody else renamed it meanwhile."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def discard_external_set(store: Store, digest: str) -> None:
    """Delete an imported set that was not judged after all, unless a run refers to it."""
    if digest not in _used(store):
        given_path(store.home, digest).unlink(missing_ok=True)


def _used(store: Store) -> set[str | None]:
    """The digests of imported sets that runs refer to."""
    return {run.settings["initialise"].get("images") for run in store.runs(archived=True)}


def prepared_for(
    digest: str,
    dataset: str,
    table: Profile,
    seed: int,
    protocol: str | None = None,
    changes: Mapping[str, Any] | None = None,
    home: Path | None = None,
) -> PreparedRun:
    """The run that judges an imported set; `protocol` None is EDC's own.

    Raises:
        StoreError: the set is not in the store.
        SettingsError: a wrong setting.
    """
    about = describe(dataset)
    ipc = read_external_set(digest, len(about.classes), home or default_home()).ipc
    changes = {**(changes or {}), "initialise.images": digest}
    return prepare(configure("given", dataset, table, ipc, seed, protocol, changes), about)


def controls_for(prepared: PreparedRun) -> dict[str, PreparedRun]:
    """The runs that stand beside it: random real images and herding, at the same IPC, seed and judgement.

    Raises:
        SettingsError: the data set has too few images of a class.
    """
    try:
        return {name: prepare(companion_config(prepared.config, name), prepared.description) for name in CONTROLS}
    except SettingsError as error:
        raise SettingsError(f"no controls of this size: {error} Or leave the controls out (--no-controls).") from None
