"""Data sets: the embedded one, parquet by path, and what is said of one that cannot be read."""

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from PIL import Image

from edc_core.config import DataConfig
from edc_core.data import describe, open_dataset
from edc_core.data.dataset import Part, channel_moments
from edc_core.environment import ASSETS
from tests.support.parquet_files import encoded, pictures, write


def small(folder: Path) -> Path:
    write(folder, "train", pictures(12), [0, 1] * 6)
    write(folder, "test", pictures(4, seed=1), [0, 1] * 2)
    return folder


def test_a_folder_is_described_anew_when_its_files_change(tmp_path: Path) -> None:
    before = describe(str(small(tmp_path)))
    assert describe(str(tmp_path)) is before  # pages ask at each run of their script
    write(tmp_path, "train", pictures(14, seed=5), [0, 1] * 7)
    after = describe(str(tmp_path))
    assert after.train_counts == (7, 7)
    assert after.digest != before.digest


def test_the_embedded_set_is_what_its_licence_says() -> None:
    about = describe("fashion-mnist-mini")
    assert about.train_counts == (1000,) * 10
    assert about.test_count == 10_000
    assert (about.size, about.channels) == (28, 1)
    assert about.classes[0] == "T-shirt/top"
    folder = ASSETS / "datasets" / "fashion-mnist-mini"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 10_000_000
    assert "MIT License" in (folder / "LICENSE").read_text()


def test_parts_are_disjoint_and_keep_their_labels(tmp_path: Path) -> None:
    dataset = open_dataset("fashion-mnist-mini", DataConfig(holdout=100, train_per_class=50), tmp_path)
    train, val = dataset.part("train"), dataset.part("val")
    assert not set(train.index) & set(val.index)
    assert np.bincount(train.labels).tolist() == [50] * 10
    assert np.bincount(val.labels).tolist() == [10] * 10
    assert len(np.unique(val.first(30).labels)) > 6  # shuffled: a slice shows nearly every class
    again = open_dataset("fashion-mnist-mini", DataConfig(holdout=100, train_per_class=50), tmp_path)
    assert (again.part("train").index == train.index).all()


def test_parquet_by_path_gives_pixels_labels_names_and_moments(tmp_path: Path) -> None:
    folder = small(tmp_path / "set")
    about = describe(str(folder))
    assert (about.classes, about.size, about.channels) == (("cat", "dog"), 16, 3)
    dataset = open_dataset(str(folder), DataConfig(holdout=2), tmp_path / "home", about)
    part = dataset.part("test")
    expected = np.asarray(Image.open(io.BytesIO(pictures(4, seed=1)[2]))).transpose(2, 0, 1)
    assert (part.take(np.array([2]))[0] == expected).all()
    assert part.labels.tolist() == [0, 1, 0, 1]
    pixels = np.stack([np.asarray(Image.open(io.BytesIO(image))) for image in pictures(12)]) / 255
    mean, std = dataset.normalisation
    assert np.allclose(mean, pixels.mean((0, 1, 2)), atol=1e-9)
    assert np.allclose(std, pixels.std((0, 1, 2)), atol=1e-9)


@pytest.mark.parametrize("split", ["validation", "valid", "val"])
def test_several_shards_a_data_folder_and_a_validation_split(split: str, tmp_path: Path) -> None:
    write(tmp_path / "data", "train", pictures(6), [0, 1] * 3)
    (tmp_path / "data" / "train-00000-of-00001.parquet").rename(tmp_path / "data" / "train-00000-of-00002.parquet")
    write(tmp_path / "data", "train", pictures(4), [1, 1, 0, 0])
    (tmp_path / "data" / "train-00000-of-00001.parquet").rename(tmp_path / "data" / "train-00001-of-00002.parquet")
    write(tmp_path / "data", split, pictures(4), [0, 1] * 2)
    about = describe(str(tmp_path))
    assert about.train_counts == (5, 5)
    assert about.test_count == 4


def test_a_turned_photograph_is_upright(tmp_path: Path) -> None:
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[:8] = 255
    buffer, half_turn = io.BytesIO(), Image.Exif()
    half_turn[0x0112] = 3
    Image.fromarray(pixels).save(buffer, "JPEG", exif=half_turn)
    write(tmp_path, "train", [buffer.getvalue()] * 4, [0, 1] * 2)
    write(tmp_path, "test", [encoded(pixels)] * 2, [0, 1])
    dataset = open_dataset(str(tmp_path), DataConfig(holdout=1), tmp_path / "home", describe(str(tmp_path)))
    top, bottom = dataset.part("train").take(np.array([0]))[0].mean((0, 2)).reshape(2, 8).mean(1)
    assert top < 5
    assert bottom > 250


@pytest.mark.parametrize("secret", [[-1] * 4, [None] * 4, None])
def test_an_unlabelled_test_split_gives_way_to_a_labelled_validation_split(tmp_path: Path, secret: list | None) -> None:
    write(small(tmp_path), "test", pictures(4, seed=2), secret)
    write(tmp_path, "validation", pictures(6, seed=3), [0, 1] * 3)
    assert describe(str(tmp_path)).test_count == 6
    write(tmp_path, "test", pictures(4, seed=2), [1, 0] * 2)
    assert describe(str(tmp_path)).test_count == 4


