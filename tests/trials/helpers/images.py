"""Small images, and data sets of them: folders of photos, parquet shards."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def encoded(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def picture(path: Path, size: tuple[int, int] = (32, 32), seed: int = 0) -> Path:
    """One colour picture of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(seed)
    Image.fromarray(draw.integers(0, 256, (*size[::-1], 3), np.uint8)).save(path)
    return path


def photos(root: Path, classes: tuple[str, ...] = ("cat", "dog"), train: int = 3, test: int = 1) -> Path:
    """train/ and test/ with a folder a class."""
    for split, count in (("train", train), ("test", test)):
        for number, name in enumerate(classes):
            for index in range(count):
                picture(root / split / name / f"{index}.png", seed=100 * number + index + 50 * (split == "test"))
    return root


def pictures(count: int, size: int = 16, channels: int = 3, seed: int = 0) -> list[bytes]:
    shape = (count, size, size) if channels == 1 else (count, size, size, channels)
    return [encoded(pixels) for pixels in np.random.default_rng(seed).integers(0, 256, shape, np.uint8)]


def shard(
    folder: Path, split: str, images: list[bytes | None], labels: Any, names: Any = ("cat", "dog"), **columns: Any
) -> Path:
    """One parquet file as the Hugging Face Hub has it; `names` None: labels as they are, and no schema's names."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    folder.mkdir(parents=True, exist_ok=True)
    kind = arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    rows = [{"bytes": image, "path": None if image else f"{index}.png"} for index, image in enumerate(images)]
    data = {"picture": arrow.array(rows, kind), "label": labels} | columns
    features: dict = {"picture": {"_type": "Image"}}
    if names is not None:
        features["label"] = {"names": names, "_type": "ClassLabel"}
    for name in columns:
        features[name] = {"names": sorted(set(map(str, columns[name]))), "_type": "ClassLabel"}
    about = {"huggingface": json.dumps({"info": {"features": features}})} if names is not None else {}
    parquet.write_table(arrow.table(data).replace_schema_metadata(about), folder / f"{split}-00000-of-00001.parquet")
    return folder


def small(folder: Path) -> Path:
    """A parquet set of two classes, 16 px."""
    shard(folder, "train", pictures(12), [0, 1] * 6)
    return shard(folder, "test", pictures(4, seed=1), [0, 1] * 2)
