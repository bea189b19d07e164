"""Parquet image files for tests, in the Hugging Face layout."""

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet
from PIL import Image

CLASSES = ["cat", "dog"]


def encoded(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def pictures(count: int, size: tuple[int, int] = (16, 16), channels: int = 3, seed: int = 0) -> list[bytes]:
    draw = np.random.default_rng(seed)
    shape = (count, *size) if channels == 1 else (count, *size, channels)
    return [encoded(pixels) for pixels in draw.integers(0, 256, shape, np.uint8)]


def write(
    folder: Path, split: str, images: list[bytes | None], labels: list, names: list[str] | None = CLASSES, **columns
) -> None:
    """One shard as the Hugging Face hub would have it; extra columns by name."""
    folder.mkdir(parents=True, exist_ok=True)
    image = arrow.array(
        [{"bytes": image, "path": None} for image in images],
        arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())]),
    )
    data = {"picture": image} | ({"label": arrow.array(labels, arrow.int64())} if labels is not None else {}) | columns
    features = {"picture": {"_type": "Image"}}
    if names is not None:
        features["label"] = {"names": names, "_type": "ClassLabel"}
    table = arrow.table(data).replace_schema_metadata(
        {"huggingface": json.dumps({"info": {"features": features}})} if names is not None else {}
    )
    parquet.write_table(table, folder / f"{split}-00000-of-00001.parquet")
