"""Image files of a known pattern: a grid of 4 x 4 cells, in many formats, modes and depths.

What an image should be read as is known from its grid alone, never from decoding the file.
"""

import io
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image, features

GRID = 4  # cells a side
LEVELS = (0, 40, 80, 120, 160, 200, 240)
WHITE = 255


@dataclass(frozen=True)
class ImageFile:
    """`grid` (4, 4, 3) uint8 is what it shows, `tolerance` by how much a lossy format may differ."""

    content: bytes
    ending: str
    grid: np.ndarray
    tolerance: int = 1
    deep: bool = False  # 16 bits a channel


@dataclass(frozen=True)
class Style:
    """What the images of one tree have in common."""

    kinds: tuple[str, ...]
    grey: float  # share of grey images
    sides: tuple[int, ...] = (8,)
    bits: int = 16  # really used in 16-bit files
    turned: bool = False
    odd_endings: bool = False
    wide: bool = False  # with something on two sides of the middle, which alone is read


PLAIN = ("png", "jpeg", "bmp", "tiff", "webp", "ppm", "gif")
CLEAR = ("png-alpha", "png-palette-clear", "webp-alpha", "png-colour-clear", "tiff-alpha", "gif-clear")
OTHER = ("png-palette", "bmp-palette", "jpeg-cmyk", "tiff-cmyk", "gif-frames", "tiff-pages", "sgi", "ico")
LIBRARIES = {"jpeg2000": "jpg_2000", "avif": "avif"}  # kinds that Pillow reads where it was built with a library
OTHER += tuple(kind for kind, library in LIBRARIES.items() if features.check(library))
DEEP = ("png-rgba-16", "png-16", "tiff-16", "pgm-16", "png-rgb-16")
FLOATS = ("tiff-float", "pfm")
LOSSY = {"jpeg": 12, "jpeg-cmyk": 12, "avif": 25}
BEST: dict[str, dict] = {
    "jpeg": {"quality": 98, "subsampling": 0},
    "webp": {"lossless": True, "exact": True},
    "avif": {"quality": 100},
}
ENDINGS = {
    "jpeg": (".jpg", ".jpeg", ".JPG", ".jfif", ".jpe", ".JPEG"),
    "png": (".png", ".PNG"),
    "tiff": (".tif", ".tiff", ".TIF"),
    "pgm": (".pgm",),
    "ppm": (".ppm", ".pnm"),
    "sgi": (".sgi", ".rgb"),
    "jpeg2000": (".jp2", ".j2k", ".jpf"),
}


def style(rng: np.random.Generator) -> Style:
    """How a tree's images are stored: all alike, mixed, deep or of decimal numbers."""
    fate, grey = rng.random(), float(rng.choice([0.0, 0.0, 1.0, 0.4]))
    sides = ((8,), (8,), (8,), (12,), (16,), (8, 16), (8, 12, 24))[rng.integers(7)]
    turned, odd, wide = bool(rng.random() < 0.1), bool(rng.random() < 0.15), bool(rng.random() < 0.15)
    if fate < 0.4:
        kinds: tuple[str, ...] = (str(rng.choice(PLAIN + CLEAR + OTHER)),)
    elif fate < 0.8:
        kinds = tuple(map(str, rng.choice(PLAIN + CLEAR + OTHER, 4)))
    elif fate < 0.93:
        bits = int(rng.choice([10, 12, 14, 16]))
        kinds = tuple(map(str, rng.choice(DEEP, rng.integers(1, 3))))
        kinds += ("png", "tiff") if rng.random() < 0.3 else ()
        return Style(kinds, grey, sides, bits, False, odd, wide)
    else:
        kinds = (str(rng.choice(FLOATS)),)
    return Style(kinds, grey, sides, 16, turned, odd, wide)


