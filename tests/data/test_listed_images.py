"""Images whose classes stand in a list beside them: which columns are read, how rows find images, what is left out."""

import json
import shutil
from pathlib import Path

import pytest

from edc_core.data import Description, describe
from edc_core.data.readers.unpack import unpack_classes
from edc_core.data.sources import open_source
from edc_core.errors import EDCError
from tests.support.photos import picture

TEN = [f"{number}.png" for number in range(10)]


def set_of(root: Path, images: list[str], **lists: str) -> str:
    """Tiny images, and texts whose names have __ for / and _dot_ for a dot."""
    for number, name in enumerate(images):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        picture(root / name, (8, 8), seed=number)
    for name, text in lists.items():
        (root / name.replace("__", "/").replace("_dot_", ".")).write_text(text, encoding="utf-8")
    return str(root)


def rows(*heads: str, of: list[str], value=lambda number: ("cat", "dog")[number % 2], more: str = "") -> str:
    lines = [",".join(heads)]
    return "\n".join([*lines, *(f"{name},{value(number)}{more}" for number, name in enumerate(of))]) + "\n"


def said(about: Description) -> str:
    return "; ".join(about.census.sentences)


def under(folder: str, names: list[str] = TEN) -> list[str]:
    return [f"{folder}/{name}" for name in names]


STEMS = [name.removesuffix(".png") for name in TEN]
READ = {  # images, lists, classes, training and test images, words of the census
    "imagefolder of the hub": (
        [*under("train"), *under("test")],
        {"train__metadata_dot_csv": rows("file_name", "label", of=TEN)}
        | {"test__metadata_dot_csv": rows("file_name", "label", of=TEN)},
        (("cat", "dog"), 10, 10),
        "labels are those of 'label' in train/metadata.csv, by 'file_name'",
    ),
    "a contest": (
        [*under("train"), *under("test")],
        {"train_dot_csv": rows("id", "breed", of=STEMS), "test_dot_csv": "id\n" + "\n".join(STEMS)}
        | {"sample_submission_dot_csv": rows("id", "breed", of=STEMS)},
        (("cat", "dog"), 8, 2),
        "images without a label in a list (10 files, such as 'test/0.png')",
    ),
    "names that both parts have": (
        [*under("train"), *under("test")],
        {"labels_dot_csv": rows("id", "label", of=STEMS)},
        (("cat", "dog"), 8, 2),
        "in labels.csv",
    ),
    "shares of one set": (
        [*under("HAM_images_part_1", TEN[:5]), *under("HAM_images_part_2", TEN[5:])],
        {"HAM_metadata_dot_csv": rows("image_id", "dx", of=STEMS)},
        (("cat", "dog"), 8, 2),
        "'dx' in HAM_metadata.csv",
    ),
    "a column of parts": (
        under("images"),
        {
            "birds_dot_csv": "filepaths;labels;data set\n"
            + "\n".join(f"C:\\birds\\images\\{n}.png;{'ab'[n % 2]};{'train' if n < 6 else 'valid'}" for n in range(10))
        },
        (("a", "b"), 6, 4),
        "the validation part serves as the test part",
    ),
    "numbers and names of one thing": (
        TEN,
        {"all_dot_csv": "class_id,class_name,img\n" + "\n".join(f"{n % 2},{'xy'[n % 2]},{n}.png" for n in range(10))},
        (("x", "y"), 8, 2),
        "'class_name'",
    ),
    "lines of JSON": (
        under("img"),
        {
            "img__metadata_dot_jsonl": "\n".join(
                json.dumps({"file_name": name, "label": n % 2, "text": f"a photo, {n}"}) for n, name in enumerate(TEN)
            )
        },
        (("0", "1"), 8, 2),
        "metadata.jsonl",
    ),
    "a column for each class": (
        TEN,
        {"_classes_dot_csv": "filename, owl, eel\n" + "\n".join(f"{n}.png,{n % 2},{1 - n % 2}" for n in range(10))},
        (("eel", "owl"), 8, 2),
        "one column for each class",
    ),
    "rows and images without the other": (
        [*under("pool"), "pool/extra.png"],
        {"labels_dot_csv": rows("path", "target", of=[*under("else"), "else/gone.png"])},
        (("cat", "dog"), 8, 2),
        "rows of labels.csv whose image is not there (1 row, such as 'else/gone.png')",
    ),
}


