"""A condensed set in the formats that people publish."""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from edc_core.data import Description

CLASSES = ("T-shirt/top", "Trouser", "Bag")
GREY = Description("mini", "0" * 32, CLASSES, 8, 1, (50, 50, 50), 30)
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 1, 8, 8), np.uint8)
LABELS = np.tile(np.arange(3), 2)  # the engine's order


def png(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def files(layout: str) -> dict[str, bytes]:
    """The set as somebody publishes it."""
    paths = {
        "names": lambda label, number: f"{CLASSES[label].replace('/', '_')}/{number}.png",
        "SRe2L": lambda label, number: f"new{label:03d}/class{label:03d}_id{number:03d}.png",
        "RDED": lambda label, number: f"syn/{label:05d}/class{label:05d}_id{number:05d}.png",
        "flat": lambda label, number: f"class{label:03d}_id{number:03d}.png",
        "numbers": lambda label, number: f"{label}/{number}.png",
        "bundle": lambda label, number: f"images/{CLASSES[label].replace('/', '-')}/{number:03d}.png",
    }[layout]
    found = {paths(label, i): png(image[0]) for i, (image, label) in enumerate(zip(IMAGES, LABELS, strict=True))}
    return found | ({"overview.png": png(np.zeros((99, 99), np.uint8))} if layout == "bundle" else {})


def folder(place: Path, content: dict[str, bytes]) -> Path:
    for name, value in content.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(value)
    return place


def zipped(content: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in content.items():
            archive.writestr(name, value)
    return buffer.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


GOOD = {"images": IMAGES, "labels": LABELS}
