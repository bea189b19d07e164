"""Make the embedded Fashion-MNIST-mini from Debian's package `dataset-fashion-mnist`.

The first 1,000 training images of each class and all 10,000 test images, as Hugging Face style
parquet. PNGs are stored without their own compression, because zstd over many is smaller.

    python -m experiments.make_fashion_mnist_mini [FOLDER OF THE FOUR .gz FILES]
"""

import gzip
import io
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet
from PIL import Image

from edc_core.environment import ASSETS

SOURCE = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/datasets/fashion-mnist")
TARGET = ASSETS / "datasets" / "fashion-mnist-mini"
CLASSES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
PER_CLASS = 1000


def read(name: str, header: int) -> np.ndarray:
    """The bytes of one IDX file after its header."""
    return np.frombuffer(gzip.decompress((SOURCE / name).read_bytes()), np.uint8, offset=header)


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()


def write(split: str, images: np.ndarray, labels: np.ndarray) -> None:
    features = {"image": {"_type": "Image"}, "label": {"names": CLASSES, "_type": "ClassLabel"}}
    schema = arrow.schema(
        [
            ("image", arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])),
            ("label", arrow.int64()),
        ],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )
    encoded = [{"bytes": png(image), "path": None} for image in images]
    table = arrow.Table.from_pydict({"image": encoded, "label": labels.tolist()}, schema=schema)
    options = {"compression": "zstd", "compression_level": 22, "use_dictionary": False, "write_statistics": False}
    parquet.write_table(table, TARGET / f"{split}.parquet", **options)


if __name__ == "__main__":
    TARGET.mkdir(parents=True, exist_ok=True)
    for split, prefix in (("train", "train"), ("test", "t10k")):
        images = read(f"{prefix}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)
        labels = read(f"{prefix}-labels-idx1-ubyte.gz", 8)
        if split == "train":
            rows = np.sort(np.concatenate([np.flatnonzero(labels == label)[:PER_CLASS] for label in range(10)]))
            images, labels = images[rows], labels[rows]
        write(split, images, labels)
