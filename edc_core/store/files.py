"""Files that are whole or absent: written under another name, then renamed."""

import io
import json
import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from edc_core.store.digests import damaged, verified


def write_bytes(path: Path, content: bytes) -> None:
    """Write and rename, so that no reader and no crash sees half a file."""
    write_parts(path, (content,))


def write_json(path: Path, value: Any) -> None:
    """Write and rename, piece by piece: a table of a million numbers is many times as large in one string."""
    write_parts(path, (part.encode() for part in json.JSONEncoder(indent=1).iterencode(value)))


def write_parts(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Write pieces one after the other and rename, as `write_bytes` does with one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_json(path: Path) -> Any:
    """A JSON file of the store.

    Raises:
        StoreError: it is missing or damaged.
    """
    try:
        return json.loads(verified(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path, error) from None


def is_finite(value: Any) -> bool:
    """Whether it is a finite int or float."""
    try:
        return type(value) in (int, float) and math.isfinite(value)
    except OverflowError:  # of hundreds of digits
        return False


def seconds_taken(folder: Path) -> float:
    """How long the stage worked that left this result.

    Raises:
        StoreError: its record is missing or damaged.
    """
    record = read_json(folder / "stage.json")
    seconds = record.get("seconds") if isinstance(record, dict) else None
    if not is_finite(seconds):
        raise damaged(folder / "stage.json", ValueError(f"seconds is {str(seconds)[:60]!r}, no number"))
    return seconds


def class_grid(pixels: np.ndarray, labels: np.ndarray, columns: int = 50) -> np.ndarray:
    """One row of images per class, at most `columns` each; (N, C, H, W) uint8 -> (rows, width[, 3])."""
    classes = np.unique(labels)
    columns = min(columns, max(int((labels == label).sum()) for label in classes))
    _, channels, height, width = pixels.shape
    grid = np.zeros((len(classes), columns, channels, height, width), np.uint8)
    for row, label in enumerate(classes):
        chosen = pixels[labels == label][:columns]
        grid[row, : len(chosen)] = chosen
    canvas = grid.transpose(0, 3, 1, 4, 2).reshape(len(classes) * height, columns * width, channels)
    return canvas[..., 0] if channels == 1 else canvas


def write_grid(path: Path, pixels: np.ndarray, labels: np.ndarray) -> None:
    """The images as one PNG, a row per class, each pixel as it is."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(class_grid(pixels, labels)).save(buffer, "PNG")
    write_bytes(path, buffer.getvalue())
