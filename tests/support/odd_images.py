"""Image files of unusual kinds for tests: 16-bit colour PNG, transparent, turned, of many endings."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

PNG_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}  # channels -> PNG's number of the kind


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png16(values: np.ndarray, *chunks: bytes) -> bytes:
    """(H, W) or (H, W, channels) as a PNG of 16 bits a channel, which Pillow does not write in colour."""
    height, width = values.shape[:2]
    colour = PNG_COLOURS[values.shape[2] if values.ndim == 3 else 1]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0))
    body = b"".join(chunks) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + body


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def turned(how: int) -> Image.Exif:
    """An EXIF block that says how the camera was held."""
    exif = Image.Exif()
    exif[0x0112] = how
    return exif


def class_folders(root: Path, images: list[bytes], ending: str = ".png", test: int = 2) -> Path:
    """The same images in train/ for two classes; the first `test` of them for testing, too."""
    for split, some in (("train", images), ("test", images[:test])):
        for name in ("a", "b"):
            place = root / split / name
            place.mkdir(parents=True, exist_ok=True)
            for number, image in enumerate(some):
                (place / f"{number}{ending}").write_bytes(image)
    return root
