"""A run's condensed set and what belongs to it, read from the store."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from edc_core.config import validate_config
from edc_core.data.external_sets.given import given_labels
from edc_core.errors import StoreError
from edc_core.runs.image_grids import cut, read_png
from edc_core.stage_graph import EXTRA_STAGES, build_stage_graph
from edc_core.store import StageResults, Store
from edc_core.store.arrays import read_arrays, read_rows
from edc_core.store.files import read_json, seconds_taken
from edc_core.store.run_record import RunRecord
from edc_core.synthesis.initial_images import image_labels


def key_of(run: RunRecord, stage: str) -> str | None:
    """The key of a run's stage that has no name of its own: initialise, synthesise, relabel or neighbours."""
    if stage == "neighbours":  # its key moves with its code; a run's own plan may be older
        nodes = build_stage_graph(validate_config(run.settings), run.manifest["dataset"]["digest"])
        return next((node.key for node in nodes if node.stage == stage), None)
    return next((node["key"] for node in run.plan if node["stage"] == stage), None)


def folder_of(store: Store, run: RunRecord, stage: str) -> Path | None:
    """Where a finished stage's result lies."""
    key = key_of(run, stage)
    return store.stage_results.find(key) if key else None


@dataclass(frozen=True)
class CondensedSet:
    """The finished images of a run."""

    folder: Path
    classes: tuple[str, ...]

    @cached_property
    def labels(self) -> np.ndarray:
        """(N,) int64 class numbers."""
        return read_arrays(self.folder / "images.safetensors", ("labels",))["labels"]

    def __len__(self) -> int:
        return len(self.labels)

    def pixels(self, rows: Iterable[int]) -> np.ndarray:
        """(len(rows), C, H, W) uint8."""
        return read_rows(self.folder / "images.safetensors", "images", rows)

    def batches(self, size: int = 500) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(rows, pixels) of the whole set in order."""
        for start in range(0, len(self), size):
            rows = np.arange(start, min(start + size, len(self)))
            yield rows, self.pixels(rows)

    def rows_of(self, label: int) -> np.ndarray:
        """A class's rows, in order."""
        return np.flatnonzero(self.labels == label)

    @property
    def numbers(self) -> np.ndarray:
        """(N,) each image's place among its class's, from 0."""
        places = np.zeros(len(self), np.int64)
        for label in np.unique(self.labels):
            rows = self.rows_of(label)
            places[rows] = np.arange(len(rows))
        return places


def condensed_set(store: Store, run: RunRecord) -> CondensedSet | None:
    """A run's images, or None where they are not finished."""
    folder = folder_of(store, run, "synthesise")
    return CondensedSet(folder, tuple(run.manifest["dataset"]["classes"])) if folder else None


def labels_of(stage_results: StageResults, run: RunRecord) -> np.ndarray:
    """(N,) the class of each image of a run: of its results, of the imported set, else one of every class in turn."""
    for stage in ("synthesise", "initialise"):
        folder = stage_results.find(key) if (key := key_of(run, stage)) else None
        if folder and (path := folder / "images.safetensors").is_file():
            return read_arrays(path, ("labels",))["labels"]
    if digest := run.settings["initialise"].get("images"):
        with suppress(StoreError):  # imported into another store
            return given_labels(stage_results.home, digest)
    return image_labels(run.ipc, len(run.manifest["dataset"]["classes"]))


def counts_of(stage_results: StageResults, run: RunRecord) -> np.ndarray:
    """(classes,) how many images of each class a run has."""
    return np.bincount(labels_of(stage_results, run), minlength=len(run.manifest["dataset"]["classes"]))


def snapshots(store: Store, run: RunRecord) -> dict[int, Path]:
    """Grids of the forming images by iteration, of a finished or an unfinished synthesis, the first one first."""
    key = key_of(run, "synthesise")
    folder = store.stage_results.find(key) or store.home / "partial" / key
    return {int(path.stem): path for path in sorted((folder / "snapshots").glob("*.png")) if path.stem.isdigit()}


def start_cells(store: Store, run: RunRecord) -> np.ndarray | None:
    """The images that synthesis started from, cells (classes present, at most 50, C, H, W)."""
    folder = folder_of(store, run, "initialise")
    first = folder / "grid.png" if folder else None
    if first is None or not first.exists():
        first = snapshots(store, run).get(0)
    return cut(read_png(first), run.manifest["dataset"]["size"]) if first else None


def committee_logits(store: Store, run: RunRecord) -> np.ndarray | None:
    """(N, classes) float32 the committee's logits of the images as they are; None for hard labels or not yet."""
    if run.settings["relabel"]["labels"] == "hard" or not (folder := folder_of(store, run, "relabel")):
        return None
    return read_arrays(folder / "labels.safetensors", ("logits",))["logits"]


def label_record(store: Store, run: RunRecord) -> dict[str, Any]:
    """What relabel wrote down: views, agreement in percent, bytes, and whether labels are stored; empty: not yet."""
    folder = folder_of(store, run, "relabel")
    return read_json(folder / "labels.json") if folder else {}


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """(N, classes) probabilities."""
    shifted = logits.astype(np.float64) / temperature
    powers = np.exp(shifted - shifted.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def entropy_bits(probabilities: np.ndarray) -> np.ndarray:
    """Entropy of each distribution in bits; (N, classes) -> (N,)."""
    logs = np.log2(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
    return -(probabilities * logs).sum(-1)


@dataclass(frozen=True)
class Facts:
    """What a condensed set weighs and cost."""

    images: int
    image_bytes: int  # as eight-bit pixels, uncompressed
    label_bytes: int | None  # of every view's soft labels, stored or as if; None: hard or not yet
    labels_stored: bool  # whether they lie in the store
    agreement: float | None  # percent of images whose class is the committee's first guess
    seconds: dict[str, float]  # by stage, whoever's run computed it


def facts(store: Store, run: RunRecord) -> Facts:
    """Read from the results themselves."""
    about = run.manifest["dataset"]
    count = len(labels_of(store.stage_results, run))
    soft = run.settings["relabel"]["labels"] == "soft"
    record = label_record(store, run) if soft else {}
    seconds: dict[str, float] = {}
    for node in run.plan:
        if node["stage"] in EXTRA_STAGES:
            continue
        done = store.stage_results.find(node["key"])
        if done and (done / "stage.json").exists():
            seconds[node["stage"]] = seconds.get(node["stage"], 0.0) + seconds_taken(done)
    return Facts(
        images=count,
        image_bytes=count * about["channels"] * about["size"] ** 2,
        label_bytes=record.get("bytes_if_stored"),
        labels_stored=record.get("stored", False),
        agreement=record.get("agreement"),
        seconds=seconds,
    )