def draw_image(rng: np.random.Generator, how: Style, number: int) -> ImageFile:
    """One image; no two of a tree show the same, as the first cells hold its number."""
    kind = str(rng.choice(how.kinds))
    grey = bool(rng.random() < how.grey) or kind in ("pgm-16", "pfm", "tiff-float", "tiff-16", "png-16")
    grid = np.array(LEVELS, np.uint8)[rng.integers(0, len(LEVELS), (GRID, GRID, 1 if grey else 3))]
    for place in range(4):
        grid[0, place] = LEVELS[number // len(LEVELS) ** place % len(LEVELS)]
    grid[3, 3] = LEVELS[-1]  # so that a set's range is used
    if not grey:
        grid[1, 1] = (0, 120, 240)
    grid = np.broadcast_to(grid, (GRID, GRID, 3)).copy()
    content, shown = _encoded(rng, kind, grid, grey, how)
    base = kind.split("-")[0]
    ending = str(rng.choice(ENDINGS.get(base, (f".{base}",))))
    if how.odd_endings:
        ending = str(rng.choice([".png", ".jpg", "", ".img", ".JPG", ".001"]))
    return ImageFile(content, ending, shown, LOSSY.get(kind, 2), kind.endswith("-16"))


def _encoded(rng: np.random.Generator, kind: str, grid: np.ndarray, grey: bool, how: Style) -> tuple[bytes, np.ndarray]:
    """A file, and the grid that it shows."""
    side = int(rng.choice(how.sides))
    pixels = np.kron(grid, np.ones((side // GRID, side // GRID, 1), np.uint8))
    if how.wide:
        pixels = _widened(rng, pixels)
    base, _, form = kind.partition("-")
    if form == "rgba-16":
        return _deep_clear(pixels, how, grid)
    if form in ("16", "rgb-16") or base == "pfm" or form == "float":
        return _deep(kind, pixels, grey, how), grid
    image = Image.fromarray(pixels[..., 0] if grey else pixels)
    if form in ("alpha", "clear", "palette-clear", "colour-clear"):
        return _clear(base, form, image, grid)
    if form == "palette":
        return _saved(image.convert("RGB").quantize(64, dither=Image.Dither.NONE), base), grid
    if form == "cmyk":
        inks = np.concatenate([WHITE - pixels, np.zeros_like(pixels[..., :1])], 2)
        return _saved(Image.fromarray(inks, "CMYK"), base), grid
    if form in ("frames", "pages"):
        other = Image.fromarray(WHITE - pixels[::-1])
        return _saved(image.convert("RGB"), base, save_all=True, append_images=[other]), grid
    if base == "ico":
        return _saved(image.convert("RGB"), base, sizes=[image.size], bitmap_format="png"), grid
    if how.turned and base in ("jpeg", "png", "webp", "tiff"):
        return _turned(rng, base, image), grid
    return _saved(image, base), grid


def _widened(rng: np.random.Generator, pixels: np.ndarray) -> np.ndarray:
    """More pixels left and right, or above and below, of some of the colours that are there."""
    side, more = len(pixels), 2 * int(rng.integers(1, 3))
    found = np.pad(pixels, ((0, 0), (more, more), (0, 0)), "wrap")
    assert found.shape[1] == side + 2 * more
    return found if rng.random() < 0.5 else np.pad(pixels, ((more, more), (0, 0), (0, 0)), "wrap")


def _saved(image: Image.Image, base: str, **options) -> bytes:
    options |= BEST.get(base, {})
    buffer = io.BytesIO()
    image.save(buffer, "PPM" if base in ("ppm", "pgm") else base.upper(), **options)
    return buffer.getvalue()


def _clear(base: str, form: str, image: Image.Image, grid: np.ndarray) -> tuple[bytes, np.ndarray]:
    """Transparent in a cell or two, and so white there."""
    shown = grid.copy()
    pixels = np.asarray(image.convert("RGB"))
    step = min(image.size) // GRID
    top, left = ((length - GRID * step) // 2 for length in pixels.shape[:2])
    if form == "alpha":
        alpha = np.full(pixels.shape[:2], WHITE, np.uint8)
        middle = alpha[top + step : top + 2 * step, left : left + GRID * step]
        middle[:, :step], middle[:, 2 * step : 3 * step] = 0, 128
        shown[1, 0] = WHITE
        shown[1, 2] = np.rint(grid[1, 2] * (128 / WHITE) + WHITE * (127 / WHITE))
        grey = image.mode == "L" and base != "webp"
        return _saved(Image.fromarray(np.dstack([pixels[..., :1] if grey else pixels, alpha])), base), shown
    clear = grid[1, 0].copy()
    shown[(grid == clear).all(2)] = WHITE
    if form == "colour-clear":
        where = int(clear[0]) if image.mode == "L" else tuple(map(int, clear))
        return _saved(image, base, transparency=where), shown
    palette = image.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    index = np.asarray(palette)[top + step, left]
    return _saved(palette, base, transparency=int(index)), shown


def _turned(rng: np.random.Generator, base: str, image: Image.Image) -> bytes:
    """Stored as a camera held it, with the EXIF entry that turns it upright."""
    back = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    entry = int(rng.choice(list(back)))
    exif = Image.Exif()
    exif[0x0112] = entry
    return _saved(image.transpose(back[entry]), base, exif=exif)


def _deep(kind: str, pixels: np.ndarray, grey: bool, how: Style) -> bytes:
    """Of more than eight bits: the eight known ones are the upper ones of the range that is used."""
    height, width = pixels.shape[:2]
    if kind == "pfm":
        rows = (pixels[::-1, :, 0] / WHITE).astype("<f4")
        return f"Pf\n{width} {height}\n-1.0\n".encode() + rows.tobytes()
    if kind == "tiff-float":
        return _saved(Image.fromarray((pixels[..., 0] / WHITE).astype(np.float32)), "tiff")
    values = pixels.astype(np.uint16) << (how.bits - 8) | pixels.astype(np.uint16) >> max(0, 16 - how.bits)
    if kind == "pgm-16":
        return f"P5\n{width} {height}\n65535\n".encode() + values[..., 0].astype(">u2").tobytes()
    if kind == "tiff-16":
        return _saved(Image.fromarray(values[..., 0]), "tiff")
    channels = 1 if grey else 3
    rows = values[..., :channels].astype(">u2").reshape(height, -1)
    return _png(width, height, 16, 0 if grey else 2, b"".join(b"\0" + row.tobytes() for row in rows))


def _deep_clear(pixels: np.ndarray, how: Style, grid: np.ndarray) -> tuple[bytes, np.ndarray]:
    """Colour of 16 bits a channel, with one clear cell."""
    height, width = pixels.shape[:2]
    step = min(width, height) // GRID
    top, left = (height - GRID * step) // 2 + step, (width - GRID * step) // 2
    alpha = np.full((height, width, 1), 2**how.bits - 1, np.uint16)
    alpha[top : top + step, left : left + step] = 0
    values = pixels.astype(np.uint16) << (how.bits - 8) | pixels.astype(np.uint16) >> max(0, 16 - how.bits)
    rows = np.concatenate([values, alpha], 2).astype(">u2").reshape(height, -1)
    shown = grid.copy()
    shown[1, 0] = WHITE
    return _png(width, height, 16, 6, b"".join(b"\0" + row.tobytes() for row in rows)), shown


def _png(width: int, height: int, bits: int, colour: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
