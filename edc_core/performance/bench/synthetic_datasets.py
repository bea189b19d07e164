"""Data sets of drawn images, as many and as large as one likes, to measure how work grows."""

from pathlib import Path

import numpy as np
from PIL import Image

TESTS = 4  # training images to a test image


def make_tree(root: Path, classes: int, images: int, size: int) -> Path:
    """A tree like ImageNet's under `root`: train/ and val/ with a folder of JPEGs for each class (n00000000, ...).

    `images` training images in all, and a quarter as many to validate: each a colour, a grating and noise.
    """
    draw = np.random.default_rng(0)
    ramp = np.arange(size)
    for number in range(classes):
        colour, waves = draw.uniform(60, 200, 3), draw.uniform(0, 0.8, 2)
        pattern = 50 * np.sin(waves[0] * ramp[:, None] + waves[1] * ramp[None])[..., None] + colour
        for split, count in (("train", images // classes), ("val", images // classes // TESTS)):
            folder = root / split / f"n{number:08d}"
            folder.mkdir(parents=True)
            for index in range(count):
                noisy = pattern + draw.normal(0, 12, pattern.shape)
                image = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
                image.save(folder / f"{folder.name}_{index}.JPEG", quality=80)
    return root
