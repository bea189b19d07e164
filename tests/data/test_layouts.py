"""Folder layouts as people have them: which folders are parts, which are classes, what is said and left out."""

import re
from pathlib import Path

import pytest

from edc_core.data import Description, describe
from edc_core.errors import EDCError
from tests.support.trees import PAIR, Tree, made, of, under


def said(about: Description) -> str:
    return "; ".join(about.census.sentences)


READ: dict[str, tuple[Tree, tuple[str, ...], int, str]] = {  # tree, classes, test images, words of the census
    "capitals": (under("TRAINING", PAIR) | under("Testing", PAIR), ("cat", "dog"), 6, "TRAINING/"),
    "parts of names": (
        under("set_train", PAIR) | under("set_valid", PAIR),
        ("cat", "dog"),
        6,
        "serves as the test part",
    ),
    "years": (under("train2017", PAIR) | under("val2017", PAIR), ("cat", "dog"), 6, "val2017/"),
    "humps": (under("TrainImages", PAIR) | under("TestImages", PAIR), ("cat", "dog"), 6, "TestImages/"),
    "dev": (under("train", PAIR) | under("dev", PAIR), ("cat", "dog"), 6, "dev/ serves as the test part"),
    "test before val": (
        under("train", PAIR) | under("val", of("cat", "dog", count=1)) | under("test", PAIR),
        ("cat", "dog"),
        6,
        "'?split=val' takes that",
    ),
    "an unlabelled test part": (
        under("train", PAIR) | under("val", PAIR) | {"test": 2},
        ("cat", "dog"),
        6,
        "left out: images of parts that are not read (2 files",
    ),
    "two folders too high": (
        under("archive/data set/train", PAIR) | under("archive/data set/test", PAIR) | {"archive/readme.md": 0},
        ("cat", "dog"),
        6,
        "archive/data set/train/",
    ),
    "a wrapper in each part": (
        under("seg_train/seg_train", PAIR) | under("seg_test/seg_test", PAIR),
        ("cat", "dog"),
        6,
        "",
    ),
    "images and annotations": (
        under("images", of("cat", "dog", count=5)) | {"annotations/cat/0.xml": 0, "annotations/dog/0.xml": 0},
        ("cat", "dog"),
        2,
        "annotations and metadata (2 files, such as 'annotations/cat/0.xml')",
    ),
    "ImageNet": (
        under("ILSVRC/Data/CLS-LOC/train", of("n01", "n02", count=5))
        | {"ILSVRC/Data/CLS-LOC/val": 2, "ILSVRC/a.xml": 0},
        ("n01", "n02"),
        2,
        "val/ has no class folders and is not read",
    ),
    "a training part alone": (under("train", of("cat", "dog", count=5)), ("cat", "dog"), 2, "every fifth image"),
    "class folders in every part's name": (
        of("a/train", "a/test", "b/train", "b/test"),
        ("a", "b"),
        6,
        "holds its own parts",
    ),
    "a class called train": (
        of("bus", "car", "train", count=5),
        ("bus", "car", "train"),
        3,
        "'train' is read as a class",
    ),
    "a class called valid": (of("expired", "valid", count=5), ("expired", "valid"), 2, "'valid' is read as a class"),
    "a class called test within parts": (
        under("train", of("test", "train", "bus")) | under("test", of("test", "train", "bus")),
        ("bus", "test", "train"),
        9,
        "",
    ),
    "a test folder beside class folders": (
        of("cat", "dog") | under("test", PAIR),
        ("cat", "dog"),
        6,
        "test images those of test/",
    ),
    "deep within a class": (
        under("train", of("cat/2020/may", "dog")) | under("test", PAIR),
        ("cat", "dog"),
        6,
        "",
    ),
    "an empty class folder": (under("train", PAIR | {"emu": 0}) | under("test", PAIR), ("cat", "dog"), 6, "('emu')"),
    "loose images": (
        under("train", PAIR) | under("test", PAIR) | {"train": 2},
        ("cat", "dog"),
        6,
        "such as 'train/0.png'",
    ),
    "system folders": (
        under("train", PAIR | of("@eaDir", ".ipynb_checkpoints", "$RECYCLE.BIN/x")) | under("test", PAIR),
        ("cat", "dog"),
        6,
        "system and hidden files (3 files",
    ),
    "an outer level of kinds": (
        of("animals/cat", "animals/dog", "tools/axe", "tools/saw", count=5),
        ("animals", "tools"),
        4,
        "'?classes=deepest'",
    ),
    "folds": (under("fold1", PAIR) | under("fold2", PAIR), ("cat", "dog"), 2, "'fold1', 'fold2' are shares of one set"),
    "an empty test part": (
        under("train", of("cat", "dog", count=5)) | {"test": 0},
        ("cat", "dog"),
        2,
        "test/ has no images",
    ),
    "loose images beside a wrapper": (
        under("train/train", PAIR) | under("test", PAIR) | {"train": 1},
        ("cat", "dog"),
        6,
        "such as 'train/0.png'",
    ),
    "a part of no known name": (
        under("train", PAIR) | under("unseen", PAIR),
        ("cat", "dog"),
        6,
        "unseen/ is for testing",
    ),
}


