"""Kinds of trees, names and lists that random trees showed to be read wrongly, or refused where they are ordinary."""

import io
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edc_core.data import Description, describe
from edc_core.data.external_sets.imports import read_set
from edc_core.data.images.decoding import fit_image
from edc_core.data.readers.unpack import unpack_classes
from edc_core.data.sources import open_source
from edc_core.errors import DataError
from tests.support.coded_zips import REFUSED, folders_read
from tests.support.trees import PAIR, made, of, under


def png(value: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((8, 8, 3), value, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer


def counts(root: str) -> dict[str, int]:
    """Training and test images of each class."""
    source = open_source(root)
    numbers = [label for split in ("train", "test") for label in source.labels(split)]
    return dict(Counter(source.classes[number] for number in numbers))


@pytest.mark.parametrize("deep", ["2024/05", "a", "images"])
def test_shares_count_images_in_folders_within_a_class_for_it(tmp_path: Path, deep: str) -> None:
    within = {f"fold2/cat/{deep}": 2, f"fold1/dog/{deep}": 1}
    root = made(tmp_path, under("fold1", PAIR) | under("fold2", PAIR) | within)
    assert counts(root) == {"cat": 8, "dog": 7}
    assert "shares of one set" in "; ".join(describe(root).census.readings)


def test_classes_called_like_shares_hold_their_own_parts_only_as_the_address_says(tmp_path: Path) -> None:
    root = made(tmp_path, of("cam1/train", "cam1/test", "cam2/train", "cam2/test"))
    with pytest.raises(DataError, match="classes 'cam1', 'cam2', each with its own parts, or .* shares") as refusal:
        describe(root)
    assert "?split=none" in str(refusal.value)
    assert describe(f"{root}?split=none").classes == ("cam1", "cam2")
    assert describe(f"{root}?classes=deepest").classes == ("test", "train")


def test_parts_within_classes_called_like_parts_are_refused_with_both_readings(tmp_path: Path) -> None:
    inner = {f"{name}/{part}": 3 for name in ("training shoes", "dev board") for part in ("train_set", "test_set")}
    root = made(tmp_path, inner)
    with pytest.raises(DataError, match="classes called like parts, or classes that hold their own parts"):
        describe(root)
    assert describe(f"{root}?split=none").classes == ("dev board", "training shoes")
    assert describe(f"{root}?split=training shoes,dev board").classes == ("test_set", "train_set")


@pytest.mark.parametrize("above", ["images", "archive/set"])
def test_an_image_left_above_a_lone_training_part_makes_no_class_of_it(tmp_path: Path, above: str) -> None:
    about = describe(made(tmp_path, under(f"{above}/train_new", of("cat", "dog", count=5)) | {above: 1}))
    assert about.classes == ("cat", "dog")
    assert "(1 file, such as" in "; ".join(about.census.sentences)


@pytest.mark.parametrize(("above", "parts"), [("training", ("train", "test")), ("a/train set", ("TRAIN", "val2017"))])
def test_parts_within_a_folder_that_is_called_like_one(tmp_path: Path, above: str, parts: tuple[str, str]) -> None:
    about = describe(made(tmp_path, under(f"{above}/{parts[0]}", PAIR) | under(f"{above}/{parts[1]}", PAIR)))
    assert (about.classes, about.train_counts, about.test_count) == (("cat", "dog"), (3, 3), 6)


@pytest.mark.parametrize("ending", ["", ".img", ".001", ".bin"])
def test_icons_are_images_whatever_they_are_called(tmp_path: Path, ending: str) -> None:
    for number, name in enumerate(("cat", "dog") * 5):
        path = tmp_path / name / f"{number}{ending}"
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", (16, 16), (20 * number, 9, 9)).save(path, "ICO")
    assert counts(str(tmp_path)) == {"cat": 5, "dog": 5}


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("held", [3, 6, 8])
def test_a_turned_tiff_is_read_from_its_file_as_from_its_bytes(tmp_path: Path, mode: str, held: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 12, 3), np.uint8)
    upright = Image.fromarray(pixels).convert(mode)
    back = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}[held]
    exif = Image.Exif()
    exif[0x0112] = held
    upright.transpose(back).save(tmp_path / "a.tif", exif=exif)
    read = fit_image(tmp_path / "a.tif", "a.tif", 8, len(mode))
    assert (read == np.moveaxis(np.atleast_3d(np.asarray(upright)[:, 2:10]), 2, 0)).all()


