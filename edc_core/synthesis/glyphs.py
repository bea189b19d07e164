"""Letters and digits drawn with Pillow's own font: images that belong to no class of any data set here."""

import string

import numpy as np
from PIL import Image, ImageDraw, ImageFont

GLYPHS = string.ascii_letters + string.digits
SHARES = (0.5, 1.1)  # a glyph's font size, in sides of the image
GROUND, CONTRAST = (0, 80), (90, 176)  # grey levels; ink is ground plus contrast


def draw_glyphs(count: int, channels: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """(count, channels, size, size) uint8: one glyph an image, of random kind, place, size and contrast."""
    images = np.empty((count, channels, size, size), np.uint8)
    for number in range(count):
        images[number] = _glyph(channels, size, rng)
    return images


def _glyph(channels: int, size: int, rng: np.random.Generator) -> np.ndarray:
    glyph = GLYPHS[rng.integers(len(GLYPHS))]
    font = ImageFont.load_default(max(6.0, size * rng.uniform(*SHARES)))
    place = rng.uniform(0.35, 0.65, 2) * size  # of the glyph's middle
    ground = rng.integers(*GROUND, channels)
    ink = ground + rng.integers(*CONTRAST, channels)
    mask = Image.new("L", (size, size))
    ImageDraw.Draw(mask).text(tuple(place), glyph, fill=255, font=font, anchor="mm")
    share = np.asarray(mask, np.float32)[None] / 255
    return np.rint(ground[:, None, None] * (1 - share) + ink[:, None, None] * share).astype(np.uint8)
