"""Invalid data sets, each with the error message expected (bundles: wrong_bundles)."""

import io
import os
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet
from PIL import Image

from tests.support.parquet_files import encoded, pictures, write
from tests.support.photos import picture

Wrong = dict[str, tuple[Callable, str]]  # what is wrong: who makes it, what is said (a pattern)

# Folders of pictures (`photos.small_photos`) ----------------------------------------------------------


def png(width: int, height: int) -> bytes:
    """A PNG that says it is that large; it holds nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def truncated(root: Path) -> None:
    path = picture(root / "train" / "cat" / "x.jpg", (32, 32))
    path.write_bytes(path.read_bytes()[:-150])


def emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def one_class(root: Path) -> None:
    for split in ("train", "test"):
        shutil.rmtree(root / split / "dog")


def renamed(name: str | bytes) -> Callable[[Path], None]:
    """The class dog under another name, on both sides."""

    def make(root: Path) -> None:
        for split in ("train", "test"):
            os.rename(root / split / "dog", os.path.join(os.fsencode(root / split), os.fsencode(name)))

    return make


def without_tests(count: int) -> Callable[[Path], None]:
    """Class folders alone, with so many pictures each."""

    def make(root: Path) -> None:
        shutil.rmtree(root / "test")
        for name in ("cat", "dog"):
            shutil.move(root / "train" / name, root / name)
            for path in sorted((root / name).iterdir())[count:]:
                path.unlink()
        (root / "train").rmdir()

    return make


def listing(root: Path) -> None:
    (root.parent / "wanted.txt").write_text("cat\nwolf\n")


def annotated(lines: str) -> Callable[[Path], None]:
    """Tiny-ImageNet's layout, with two pictures to score students on and these lines about them."""

    def make(root: Path) -> None:
        shutil.rmtree(root / "test")
        for index in range(2):
            picture(root / "val" / "images" / f"{index}.png", (32, 32), seed=index)
        (root / "val" / "val_annotations.txt").write_text(lines)

    return make


FOLDERS: Wrong = {
    "an empty class": (lambda r: emptied(r / "train" / "dog"), "class 'dog' has no training image"),
    "an empty test class": (lambda r: emptied(r / "test" / "dog"), "class 'dog' has no test"),
    "a text file named .jpg": (lambda r: (r / "train" / "cat" / "x.jpg").write_text("meow"), "cat/x.jpg' is damaged"),
    "a zero-byte PNG": (lambda r: (r / "test" / "cat" / "x.png").touch(), "test/cat/x.png' is damaged"),
    "a truncated JPEG": (truncated, "x.jpg' is damaged or not an image"),
    "a picture of giant dimensions": (
        lambda r: (r / "train" / "cat" / "bomb.png").write_bytes(png(50_000, 50_000)),
        "bomb.png' (is 50000 x 50000|has more than 50 million)",
    ),
    "a class only in train": (lambda r: shutil.rmtree(r / "test" / "dog"), "'dog' stands in train/, but not in test/"),
    "a class only in test": (
        lambda r: picture(r / "test" / "emu" / "0.png"),
        "'emu' stands in test/, but not in train/",
    ),
    "another spelling": (lambda r: (r / "test" / "dog").rename(r / "test" / "Dog"), "has 'Dog'"),
    "one class only": (one_class, "only the class 'cat'"),
    "parts without class folders": (
        lambda r: [
            [p.rename(s / f"{c.name}{p.name}") for p in c.iterdir()] for s in r.iterdir() for c in [*s.iterdir()]
        ],
        "if they are parts without labels, put the images in a folder for each class",
    ),
    "a link to a folder above it": (
        lambda r: (r / "train" / "cat" / "all").symlink_to(r),
        "cat/all' is a link .* a loop",
    ),
    "too few pictures to split any off": (without_tests(2), "class 'cat' has no test image"),
    "a class with one picture": (
        lambda r: [(r / "train" / "dog" / f"{n}.png").unlink() for n in (0, 1)],
        "class 'dog' has 1 training image",
    ),
    "no class folders": (lambda r: [shutil.rmtree(p) for p in (r / "train").iterdir()], "no class folders"),
    "nothing at all": (lambda r: [shutil.rmtree(p) for p in r.iterdir()], "no folders of images"),
    "numbers, no pixels": (
        lambda r: Image.fromarray(np.full((8, 8), -3, np.float32)).save(r / "train" / "cat" / "x.tif"),
        "numbers from -3 to -3",
    ),
    "a pipe named .jpg": (lambda r: os.mkfifo(r / "train" / "cat" / "x.jpg"), "cat/x.jpg' is a pipe"),
    "a link to nothing": (lambda r: (r / "train" / "cat" / "x.jpg").symlink_to("/nowhere"), "cat/x.jpg' is a pipe"),
    "a link to what never ends": (
        lambda r: (r / "train" / "cat" / "x.jpg").symlink_to("/dev/zero"),
        "cat/x.jpg' is a pipe, a device",
    ),
    "a picture annotated twice": (
        annotated("0.png\tcat\n1.png\tdog\n\n0.png\tdog\n"),
        "line 4 of .*val_annotations.txt names '0.png', which an earlier line names",
    ),
    "annotations of more pictures than there are": (
        annotated("".join(f"{index}.png\tcat\n" for index in range(9))),
        "line 3 of .* names no image in images/",
    ),
    "a NUL in an annotation": (annotated("0.png\tcat\n1\0.png\tdog\n"), "line 2 of .* names no image"),
    "an annotation without a class": (annotated("0.png\n"), "line 1 of .* is not 'file<TAB>class'"),
    "annotations without pictures": (
        lambda r: [annotated("0.png\tcat\n")(r), shutil.rmtree(r / "val" / "images")],
        "val/images' cannot be read",
    ),
    "annotations without end": (
        annotated("0.png\tcat\n1.png\tdog\n" * 2**19),
        "val_annotations.txt has 10.0 MiB, and at most 8 are read",
    ),
    "a line break in a file's name": (lambda r: (r / "train" / "cat" / "a\nb.png").touch(), r"a\\nb.png' is damaged"),
    "a line break in a class's name": (renamed("do\ng"), r"class 'do\\ng' .* has a name with line breaks"),
    "a class's name that is no text": (renamed(b"d\xffg"), r"class 'd\\udcffg' .* no text"),
    "a class list with an unknown class": (listing, "no class of the name in line 2 of the list"),
}

