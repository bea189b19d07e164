"""A few training images straight from the shards, before a whole data set has been decoded."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from edc_core.config import DataConfig
from edc_core.data.dataset import channel_moments, decode_image, divide
from edc_core.data.shards import Shards
from edc_core.data.sources import Description, locate, open_shards

QUICK = 2**24  # pixel values that are decoded within about a second


@dataclass(frozen=True)
class Glance:
    """The training part with its labels at hand; only the pixels that are asked for are decoded."""

    description: Description
    config: DataConfig
    shards: Shards

    @cached_property
    def _divided(self) -> tuple[np.ndarray, np.ndarray]:
        labels = np.asarray(self.shards.labels("train"), np.int64)
        index = divide(labels, len(self.description.classes), self.config)[0]
        return index, labels[index]

    @property
    def labels(self) -> np.ndarray:
        """(N,) int64 class numbers."""
        return self._divided[1]

    def take(self, rows: np.ndarray) -> np.ndarray:
        """Pixels of the given rows of this part, (len(rows), C, H, W) uint8."""
        wanted, places = np.unique(self._divided[0][rows], return_inverse=True)
        encoded = self.shards.take("train", wanted.tolist())
        return np.stack([decode_image(image, where, self.description) for image, where in encoded])[places]


def glance(name: str, config: DataConfig, description: Description) -> Glance:
    """The training part of a described data set, nothing of it decoded.

    Raises:
        SettingsError, DataError: it has gone, or cannot be read.
    """
    return Glance(description, config, open_shards(locate(name)))


@lru_cache(16)
def quick_normalisation(name: str, description: Description) -> tuple[list[float], list[float]] | None:
    """Mean and standard deviation of each channel, as a decoded data set has them; None where that takes long."""
    count = sum(description.train_counts)
    if count * description.channels * description.size**2 > QUICK:
        return None
    encoded = open_shards(locate(name)).take("train", range(count))
    return channel_moments(np.stack([decode_image(image, where, description) for image, where in encoded]))
