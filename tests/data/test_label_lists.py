"""Labels of condensed sets as people write them: lists, arrays, folders; read as meant, or refused in a sentence."""

import json
from pathlib import Path

import numpy as np
import pytest

from edc_core.data.class_naming import named_class
from edc_core.data.description import Description
from edc_core.data.external_sets.file_matching import match_files
from edc_core.data.external_sets.given import readings_of
from edc_core.data.external_sets.imports import ImportedSet, read_set
from edc_core.errors import DataError
from edc_core.judging.external_sets import import_set
from tests.support.external_sets import CLASSES, GREY, IMAGES, LABELS, npz, png, zipped

FILES = zipped({f"img_{row}.png": png(image[0]) for row, image in enumerate(IMAGES)})
ROWS = list(enumerate(LABELS.tolist()))


def described(*classes: str) -> Description:
    return Description("mini", "0" * 32, classes, 8, 1, (50,) * len(classes), 30)


def is_the_set(found: ImportedSet) -> bool:
    return np.array_equal(found.images, IMAGES) and found.labels.tolist() == LABELS.tolist()


def lines(*head: str, row: str) -> str:
    return "\n".join([*head, *(row.format(n=n, label=label, name=CLASSES[label]) for n, label in ROWS), ""])


LISTS = {
    "Excel": lines("sep=;", "Filename;Category", row="img_{n}.png;{name}"),
    "pandas": lines(",image_path,target", row="{n},data/img_{n}.png,{label}.0"),
    "quoted": lines('"path","class_name"', row='"C:\\set\\img_{n}.png","{name}"'),
    "without endings": lines("id,label", row="img_{n},{label}"),
    "Caffe": lines(row="train/img_{n}.png {label}"),
    "blank lines": lines("file,label", row="img_{n}.png,{label}\n\n").replace("\n", "\r\n"),
    "own names above": lines("Bild;Klasse", row="img_{n}.png;{name}"),
    "more columns": lines("file,split,label,width", row="img_{n}.png,train,{name},8"),
    "IDs and names": lines("file,class_id,class_name", row="img_{n}.png,9{label},{name}"),
    "from one": "\n".join(["label", *(str(label + 1) for _, label in ROWS)]),
    "records": json.dumps([{"file_name": f"img_{n}.png", "label": label} for n, label in ROWS]),
    "JSON lines": "\n".join(json.dumps({"image": f"img_{n}.png", "label": CLASSES[label]}) for n, label in ROWS),
    "by class": json.dumps({name: [f"img_{n}.png" for n, k in ROWS if CLASSES[k] == name] for name in CLASSES}),
    "StyleGAN": json.dumps({"labels": [[f"0/img_{n}.png", label] for n, label in ROWS]}),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_read_as_meant(name: str) -> None:
    assert is_the_set(read_set(FILES, GREY, LISTS[name].encode()))


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_list_may_be_in_any_unicode_encoding(coding: str) -> None:
    assert is_the_set(read_set(FILES, GREY, LISTS["Excel"].encode(coding)))


WRONG = {
    "two columns disagree": (lines("file,label,class", row="img_{n}.png,{label},Bag"), "tell different classes of"),
    "twice": (lines("file,label", row="img_{n}.png,{label}") + "img_0.png,2\n", "several"),
    "missing": (
        lines("file,label", row="img_{n}.png,{label}").replace("img_3.png", "other.png"),
        "no class for 'img_3",
    ),
    "half": ("label\n0\n0.5\n0\n1\n1\n1\n", "labelled '0.5'"),
    "gaps": ("\n".join(str(3 * label) for _, label in ROWS), "the labels are 0, 3, 6"),
    "empty cell": (lines("file,label", row="img_{n}.png,{label}").replace("4.png,1", "4.png,"), "labelled nothing"),
    "Latin-1": (b"file,label\nimg_0.png,\xe9\n", "another encoding than UTF-8"),
    "shuffled index": ("index,label\n" + "".join(f"{5 - n},{k}\n" for n, k in ROWS), "numbers its rows"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_list_that_does_not_fit_is_refused(name: str) -> None:
    text, says = WRONG[name]
    with pytest.raises(DataError, match=says):
        read_set(FILES, GREY, text if isinstance(text, bytes) else text.encode())


def test_files_are_told_by_the_longest_unique_tail_of_their_paths() -> None:
    names = ["a/x/0.png", "b/x/0.png", "b/1.png"]
    assert match_files(["r/b/1.png", "r/b/x/0.png", "r/a/x/0.png"], names) == [2, 1, 0]
    assert match_files(["1.png", "b/x/0.png", "a/x/0.png", "c/9.png"], names) == [2, 1, 0]
    assert match_files([r"D:\set\A\X\0.PNG", r"D:\set\B\X\0.PNG", r"D:\set\B\1.PNG"], names) == [0, 1, 2]
    with pytest.raises(DataError, match="several"):
        match_files(["0.png", "1.png"], names)
    with pytest.raises(DataError, match="several"):  # of another folder's file of that name: never taken
        match_files(["a/x/0.png", "c/x/0.png", "b/1.png"], names)


def test_a_list_without_names_is_in_the_order_of_numbers_and_says_so() -> None:
    images = np.stack([np.full((8, 8), 9 * row, np.uint8) for row in range(12)])
    files = zipped({f"{row}.png": png(image) for row, image in enumerate(images)})
    found = read_set(files, GREY, json.dumps([row // 4 for row in range(12)]).encode())
    assert [image[0, 0, 0] // 9 // 4 for image in found.images] == found.labels.tolist()
    assert any("'2.png' before '10.png'" in said for said in found.remarks)


@pytest.mark.parametrize(
    "labels",
    [LABELS[:, None], LABELS.astype("f4"), np.eye(3)[LABELS], np.eye(3, dtype=bool)[LABELS], LABELS + 1, CLASSES],
    ids=["(N,1)", "float", "one-hot", "one-hot bool", "from 1", "text"],
)
def test_arrays_of_labels_are_read_where_they_are_hard(labels: np.ndarray) -> None:
    labels = np.array(labels)[LABELS] if labels is CLASSES else labels
    assert is_the_set(read_set(npz(images=IMAGES, labels=labels), GREY))


def test_arrays_may_be_named_as_by_others() -> None:
    for images, labels in (("train_images", "train_labels"), ("x_train", "y_train"), ("arr_0", "arr_1")):
        assert is_the_set(read_set(npz(**{images: IMAGES, labels: LABELS}), GREY))
    found = read_set(npz(x_train=IMAGES, y_train=LABELS, x_test=IMAGES, y_test=LABELS), GREY)
    assert found.remarks == ("read from the NPZ: 'x_train' and 'y_train', not x_test, y_test",)


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (np.full((6, 3), 0.3), r"holds soft labels.*labels.argmax\(1\)"),
        (np.ones((6, 3)), "several classes, or none"),
        (np.array([0, 1, 2, 0, 1, 1.5]), "image 5 is labelled 1.5"),
        (np.array([0, 1, 2, 0, 1, np.nan]), "image 5 is labelled nothing"),
        (np.array([0, 2, 5, 0, 2, 5]), "the labels are 0, 2, 5"),
    ],
)
def test_arrays_of_other_labels_are_refused(labels: np.ndarray, says: str) -> None:
    with pytest.raises(DataError, match=says):
        read_set(npz(images=IMAGES, labels=labels), GREY)


def in_folders(*names: str) -> bytes:
    return zipped({f"{name}/x.png": png(IMAGES[row, 0]) for row, name in enumerate(names)})


@pytest.mark.parametrize(
    ("classes", "folders", "labels"),
    [
        (("C++", "C#", "C"), ("C#", "C", "C++"), [1, 2, 0]),
        (("a b", "a-b", "a_b"), ("a-b", "a_b", "a b"), [1, 2, 0]),
        (("été", "ete", "猫"), ("e\u0301te\u0301", "猫", "ete"), [0, 2, 1]),
        (("第1类", "第2类", "第3类"), ("2", "0", "1"), [2, 0, 1]),
        (("1", "2", "3"), ("3", "1", "2"), [2, 0, 1]),  # names
        (("1", "2", "3"), ("2", "0", "1"), [2, 0, 1]),  # numbers
        (("x", "y", "z"), ("3", "1", "2"), [2, 0, 1]),  # numbers from 1 on
        (("हिन्दी", "हन्द", "b"), ("b", "हन्द", "हिन्दी"), [2, 1, 0]),
    ],
)
def test_no_two_names_are_one(classes: tuple[str, ...], folders: tuple[str, ...], labels: list[int]) -> None:
    found = read_set(in_folders(*folders), described(*classes))
    given = {image.tobytes(): label for image, label in zip(found.images, found.labels.tolist(), strict=True)}
    assert [given[IMAGES[row].tobytes()] for row in range(3)] == labels


def test_a_name_between_two_classes_is_none() -> None:
    assert named_class("C", ("C++", "Java")) == 0
    assert named_class("C#", ("C++", "C", "Java")) is None
    assert named_class("c", ("C++", "C#")) is None
    with pytest.raises(DataError, match="'A_B' may be 'a b' or 'a-b'"):
        read_set(in_folders("A_B", "c", "c"), described("a b", "a-b", "c"))


def test_text_labels_that_are_numbers_are_names_where_all_are() -> None:
    about = described("1", "2", "3")
    assert read_set(FILES, about, b'["1","2","3","1","2","3"]').labels.tolist() == LABELS.tolist()
    found = read_set(FILES, about, b"0\n1\n2\n0\n1\n2\n")
    assert found.labels.tolist() == LABELS.tolist()
    assert "read as numbers of classes from 0 on" in found.remarks[0]


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"\x80\x02]q\x00.", "a pickle.*never opened here.*numpy.savez"),
        (b"\x89HDF\r\n\x1a\n" + bytes(99), "an HDF5 file"),
        (b"MATLAB 5.0 MAT-file", "a MATLAB file.*loadmat"),
        (b"Rar!\x1a\x07\x01", "a RAR archive: unpack it"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (bytes(257) + b"ustar\x00", "a tar archive"),
        (b"PAR1" + bytes(50), "a parquet file"),
        (bytes.fromhex("1800000000000000a37f4b22") + bytes(50), "TFRecords"),
    ],
)
def test_files_of_other_programs_are_named(head: bytes, says: str, tmp_path: Path) -> None:
    for source in (head, tmp_path / "set.bin", tmp_path):
        (tmp_path / "set.bin").write_bytes(head)
        with pytest.raises(DataError, match=says):
            read_set(source, GREY)
    with pytest.raises(DataError, match=says):
        read_set(FILES, GREY, head)


def test_what_a_set_was_read_as_is_kept_with_it(tmp_path: Path) -> None:
    digest = import_set(npz(x_train=IMAGES, y_train=LABELS), GREY, tmp_path)
    assert readings_of(tmp_path, digest) == ("read from the NPZ: 'x_train' and 'y_train'",)
    assert import_set(npz(images=IMAGES, labels=LABELS), GREY, tmp_path) == digest
    assert readings_of(tmp_path, digest) == ()
