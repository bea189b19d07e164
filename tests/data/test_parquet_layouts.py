"""Parquet as the Hub and people lay it out: parts, configurations, columns, and what lies beside."""

import json
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from edc_core.config import DataConfig
from edc_core.data import describe, open_dataset
from edc_core.errors import EDCError
from tests.support.parquet_files import pictures, write
from tests.support.photos import small_photos


def moved(folder: Path, place: str, source: str) -> None:
    """One shard that was written, to another name."""
    target = folder / place
    target.parent.mkdir(parents=True, exist_ok=True)
    (folder / f"{source}-00000-of-00001.parquet").rename(target)


def laid(folder: Path, *places: str) -> str:
    """A set of two classes whose files lie at these places, the training files first."""
    for place in places:
        kind = "train" if "train" in place.lower() else "test"
        write(
            folder, kind, pictures(8 if kind == "train" else 4, seed=len(place)), [0, 1] * (4 if kind == "train" else 2)
        )
        moved(folder, place, kind)
    return str(folder)


LAYOUTS = {
    "a configuration's folder": ("plain_text/train-00000-of-00001.parquet", "plain_text/test-00000-of-00001.parquet"),
    "folders of parts": ("default/train/0000.parquet", "default/test/0000.parquet"),
    "parts at the top": ("train/0000.parquet", "validation/0000.parquet"),
    "a hash": ("data/train-00000-of-00001-b42f9c3e1d.parquet", "data/test-00000-of-00001-0123456789abcdef.parquet"),
    "capitals": ("Train.parquet", "Test.parquet"),
    "a name before": ("cifar10-train.parquet", "cifar10-dev.parquet"),
    "a wrapper": ("clone/data/train-0.parquet", "clone/data/eval-0.parquet"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_files_of_the_hub_are_found(layout: str, tmp_path: Path) -> None:
    about = describe(laid(tmp_path, *LAYOUTS[layout]))
    assert (about.classes, about.train_counts, about.test_count) == (("cat", "dog"), (4, 4), 4)
    assert "training images are those of" in str(about.census.readings)


def test_of_several_configurations_one_is_read_and_another_can_be_chosen(tmp_path: Path) -> None:
    laid(tmp_path, "en/train-0.parquet", "en/test-0.parquet", "full/train-0.parquet", "full/test-0.parquet")
    write(tmp_path, "train", pictures(6), [0, 1] * 3)
    moved(tmp_path, "full/train-1.parquet", "train")
    assert "'?config=full' takes another" in str(describe(str(tmp_path)).census.readings)
    assert describe(f"{tmp_path}?config=full").train_counts == (7, 7)
    with pytest.raises(EDCError, match="config is 'de', but .* 'en', 'full'"):
        describe(f"{tmp_path}?config=de")


def test_a_part_can_be_chosen(tmp_path: Path) -> None:
    root = laid(tmp_path, "train-0.parquet", "test-0.parquet")
    write(tmp_path, "validation", pictures(6, seed=9), [0, 1] * 3)
    assert describe(root).test_count == 4
    assert "'?split=validation' takes that" in str(describe(root).census.readings)
    assert describe(f"{root}?split=validation").test_count == 6
    assert describe(f"{root}?split=validation,test").train_counts == (3, 3)
    for wrong, words in (
        ("holdout", "has test, train, validation"),
        ("none", "split is 'none'"),
        ("train", "name two"),
    ):
        with pytest.raises(EDCError, match=words):
            describe(f"{root}?split={wrong}")


def columns(folder: Path, features: dict, **data: list) -> str:
    """A training and a test file of these columns."""
    about = {"huggingface": json.dumps({"info": {"features": features}})}
    for split in ("train", "test"):
        table = arrow.table({name: arrow.array(values) for name, values in data.items()})
        folder.mkdir(exist_ok=True)
        parquet.write_table(table.replace_schema_metadata(about), folder / f"{split}.parquet")
    return str(folder)


def named(*names: str) -> dict:
    return {"_type": "ClassLabel", "names": list(names)}


def images(seed: int = 0, side: int = 16) -> list[dict]:
    return [{"bytes": image, "path": "x"} for image in pictures(8, (side, side), seed=seed)]


def test_the_label_column_is_said_and_can_be_chosen(tmp_path: Path) -> None:
    features = {"label": named("cat", "dog"), "author": named("Ann", "Bo", "Cy", "Di")}
    root = columns(
        tmp_path / "set", features, img=images(), label=[0, 1] * 4, author=[0, 1, 2, 3] * 2, place=["x", "y"] * 4
    )
    about = describe(root)
    assert about.classes == ("cat", "dog")
    assert "the label column is 'label' ('?label=' chooses another: 'author')" in about.census.readings
    assert describe(f"{root}?label=author").classes == ("Ann", "Bo", "Cy", "Di")
    assert describe(f"{root}?label=place").classes == ("x", "y")
    assert len({describe(f"{root}{choice}").digest for choice in ("", "?label=author", "?label=place")}) == 3
    with pytest.raises(
        EDCError, match="label is 'breed', but train.parquet has no label column of that name: choose label"
    ):
        describe(f"{root}?label=breed")


def test_the_image_column_is_said_and_can_be_chosen(tmp_path: Path) -> None:
    root = columns(tmp_path / "set", {"label": named("cat", "dog")}, img=images(), depth=images(1, 8), label=[0, 1] * 4)
    assert "the image column is 'img' ('?image=' chooses another: 'depth')" in describe(root).census.readings
    assert (describe(root).size, describe(f"{root}?image=depth").size) == (16, 8)
    with pytest.raises(EDCError, match="image is 'mask', .* choose img, depth"):
        describe(f"{root}?image=mask")


def test_fine_labels_stay_the_reading_of_coarse_and_fine_ones(tmp_path: Path) -> None:
    features = {"coarse_label": named("animal", "tool"), "fine_label": named("cat", "dog", "axe", "saw")}
    root = columns(tmp_path / "set", features, img=images(), fine_label=[0, 1, 2, 3] * 2, coarse_label=[0, 0, 1, 1] * 2)
    assert describe(root).classes == ("cat", "dog", "axe", "saw")
    assert describe(f"{root}?label=coarse_label").classes == ("animal", "tool")


def test_names_as_a_table_are_names(tmp_path: Path) -> None:
    names = {"_type": "ClassLabel", "names": {"1": "dog", "0": "cat"}}
    root = columns(tmp_path / "set", {"label": names}, img=images(), label=[0, 1] * 4)
    assert describe(root).classes == ("cat", "dog")


def test_images_beside_parquet_and_parquet_beside_images_are_counted(tmp_path: Path) -> None:
    root = laid(tmp_path / "a", "data/train-0.parquet", "data/test-0.parquet")
    small_photos(tmp_path / "a")
    about = describe(root)
    assert about.size == 16
    assert "'?image=files' reads those" in about.census.readings[0]
    left = {group.reason: (group.count, group.images) for group in about.census.left_out}
    assert left["image files beside the parquet files"] == (8, True)
    assert describe(f"{root}?image=files").size == 32
    beside = small_photos(tmp_path / "b")
    parquet.write_table(arrow.table({"file_name": ["a"]}), beside / "train" / "metadata.parquet")
    parquet.write_table(arrow.table({"file_name": ["a"]}), beside / "train.parquet")
    about = describe(str(beside))
    assert about.train_counts == (3, 3)
    (group,) = about.census.left_out
    assert (group.reason, group.count) == ("parquet files beside the images", 2)


def test_the_pixels_of_a_chosen_column_are_decoded(tmp_path: Path) -> None:
    root = columns(tmp_path / "set", {"label": named("cat", "dog")}, img=images(), depth=images(1, 8), label=[0, 1] * 4)
    name = f"{root}?image=depth"
    part = open_dataset(name, DataConfig(holdout=2), tmp_path / "home", describe(name)).part("test")
    assert part.pixels.shape == (8, 3, 8, 8)


def test_a_folder_called_like_a_known_set_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EDC_DATA", str(tmp_path / "nowhere"))
    small_photos(tmp_path / "svhn")
    with pytest.raises(EDCError, match="'./svhn' names the folder"):
        describe("svhn")
    assert describe("./svhn").classes == ("cat", "dog")
