"""A condensed set in the formats that people publish, and what the lab takes it for."""

import io
import time
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers.command_line import T, answer, edc, last
from helpers.images import encoded, pictures, shard

CLASSES = ("T-shirt/top", "Trouser", "Bag")
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 1, 8, 8), np.uint8)
LABELS = np.tile(np.arange(3), 2)


def grey_set(classes: tuple[str, ...] = CLASSES) -> Path:
    """A data set of grey pictures of 8 px that condensed ones can stand in for."""
    place = T / f"data-{'-'.join(name.encode().hex()[:16] for name in classes)}"
    for split, count in () if place.exists() else (("train", 80), ("test", 10)):
        images = pictures(count * len(classes), 8, 1, seed=count)
        shard(place, split, images, list(range(len(classes))) * count, classes)
    return place


def zipped(content: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in content.items():
            archive.writestr(name, value)
    return buffer.getvalue()


def packed(root: Path) -> bytes:
    """A ZIP of what lies in a folder."""
    return zipped({str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.*"))})


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def by_number(images: np.ndarray = IMAGES, labels: np.ndarray = LABELS) -> dict[str, bytes]:
    """The set in folders called 0, 1, 2: the plainest way to say which image is of which class."""
    pairs = enumerate(zip(images, labels, strict=True))
    return {f"{label}/{number}.png": encoded(image[0]) for number, (image, label) in pairs}


def folder(place: Path, content: dict[str, bytes]) -> Path:
    for name, value in content.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(value)
    return place


class Taken(NamedTuple):
    """What a set was taken for; sets of one digest hold the same images with the same classes."""

    digest: str
    count: int
    clipped: float  # share of values that were cut
    words: str


def taken(
    source: bytes | Path,
    labels: bytes | Path | None = None,
    normalisation: str | None = None,
    classes: tuple[str, ...] = CLASSES,
) -> Taken | str:
    """Have a set read for a data set of these classes; what it was taken for, or the sentence that refuses it.

    `import` reads it in a moment; only `evaluate`, which loads torch, is told of labels and normalisation.
    """
    if labels is None and normalisation is None:
        done = edc("import", _file(source), "--dataset", grey_set(classes))
        found = answer(done)
        return Taken(found["digest"], found["images"], 0.0, done.stderr) if found else last(done.stderr)
    words: list[object] = ["--images", _file(source), "--dataset", grey_set(classes), "--profile", "tiny"]
    words += ["--protocol", "plain", "--no-controls", "--student", "convnet-d1-w8", "--set", "views.epochs=1"]
    words += ["--labels", _file(labels)] if labels is not None else []
    words += ["--normalisation", normalisation] if normalisation else []
    done = edc("evaluate", *words)
    found = answer(done).get("images")
    return Taken(found["digest"], found["count"], found["clipped"], done.stderr) if found else last(done.stderr)


def _file(content: bytes | Path) -> Path:
    """Bytes as a file whose ending says what they are."""
    if isinstance(content, Path):
        return content
    kind = "txt"
    if content[:2] == b"PK":
        kind = "npz" if b".npy" in content[:200] else "zip"
    elif content[:1] in (b"[", b"{"):
        kind = "json"
    else:
        kind = "csv"
    place = T / f"given-{time.monotonic_ns()}.{kind}"
    place.write_bytes(content)
    return place


def same(found: Taken | str, plain: Taken | str) -> bool | str:
    """Whether a set was taken for the very images and classes of a plain one; else the sentence."""
    return found if isinstance(found, str) else not isinstance(plain, str) and found.digest == plain.digest
