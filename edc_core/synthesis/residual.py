"""Data residual: real images mixed into the images between blocks of their synthesis (FADRM, arXiv 2506.24125).

At the end of every block but the last, x <- (1 - share) x + share r. The real image r is the image's own
start, as the method's published code has it, or a crop of another training image of its class, drawn anew.
"""

import numpy as np
import torch
from torch import Tensor

from edc_core.config import InitialiseConfig, SynthesiseConfig
from edc_core.data import Part
from edc_core.torch_utils.device import to_device
from edc_core.training.views import Normalisation, crop, draw_crops

REAL_STARTS = ("real", "rded", "herding", "single-class", "imported")  # an imported set is taken at its word


def starts_real(config: InitialiseConfig) -> bool:
    """Whether synthesis starts from real images, so that their starts can be mixed in again."""
    return config.kind in REAL_STARTS


def block_ends(iterations: int, blocks: int) -> set[int]:
    """After how many iterations a block ends, but for the last."""
    return {round(iterations * block / blocks) for block in range(1, blocks)} - {0, iterations}


def drawn_patches(
    train: Part, labels: Tensor, normalise: Normalisation, config: SynthesiseConfig, generator: torch.Generator
) -> Tensor:
    """A crop of a random training image of each label, resized to the whole image: (B,) -> (B, C, H, W) normalised."""
    chosen, places = np.empty(len(labels), int), torch.rand(len(labels), generator=generator, dtype=torch.float64)
    for label in labels.unique().tolist():
        rows = np.flatnonzero(train.labels == label)
        own = (labels == label).cpu()
        chosen[own.numpy()] = rows[(places[own] * len(rows)).long().numpy()]
    images = normalise(to_device(train.take(chosen), str(labels.device)))
    return crop(images, draw_crops(len(images), config.crop_area_min, config.crop_area_max, config.flip, generator))
