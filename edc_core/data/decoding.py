"""Images to pixels: as they are, where a set is all alike, or brought to one size and kind."""

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from edc_core.data.description import Description
from edc_core.errors import DataError

GREY_MODES = {"1", "L", "LA"}
WIDE_MODES = {"I", "I;16", "I;16B", "I;16L", "F"}  # more than 8 bits: cutting them would lose the image
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm"}
MAX_PIXELS = 50_000_000  # of one image; a larger one would fill the memory
# What Pillow raises for a file that is no image, or not a whole one.
UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning)
warnings.simplefilter("error", Image.DecompressionBombWarning)


def reason(error: Exception) -> str:
    """An error's first line, short enough for a sentence."""
    if isinstance(error, UnidentifiedImageError):
        return "of no known format"
    return str(error).split("\n")[0].split(" <_io")[0][:120] or type(error).__name__


def damaged(where: str, error: Exception) -> DataError:
    return DataError(f"{where} is damaged ({reason(error)})", "replace or remove that row")


def check_depth(mode: str, where: str) -> None:
    """Refuse images of more than eight bits a channel."""
    if mode in WIDE_MODES:
        raise DataError(f"{where} has more than 8 bits a channel (mode {mode})", "convert it to 8-bit grey or RGB")


def decode_image(encoded: bytes | None, where: str, description: Description) -> np.ndarray:
    """One encoded image of a described data set, as it is but upright by its EXIF entry, (C, H, W) uint8.

    Raises:
        DataError: it is damaged, or not like the others.
    """
    size, channels = description.size, description.channels
    try:
        with Image.open(io.BytesIO(encoded or b"")) as image:
            check_depth(image.mode, where)
            if channels == 1 and image.mode not in GREY_MODES:
                raise DataError(f"{where} is in colour, but the first image is grey", "convert all to one mode")
            mode = "L" if channels == 1 else "RGB"
            upright = _upright(image)
            decoded = np.asarray(upright if upright.mode == mode else upright.convert(mode))
    except UNREADABLE as error:
        raise damaged(where, error) from None
    if decoded.shape[:2] != (size, size):
        raise DataError(
            f"{where} is {decoded.shape[1]} x {decoded.shape[0]} px, but the first is {size} x {size}",
            f"resize all images to one size, or add '?size={size}' to the path",
        )
    return decoded[None] if channels == 1 else decoded.transpose(2, 0, 1)


def fit_image(source: Path | bytes | None, where: str, size: int, channels: int) -> np.ndarray:
    """Any image brought to one size and kind, (channels, size, size) uint8.

    Turned upright by its EXIF entry, laid on white where it is transparent, its shorter side resized to
    `size` and the middle cut out.

    Raises:
        DataError: it is no image, cut short, or too large to be decoded.
    """
    try:
        with Image.open(source if isinstance(source, Path) else io.BytesIO(source or b""), formats=FORMATS) as image:
            check_area(image.size, where)
            upright = _eight_bits(_upright(image), where).convert("L" if channels == 1 else "RGB")
    except UNREADABLE as error:
        raise unreadable_image(where, error) from None
    if upright.size != (size, size):
        side = min(upright.size)
        left, top = ((length - side) / 2 for length in upright.size)
        upright = upright.resize((size, size), Image.Resampling.BILINEAR, (left, top, left + side, top + side))
    decoded = np.asarray(upright)
    return decoded[None] if channels == 1 else decoded.transpose(2, 0, 1)


def header(source: Path | bytes, where: str) -> tuple[tuple[int, int], bool]:
    """An image's width and height, and whether it is grey; nothing is decoded.

    Raises:
        DataError: it is no image, or too large.
    """
    try:
        with Image.open(source if isinstance(source, Path) else io.BytesIO(source), formats=FORMATS) as image:
            check_area(image.size, where)
            return image.size, image.mode in GREY_MODES | WIDE_MODES
    except UNREADABLE as error:
        raise unreadable_image(where, error) from None


def unreadable_image(where: str, error: Exception) -> DataError:
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return DataError(f"{where} has more than {MAX_PIXELS // 10**6} million pixels", "make it smaller or remove it")
    return DataError(f"{where} is damaged or no picture ({reason(error)})", "replace or remove it")


def check_area(size: tuple[int, int], where: str) -> None:
    """Refuse an image that would fill the memory, before a pixel of it is decoded."""
    if size[0] * size[1] > MAX_PIXELS:
        raise DataError(
            f"{where} is {size[0]} x {size[1]} px, and at most {MAX_PIXELS // 10**6} million pixels are decoded",
            "make it smaller or remove it",
        )


def _upright(image: Image.Image) -> Image.Image:
    """As the camera was held; an EXIF block that cannot be read turns nothing."""
    image.load()  # a damaged image is said to be one, a damaged EXIF block is not
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # Pillow raises what its parsers happen to raise
        return image


def _eight_bits(image: Image.Image, where: str) -> Image.Image:
    """Without transparency, and 16 bits cut to their upper eight."""
    if image.mode in WIDE_MODES:
        values = np.asarray(image)
        if image.mode == "F" or values.min() < 0 or values.max() > 65535:
            raise DataError(f"{where} holds numbers of mode {image.mode}, not pixels of 8 or 16 bits", "convert it")
        return Image.fromarray((values >> 8).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        clear = image.convert("RGBA")
        paper = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(paper, clear)
    return image
