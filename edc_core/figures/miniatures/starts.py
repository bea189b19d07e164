"""Where synthesis starts: noise, real images, crops as RDED tiles them."""

import numpy as np
from PIL import Image

from edc_core.config import RunConfig
from edc_core.figures.miniatures.crops import draw_boxes
from edc_core.figures.miniatures.miniature import Look, Miniature, Row
from edc_core.runs.image_grids import sheet
from edc_core.runs.initial_preview import noise_pixels
from edc_core.synthesis.initial_images import draw_glyphs

SEED = 7


def starts(config: RunConfig, look: Look) -> Miniature:
    """Noise, real images and tiled crops, one image a class.

    The crops are drawn as RDED draws its candidates; ranking them needs an observer, which no page loads,
    so they are not RDED's own choice. Noise has the mean and spread of the images shown.
    """
    kind, samples = config.initialise.kind, look.samples
    lines = {
        "noise": ("Gaussian noise", _noise(samples)),
        "real": ("real images", samples),
        "rded": ("tiled crops, unranked (RDED keeps the easiest)", _tiled(samples, config)),
    }
    if kind == "herding":
        lines["herding"] = ("herding picks among real images those nearest their class's mean feature", samples)
    if kind == "glyphs":
        lines["glyphs"] = ("letters and digits", draw_glyphs(len(samples), samples.shape[1], samples.shape[2], _draw()))
    rows = tuple(Row(name, _line(pixels), key == kind) for key, (name, pixels) in lines.items())
    return Miniature("Look at what a network could learn from each line before a single step of synthesis.", rows=rows)


def _line(pixels: np.ndarray) -> np.ndarray:
    """(N, C, H, W) grey or RGB side by side as one RGB image with see-through gaps."""
    return sheet(np.repeat(pixels, 3 // pixels.shape[1], 1)[None], gap=2)


def _draw() -> np.random.Generator:
    return np.random.default_rng(SEED)


def _noise(samples: np.ndarray) -> np.ndarray:
    values = samples / 255
    noise = _draw().standard_normal(samples.shape, dtype=np.float32)
    return noise_pixels(noise, tuple(values.mean((0, 2, 3))), tuple(values.std((0, 2, 3))))


def _tiled(samples: np.ndarray, config: RunConfig) -> np.ndarray:
    """A mosaic a class: tiles x tiles random crops of that class's image, shrunk, in reading order."""
    tiles, (count, channels, size, _) = config.initialise.tiles, samples.shape
    boxes = draw_boxes(count * tiles**2, config.initialise.crop_area_min, 1.0, SEED).reshape(count, tiles, tiles, 4)
    edges = [size * i // tiles for i in range(tiles + 1)]
    mosaics = np.empty_like(samples)
    for image, row, column in np.ndindex(count, tiles, tiles):
        top, bottom, left, right = edges[row], edges[row + 1], edges[column], edges[column + 1]
        for channel in range(channels):
            source = Image.fromarray(samples[image, channel])
            patch = source.resize(
                (right - left, bottom - top), Image.Resampling.BILINEAR, tuple(boxes[image, row, column] * size)
            )
            mosaics[image, channel, top:bottom, left:right] = np.asarray(patch)
    return mosaics