# Parquet (`small_parquet`) ----------------------------------------------------------------------------


def small_parquet(folder: Path) -> Path:
    write(folder, "train", pictures(12), [0, 1] * 6)
    write(folder, "test", pictures(4, seed=1), [0, 1] * 2)
    return folder


def shard(folder: Path) -> Path:
    return next(folder.glob("train*"))


def cut_short(folder: Path) -> None:
    shard(folder).write_bytes(shard(folder).read_bytes()[:-100])


PARQUET: Wrong = {
    "no labels": (lambda f: write(f, "train", pictures(4), None, None), "no label column"),
    "no class names": (lambda f: write(f, "test", pictures(4), [0, 1, 5, 0], None), "names its classes not at all"),
    "a label outside": (lambda f: write(f, "train", pictures(4), [0, 1, 2, 0]), "label 2 in row 2"),
    "a missing label": (lambda f: write(f, "train", pictures(4), [0, 1, None, 0]), "label None in row 2"),
    "an empty class in parquet": (
        lambda f: write(f, "train", pictures(4), [0] * 4),
        "class 'dog' has no training image",
    ),
    "an image cut short": (
        lambda f: write(f, "train", [*pictures(11), pictures(1)[0][:60]], [0, 1] * 6),
        "image 11 of train-.* is damaged",
    ),
    "an image without bytes": (
        lambda f: write(f, "train", [*pictures(11), None], [0, 1] * 6),
        "image 11 of train-.* is damaged",
    ),
    "no test split": (lambda f: next(f.glob("test*")).unlink(), r"no test\*.parquet"),
    "no training split": (lambda f: shard(f).unlink(), r"no train\*.parquet"),
    "not parquet": (lambda f: shard(f).write_text("hello"), "not readable parquet"),
    "a broken shard": (cut_short, "not readable parquet"),
    "pictures as text": (
        lambda f: parquet.write_table(arrow.table({"img": [{"bytes": "x"}], "label": [0]}), shard(f)),
        "no image column",
    ),
    "no images": (lambda f: parquet.write_table(arrow.table({"label": [0, 1]}), shard(f)), "no image column"),
    "a label beyond all bounds": (
        lambda f: [write(f, split, pictures(2), [0, 2**40], None) for split in ("train", "test")],
        "label 1099511627776",
    ),
    "classes in another order": (lambda f: write(f, "test", pictures(2), [0, 1], ["dog", "cat"]), "same order"),
    "a class's name with a line break": (
        lambda f: [write(f, split, pictures(2), [0, 1], ["cat", "do\ng"]) for split in ("train", "test")],
        r"class 'do\\ng'",
    ),
}

