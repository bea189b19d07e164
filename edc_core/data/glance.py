"""A few training images straight from the source, before a whole data set has been decoded."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from edc_core.config import DataConfig
from edc_core.data.dataset import channel_moments, divide
from edc_core.data.description import Description, Source
from edc_core.data.sources import open_source

QUICK = 2**24  # pixel values that are decoded within about a second


@dataclass(frozen=True)
class Glance:
    """The training part with its labels at hand; only the pixels that are asked for are decoded."""

    description: Description
    config: DataConfig
    source: Source

    @cached_property
    def _divided(self) -> tuple[np.ndarray, np.ndarray]:
        labels = np.asarray(self.source.labels("train"), np.int64)
        index = divide(labels, len(self.description.classes), self.config)[0]
        return index, labels[index]

    @property
    def labels(self) -> np.ndarray:
        """(N,) int64 class numbers."""
        return self._divided[1]

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Pixels of the given rows of this part, (len(rows), C, H, W) uint8."""
        wanted, places = np.unique(self._divided[0][rows], return_inverse=True)
        encoded = self.source.take("train", wanted.tolist())
        return np.stack([self.source.decode(image, where, self.description) for image, where in encoded])[places]


def glance(name: str, config: DataConfig, description: Description) -> Glance:
    """The training part of a described data set, nothing of it decoded.

    Raises:
        SettingsError, DataError: it has gone, or cannot be read.
    """
    return Glance(description, config, open_source(name))


def samples(name: str, description: Description, classes: range, each: int) -> tuple[np.ndarray, np.ndarray]:
    """The first `each` training images of some classes: (N, C, H, W) uint8 and (N,) class numbers; no more is decoded.

    Raises:
        SettingsError, DataError: it has gone, or one of them cannot be read.
    """
    source = open_source(name)
    labels = np.asarray(source.labels("train"), np.int64)
    rows = np.sort(np.concatenate([np.flatnonzero(labels == label)[:each] for label in classes]))
    encoded = source.take("train", rows.tolist())
    return np.stack([source.decode(image, where, description) for image, where in encoded]), labels[rows]


def image_sizes(name: str) -> list[tuple[int, int]]:
    """(width, height) of images as they lie in a folder, the smallest first; none where they are not files.

    Raises:
        SettingsError, DataError: it has gone, or cannot be read.
    """
    return sorted(getattr(open_source(name), "sizes", ()))


@lru_cache(16)
def quick_normalisation(name: str, description: Description) -> tuple[list[float], list[float]] | None:
    """Mean and standard deviation of each channel, as a decoded data set has them; None where that takes long."""
    count = sum(description.train_counts)
    if count * description.channels * description.size**2 > QUICK:
        return None
    source = open_source(name)
    encoded = source.take("train", range(count))
    return channel_moments(np.stack([source.decode(image, where, description) for image, where in encoded]))
