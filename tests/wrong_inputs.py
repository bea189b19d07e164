"""Wrong data sets and bundles, each made by a function, with what the sentence about it says."""

import hashlib
import io
import json
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

from edc_core.exchange import MANIFEST, SEAL, seal_of
from tests.photos import picture
from tests.test_data import encoded, pictures, write

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


FOLDERS: Wrong = {
    "an empty class": (lambda r: emptied(r / "train" / "dog"), "class 'dog' has no training image"),
    "an empty test class": (lambda r: emptied(r / "test" / "dog"), "class 'dog' has no test"),
    "a text file named .jpg": (lambda r: (r / "train" / "cat" / "x.jpg").write_text("meow"), "cat/x.jpg' is damaged"),
    "a zero-byte PNG": (lambda r: (r / "test" / "cat" / "x.png").touch(), "test/cat/x.png' is damaged"),
    "a truncated JPEG": (truncated, "x.jpg' is damaged or no picture"),
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
    "no test folder": (lambda r: shutil.rmtree(r / "test"), "neither test/ nor val/"),
    "too few pictures to split any off": (without_tests(2), "class 'cat' has no test image"),
    "a class with one picture": (
        lambda r: [(r / "train" / "dog" / f"{n}.png").unlink() for n in (0, 1)],
        "class 'dog' has 1 training image",
    ),
    "no class folders": (lambda r: [shutil.rmtree(p) for p in (r / "train").iterdir()], "no class folders"),
    "nothing at all": (lambda r: [shutil.rmtree(p) for p in r.iterdir()], "no folders of pictures"),
    "numbers, no pixels": (
        lambda r: Image.fromarray(np.ones((8, 8), np.float32)).save(r / "train" / "cat" / "x.tif"),
        "mode F",
    ),
    "a pipe named .jpg": (lambda r: os.mkfifo(r / "train" / "cat" / "x.jpg"), "cat/x.jpg' is a pipe"),
    "a link to nothing": (lambda r: (r / "train" / "cat" / "x.jpg").symlink_to("/nowhere"), "cat/x.jpg' is a pipe"),
    "a link to what never ends": (
        lambda r: (r / "train" / "cat" / "x.jpg").symlink_to("/dev/zero"),
        "cat/x.jpg' is a pipe, a device",
    ),
    "a line break in a file's name": (lambda r: (r / "train" / "cat" / "a\nb.png").touch(), r"a\\nb.png' is damaged"),
    "a line break in a class's name": (renamed("do\ng"), r"class 'do\\ng' .* has a name with line breaks"),
    "a class's name that is no text": (renamed(b"d\xffg"), r"class 'd\\udcffg' .* no text"),
    "a class list with an unknown class": (listing, "no class 'wolf' of the list"),
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
    "oblong images": (lambda f: write(f, "train", pictures(4, (16, 8)), [0, 1] * 2), "8 x 16 px"),
    "images of mixed sizes": (
        lambda f: write(f, "train", [*pictures(11), pictures(1, (8, 8))[0]], [0, 1] * 6),
        "image 11 of train-.* is 8 x 8 px, but .* add '.size=16'",
    ),
    "an image cut short": (
        lambda f: write(f, "train", [*pictures(11), pictures(1)[0][:60]], [0, 1] * 6),
        "image 11 of train-.* is damaged",
    ),
    "an image without bytes": (
        lambda f: write(f, "train", [*pictures(11), None], [0, 1] * 6),
        "image 11 of train-.* is damaged",
    ),
    "a colour image among grey ones": (
        lambda f: write(f, "train", [*pictures(11, channels=1), *pictures(1)], [0, 1] * 6),
        "image 11 .* is in colour",
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
    "no pictures": (lambda r: packed(r / "none", **{"a.txt": b"x"}), "holds no picture"),
    "one class in the ZIP": (lambda r: packed(r / "train" / "cat", "cat/"), "only the class 'cat'|no folders"),
    "classes that differ": (lambda r: packed(r, **{"test/emu/0.png": encoded(np.zeros((8, 8), np.uint8))}), "'emu'"),
    "no ZIP": (lambda r: io.BytesIO(b"hello"), "no whole ZIP"),
    "half a ZIP": (lambda r: io.BytesIO(packed(r).getvalue()[:500]), "no whole ZIP"),
    "an unprintable name": (lambda r: packed(r, **{"train/cat/\x07.png": b"x"}), "cannot be a file here"),
    "a name too long": (lambda r: packed(r, **{f"train/{'x' * 250}/1.png": b"x"}), "cannot be a file here"),
    "more than it declares": (swollen, "cannot be unpacked"),
    "four gigabytes declared": (declares, "MiB unpacked"),
}

# Bundles of a run -----------------------------------------------------------------------------------------


def manifest_of(bundle: Path) -> dict:
    return json.loads((bundle / MANIFEST).read_bytes())


def change(bundle: Path, **values: object) -> None:
    """Another manifest, sealed as its maker would."""
    content = json.dumps(manifest_of(bundle) | values).encode()
    (bundle / MANIFEST).write_bytes(content)
    (bundle / SEAL).write_bytes(seal_of(content))


def add(bundle: Path, name: str, content: bytes = b"{}") -> None:
    """One more file, that the manifest knows."""
    path = bundle / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    change(bundle, sha256=manifest_of(bundle)["sha256"] | {name: hashlib.sha256(content).hexdigest()})


def link_away(name: str) -> Callable[[Path], None]:
    def make(bundle: Path) -> None:
        (bundle / name).rename(bundle.parent / "elsewhere")
        (bundle / name).symlink_to(bundle.parent / "elsewhere")

    return make


def key_of(bundle: Path, stage: str) -> str:
    return next(node["key"] for node in manifest_of(bundle)["run"]["plan"] if node["stage"] == stage)


def set_run(**values: object) -> Callable[[Path], None]:
    """Other settings, or another entry of the run."""

    def make(bundle: Path) -> None:
        run = manifest_of(bundle)["run"]
        settings = values.pop("settings", {})
        change(bundle, run=run | {"settings": run["settings"] | settings} | values)

    return make


def other_views(bundle: Path) -> None:
    run = manifest_of(bundle)["run"]
    set_run(settings={"views": run["settings"]["views"] | {"epochs": 7}})(bundle)


def lying_result(bundle: Path) -> None:
    name = f"results/{key_of(bundle, 'synthesise')}/stage.json"
    record = json.loads((bundle / name).read_bytes())
    add(bundle, name, json.dumps(record | {"settings": record["settings"] | {"iterations": 9999}}).encode())


def lacking(bundle: Path) -> None:
    key = key_of(bundle, "relabel")
    shutil.rmtree(bundle / "results" / key)
    change(bundle, sha256={name: value for name, value in manifest_of(bundle)["sha256"].items() if key not in name})


BUNDLES: Wrong = {
    "a bundle of a newer version": (lambda b: change(b, format=2), "format 2, newer than this version's 1: update EDC"),
    "a missing file": (lambda b: (b / "labels.csv").unlink(), "lacks 'labels.csv'"),
    "an additional file": (lambda b: (b / "results" / "more.json").touch(), "holds 'results/more.json'"),
    "a linked file": (link_away("labels.csv"), "'labels.csv' is a link"),
    "a linked folder": (link_away("images/Bag"), "'images/Bag' is a link"),
    "a linked manifest": (link_away(MANIFEST), "it has no manifest.json"),
    "a pipe": (lambda b: os.mkfifo(b / "pipe"), "'pipe' is a link or no plain file"),
    "a path out of the bundle": (
        lambda b: change(b, sha256=manifest_of(b)["sha256"] | {"../evil.json": "0" * 64}),
        "'../evil.json', which is no place inside",
    ),
    "a result under no key": (lambda b: add(b, "results/any/stage.json"), "'results/any/stage.json' is no result"),
    "settings with another key": (other_views, "other keys"),
    "settings of no version": (set_run(settings={"colour": "green"}), "its settings are none of this version's"),
    "settings of a wrong value": (set_run(settings={"ipc": -1}), "its settings are none of this version's.*ipc"),
    "no settings at all": (lambda b: change(b, run={}), "manifest.json is damaged"),
    "no result": (set_run(result=None), "manifest.json is damaged"),
    "odd looks at the test set": (lambda b: change(b, looks=[["x"]]), "manifest.json is damaged"),
    "a result that lies": (lying_result, "is damaged"),
    "a result that lacks": (lacking, "lacks the run's results of relabel"),
    "no bundle at all": (lambda b: [shutil.rmtree(b), b.mkdir()], "no bundle"),
}
