"""What a data set is before its pixels are read, and what every source of one offers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np

from edc_core.data.census import Census
from edc_core.errors import DataError

UNSHOWN = re.compile("[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")  # control characters, and bytes that are no text


@dataclass(frozen=True)
class Description:
    """A data set before its pixels are read; what settings are checked against."""

    name: str
    digest: str
    classes: tuple[str, ...]
    size: int  # pixels a side
    channels: int
    train_counts: tuple[int, ...]  # images of each class
    test_count: int
    census: Census = field(default=Census(), compare=False)  # how it was read; no part of what it is

    def plain(self) -> dict[str, Any]:
        """What it is, as stored JSON has held it from the first version on: without the census."""
        return {name: value for name, value in asdict(self).items() if name != "census"}


class Source(Protocol):
    """Where images come from: parquet, a folder of images, files of raw pixels.

    What it calls an image (bytes, a path, an array) only its own `decode` reads.
    """

    classes: tuple[str, ...]

    def labels(self, split: str) -> list[int]:
        """Class numbers of "train" or "test", in order."""

    def rows(self, split: str) -> Iterator[tuple[Any, int, str]]:
        """Image, label and a name for error messages, in order; memory does not grow with their number."""

    def take(self, split: str, rows: Sequence[int]) -> list[tuple[Any, str]]:
        """Image and name of some rows, in ascending order."""

    def decode(self, image: Any, where: str, about: Description) -> np.ndarray:
        """(C, H, W) uint8 pixels of one image."""

    def describe(self, name: str) -> Description:
        """What the data set is."""


def shown(text: str) -> str:
    """A file's or class's name for a sentence: line breaks and what is no text stand there as escapes."""
    return ascii(text)[1:-1] if UNSHOWN.search(text) else text


def counted(labels: Sequence[int], classes: Sequence[str], where: str) -> tuple[int, ...]:
    """Images of each class.

    Raises:
        DataError: a class has none, or a name that no page can show; or there is one class only.
    """
    if odd := next((name for name in classes if UNSHOWN.search(name)), None):
        raise DataError(f"class '{shown(odd)}' in {shown(where)} has a name with line breaks or no text", "rename it")
    counts = np.bincount(np.asarray(labels, np.int64), minlength=len(classes)).tolist()
    for name, count in zip(classes, counts, strict=True):
        if count == 0:
            raise DataError(f"class '{name}' has no training image in {where}", "add some, or drop the class")
    if len(classes) < 2:
        raise DataError(f"{where} has only the class '{classes[0]}'", "a network learns to tell at least two apart")
    return tuple(counts)
