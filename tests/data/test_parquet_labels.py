"""Labels of parquet files as people have them: from 1, with gaps, floats, bool, text, paths in place of images."""

from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from edc_core.data.sources import describe, open_source
from edc_core.errors import DataError
from tests.support.parquet_files import pictures


def labelled(folder: Path, values: list, kind: arrow.DataType | None = None, column: str = "label", **more) -> Path:
    """Twelve training and three test images with these labels in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, count in (("train", 12), ("test", 3)):
        labels = arrow.array((values * 12)[:count], kind)
        rows = [{"bytes": image, "path": None} for image in pictures(count)]
        data = {"picture": rows, column: more.get("coded", lambda same: same)(labels)}
        parquet.write_table(arrow.table(data), folder / f"{split}-0.parquet")
    return folder


@pytest.mark.parametrize(
    ("values", "classes", "numbers"),
    [
        ([1, 2, 3], ("1", "2", "3"), [0, 1, 2]),
        ([7, 3, 10], ("3", "7", "10"), [1, 0, 2]),
        ([2.0, 0.0, 1.0], ("0", "1", "2"), [2, 0, 1]),
        ([True, False, True], ("False", "True"), [1, 0, 1]),
        (["Tram", "bus", "ätzend"], ("Tram", "bus", "ätzend"), [0, 1, 2]),
        (["e\u0301te", "\u00e9te", "b"], ("b", "\u00e9te"), [1, 1, 0]),
        (["10", "9", "1"], ("1", "10", "9"), [1, 2, 0]),
    ],
)
def test_values_that_are_no_class_numbers_are_read_as_classes(
    values: list, classes: tuple, numbers: list, tmp_path: Path
) -> None:
    folder = str(labelled(tmp_path / "set", values))
    about = describe(folder)
    assert about.classes == classes
    assert open_source(folder).labels("test") == numbers
    assert [label for _, label, _ in open_source(folder).rows("test")] == numbers


def test_what_was_read_is_said(tmp_path: Path) -> None:
    def said(name: str, values: list, **more) -> str:
        return "; ".join(describe(str(labelled(tmp_path / name, values, **more))).census.readings)

    assert "read as the names" not in said("plain", [0, 1, 2])
    assert "begin at 1 (1, 2, 3)" in said("one", [1, 2, 3])
    assert "(0, 4)" in said("gap", [0, 4])
    assert "class number 0 is '10', not '2'" in said("text", ["2", "10"], coded=arrow.Array.dictionary_encode)


def test_a_label_column_may_have_another_name_and_no_label_may_be_nothing(tmp_path: Path) -> None:
    assert describe(str(labelled(tmp_path / "target", ["a", "b"], column="target"))).classes == ("a", "b")
    with pytest.raises(DataError, match="0.5, which is no class"):
        describe(str(labelled(tmp_path / "float", [0.5, 1.0])))
    with pytest.raises(DataError, match="label None in row 2 of the train split"):
        describe(str(labelled(tmp_path / "none", ["a", "b", None])))


def test_a_column_of_other_texts_is_refused(tmp_path: Path) -> None:
    images = pictures(30, (8, 8))
    for split in ("train", "test"):
        rows = [{"bytes": image, "path": None} for image in images]
        data = {"picture": rows, "label": [f"caption {number}" for number in range(30)]}
        parquet.write_table(arrow.table(data), tmp_path / f"{split}.parquet")
    with pytest.raises(DataError, match="30 different texts for 30 images, such as 'caption 0'"):
        describe(str(tmp_path))


def test_paths_in_place_of_images_are_named(tmp_path: Path) -> None:
    kind = arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    for split in ("train", "test"):
        rows = arrow.array([{"bytes": None, "path": f"images/{number}.jpg"} for number in range(4)], kind)
        parquet.write_table(arrow.table({"image": rows, "label": [0, 1, 0, 1]}), tmp_path / f"{split}.parquet")
    with pytest.raises(DataError, match=r"'image' of train.parquet holds paths \('images/0.jpg'\)"):
        describe(str(tmp_path))
