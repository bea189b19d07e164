"""Names that look the same are the same: composed and decomposed letters in folders, lists and settings."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from edc_core.data.address import address_of
from edc_core.data.readers.folders import open_folder
from edc_core.data.sources import describe, open_source
from edc_core.errors import DataError
from edc_core.synthesis.initial_images import only_class
from tests.support.external_sets import png

ONE = "caf\u00e9"
APART = unicodedata.normalize("NFD", ONE)


def images(root: Path, *folders: str, count: int = 4) -> Path:
    draw = np.random.default_rng(len(folders))
    for folder in folders:
        (root / folder).mkdir(parents=True)
        for number in range(count):
            (root / folder / f"{number}.png").write_bytes(png(draw.integers(0, 256, (8, 8), np.uint8)))
    return root


@pytest.mark.parametrize("trained", [ONE, APART])
def test_parts_may_spell_a_class_in_either_form(trained: str, tmp_path: Path) -> None:
    other = APART if trained == ONE else ONE
    about = describe(str(images(tmp_path, f"train/{trained}", "train/bar", f"test/{other}", "test/bar")))
    assert about.classes == ("bar", ONE)
    assert (about.train_counts, about.test_count) == ((4, 4), 8)


def test_a_list_of_classes_names_them_in_either_form_and_encoding(tmp_path: Path) -> None:
    root = images(tmp_path / "set", *(f"{part}/{name}" for part in ("train", "test") for name in ("a", "b", APART)))
    for coding in ("utf-8", "utf-8-sig", "utf-16"):
        (tmp_path / "list.txt").write_bytes(f"{ONE}\r\na\r\n".encode(coding))
        assert describe(f"{root}?classes={tmp_path / 'list.txt'}").classes == (ONE, "a")


def test_two_folders_of_one_name_are_one_class_and_it_is_said(tmp_path: Path) -> None:
    about = describe(str(images(tmp_path, ONE, APART, "bar", count=5)))
    assert about.classes == ("bar", ONE)
    assert (about.train_counts, about.test_count) == ((4, 8), 3)
    assert any("2 folders are called 'café'" in said for said in about.census.readings)


def test_decomposed_folders_keep_the_digest_that_they_had(tmp_path: Path) -> None:
    root = images(tmp_path, *(f"{part}/{name}" for part in ("train", "test") for name in ("bar", APART)))
    folder = open_folder(root, address_of(str(root)))
    assert folder.classes == ("bar", ONE)
    assert folder._as_stored() == ["bar", APART]


def test_annotations_and_settings_name_classes_in_either_form(tmp_path: Path) -> None:
    images(tmp_path, f"train/{APART}", "train/bar", "val/images")
    (tmp_path / "val" / "images" / "0.png").rename(tmp_path / "val" / "images" / f"{APART}.png")
    lines = [f"{ONE}.png\t{ONE}", "1.png\tbar", f"2.png\t{APART}", "3.png\tbar"]
    (tmp_path / "val" / "val_annotations.txt").write_text("\n".join(lines), encoding="utf-8")
    assert open_source(str(tmp_path)).labels("test") == [0, 0, 1, 1]
    assert only_class(APART, ("bar", ONE)) == only_class(ONE, ("bar", ONE)) == 1


def test_classes_that_are_called_by_numbers_are_said_to_stand_by_letters(tmp_path: Path) -> None:
    said = describe(str(images(tmp_path, "1", "2", "10", count=5))).census.readings
    assert any("class number 1 is '10', not '2'" in one for one in said)


def test_a_file_in_place_of_a_data_set_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", images=np.zeros(3))
    (tmp_path / "notes").write_text("hello")
    with pytest.raises(DataError, match="'x.npz' is an NPZ: .*evaluate --images"):
        describe(str(tmp_path / "x.npz"))
    with pytest.raises(DataError, match="'notes' is a file, and a data set is a folder"):
        describe(str(tmp_path / "notes"))
