"""16-bit and float images: the numbers that stand in a file, and the range of them that a whole set uses.

Cameras, microscopes and scanners write 10, 12 or 14 bits into 16-bit files: cut to the upper eight, such an image
would be nearly black.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from edc_core.data.images.headers import WIDE_MODES, opened, raw_mode
from edc_core.errors import DataError

DEPTHS = (8, 10, 12, 14, 16)
PHOTOMETRIC, WHITE_IS_ZERO = 262, 0  # of TIFF
NATIVE, OTHER = ("16L", "16B") if sys.byteorder == "little" else ("16B", "16L")


@dataclass(frozen=True)
class Values:
    """The numbers of one file: `pixels` (H, W) or (H, W, channels) uint16 or float; `alpha` (H, W) uint16, 65535 full.

    Raises nothing: whoever reads them has checked that they are values of pixels.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None


@dataclass
class Ranges:
    """The highest values met in 16-bit and in float files of a set."""

    deep: int = -1
    floats: float = -1

    def add(self, source: Path | str | bytes | None, where: str) -> None:
        """Widen the ranges by one file's values.

        Raises:
            DataError: it cannot be read, or holds no values of pixels.
        """
        pixels = deep_values(source, where).pixels
        if pixels.dtype.kind == "f":
            self.floats = max(self.floats, float(pixels.max()))
        else:
            self.deep = max(self.deep, int(pixels.max()))

    @property
    def bits(self) -> int:
        """The least usual depth that holds all of 16-bit files' values; 16 where there are no such files."""
        if self.deep < 0:
            return 16
        return next(bits for bits in DEPTHS if self.deep < 2**bits)

    @property
    def top(self) -> float:
        """What is white in float files."""
        return 1 if self.floats <= 1 else 255


def deep_values(source: Path | str | bytes | None, where: str) -> Values:
    """The numbers of a file with more than eight bits a channel.

    Raises:
        DataError: it is damaged, or they are no values of pixels.
    """
    with opened(source, where) as image:
        if image.mode in WIDE_MODES:
            return _numbers(image, where)
        clear = image.info.get("transparency")
        if raw_mode(image).startswith("LA"):
            _read_as(image, {"LA;16B": "RGBA"})  # the four bytes of a pixel as they lie there
            pairs = np.asarray(image).astype(np.uint16)
            return Values(pairs[..., 0] << 8 | pairs[..., 1], pairs[..., 2] << 8 | pairs[..., 3])
        upper = np.asarray(image).astype(np.uint16)
    with opened(source, where) as image:
        # Pillow keeps the upper byte of each value, and so the lower where it takes the order to be the other.
        _read_as(image, {"16N": OTHER, "16B": "16L", "16L": "16B"})
        pixels = upper << 8 | np.asarray(image)
        mode = image.mode
    if mode == "RGB":
        seen = None if not isinstance(clear, tuple) else np.where((pixels == clear).all(2), 0, 65535)
        return Values(pixels, seen)
    return Values(pixels[..., :3], pixels[..., 3] if mode == "RGBA" else None)


def _read_as(image: Image.Image, orders: dict[str, str]) -> None:
    """Have an open image's values unpacked in another order of bytes, whose names are replaced one for one."""

    def swapped(args: str | tuple) -> str | tuple:
        order = args if isinstance(args, str) else args[0]
        order = next((order.replace(old, new) for old, new in orders.items() if old in order), order)
        return order if isinstance(args, str) else (order, *args[1:])

    file: Any = image  # an `ImageFile`, which says where its values lie
    file.tile = [(*tile[:3], swapped(tile[3])) for tile in file.tile]


def _numbers(image: Image.Image, where: str) -> Values:
    """Of an image that Pillow holds in more than eight bits."""
    pixels = np.asarray(image)
    floats = image.mode == "F"
    if not np.isfinite(pixels).all() or pixels.min() < 0 or pixels.max() > (255 if floats else 65535):
        held = f"numbers from {pixels.min():g} to {pixels.max():g}"
        ranges = "0 to 1 or 0 to 255" if floats else "0 to 65535"
        raise DataError(f"{where} holds {held}, and pixels are {ranges}", "scale them to one of these, or save 8 bits")
    if floats:
        return Values(pixels)
    pixels = pixels.astype(np.uint16)
    clear = image.info.get("transparency")
    seen = None if not isinstance(clear, int) else np.where(pixels == clear, 0, 65535)
    return Values(65535 - pixels if _is_inverted(image) else pixels, seen)


def _is_inverted(image: Image.Image) -> bool:
    """Whether white is 0 in a file whose values Pillow gives as they stand there."""
    return getattr(image, "tag_v2", {}).get(PHOTOMETRIC, 1) == WHITE_IS_ZERO


def to_eight_bits(values: Values, where: str, bits: int, top: float, paper: str) -> Image.Image:
    """Scaled from the range that the set uses, and laid on paper.

    Raises:
        DataError: a value lies outside that range.
    """
    pixels = values.pixels
    highest, limit = pixels.max(), top if pixels.dtype.kind == "f" else 2**bits - 1
    if highest > limit:
        raise DataError(
            f"{where} has a value of {highest:g}, but the images that were looked at reach {limit:g} at most",
            "save all images as 8 bits",
        )
    if pixels.dtype.kind == "f":
        scaled = np.rint(pixels * (255 / top)).astype(np.uint8)
    else:
        scaled = (pixels >> (bits - 8)).astype(np.uint8)
    decoded = Image.fromarray(scaled)
    if values.alpha is None:
        return decoded
    clear = decoded.convert("RGB")
    clear.putalpha(
        Image.fromarray((values.alpha >> (bits - 8 if values.alpha.max() < 2**bits else 8)).astype(np.uint8))
    )
    flat = Image.alpha_composite(Image.new("RGBA", clear.size, paper), clear)
    return flat.convert(decoded.mode)