def test_of_several_labels_the_finest_is_taken(tmp_path: Path) -> None:
    features = {
        "coarse": {"names": ["animal"], "_type": "ClassLabel"},
        "fine": {"names": ["cat", "dog"], "_type": "ClassLabel"},
    }
    for split in ("train", "test"):
        image = [{"bytes": picture, "path": "x"} for picture in pictures(4)]
        table = arrow.table({"img": image, "coarse": [0] * 4, "fine": [0, 1, 0, 1]})
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
        parquet.write_table(table, tmp_path / f"{split}.parquet")
    assert describe(str(tmp_path)).classes == ("cat", "dog")


def test_the_digest_follows_the_content(tmp_path: Path) -> None:
    first = describe(str(small(tmp_path / "a"))).digest
    assert describe(str(small(tmp_path / "b"))).digest == first
    write(tmp_path / "b", "test", pictures(4, seed=2), [0, 1] * 2)
    assert describe(str(tmp_path / "b")).digest != first


def test_the_same_shards_divided_otherwise_are_another_set(tmp_path: Path) -> None:
    divided = {"one": ("train-0", "train-1", "test-0"), "other": ("train-0", "test-0", "test-1")}
    for name, splits in divided.items():
        for seed, split in enumerate(splits):
            write(tmp_path / name, split, pictures(12, seed=seed), [0, 1] * 6)
    counts = {}
    for name in divided:
        dataset = open_dataset(str(tmp_path / name), DataConfig(), tmp_path / "home")
        counts[name] = [len(dataset.part(part)) for part in ("train", "val", "test")]
    assert counts == {"one": [22, 2, 12], "other": [10, 2, 24]}


def test_channel_moments_of_many_images_equal_one_pass() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5000, 2, 3, 3), np.uint8)
    mean, std = channel_moments(pixels)
    assert np.allclose(mean, (pixels / 255).mean((0, 2, 3)))
    assert np.allclose(std, (pixels / 255).std((0, 2, 3)))


def test_some_images_of_a_set_that_lies_class_by_class_are_of_all_classes() -> None:
    pixels = np.zeros((100, 1, 2, 2), np.uint8)
    by_class = Part(pixels, np.arange(100) // 10, np.arange(100))
    assert len(by_class.some(20)) == 20
    assert len(set(by_class.some(20).labels)) > 5
    assert np.array_equal(by_class.some(20).index, by_class.some(20).index)
    assert len(by_class.some(500)) == 100
    mixed = Part(pixels, np.random.default_rng(0).integers(0, 10, 100), np.arange(100))
    assert np.array_equal(mixed.some(20).index, np.arange(20))
    assert len(Part(pixels, np.zeros(100, int), np.arange(100)).some(7)) == 7


def test_what_a_killed_decoding_left_is_cleared_away(tmp_path: Path) -> None:
    folder, home = small(tmp_path / "set"), tmp_path / "home"
    left = home / "datasets" / f"decoding-{describe(str(folder)).digest}-killed"
    others = home / "datasets" / "decoding-another-alive"
    for place in (left, others):
        place.mkdir(parents=True)
        (place / "train_pixels.npy").write_bytes(b"half")
    open_dataset(str(folder), DataConfig(), home)
    assert not left.exists()
    assert others.exists()


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs a system that lists what is mapped")
def test_no_pixels_are_held_open_while_their_folder_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows would refuse it."""
    renamed, rename = [], Path.rename

    def watched(folder: Path, target: Path) -> Path:
        renamed.append(str(folder) in Path("/proc/self/maps").read_text(encoding="utf-8"))
        return rename(folder, target)

    monkeypatch.setattr(Path, "rename", watched)
    open_dataset(str(small(tmp_path / "set")), DataConfig(), tmp_path / "home")
    assert renamed == [False]


def test_small_classes_are_held_out_by_a_tenth(tmp_path: Path) -> None:
    write(tmp_path, "train", pictures(42), [0] * 22 + [1] * 20)
    write(tmp_path, "test", pictures(2), [0, 1])
    dataset = open_dataset(str(tmp_path), DataConfig(), tmp_path / "home")
    assert np.bincount(dataset.part("val").labels).tolist() == [2, 2]
    assert np.bincount(dataset.part("train").labels).tolist() == [20, 18]


def test_cifar10_parquet_is_read(cifar10: Path) -> None:
    about = describe(str(cifar10))
    assert about.classes[3] == "cat"
    assert about.train_counts == (5000,) * 10
    assert (about.size, about.channels, about.test_count) == (32, 3, 10_000)


def test_parquet_of_mixed_sizes_is_read_as_folders_are_or_at_a_chosen_size(tmp_path: Path) -> None:
    write(tmp_path, "train", [*pictures(6, (20, 30)), *pictures(6, (16, 16), 1)], [0, 1] * 6)
    write(tmp_path, "test", pictures(4, (16, 24)), [0, 1] * 2)
    unchosen = describe(str(tmp_path))
    assert (unchosen.size, unchosen.channels) == (16, 3)
    assert any("3 sizes" in reading and "?size=" in reading for reading in unchosen.census.readings)
    about = describe(f"{tmp_path}?size=16")
    assert (about.size, about.channels, about.train_counts) == (16, 3, (6, 6))
    dataset = open_dataset(f"{tmp_path}?size=16", DataConfig(holdout=2), tmp_path / "home", about)
    expected = np.asarray(Image.open(io.BytesIO(pictures(4, (16, 24))[1])))[:, 4:20].transpose(2, 0, 1)
    assert (dataset.part("test").take(np.array([1]))[0] == expected).all()
    assert about.digest != describe(f"{tmp_path}?size=18").digest
