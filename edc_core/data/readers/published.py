"""A data set known by name, read from its files of raw pixels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from edc_core.data.census import Census, of_splits
from edc_core.data.description import Description, counted
from edc_core.data.known_datasets import KNOWN, Known, find_known
from edc_core.data.readers.parquet_source import digest_of
from edc_core.data.readers.raw_formats import Raw
from edc_core.errors import DataError


@dataclass(frozen=True)
class Published:
    """Images that need no decoding."""

    name: str
    entry: Known
    files: dict[str, tuple[Path, ...]]

    @property
    def classes(self) -> tuple[str, ...]:
        return self.entry.classes

    @cached_property
    def _raw(self) -> dict[str, Raw]:
        return {split: self.entry.read(paths) for split, paths in self.files.items()}

    def labels(self, split: str) -> list[int]:
        """Class numbers, in order."""
        return self._raw[split].labels.tolist()

    def rows(self, split: str) -> Iterator[tuple[np.ndarray, int, str]]:
        """Pixels, label and a name for error messages."""
        labels = iter(self.labels(split))
        for block in self._raw[split].blocks():
            for row, pixels in enumerate(block):
                yield pixels, next(labels), f"image {row} of {self.files[split][0].name}"

    def take(self, split: str, rows: Sequence[int]) -> list[tuple[np.ndarray, str]]:
        """Pixels and name of some rows, in ascending order."""
        found, start, rows = [], 0, np.asarray(rows, np.int64)
        for block in self._raw[split].blocks():
            inside = rows[(rows >= start) & (rows < start + len(block))]
            found += [(np.asarray(block[row - start]), f"image {row} of {self.name}") for row in inside]
            start += len(block)
        return found

    def decode(self, image: np.ndarray, where: str, about: Description) -> np.ndarray:
        """(C, H, W) uint8 pixels of one image."""
        if image.shape != (shape := (about.channels, about.size, about.size)):
            raise DataError(f"{where} has the shape {image.shape}, but {self.name} has {shape}", "fetch it again")
        return np.asarray(image)

    def describe(self, name: str) -> Description:
        """What the data set is.

        Raises:
            DataError: a file is damaged.
        """
        labels = {split: self._raw[split].labels for split in self.files}
        for split, numbers in labels.items():
            if not len(numbers) or numbers.min() < 0 or numbers.max() >= len(self.classes):
                raise DataError(f"{self.files[split][-1]} holds no class numbers of {self.name}", "fetch it again")
        return Description(
            name=name,
            digest=digest_of((*self.files["train"], *self.files["test"])),
            classes=self.classes,
            size=self.entry.size,
            channels=self.entry.channels,
            train_counts=counted(labels["train"], self.classes, str(self.files["train"][0].parent)),
            test_count=len(labels["test"]),
            census=Census(of_splits(len(self.classes), len(labels["train"]), len(labels["test"]))),
        )


def open_published(name: str) -> Published:
    """A data set of that name, from files on this machine.

    Raises:
        DataError: they are not there; the sentence says how to get them.
    """
    return Published(name, KNOWN[name], find_known(name))
