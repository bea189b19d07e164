"""Two condensed sets side by side: rows, partners, and where they differ most."""

import copy
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from edc_core.errors import SettingsError
from edc_core.runs.set_pair import SetPair, set_pair
from edc_core.store import Store
from edc_core.store.run_record import RunRecord
from tests.support.crowd import add, prepared

CLASSES = ("coat", "bag")


def pair(first: list, second: list, paired: bool = True, filled: list | None = None) -> SetPair:
    """Grey images of one pixel, a row a class."""
    cells = [np.array(values, np.uint8)[..., None, None, None] for values in (first, second)]
    held = np.ones(cells[0].shape[:2], bool) if filled is None else np.array(filled)
    return SetPair(CLASSES, *cells, held, paired)


def test_partners_are_compared_pixel_by_pixel_and_classes_ranked() -> None:
    found = pair([[0, 255], [100, 100]], [[255, 255], [100, 151]])
    assert found.difference[..., 0, 0, 0].tolist() == [[255, 0], [0, 51]]
    assert found.by_class == [("coat", pytest.approx(50.0)), ("bag", pytest.approx(10.0))]
    assert found.largest(2) == [(0, 0), (1, 1)]


def test_a_place_that_one_set_leaves_empty_does_not_count() -> None:
    found = pair([[10, 0], [0, 0]], [[10, 255], [0, 0]], filled=[[True, False], [True, True]])
    assert found.by_class == [("coat", 0.0), ("bag", 0.0)]
    assert (0, 1) not in found.largest(8)


def test_without_a_common_start_class_means_are_compared() -> None:
    found = pair([[0, 100], [0, 0]], [[100, 0], [255, 255]], paired=False)
    assert found.difference[..., 0, 0, 0].tolist() == [[0], [255]]
    assert found.by_class[0] == ("bag", pytest.approx(100.0))
    assert found.largest(4) == []


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The runs that come with the project."""
    with closing(Store(tmp_path_factory.mktemp("home"))) as opened:
        yield opened


def bundled(store: Store, preset: str) -> RunRecord:
    runs = [run for run in store.runs() if run.bundled and run.preset == preset]
    return next(run for run in runs if run.settings["protocol"] == "edc")


def test_runs_of_one_start_are_compared_image_by_image(store: Store) -> None:
    first, second = bundled(store, "G"), bundled(store, "random")
    found = set_pair(store, first, second)
    assert found.paired
    assert found.classes == tuple(first.manifest["dataset"]["classes"])
    assert found.first.shape == found.second.shape == found.difference.shape == (10, 10, 1, 28, 28)
    assert found.filled.all()


def test_runs_of_different_starts_share_only_their_class_rows(store: Store) -> None:
    found = set_pair(store, bundled(store, "G"), bundled(store, "A"))
    assert not found.paired
    assert found.difference.shape == (10, 1, 1, 28, 28)


def test_sets_that_cannot_be_compared_say_why(store: Store) -> None:
    first, second = bundled(store, "G"), bundled(store, "random")
    manifest = copy.deepcopy(second.manifest)
    manifest["dataset"]["size"] = 32
    with pytest.raises(SettingsError, match=r"different size \(28 and 32\): choose two of one data set"):
        set_pair(store, first, replace(second, manifest=manifest))
    waiting = store.run(add(store, prepared("G"), "running"))
    with pytest.raises(SettingsError, match="are not finished: choose another set"):
        set_pair(store, first, waiting)