# ZIPs of class folders ----------------------------------------------------------------------------------


def packed(root: Path, inside: str = "", **more: bytes) -> io.BytesIO:
    """A ZIP of a folder's files, and more files by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                archive.write(path, inside + path.relative_to(root).as_posix())
        for name, content in more.items():
            archive.writestr(name, content)
    return buffer


def linked(root: Path) -> io.BytesIO:
    buffer = packed(root)
    with zipfile.ZipFile(buffer, "a") as archive:
        info = zipfile.ZipInfo("train/cat/link.png")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return buffer


def altered(buffer: io.BytesIO, place: int, value: int) -> io.BytesIO:
    """With a bit of one byte changed; `place` counts from the first entry of the ZIP's list where it is negative."""
    content = bytearray(buffer.getvalue())
    content[place if place >= 0 else content.index(b"PK\x01\x02") - place] ^= value
    return io.BytesIO(bytes(content))


def swollen(root: Path) -> io.BytesIO:
    """A member that unpacks to a thousand times what it declares."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train/cat/0.png", bytes(10**6))
    content = bytearray(buffer.getvalue())
    for place in (22, content.index(b"PK\x01\x02") + 24):
        content[place : place + 4] = struct.pack("<I", 1000)
    return io.BytesIO(bytes(content))


def declares(root: Path) -> io.BytesIO:
    """A list that promises four gigabytes."""
    content = bytearray(packed(root).getvalue())
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = struct.pack("<I", 2**32 - 2)
    return io.BytesIO(bytes(content))


def lists(count: int) -> Callable[[Path], io.BytesIO]:
    """A list of so many members, and of one by the ZIP's own count."""

    def make(root: Path) -> io.BytesIO:
        entry = struct.pack("<4s24xH16x", b"PK\x01\x02", 1) + b"x"
        end = struct.pack("<4s4xHHII2x", b"PK\x05\x06", 1, 1, len(entry) * count, 0)
        return io.BytesIO(entry * count + end)

    return make


ZIPS: Wrong = {
    "a path that leads out": (lambda r: packed(r, **{"../evil.png": b"x"}), "'../evil.png' leads out of the ZIP"),
    "an absolute path": (lambda r: packed(r, **{"/etc/evil.png": b"x"}), "leads out of the ZIP"),
    "a Windows path": (lambda r: packed(r, **{"C:\\evil.png": b"x"}), "leads out of the ZIP"),
    "a symlink": (linked, "'train/cat/link.png' in the ZIP is a link"),
    "a password": (lambda r: altered(packed(r), -8, 1), "is encrypted"),
    "a flipped byte": (lambda r: altered(packed(r), 100, 255), "cannot be unpacked|damaged"),
    "a file twice": (lambda r: packed(r, **{"train\\cat\\0.png": b"x"}), "'train/cat/0.png' twice"),
    "text named .jpg": (lambda r: packed(r, **{"train/cat/x.jpg": b"meow"}), "'train/cat/x.jpg' is damaged"),
    "a giant picture": (lambda r: packed(r, **{"train/cat/x.png": png(50_000, 50_000)}), "x.png' (is 50000|has more)"),
    "no pictures": (lambda r: packed(r / "none", **{"a.txt": b"x"}), "holds no image"),
    "one class in the ZIP": (lambda r: packed(r / "train" / "cat", "cat/"), "only the class 'cat'|no folders"),
    "classes that differ": (lambda r: packed(r, **{"test/emu/0.png": encoded(np.zeros((8, 8), np.uint8))}), "'emu'"),
    "no ZIP": (lambda r: io.BytesIO(b"hello"), "no whole ZIP"),
    "half a ZIP": (lambda r: io.BytesIO(packed(r).getvalue()[:500]), "no whole ZIP"),
    "an unprintable name": (lambda r: packed(r, **{"train/cat/\x07.png": b"x"}), "cannot be a file here"),
    "a name too long": (lambda r: packed(r, **{f"train/{'x' * 250}/1.png": b"x"}), "cannot be a file here"),
    "more than it declares": (swollen, "cannot be unpacked"),
    "four gigabytes declared": (declares, "MiB unpacked"),
    "annotations of megabytes": (
        lambda r: packed(r, **{"val/val_annotations.txt": b"0.png\tcat\n" * 2**20}),
        "'val/val_annotations.txt' in the ZIP has 10.0 MiB, and at most 8 are read",
    ),
    "members without end": (lists(150_001), "lists 150,001 files and folders, and at most 150,000 are looked at"),
}