@pytest.mark.parametrize("layout", READ)
def test_a_layout_is_read_and_said(layout: str, tmp_path: Path) -> None:
    tree, classes, tests, words = READ[layout]
    about = describe(made(tmp_path / "set", tree))
    assert about.classes == classes
    assert about.test_count == tests
    assert words in said(about)


REFUSED: dict[str, tuple[Tree, str]] = {
    "no training part": (under("test", PAIR) | under("val", PAIR), "no training part"),
    "one part without classes": (of("train"), "'train' holds images, but no class folders"),
    "two training parts": (
        under("train_a", PAIR) | under("train_b", PAIR) | under("test", PAIR),
        "several training parts",
    ),
    "several sets": (
        under("a/train", PAIR) | under("a/test", PAIR) | under("b/train", PAIR) | under("b/test", PAIR),
        "several data sets",
    ),
    "a class or a part": (under("train", PAIR) | of("bus", "car"), "split=none.*split=train"),
}


TEN = of("cat", "dog", count=5)
DOUBTED: dict[str, tuple[Tree, tuple[str, ...], str]] = {  # read as two of three libraries do, with a warning
    "rooms": (under("kitchen", TEN) | under("garden", TEN), ("cat", "dog"), r"'garden', 'kitchen' hold the same"),
    "three rooms": (
        under("a/x", TEN) | under("b", TEN) | under("c", TEN | of("owl", count=5)),
        ("cat", "dog", "owl"),
        r"\?split=a,b",
    ),
    "masks": (under("set/images", TEN) | under("masks", TEN), ("cat", "dog"), r"\?split=none.* 'masks', 'set'"),
    "flat parts": (of("train", "test", count=5), ("test", "train"), "if they are parts without labels"),
    "three flat parts": (of("Train", "Test", "Valid", count=5), ("Test", "Train", "Valid"), "as torchvision and"),
    "flat parts and a sample": (of("train", "test", "sample", count=5), ("sample", "test", "train"), "CSV file"),
}


@pytest.mark.parametrize("layout", DOUBTED)
def test_what_two_libraries_read_is_read_with_a_doubt(layout: str, tmp_path: Path) -> None:
    tree, classes, words = DOUBTED[layout]
    about = describe(made(tmp_path / "set", tree))
    assert about.classes == classes
    assert re.search(words, about.census.doubts[0])
    images = sum(tree.values())
    assert (sum(about.train_counts), about.test_count) == (images * 4 // 5, images // 5)


@pytest.mark.parametrize("layout", REFUSED)
def test_a_layout_of_two_readings_is_refused_with_both(layout: str, tmp_path: Path) -> None:
    tree, words = REFUSED[layout]
    with pytest.raises(EDCError, match=words):
        describe(made(tmp_path / "set", tree))
