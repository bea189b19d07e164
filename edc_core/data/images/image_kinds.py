"""Image files by their endings, else by their first bytes; and whether the Pillow that is here reads them."""

import os
from collections.abc import Callable
from functools import lru_cache

from PIL import Image, features

HEAD = 64  # bytes that tell a file's kind
FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "BMP", "GIF", "TIFF", "PPM", "DIB", "ICO", "SGI", "SUN", "XPM", "XBM", "QOI")
WITH_LIBRARY = {"AVIF": "Pillow 11.3 or later", "HEIF": "pillow-heif", "JPEG2000": "a Pillow with OpenJPEG"}
ENDINGS = {
    "PNG": ".png .apng",
    "JPEG": ".jpg .jpeg .jpe .jfif .jif .mpo",
    "WEBP": ".webp",
    "BMP": ".bmp .dib",
    "GIF": ".gif",
    "TIFF": ".tif .tiff",
    "PPM": ".ppm .pgm .pbm .pnm .pfm",
    "ICO": ".ico",
    "SGI": ".sgi .rgb .rgba .bw",
    "SUN": ".ras",
    "XPM": ".xpm",
    "XBM": ".xbm",
    "QOI": ".qoi",
    "AVIF": ".avif .avifs",
    "HEIF": ".heic .heif .hif",
    "JPEG2000": ".jp2 .j2k .jpf .jpx .j2c .jpc",
}
KIND_OF = {ending: kind for kind, endings in ENDINGS.items() for ending in endings.split()}
SUFFIXES = frozenset(ending for ending, kind in KIND_OF.items() if kind in FORMATS)  # read everywhere


def _endings(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Images of kinds that are not read: counted, and named.
UNREAD = _endings(
    ".jxl .svg .psd .eps .tga .dds .exr .hdr .dcm .dicom .fits .icns .pcx .emf .wmf .raw .dng .cr2 .cr3 .nef .arw .orf"
    " .rw2 .raf .xcf .ai"
)
# What lies beside images by the thousand and is none: its bytes are not asked.
BESIDE = _endings(
    ".txt .csv .tsv .json .jsonl .xml .yaml .yml .md .rst .html .htm .log .ini .cfg .toml .db .npy .npz .mat .pkl .pt"
    " .pth .h5 .hdf5 .parquet .arrow .feather .safetensors .zip .gz .tar .tgz .7z .rar .xz .bz2 .py .ipynb .pdf .doc"
    " .docx .xls .xlsx .mp4 .avi .mov .mkv .webm .wav .mp3 .flac .names .data .list .lock .tmp .part .url .lnk"
)
_STARTS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG2000",
    b"\xff\x4f\xff\x51": "JPEG2000",
    b"qoif": "QOI",
    b"/* XPM */": "XPM",
    b"\x59\xa6\x6a\x95": "SUN",
    b"\x01\xda\0\x01": "SGI",
    b"\x01\xda\x01\x01": "SGI",
    b"\0\0\0\x0cJXL \r\n\x87\n": "JPEG XL",
    b"8BPS": "Photoshop",
    b"\x76\x2f\x31\x01": "OpenEXR",
}
_PLANES = (b"\0\0", b"\1\0")  # of an icon's first image


@lru_cache(1)
def readable_formats() -> tuple[str, ...]:
    """The formats that Pillow is asked to read; those that need a library only where it is there."""
    found = [*FORMATS]
    with_avif = hasattr(features, "modules") and "avif" in features.modules and features.check("avif")
    found += ["AVIF"] if with_avif else []
    found += ["JPEG2000"] if features.check("jpg_2000") else []
    try:
        from pillow_heif import register_heif_opener

        register_heif_opener()
        found.append("HEIF")
    except ImportError:
        pass
    Image.init()
    return tuple(name for name in found if name in Image.OPEN)


def kind_of_bytes(head: bytes) -> str | None:
    """The kind of image that begins so; None: it is none that we know."""
    if (kind := next((kind for start, kind in _STARTS.items() if head.startswith(start)), None)) is not None:
        return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:4] == b"\0\0\1\0" and head[5:6] == b"\0" < head[4:5] and head[9:10] == b"\0" and head[10:12] in _PLANES:
        return "ICO"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124):
        return "BMP"
    if head[:1] == b"P" and head[1:2] in b"1234567Ff" and head[2:3] in (b" ", b"\n", b"\r", b"\t", b"#"):
        return "PPM"
    if head[4:8] == b"ftyp":
        brands = {head[place : place + 4] for place in range(8, min(len(head), int.from_bytes(head[:4], "big")), 4)}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
            return "HEIF"
    return None


def _ending(name: str) -> str:
    """As ".png"; some five times as fast as `os.path.splitext`, for millions of names."""
    _, dot, ending = name.rpartition(".")
    return dot + ending.lower()


def is_image_file(name: str, head: Callable[[], bytes]) -> bool:
    """Whether a file is an image that is read here; `head` gives its first bytes, and is asked of rare endings only."""
    ending = _ending(name)
    if ending in SUFFIXES:
        return True
    if ending in BESIDE:
        return False
    return KIND_OF.get(ending) in readable_formats() or kind_of_bytes(head()) in readable_formats()


def unread_kind(name: str, head: Callable[[], bytes]) -> str | None:
    """The kind of an image that is not read here, or None: it is read, or no image."""
    ending = _ending(name)
    if ending in SUFFIXES or ending in BESIDE or is_image_file(name, head):
        return None
    return KIND_OF.get(ending) or kind_of_bytes(head()) or (ending if ending in UNREAD else None)


def cure_of(kind: str) -> str:
    """What makes an image of a kind readable."""
    needed = WITH_LIBRARY.get(kind)
    return f"install {needed}, or save as PNG" if needed else "save as PNG"


def first_bytes(path: str) -> bytes:
    """The first bytes of a file; none of what cannot be opened or is no plain file."""
    try:
        if not os.path.isfile(path):  # a pipe would never answer
            return b""
        with open(path, "rb", buffering=0) as file:
            return file.read(HEAD)
    except OSError:
        return b""
