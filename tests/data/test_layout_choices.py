"""Readings that an address chooses, links, the keywords of parts, and a data set's root given as a condensed set."""

from pathlib import Path

import pytest

from edc_core.data import describe
from edc_core.data.external_sets.condensed_parts import check_parts
from edc_core.data.readers.split_names import is_share, split_kind
from edc_core.errors import DataError, EDCError
from tests.support.photos import picture
from tests.support.trees import PAIR, Tree, made, of, under

CHOSEN: dict[str, tuple[Tree, str, tuple[str, ...], int]] = {
    "folders as classes": (
        under("fold1", of("a", "b", count=5)) | under("fold2", of("a", "b", count=5)),
        "split=none",
        ("fold1", "fold2"),
        4,
    ),
    "two parts": (under("fold1", PAIR) | under("fold2", PAIR), "split=fold1,fold2", ("cat", "dog"), 6),
    "all parts together": (under("kitchen", PAIR) | under("garden", PAIR), "classes=deepest", ("cat", "dog"), 2),
    "another test part": (
        under("train", PAIR) | under("val", of("cat", "dog", count=1)) | under("test", PAIR),
        "split=val",
        ("cat", "dog"),
        2,
    ),
    "the training part alone": (
        under("train", of("cat", "dog", count=5)) | under("test", PAIR),
        "split=train",
        ("cat", "dog"),
        2,
    ),
    "inner folders": (
        of("animals/cat", "animals/dog", "tools/axe", count=5),
        "classes=deepest",
        ("axe", "cat", "dog"),
        3,
    ),
    "parts as classes": (of("train", "test", count=5), "split=none", ("test", "train"), 2),
}


@pytest.mark.parametrize("choice", CHOSEN)
def test_an_address_chooses_another_reading(choice: str, tmp_path: Path) -> None:
    tree, option, classes, tests = CHOSEN[choice]
    about = describe(f"{made(tmp_path / 'set', tree)}?{option}")
    assert (about.classes, about.test_count) == (classes, tests)


def test_an_option_that_does_not_fit_is_refused_by_name(tmp_path: Path) -> None:
    root = made(tmp_path / "set", under("train", PAIR) | under("test", PAIR))
    for option, words in (
        ("split=holdout", "split is 'holdout', but .* test, train"),
        ("label=fine", "label is 'fine', but .* no list that names them"),
        ("config=en", "'config=en' chooses from parquet"),
        ("labels=fine", "'labels=fine' .* unknown"),
        ("split=train&split=test", "stands twice"),
    ):
        with pytest.raises(EDCError, match=words):
            describe(f"{root}?{option}")


def test_links_are_followed_once_and_what_lies_behind_them_counts(tmp_path: Path) -> None:
    root = Path(made(tmp_path / "set", under("train", PAIR) | under("test", PAIR)))
    away = tmp_path / "away"
    made(away, {"more": 2})
    (root / "train" / "cat" / "more").symlink_to(away / "more")
    (root / "train" / "cat" / "again").symlink_to(away / "more")
    before = describe(str(root))
    assert before.train_counts == (5, 3)
    assert "train/cat/more/ leads to a folder that its class has already, and is read once" in str(
        before.census.readings
    )
    picture(away / "more" / "new.png", (8, 8), seed=7)
    after = describe(str(root))
    assert after.train_counts == (6, 3)
    assert after.digest != before.digest
    (away / "more" / "loop").symlink_to(away)
    with pytest.raises(EDCError, match="more/loop' is a link to .* a loop"):
        describe(str(root))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Training Set", "train"),
        ("x_TRAIN_y", "train"),
        ("traindata", "train"),
        ("Validação", None),
        ("dev", "val"),
        ("validation-1", "val"),
        ("Evaluation", "test"),
        ("测试集", "test"),
        ("train_test", None),
        ("trainer", None),
        ("contest", None),
    ],
)
def test_keywords_are_whole_words_of_a_name(name: str, kind: str | None) -> None:
    assert split_kind(name) == kind


@pytest.mark.parametrize(
    ("places", "classes", "refused"),
    [
        (("train/a", "train/b", "test/a", "test/b"), ("a", "b"), True),
        (("set/Training/a", "set/validation/a", "set/readme"), ("a", "b"), True),
        (("root/seg_train/0", "root/seg_test/0"), ("a", "b"), True),
        (("train/a", "train/b"), ("a", "b"), False),
        (("train/x", "test/x"), ("test", "train"), False),
        (("a/train", "b/train"), ("a", "b"), False),
    ],
)
def test_a_data_sets_own_root_is_no_condensed_set(places: tuple, classes: tuple, refused: bool) -> None:
    names = [f"{place}/0.png" for place in places]
    if not refused:
        assert check_parts(names, classes) is None
        return
    with pytest.raises(DataError, match="test images are no condensed ones"):
        check_parts(names, classes)


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("fold1", True),
        ("Part_b", True),
        ("k-fold 3", True),
        ("cam02", True),
        ("part", False),
        ("n01", False),
        ("partly", False),
        ("class1", False),
    ],
)
def test_numbered_shares_are_known_by_their_names(name: str, share: bool) -> None:
    assert is_share(name) == share
