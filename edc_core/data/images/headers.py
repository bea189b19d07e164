"""Image headers: size, colour, transparency and depth of one file, and counts over many; no pixel is decoded.

PNG and JPEG are read from their bytes, some ten times as fast as Pillow opens them; all else is asked of Pillow.
"""

import io
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from edc_core.data.images.image_faults import UNREADABLE, check_area, unreadable_image
from edc_core.data.images.image_kinds import readable_formats

GREY_MODES = {"1", "L", "LA", "La"}
WIDE_MODES = {"I", "I;16", "I;16B", "I;16L", "I;16N", "F"}  # more than 8 bits a channel
START = 4096  # bytes in which most headers end
EXIF = {"exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif", "Raw profile type APP1"}  # of `Image.info`
ORIENTATION = 0x0112  # EXIF: how the camera was held
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class Header(NamedTuple):
    """What a file says of its pixels before them."""

    width: int
    height: int
    grey: bool
    alpha: bool = False
    bits: int = 8  # a channel; 32: floats
    turned: bool = False  # by its EXIF entry
    inks: bool = False  # CMYK
    paged: bool = False  # several pages or frames


@dataclass
class Seen:
    """What many headers say together: how many of each kind, and a first example."""

    headers: Counter[Header] = field(default_factory=Counter)
    first: dict[Header, str] = field(default_factory=dict)

    def add(self, header: Header, where: str) -> None:
        self.headers[header] += 1
        if header not in self.first:
            self.first[header] = where

    @property
    def total(self) -> int:
        return self.headers.total()

    def count(self, kind: Callable[[Header], bool]) -> int:
        """Images of a kind."""
        return sum(count for header, count in self.headers.items() if kind(header))

    def example(self, kind: Callable[[Header], bool]) -> str:
        """The first image of a kind."""
        return next((where for header, where in self.first.items() if kind(header)), "")

    @property
    def sizes(self) -> Counter[tuple[int, int]]:
        """Images of each width and height."""
        found: Counter[tuple[int, int]] = Counter()
        for header, count in self.headers.items():
            found[header.width, header.height] += count
        return found


def read_header(source: Path | str | bytes | None, where: str) -> Header:
    """An image's header.

    Raises:
        DataError: it is no image, or too large to be decoded.
    """
    try:
        found = fast_header(source if isinstance(source, bytes) else b"" if source is None else _start(source))
        found = found or _asked_of_pillow(source, where)
    except UNREADABLE as error:
        raise unreadable_image(where, error, source) from None
    check_area((found.width, found.height), where)
    return found


def fast_header(data: bytes) -> Header | None:
    """The header of a PNG or JPEG from its first bytes; None where they are of another kind, or too few."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 33:
        return _png(data)
    if data[:3] == b"\xff\xd8\xff":
        return _jpeg(data)
    return None


@contextmanager
def opened(source: Path | str | bytes | None, where: str) -> Iterator[Image.Image]:
    """An open image; whatever Pillow raises inside the block is said in a sentence.

    Raises:
        DataError: it is no image, damaged, or too large to be decoded.
    """
    try:
        # Of a path, Pillow maps some files into memory, and takes a turned TIFF's width for its height there.
        file = open(source, "rb") if isinstance(source, Path | str) else io.BytesIO(source or b"")  # noqa: SIM115
        with file, Image.open(file, formats=readable_formats()) as image:
            check_area(image.size, where)
            yield image
    except UNREADABLE as error:
        raise unreadable_image(where, error, source) from None


def orientation_of(image: Image.Image) -> int:
    """How an open image is to be turned, by its EXIF entry; an EXIF block that cannot be read turns nothing."""
    if image.format in ("PNG", "JPEG") and not EXIF & image.info.keys():  # Pillow searches for long
        return 1
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # Pillow raises what its parsers happen to raise
        return 1


def raw_mode(image: Image.Image) -> str:
    """How an open image's values lie in its file, as Pillow's decoders call it; "" where they do not say."""
    tiles = getattr(image, "tile", None)
    args = tiles[0][3] if tiles else ""
    found = args[0] if isinstance(args, tuple) and args else args
    return found if isinstance(found, str) else ""


def is_deep(image: Image.Image) -> bool:
    """Whether an open image's file has 16 bits a channel."""
    return image.mode in WIDE_MODES - {"F"} or (image.mode in ("RGB", "RGBA", "RGBX") and ";16" in raw_mode(image))


def _start(path: Path | str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.read(START)


def _png(data: bytes) -> Header | None:
    width, height, bits, colour = struct.unpack_from(">IIBB", data, 16)
    place, alpha, turned, paged = 33, colour in (4, 6), False, False
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        if kind == b"IDAT":
            # Pillow opens grey with alpha at 16 bits as colour.
            grey = colour == 0 or (colour == 4 and bits == 8)
            return Header(width, height, grey, alpha, 16 if bits == 16 else 8, turned, False, paged)
        if kind == b"tRNS":
            alpha = True
        elif kind == b"acTL":
            paged = length >= 4 and struct.unpack_from(">I", data, place + 8)[0] > 1
        elif kind == b"eXIf":
            turned = _turned(data[place + 8 : place + 8 + length])
        place += 12 + length
    return None


def _jpeg(data: bytes) -> Header | None:
    place, turned = 2, False
    while place + 10 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:  # padding
            place += 1
            continue
        if marker in _JPEG_FRAMES:
            bits, height, width, channels = struct.unpack_from(">BHHB", data, place + 4)
            known = bits == 8 and width and height and channels in (1, 3, 4)
            return Header(width, height, channels == 1, turned=turned, inks=channels == 4) if known else None
        if marker == 0xE1 and data[place + 4 : place + 10] == b"Exif\0\0":
            turned = _turned(data[place + 10 : place + 4096])
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None


def _turned(exif: bytes) -> bool:
    """Whether an EXIF block's first directory says that the camera was not held upright."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    try:
        (directory,) = struct.unpack_from(f"{order}I", exif, 4)
        (entries,) = struct.unpack_from(f"{order}H", exif, directory)
        for place in range(directory + 2, directory + 2 + 12 * min(entries, 100), 12):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", exif, place)
            if tag == ORIENTATION:
                return 1 < value < 9
    except struct.error:
        pass
    return False


def _asked_of_pillow(source: Path | str | bytes | None, where: str) -> Header:
    with opened(source, where) as image:
        deep = is_deep(image)
        return Header(
            *image.size,
            grey=image.mode in GREY_MODES | WIDE_MODES,
            alpha="A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info,
            bits=32 if image.mode == "F" else 16 if deep else 8,
            turned=1 < orientation_of(image) < 9,
            inks=image.mode == "CMYK",
            paged=bool(getattr(image, "is_animated", False)),
        )