def test_annotations_name_classes_with_their_blanks(tmp_path: Path) -> None:
    made(tmp_path, of("train/ owl", "train/elk", "val/images"))
    (tmp_path / "val/val_annotations.txt").write_text("0.png\t owl\t0\n1.png\telk\t0\n2.png\telk \t0\n")
    assert counts(str(tmp_path)) == {" owl": 4, "elk": 5}


@pytest.mark.parametrize("folder", ["@eaDir", "$RECYCLE.BIN", "lost+found", "#recycle"])
def test_thumbnails_of_a_disk_station_are_no_images_of_a_zip(tmp_path: Path, folder: str) -> None:
    files = {f"{name}/{number}.png": png(20 * number) for name in ("cat", "dog") for number in range(5)}
    thumbs = {f"cat/{folder}/1.png": b"no image", f"{folder}/dog/2.png": png(0)}
    assert counts(str(unpack_classes(zipped(files | thumbs), tmp_path))) == {"cat": 5, "dog": 5}


@pytest.mark.parametrize("folder", ["@eaDir", "$RECYCLE.BIN", "lost+found", "#snapshot"])
def test_thumbnails_of_a_disk_station_are_no_condensed_images(tmp_path: Path, folder: str) -> None:
    about = Description("set", "0" * 32, ("cat", "dog"), 8, 3, (5, 5), 2)
    files = {"cat/0.png": png(0), "dog/0.png": png(90), f"cat/{folder}/0.png": png(60), f"{folder}/dog/0.png": png(70)}
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    for source in (tmp_path, zipped(files).getvalue()):
        assert read_set(source, about).images[:, 0, 0, 0].tolist() == [0, 90]


def test_a_rows_number_is_no_name_of_a_file() -> None:
    about = Description("set", "0" * 32, ("cat", "dog"), 8, 3, (5, 5), 2)
    images = zipped({f"{number}.png": png(9 * number) for number in range(4)}).getvalue()
    rows = "id,image,label\n0,3.png,cat\n1,2.png,dog\n2,1.png,cat\n3,0.png,dog\n"
    assert read_set(images, about, rows.encode()).in_order().images[:, 0, 0, 0].tolist() == [9, 0, 27, 18]
    with pytest.raises(DataError, match="may be"):  # listed twice: the numbers of the rows do not take its place
        read_set(images, about, (rows + "4,0.png,cat\n").encode())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_first_row_that_names_an_image_is_no_heading(delimiter: str) -> None:
    about = Description("set", "0" * 32, ("cat", "dog"), 8, 3, (5, 5), 2)
    images = zipped({f"{number}.png": png(9 * number) for number in range(2)}).getvalue()
    rows = ["0.PNG,cat", "1.PNG,dog", "0.PNG,dog"]  # of two classes, and none of them a heading
    with pytest.raises(DataError, match="may be '0.PNG'"):
        read_set(images, about, "\n".join(rows).replace(",", delimiter).encode())
    right = f"sep={delimiter}\n" + "\n".join(["", *rows[:2]]).replace(",", delimiter)
    assert read_set(images, about, right.encode()).labels.tolist() == [0, 1]


@pytest.mark.parametrize("rows", ["b,labels\na,class\nz,class", "a,class\nb,labels\nz,labels"])
def test_classes_called_like_headings_are_none(rows: str) -> None:
    about = Description("set", "0" * 32, ("class", "labels"), 8, 3, (5, 5), 2)
    images = zipped({"a.png": png(0), "b.png": png(9)}).getvalue()
    assert read_set(images, about, rows.encode()).labels.tolist() == [0, 1]


def test_a_first_pair_is_no_heading_where_it_names_an_image_and_a_class() -> None:
    about = Description("set", "0" * 32, ("images", "labels"), 8, 3, (5, 5), 2)
    images = zipped({"0.png": png(0), "1.png": png(9)}).getvalue()
    with pytest.raises(DataError):  # one file, two classes
        read_set(images, about, b'[["0", "images"], ["1", "labels"], ["0", "labels"]]')
    assert read_set(images, about, b'[["0", "images"], ["1", "labels"]]').labels.tolist() == [0, 1]


