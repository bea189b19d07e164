"""Whether a PNG in a result is a real one: of images in rows and columns, and whole."""

import struct
from pathlib import Path

from PIL import Image

from edc_core.errors import StoreError

START, END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
HEAD = struct.Struct(">I4sIIBBBBB")
PNG_KINDS = {(1, 0): "grey", (8, 0): "grey", (8, 2): "colour"}  # bits of a value, kind of colour: as stages write them
MAX_DECODED_PIXELS = 50_000_000  # pixels; larger ones, of a thousand classes, are looked at from without


def check_image(path: Path, size: int, rows: int, columns: int) -> None:
    """A grid of images of `size` px a side, at most so many rows and columns of them.

    Raises:
        StoreError: it is none, of another size, or cannot be decoded.
    """
    width, height = dimensions(path)
    if width % size or height % size or not (0 < height <= rows * size and 0 < width <= columns * size):
        raise StoreError(
            f"'{path.name}' is an image of {width} x {height} px, but {rows} rows of at most {columns} images of"
            f" {size} px are at most {columns * size} x {rows * size}"
        )
    if width * height > MAX_DECODED_PIXELS:
        return
    try:
        with Image.open(path, formats=("PNG",)) as image:
            image.verify()
        with Image.open(path, formats=("PNG",)) as image:
            image.load()
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        reason = str(error).split(" <_io")[0][:100]
        raise StoreError(f"'{path.name}' is no image that can be decoded ({reason})") from None


def dimensions(path: Path) -> tuple[int, int]:
    """Width and height as a PNG's head says.

    Raises:
        StoreError: it is no whole PNG, or of a kind that no stage writes.
    """
    with path.open("rb") as file:
        start, head = file.read(len(START)), file.read(HEAD.size)
        file.seek(max(0, path.stat().st_size - len(END)))
        end = file.read()
    if start != START or end != END or len(head) != HEAD.size or head[4:8] != b"IHDR":
        raise StoreError(f"'{path.name}' is no whole PNG")
    _, _, width, height, bits, colour, *_ = HEAD.unpack(head)
    if (bits, colour) not in PNG_KINDS:
        raise StoreError(f"'{path.name}' is a PNG of {bits} bits and kind {colour}, which no stage writes")
    return width, height
