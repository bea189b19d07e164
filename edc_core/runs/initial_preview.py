"""The images a run will start from, drawn without torch: what a page shows before any worker has begun."""

from pathlib import Path

import numpy as np

from edc_core.data.dataset import CACHE_FILES, Dataset
from edc_core.data.glance import glance, quick_normalisation
from edc_core.pipeline.prepare import PreparedRun
from edc_core.synthesis.initial_images import NETWORK_FREE_INITIALISERS, InitContext, standard_normal, start_labels


def starting_pixels(prepared: PreparedRun, home: Path) -> tuple[np.ndarray, np.ndarray] | None:
    """What the initialise stage will write, rounded to eight bits, to the bit.

    Gives images (N, C, H, W) uint8 and class numbers (N,) int64; None where an observer has to rank images
    (RDED, herding), and for noise in a large data set that was never decoded, whose mean is not known yet.

    Raises:
        DataError, SettingsError: the data set has gone, or a chosen image is damaged.
        StoreError: an imported set has gone.
    """
    config, about = prepared.config, prepared.description
    decoded = Dataset(about, config.data, _cache(about.digest, home)) if is_decoded(about.digest, home) else None
    draw = InitContext(
        config=config.initialise,
        ipc=config.ipc,
        classes=about.classes,
        channels=about.channels,
        size=about.size,
        train=decoded.part("train") if decoded else glance(config.dataset, config.data, about),
        home=home,
    )
    if config.initialise.kind in NETWORK_FREE_INITIALISERS:
        return NETWORK_FREE_INITIALISERS[config.initialise.kind](draw), start_labels(draw)
    if config.initialise.kind == "noise":
        moments = decoded.normalisation if decoded else quick_normalisation(config.dataset, about)
        return moments and (noise_pixels(standard_normal(draw), *moments), start_labels(draw))
    return None


def is_decoded(digest: str, home: Path) -> bool:
    """Whether a data set's pixels lie in the store: from then on there may be a start that could not be told before."""
    return all((_cache(digest, home) / name).is_file() for name in CACHE_FILES)


def _cache(digest: str, home: Path) -> Path:
    return home / "datasets" / digest


def noise_pixels(noise: np.ndarray, mean: tuple[float, ...], std: tuple[float, ...]) -> np.ndarray:
    """Normalised (N, C, H, W) float32 noise as uint8, by the float32 arithmetic of `augment.Normalisation`."""
    mean, std = (np.asarray(values, np.float32).reshape(1, -1, 1, 1) for values in (mean, std))
    images = np.clip(noise, -mean / std, (1 - mean) / std)
    return np.clip(np.rint((images * std + mean) * 255), 0, 255).astype(np.uint8)
