"""What the doctor says of copies: near duplicates, frames of films, shards that are missing or there twice."""

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from edc_core.doctor import Finding, examine
from tests.support.parquet_files import encoded, write

NAMES = ("cat", "dog")


def scene(seed: int, moved: float = 0.0) -> Image.Image:
    """A smooth picture of 32 px, no two seeds alike; `moved` shifts what is in it, as the next frame of a film."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[0:32, 0:32] / 32
    waves = np.zeros((32, 32, 3))
    for _ in range(8):
        fx, fy, phase = generator.uniform(-4, 4), generator.uniform(-4, 4), generator.uniform(0, 7)
        waves += (
            np.sin(2 * np.pi * (fx * (x + moved) + fy * y) + phase)[..., None]
            * generator.uniform(-1, 1)
            * generator.uniform(0.6, 1, 3)
        )
    return Image.fromarray((128 + 40 * waves).clip(0, 255).astype(np.uint8))


def jpeg(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return Image.open(buffer)


CHANGES = {
    "a JPEG": jpeg,
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(0.85),
    "less contrast": lambda image: ImageEnhance.Contrast(image).enhance(0.9),
    "with a little noise": lambda image: Image.fromarray(
        (np.asarray(image) + np.random.default_rng(0).normal(0, 4, (32, 32, 3))).clip(0, 255).astype(np.uint8)
    ),
}


def saved(path: Path, image: Image.Image) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def scenes(root: Path) -> Path:
    for number, name in enumerate(NAMES):
        for index in range(30):
            saved(root / "train" / name / f"{index}.png", scene(100 * number + index))
        for index in range(10):
            saved(root / "test" / name / f"{index}.png", scene(100 * number + 50 + index))
    return root


def told(root: Path, home: Path, check: str = "duplicates") -> list[Finding]:
    return [found for found in examine(str(root), home, bundled=()).findings if found.check == check]


def test_pictures_that_have_nothing_to_do_with_each_other_are_no_duplicates(tmp_path: Path) -> None:
    (found,) = told(scenes(tmp_path / "set"), tmp_path)
    assert found.severity == "note"
    assert "no test image is a training image" in found.message


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_on_the_other_side_of_the_split_is_found(change: str, tmp_path: Path) -> None:
    saved(scenes(tmp_path / "set") / "test" / "cat" / "copy.png", CHANGES[change](scene(7)))
    found = next(found for found in told(tmp_path / "set", tmp_path) if "near duplicates" in found.message)
    assert found.severity == "warning"
    assert "1 of 21 test images (4.8 %)" in found.message
    assert found.examples == ("'train/cat/7.png' and 'test/cat/copy.png'",)


def test_a_changed_copy_under_another_class_is_found(tmp_path: Path) -> None:
    saved(scenes(tmp_path / "set") / "train" / "dog" / "copy.png", jpeg(scene(7)))
    found = next(found for found in told(tmp_path / "set", tmp_path) if "another class" in found.message)
    assert (found.severity, found.examples) == ("warning", ("'train/cat/7.png' and 'train/dog/copy.png'",))


def test_repetitions_within_a_class_are_counted(tmp_path: Path) -> None:
    root = scenes(tmp_path / "set")
    for index in range(20):
        image = scene(index)
        saved(root / "train" / "cat" / f"again {index}.png", jpeg(image) if index % 2 else image)
    found = next(found for found in told(root, tmp_path) if "repeat" in found.message)
    assert found.severity == "warning"
    assert found.message.startswith("20 training images (25.0 %) repeat another one of their class")


def film(root: Path, apart: float) -> Path:
    """Class folders alone, of which every fifth picture is for testing: three films of twenty frames in each."""
    for number, name in enumerate(NAMES):
        for frame in range(60):
            image = scene(100 * number + frame // 20, moved=apart * (frame % 20)) if apart else scene(99 * frame)
            saved(root / name / f"frame{frame}.png", image)
    return root


def test_frames_of_a_film_on_both_sides_are_told(tmp_path: Path) -> None:
    found = next(found for found in told(film(tmp_path / "set", 0.06), tmp_path) if "film" in found.message)
    assert found.severity == "warning"
    assert "by file name" in found.message
    assert " beside 'cat/frame" in "".join(found.examples)


def test_files_in_a_row_that_are_no_film_are_let_alone(tmp_path: Path) -> None:
    assert not any("film" in found.message for found in told(film(tmp_path / "set", 0), tmp_path))


def shards(root: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        images = [encoded(np.asarray(scene(50 * number + index))) for index in range(8)]
        write(root / "made", "x", images, [0, 1] * 4)
        (found,) = (root / "made").glob("*.parquet")
        shutil.move(found, root / name)
    (root / "made").rmdir()
    return root


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("train-00000-of-00002.parquet", "test-00000-of-00001.parquet"), "1 of 2 shards of 'train' are missing"),
        (("train-00001-of-00003.parquet", "train-00002-of-00003.parquet", "test.parquet"), "(00000)"),
        (("train-00001-of-00002.parquet", "train-00002-of-00002.parquet", "test.parquet"), ""),
        (("train-00000-of-00001.parquet", "test-00000-of-00001.parquet"), ""),
    ],
)
def test_a_missing_shard_is_told(names: tuple[str, ...], says: str, tmp_path: Path) -> None:
    found = [f.message for f in told(shards(tmp_path / "set", *names), tmp_path, "reading") if f.severity == "warning"]
    assert len(found) == bool(says)
    assert says in "".join(found)


def test_a_shard_that_is_there_twice_is_told(tmp_path: Path) -> None:
    root = shards(tmp_path / "set", "train-00000-of-00002.parquet", "test-00000-of-00001.parquet")
    shutil.copy(root / "train-00000-of-00002.parquet", root / "train-00001-of-00002.parquet")
    (found,) = told(root, tmp_path, "files")
    assert found.message == "1 shard is there twice, byte by byte."
    assert "train-00001-of-00002.parquet" in found.examples[0]


def test_a_shard_on_both_sides_of_the_split_is_told(tmp_path: Path) -> None:
    root = shards(tmp_path / "set", "train-00000-of-00001.parquet")
    shutil.copy(root / "train-00000-of-00001.parquet", root / "test-00000-of-00001.parquet")
    (found,) = told(root, tmp_path, "files")
    assert "1 for training and for testing" in found.message
