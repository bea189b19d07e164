"""Two condensed sets side by side: the same class rows, images paired by their start, and where they differ most."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from edc_core.errors import SettingsError
from edc_core.runs.condensed_set import CondensedSet, condensed_set, start_cells
from edc_core.store import Store
from edc_core.store.run_record import RunRecord


@dataclass(frozen=True)
class SetPair:
    """Rows are the classes that both sets have; columns, of a class's images, as many as both have."""

    classes: tuple[str, ...]  # of each row
    first: np.ndarray  # (R, K, C, H, W) uint8
    second: np.ndarray
    filled: np.ndarray  # (R, K) whether both hold an image there
    paired: bool  # whether images at one place began as the same image

    @cached_property
    def difference(self) -> np.ndarray:
        """(R, K, C, H, W) uint8: how far apart, pixel by pixel; of class means in one column where none is paired."""
        return np.abs(self._compared(self.first) - self._compared(self.second)).round().astype(np.uint8)

    @property
    def by_class(self) -> list[tuple[str, float]]:
        """Classes by their mean difference of a pixel, in percent of white; the largest first."""
        filled: np.ndarray = self.filled if self.paired else np.any(self.filled, axis=1, keepdims=True)
        each = self.difference.mean((2, 3, 4)) / 2.55
        means = [float(row[held].mean()) for row, held in zip(each, filled, strict=True)]
        return sorted(zip(self.classes, means, strict=True), key=lambda entry: -entry[1])

    def largest(self, count: int) -> list[tuple[int, int]]:
        """Places (row, column) of the images that differ most; of none where no image has a partner."""
        if not self.paired:
            return []
        each = np.where(self.filled, self.difference.mean((2, 3, 4)), -1.0)
        order = np.argsort(-each, axis=None, kind="stable")[: min(count, int(self.filled.sum()))]
        return [(int(row), int(column)) for row, column in zip(*np.unravel_index(order, each.shape), strict=True)]

    def _compared(self, cells: np.ndarray) -> np.ndarray:
        if self.paired:
            return cells.astype(float)
        held = self.filled[:, :, None, None, None]
        return (cells * held).sum(1, keepdims=True) / np.maximum(held.sum(1, keepdims=True), 1)


def set_pair(store: Store, first: RunRecord, second: RunRecord, columns: int = 50) -> SetPair:
    """The finished images of two runs, at most `columns` of each class.

    Raises:
        SettingsError: one has no finished images, or their images are not of one kind.
    """
    sets = [_finished(store, run) for run in (first, second)]
    about = [run.manifest["dataset"] for run in (first, second)]
    for what in ("classes", "size", "channels"):
        if (own := about[0][what]) != (others := about[1][what]):
            names = (f"{len(own)} classes", f"{len(others)} other classes") if what == "classes" else (own, others)
            raise SettingsError(
                f"the two sets have different {what} ({names[0]} and {names[1]}): choose two of one data set."
            )
    present = [label for label in np.unique(sets[0].labels) if len(sets[1].rows_of(label))]
    if not present:
        raise SettingsError("the two sets have no class in common: choose two others.")
    counts = [min(len(held.rows_of(label)) for held in sets) for label in present]
    shape = (len(present), min(max(counts), columns))
    filled = np.arange(shape[1])[None] < np.array(counts)[:, None]
    one, other = (_starts(store, run, held, present, shape) for run, held in zip((first, second), sets, strict=True))
    paired = one is not None and other is not None and np.array_equal(one[filled], other[filled])
    names = tuple(about[0]["classes"][label] for label in present)
    return SetPair(names, _cells(sets[0], present, filled), _cells(sets[1], present, filled), filled, paired)


def _finished(store: Store, run: RunRecord) -> CondensedSet:
    if (found := condensed_set(store, run)) is None:
        raise SettingsError(f"the images of run '{run.id}' are not finished: choose another set, or wait for them.")
    return found


def _cells(found: CondensedSet, present: list[int], filled: np.ndarray) -> np.ndarray:
    """Each class's first images in a row; (R, K, C, H, W)."""
    rows = [found.rows_of(label)[: held.sum()] for label, held in zip(present, filled, strict=True)]
    pixels = found.pixels(np.concatenate(rows))
    cells = np.zeros((*filled.shape, *pixels.shape[1:]), np.uint8)
    cells[filled] = pixels
    return cells


def _starts(
    store: Store, run: RunRecord, found: CondensedSet, present: list[int], shape: tuple[int, int]
) -> np.ndarray | None:
    """The images that these began as, cells like theirs; None where they were not kept."""
    if run.settings["synthesise"]["iterations"] == 0:  # they are what they began as
        filled = np.arange(shape[1])[None] < np.array([len(found.rows_of(label)) for label in present])[:, None]
        return _cells(found, present, filled)
    cells, places = start_cells(store, run), np.unique(found.labels).searchsorted(present)
    if cells is None or cells.shape[0] <= max(places) or cells.shape[1] < shape[1]:
        return None
    return cells[places, : shape[1]]
