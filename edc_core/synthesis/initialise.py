"""Initialisers of the synthesis: each takes a `Source` and returns (N, C, H, W) normalised images.

Their order is that of `initial_images.start_labels`: one image of every class before the second of any.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edc_core.config import InitialiseConfig
from edc_core.networks.builders import features_of
from edc_core.networks.runtime import Runtime
from edc_core.rng import named_generator
from edc_core.synthesis.initial_images import NETWORK_FREE_INITIALISERS, InitContext, standard_normal
from edc_core.torch_utils.device import to_device
from edc_core.training.views import Crops, Normalisation, crop, draw_crops


@dataclass(frozen=True)
class Source:
    """Inputs of an initialiser: training images, a scoring observer, a runtime."""

    context: InitContext
    normalise: Normalisation
    scorer: nn.Module | None
    runtime: Runtime
    progress: Callable[[int, int, str], None]  # done, total, unit

    @property
    def config(self) -> InitialiseConfig:
        return self.context.config

    def images(self, pixels: np.ndarray) -> Tensor:
        """Normalise pixels (N, C, H, W) uint8, on the device."""
        return self.normalise(to_device(pixels, self.runtime.device))

    def predict(self, images: Tensor, batch: int = 500) -> tuple[Tensor, Tensor]:
        """The scorer's logits (N, classes) and features (N, F), float32, of normalised images (N, C, H, W)."""
        parts = []
        with torch.inference_mode(), self.runtime.autocast(self.config.scorer):
            for chunk in images.split(batch):
                parts.append(features_of(self.scorer, chunk))
        return torch.cat([p[0] for p in parts]).float(), torch.cat([p[1] for p in parts]).float()


def from_noise(source: Source) -> Tensor:
    """Noise: standard normal in normalised units, clamped to valid pixels; (N, C, H, W)."""
    return source.normalise.clamp_(torch.from_numpy(standard_normal(source.context)).to(source.runtime.device))


def as_drawn(source: Source) -> Tensor:
    """Initial images that need no network (see `initial_images`), normalised; (N, C, H, W)."""
    return source.images(NETWORK_FREE_INITIALISERS[source.config.kind](source.context))


def from_herding(source: Source) -> Tensor:
    """Herding (Welling 2009): training images chosen greedily so that their mean feature follows the class's.

    Returns (N, C, H, W), normalised.
    """

    def choose(label: int) -> Tensor:
        images = source.images(source.context.train.take(source.context.rows_of(label)))
        features = F.normalize(source.predict(images)[1], dim=1)
        return images[select_by_herding(features, source.context.ipc)]

    return _by_class(source, choose)


def select_by_herding(features: Tensor, count: int) -> Tensor:
    """Herding selection: `count` rows of features (N, F) whose running mean stays closest to the mean of all.

    Returns the rows' numbers, (count,), in order of choice.
    """
    mean, total = features.mean(0), torch.zeros_like(features[0])
    free = torch.ones(len(features), dtype=torch.bool, device=features.device)
    chosen = []
    for number in range(1, count + 1):
        distance = (mean - (total + features) / number).square().sum(1)
        best = torch.where(free, distance, torch.inf).argmin()
        free[best] = False
        total = total + features[best]
        chosen.append(best)
    return torch.stack(chosen)


def from_mosaics(source: Source) -> Tensor:
    """RDED's mosaics (Sun et al. 2024) of the crops that an observer finds easiest; (N, C, H, W), normalised.

    Of `crops` random crops of each of `candidates` images the one of lowest cross-entropy is kept; the
    images' best crops are ranked and the first ipc x tiles^2 fill the class's mosaics.
    """
    config, tiles = source.config, source.config.tiles

    def choose(label: int) -> Tensor:
        wanted = source.context.ipc * tiles**2
        rows = source.context.rows_of(label)
        rows = rows[: max(config.candidates_per_class, wanted)]
        rows = np.resize(rows, max(len(rows), wanted))  # a small class repeats its images
        images = source.images(source.context.train.take(rows))
        generator = named_generator("initialise", config.seed, "crops", label)
        tries = [
            draw_crops(len(images), config.crop_area_min, 1.0, False, generator) for _ in range(config.crops_per_image)
        ]
        scores = torch.stack([_cross_entropies(source, crop(images, boxes), label) for boxes in tries])
        best = scores.argmin(0)
        easiest = scores.min(0).values.argsort(stable=True)[:wanted]
        patches = crop(images[easiest], _pick(tries, best.cpu())[easiest.cpu()])
        return mosaic(patches, tiles)

    return _by_class(source, choose)


def _pick(tries: list[Crops], best: Tensor) -> Crops:
    """The best crop of each image, by the index of its try (N,)."""
    rows = torch.arange(len(best))
    centre, size, flip = (
        torch.stack([getattr(t, name) for t in tries])[best, rows] for name in ("centre", "size", "flip")
    )
    return Crops(centre, size, flip)


def mosaic(patches: Tensor, tiles: int) -> Tensor:
    """Mosaics (N, C, H, W) of patches (N x tiles^2, C, H, W): tiles x tiles each, shrunk, in reading order."""
    count, channels, height, width = len(patches) // tiles**2, *patches.shape[1:]
    rows = [height * (i + 1) // tiles - height * i // tiles for i in range(tiles)]
    columns = [width * (i + 1) // tiles - width * i // tiles for i in range(tiles)]
    grouped = patches.view(count, tiles, tiles, channels, height, width)
    lines = []
    for i, h in enumerate(rows):
        cells = [
            F.interpolate(grouped[:, i, j], (h, w), mode="bilinear", antialias=True, align_corners=False)
            for j, w in enumerate(columns)
        ]
        lines.append(torch.cat(cells, 3))
    return torch.cat(lines, 2)


def _cross_entropies(source: Source, images: Tensor, label: int) -> Tensor:
    logits = source.predict(images)[0]
    return F.cross_entropy(logits, torch.full((len(images),), label, device=logits.device), reduction="none")


def _by_class(source: Source, choose: Callable[[int], Tensor]) -> Tensor:
    """(ipc, C, H, W) of each class, interleaved into the order of `initial_images.image_labels`."""
    chosen = []
    classes = len(source.context.classes)
    for label in range(classes):
        chosen.append(choose(label))
        source.progress(label + 1, classes, "class")
    return torch.stack(chosen, 1).flatten(0, 1)


INITIALISERS: dict[str, Callable[[Source], Tensor]] = {
    "noise": from_noise,
    **dict.fromkeys(NETWORK_FREE_INITIALISERS, as_drawn),
    "rded": from_mosaics,
    "herding": from_herding,
}