@pytest.mark.parametrize("layout", READ)
def test_a_list_gives_the_classes(layout: str, tmp_path: Path) -> None:
    images, lists, (classes, train, test), words = READ[layout]
    about = describe(set_of(tmp_path, images, **lists))
    assert about.classes == classes
    assert (sum(about.train_counts), about.test_count) == (train, test)
    assert words in said(about)


def test_each_image_has_the_label_of_its_own_row(tmp_path: Path) -> None:
    """Natural order, the order of the list and that of the folder differ."""
    names = ["10.png", "2.png", "1.png", "b/1.png", "c/2.png"]
    labels = ["x", "y", "y", "x", "x"]
    text = "label,file\n" + "\n".join(f"{label},{name}" for name, label in zip(names, labels, strict=True))
    source = open_source(set_of(tmp_path, [*names, "b/3.png"], list_dot_csv=text) + "?split=none&label=label")
    found = {
        str(path.relative_to(tmp_path)): source.classes[label]
        for part in ("train", "test")
        for path, label, _ in source.rows(part)
    }
    assert found == dict(zip(names, labels, strict=True))


REFUSED = {
    "two columns": (
        "id,colour,shape\n" + "\n".join(f"{n},{'rg'[n % 2]},{'os'[n // 5]}" for n in range(10)),
        "'colour' or 'shape'.*\\?label=colour",
    ),
    "two labels": (rows("file", "label", of=[*TEN, "0.png"], value=lambda n: "ab"[n > 9 or n % 2]), "two labels"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_be_two_things_is_refused(case: str, tmp_path: Path) -> None:
    text, words = REFUSED[case]
    with pytest.raises(EDCError, match=words):
        describe(set_of(tmp_path, under("images"), labels_dot_csv=text))


DETECTION = {
    "Pascal VOC": (
        [*under("VOC/JPEGImages"), *under("VOC/SegmentationClass")],
        "VOC__Annotations__0_dot_xml",
        "'JPEGImages'",
    ),
    "COCO": (under("images"), "annotations__instances_dot_json", "'annotations' says"),
    "YOLO": ([*under("images/train"), *under("images/val")], "labels__train__0_dot_txt", "YOLO's layout"),
}


@pytest.mark.parametrize("layout", DETECTION)
def test_a_set_for_detection_is_named_with_what_is_to_be_done(layout: str, tmp_path: Path) -> None:
    images, annotations, words = DETECTION[layout]
    (tmp_path / annotations.replace("__", "/")).parent.mkdir(parents=True)
    with pytest.raises(EDCError, match=f"{words}.*labels.csv"):
        describe(set_of(tmp_path, images, **{annotations: "{}"}))


def test_the_address_chooses_the_column(tmp_path: Path) -> None:
    place = set_of(tmp_path, under("images"), labels_dot_csv=REFUSED["two columns"][0])
    assert describe(f"{place}?label=Shape").classes == ("o", "s")
    with pytest.raises(EDCError, match="columns are id, colour, shape"):
        describe(f"{place}?label=size")


def test_folders_of_classes_stand_before_a_list_but_not_before_a_chosen_column(tmp_path: Path) -> None:
    images = [*under("cat"), *under("dog", [f"d{name}" for name in TEN])]
    text = rows("file_name", "label", of=[image.rpartition("/")[2] for image in images], value=lambda n: "abc"[n % 3])
    place = set_of(tmp_path, images, metadata_dot_csv=text)
    assert describe(place).classes == ("cat", "dog")
    assert describe(f"{place}?label=label").classes == ("a", "b", "c")


def test_a_changed_label_is_another_data_set(tmp_path: Path) -> None:
    place = set_of(tmp_path, TEN, labels_dot_csv=rows("id", "label", of=TEN))
    first = describe(place).digest
    (tmp_path / "labels.csv").write_text(rows("id", "label", of=TEN, value=lambda n: ("dog", "cat")[n % 2]))
    assert describe(place).digest != first


def test_an_upload_brings_its_list_along(tmp_path: Path) -> None:
    set_of(tmp_path / "set", under("images"), labels_dot_csv=rows("id", "label", of=STEMS))
    packed = shutil.make_archive(str(tmp_path / "set"), "zip", tmp_path / "set")
    about = describe(str(unpack_classes(Path(packed), tmp_path / "home")))
    assert about.classes == ("cat", "dog")
    assert about.census.left_out == ()
