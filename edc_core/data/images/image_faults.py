"""Damaged, oversized and unknown image files: one sentence for each."""

import struct
import warnings
from pathlib import Path

from PIL import Image, PngImagePlugin, UnidentifiedImageError

from edc_core.data.images.image_kinds import HEAD, cure_of, first_bytes, kind_of_bytes, readable_formats
from edc_core.errors import DataError

MAX_PIXELS = 50_000_000  # of one image; a larger one would fill the memory
# What Pillow raises for a file that is no image, or not a whole one.
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    LookupError,
    TypeError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
warnings.simplefilter("error", Image.DecompressionBombWarning)
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY  # prompts and workflows are longer than a megabyte


def reason(error: Exception) -> str:
    """An error's first line, short enough for a sentence."""
    if isinstance(error, UnidentifiedImageError):
        return "of no known format"
    if "MAX_TEXT" in str(error):
        return f"the text in it is longer than {PngImagePlugin.MAX_TEXT_MEMORY >> 20} MiB"
    return str(error).split("\n")[0].split(" <_io")[0][:120] or type(error).__name__


def unreadable_image(where: str, error: Exception, source: Path | str | bytes | None) -> DataError:
    """What is said of an image that Pillow does not read: too large, of a kind that is not read here, or damaged."""
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return DataError(f"{where} has more than {MAX_PIXELS // 10**6} million pixels", "make it smaller or remove it")
    head = first_bytes(str(source)) if isinstance(source, Path | str) else (source or b"")[:HEAD]
    kind = kind_of_bytes(head)
    if kind is not None and kind not in readable_formats():
        return DataError(f"{where} is an image of the kind {kind}, which is not read here", cure_of(kind))
    return DataError(f"{where} is damaged or not an image ({reason(error)})", "replace or remove it")


def check_area(size: tuple[int, int], where: str) -> None:
    """Refuse an image that would fill the memory, before a pixel of it is decoded."""
    if size[0] * size[1] > MAX_PIXELS:
        raise DataError(
            f"{where} is {size[0]} x {size[1]} px, and at most {MAX_PIXELS // 10**6} million pixels are decoded",
            "make it smaller or remove it",
        )
