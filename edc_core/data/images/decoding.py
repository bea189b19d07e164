"""Image decoding to eight bits, grey or RGB: one way for folders, ZIPs, parquet and condensed sets.

Transparency is laid on white, EXIF entries turn, values of 16-bit files are scaled by the range that the whole set
uses, and colour is never made grey.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from edc_core.data.images.deep_images import deep_values, to_eight_bits
from edc_core.data.images.headers import WIDE_MODES, is_deep, opened, orientation_of
from edc_core.errors import DataError

GREYS = {"1", "L", "LA", "La"}
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Reading(NamedTuple):
    """How a whole set's files become eight bits."""

    bits: int = 16  # of the range that values of 16-bit files are in
    top: float = 1  # the highest value of floats: 1 or 255
    paper: str = "white"  # what transparent images are laid on


PLAIN = Reading()


def fit_image(
    source: Path | str | bytes | None, where: str, size: int, channels: int, reading: Reading = PLAIN
) -> np.ndarray:
    """Any image brought to one size and kind, (channels, size, size) uint8.

    Its shorter side is resized to `size` and the middle cut out.

    Raises:
        DataError: it is no image, cut short, too large to be decoded, or coloured in a grey set.
    """
    decoded = eight_bits(source, where, channels, reading)
    if decoded.size != (size, size):
        side = min(decoded.size)
        left, top = ((length - side) / 2 for length in decoded.size)
        decoded = decoded.resize((size, size), Image.Resampling.BILINEAR, (left, top, left + side, top + side))
    return planes(decoded)


def eight_bits(source: Path | str | bytes | None, where: str, channels: int, reading: Reading = PLAIN) -> Image.Image:
    """An image upright and opaque, of mode L or RGB.

    Raises:
        DataError: it is no image, cut short, too large to be decoded, or coloured in a grey set.
    """
    with opened(source, where) as image:
        numbers = image.mode in WIDE_MODES or (reading.bits < 16 and is_deep(image))
        image.load()  # a damaged image is said to be one, a damaged EXIF block is not
        turn = TURNS.get(orientation_of(image))
        if numbers:
            decoded = to_eight_bits(deep_values(source, where), where, reading.bits, reading.top, reading.paper)
        else:
            decoded = _opaque(image, where, reading.paper)
        if turn is not None:
            decoded = decoded.transpose(turn)
        if channels == 1 and decoded.mode not in GREYS and is_coloured(decoded):
            raise DataError(
                f"{where} is in colour, but the set's other images that were looked at are grey",
                "save all images in colour, or all in grey",
            )
        mode = "L" if channels == 1 else "RGB"
        return decoded if decoded.mode == mode else decoded.convert(mode)


def planes(decoded: Image.Image) -> np.ndarray:
    """(C, H, W) uint8 of an image of mode L or RGB."""
    pixels = np.asarray(decoded)
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def is_coloured(decoded: Image.Image) -> bool:
    """Whether any pixel's channels differ."""
    pixels = np.asarray(decoded.convert("RGB"))
    return bool((pixels != pixels[..., :1]).any())


def is_transparent(source: Path | str | bytes | None, where: str) -> bool:
    """Whether anything shows through an image."""
    with opened(source, where) as image:
        if "transparency" in image.info or "A" in image.getbands():
            return bool((np.asarray(image.convert("RGBA").getchannel("A")) < 255).any())
        return False


def _opaque(image: Image.Image, where: str, paper: str) -> Image.Image:
    """Without transparency, on paper."""
    if image.mode == "LAB":
        raise DataError(f"{where} is in the colour space LAB", "save it as RGB")
    if "A" not in image.getbands() and "a" not in image.getbands() and "transparency" not in image.info:
        return image
    clear = image.convert("RGBA")
    flat = Image.alpha_composite(Image.new("RGBA", clear.size, paper), clear)
    return flat.convert("L") if image.mode in GREYS and paper in ("white", "black") else flat
