"""Decoded pixels of an earlier version of the lab: kept where it read rightly, decoded anew where it did not."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edc_core.config import DataConfig
from edc_core.data import open_dataset
from edc_core.data.decoded import READER, decoded
from tests.support.photos import picture


def folder(root: Path, mode: str = "RGB") -> str:
    for number in range(10):
        path = root / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(path, (8, 8), seed=number)
        Image.open(path).convert(mode).save(path)
    return str(root)


def spoilt(name: str, home: Path, kind: str = "pixels") -> Path:
    """The decoded set as an earlier version might have left it: other values, and no version of the reader."""
    cache = open_dataset(name, DataConfig(), home).cache
    values = np.load(cache / f"train_{kind}.npy")
    np.save(cache / f"train_{kind}.npy", values[::-1] if kind == "labels" else 255 - values)
    (cache / READER).unlink()
    return cache


def mean(name: str, home: Path) -> float:
    return float(open_dataset(name, DataConfig(), home).part("train").pixels.mean())


@pytest.mark.parametrize("mode", ["RGBA", "CMYK", "LA"])
def test_images_that_were_read_otherwise_are_decoded_anew(mode: str, tmp_path: Path) -> None:
    name = folder(tmp_path / "set", "RGB") if mode == "CMYK" else folder(tmp_path / "set", mode)
    if mode == "CMYK":
        for path in (tmp_path / "set").rglob("*.png"):
            Image.open(path).convert("CMYK").save(path.with_suffix(".jpg"))
            path.unlink()
    right = mean(name, tmp_path / "home")
    spoilt(name, tmp_path / "home")
    assert mean(name, tmp_path / "home") == right
    assert len(decoded(tmp_path / "home")) == 1


def test_plain_images_stay_as_they_are_and_are_looked_through_once(tmp_path: Path) -> None:
    name = folder(tmp_path / "set")
    cache = spoilt(name, tmp_path / "home")
    kept = mean(name, tmp_path / "home")
    assert kept == float(np.load(cache / "train_pixels.npy").mean())
    assert (cache / READER).is_file()


def test_other_labels_are_decoded_anew(tmp_path: Path) -> None:
    name = folder(tmp_path / "set")
    cache = spoilt(name, tmp_path / "home", "labels")
    open_dataset(name, DataConfig(), tmp_path / "home")
    assert np.load(cache / "train_labels.npy").tolist() == [0] * 4 + [1] * 4