@pytest.mark.parametrize(("label", "told"), [("dog", True), ("cat", False)])
def test_a_list_that_says_another_class_than_the_folder_is_told(label: str, told: bool) -> None:
    about = Description("set", "0" * 32, ("cat", "dog"), 8, 3, (5, 5), 2)
    images = zipped({"cat/0.png": png(0), "dog/1.png": png(9)}).getvalue()
    found = read_set(images, about, f"file,label\n0.png,{label}\n1.png,dog\n".encode())
    said = "; ".join(found.remarks)
    assert ("the list gives 1 of 2 images another class" in said and "'dog' to 'cat/0.png'" in said) == told


def test_lists_of_files_by_classes_called_like_headings() -> None:
    about = Description("set", "0" * 32, ("class", "data", "label"), 8, 3, (5, 5, 5), 3)
    images = zipped({f"{name}.png": png(0) for name in "abc"}).getvalue()
    by_class = b'{"label": ["a.png"], "data": ["b.png"], "class": ["c.png"]}'
    assert sorted(read_set(images, about, by_class).labels.tolist()) == [0, 1, 2]


def test_a_column_that_names_most_images_is_never_passed_over() -> None:
    about = Description("set", "0" * 32, ("cat", "dog"), 8, 3, (5, 5), 2)
    images = zipped({f"{name}.png": png(0) for name in "abcd"}).getvalue()
    with pytest.raises(DataError, match="name no class for"):  # and not in the list's order
        read_set(images, about, b"b;dog\na;cat\nc;cat\nx;dog\n")


def test_a_class_called_images_is_no_bundles_folder() -> None:
    files = {f"set/{name}/0.png": png(value) for value, name in enumerate(("data", "images", "labels"))}
    about = Description("set", "0" * 32, ("data", "images", "labels"), 8, 3, (5, 5, 5), 3)
    assert read_set(zipped(files).getvalue(), about).labels.tolist() == [0, 1, 2]


def test_images_beside_a_bundles_own_are_told_and_folders_within_classes_are_read() -> None:
    about = Description("set", "0" * 32, ("cat", "dog"), 8, 3, (5, 5), 2)
    bundle = {"set/images/cat/0.png": png(0), "set/images/dog/0.png": png(9), "set/preview.png": png(60)}
    found = read_set(zipped(bundle).getvalue(), about)
    assert found.labels.tolist() == [0, 1]
    assert "1 image outside images/ is not read, such as 'set/preview.png'" in found.remarks
    deep = {"set/cat/images/0.png": png(0), "set/dog/0.png": png(9)}
    assert read_set(zipped(deep).getvalue(), about).labels.tolist() == [0, 1]


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-16"])
def test_lists_in_utf_16_may_hold_any_letters(codec: str) -> None:
    about = Description("set", "0" * 32, ("猫", "Größe"), 8, 3, (5, 5), 2)
    images = zipped({f"{number}.png": png(9 * number) for number in range(4)}).getvalue()
    rows = "file,label\n" + "".join(f"{number}.png,{('猫', 'Größe')[number % 2]}\n" for number in range(4))
    assert read_set(images, about, rows.encode(codec)).labels.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("codec", "names"),
    [
        ("gbk", ("кошка", "собака")),
        ("gbk", ("ネコ", "いぬ", "サカナ")),
        ("cp932", ("собака", "Машина")),
        ("cp949", ("собака", "Машина")),
        ("cp949", ("ネコ", "いぬ")),
        ("gbk", ("café", "thé")),
        ("cp932", ("船", "猫")),
        ("gbk", ("鹿",)),
        ("cp866", ("раа",)),  # one letter of Samaritan in UTF-8
        ("cp866", ("ход",)),  # one of Chinese
    ],
)
def test_names_of_one_script_in_anothers_encoding_are_never_garbled(codec: str, names: tuple[str, ...]) -> None:
    """Read as they are, or refused: a Russian's folders packed on a Chinese machine are no Chinese words."""
    read, told = folders_read(list(names), codec)
    assert REFUSED in told or read == list(names)
