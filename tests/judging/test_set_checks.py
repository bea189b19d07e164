"""A condensed set looked at before it is judged: sound ones pass, broken ones are told, and consent is kept."""

import io
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import edc_core as edc
from edc_core.config import DataConfig
from edc_core.data import Dataset, open_dataset
from edc_core.data.external_sets.given import save_given
from edc_core.judging.set_checks import RefusedSet, SetCheck, check_set, stored_check
from edc_core.judging.set_reading import chance_of, match_classes
from edc_core.runs.condensed_set import condensed_set
from edc_core.store import BUNDLED, Store
from tests.conftest import answer
from tests.conftest import edc as command

MINI = "fashion-mnist-mini"
Images = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def mini(shared_home: Path) -> Dataset:
    return open_dataset(MINI, DataConfig(), shared_home)


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Images]:
    """The sets that come with the project, by preset."""
    found = {}
    with closing(Store(tmp_path_factory.mktemp("bundled"), (BUNDLED,))) as store:
        for run in store.runs():
            made = condensed_set(store, run)
            found[run.preset] = made.pixels(range(len(made))), np.array(made.labels)
    return found


def looked_at(images: Images, dataset: Dataset, home: Path, *observers_in: Path) -> SetCheck:
    return check_set(save_given(home, *images), dataset, home, observers_in)


def stops(check: SetCheck) -> set[str]:
    return {found.check for found in check.stops}


@pytest.mark.parametrize("preset", ["G", "A", "random", "herding"])
@pytest.mark.parametrize("each", [10, 1])
def test_bundled_sets_pass_without_a_warning(
    preset: str, each: int, bundled: dict[str, Images], mini: Dataset, tmp_path: Path
) -> None:
    images, labels = bundled[preset]
    found = looked_at((images[: 10 * each], labels[: 10 * each]), mini, tmp_path)
    assert found.warnings == ()


def permuted(images: np.ndarray, labels: np.ndarray) -> Images:
    return images, (labels + 3) % 10


def stretched(images: np.ndarray, labels: np.ndarray) -> Images:
    noisy = images / 255 + np.random.default_rng(0).normal(0, 0.2, images.shape)
    return (255 * (noisy - noisy.min()) / np.ptp(noisy)).astype(np.uint8), labels


BROKEN = {
    "another order": (permuted, "labels", "fatal", "in another order of the classes"),
    "inverted": (lambda x, y: (255 - x, y), "values", "fatal", "look inverted"),
    "numbers from 0 to 1": (lambda x, y: (x // 128, y), "values", "fatal", "values reach 1 of 255"),
    "nearly black": (lambda x, y: (x // 12, y), "values", "fatal", "nearly black"),
    "nearly white": (lambda x, y: (255 - x // 12, y), "values", "fatal", "nearly white"),
    "half as bright": (lambda x, y: (x // 2, y), "values", "warning", "times the data set's: the set's mean"),
    "stretched": (stretched, "values", "warning", "the set's mean is"),
    "turned": (lambda x, y: (x.transpose(0, 1, 3, 2), y), "values", "warning", "rows for columns"),
    "two classes swapped": (lambda x, y: (x, np.array([1, 0, *range(2, 10)])[y]), "labels", "warning", "Trouser"),
    "counted from 1": (lambda x, y: (x[y < 9], y[y < 9] + 1), "classes", "fatal", "(are labels counted from 1?)"),
    "a class missing": (lambda x, y: (x[y < 9], y[y < 9]), "classes", "warning", "1 of 10 classes have no image"),
    "each image twice": (lambda x, y: (np.repeat(x, 2, 0), np.repeat(y, 2)), "copies", "warning", "100 of 200"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_what_is_broken_is_told(how: str, bundled: dict[str, Images], mini: Dataset, tmp_path: Path) -> None:
    change, check, severity, says = BROKEN[how]
    found = looked_at(change(*bundled["G"]), mini, tmp_path)
    (told,) = [one for one in found.findings if says in one.message]
    assert (told.check, told.severity) == (check, severity)
    assert told.cure.endswith(".")


def test_observers_read_what_a_linear_classifier_cannot(
    bundled: dict[str, Images], mini: Dataset, tmp_path: Path
) -> None:
    wrong = permuted(*bundled["A"])
    assert stops(looked_at(wrong, mini, tmp_path)) == set()
    assert stops(looked_at(wrong, mini, tmp_path, BUNDLED)) == {"labels"}
    assert looked_at(bundled["A"], mini, tmp_path, BUNDLED).warnings == ()


def of_the_test_set(mini: Dataset) -> Images:
    part = mini.part("test")
    rows = np.concatenate([np.flatnonzero(part.labels == label)[:2] for label in range(10)])
    return np.array(part.take(rows)), part.labels[rows]


def test_test_images_are_known_pixel_by_pixel_and_nearly(mini: Dataset, tmp_path: Path) -> None:
    images, labels = of_the_test_set(mini)
    found = looked_at((images, labels), mini, tmp_path)
    assert stops(found) == {"copies"}
    assert "of 20 images are the data set's own test images, pixel by pixel" in found.stops[0].message
    noise = np.random.default_rng(0).normal(0, 4, images.shape)
    near = looked_at(((images + noise).clip(0, 255).astype(np.uint8), labels), mini, tmp_path)
    assert stops(near) == {"copies"}
    assert "nearly the data set's own test images" in near.stops[0].message


def test_training_images_are_a_note(bundled: dict[str, Images], mini: Dataset, tmp_path: Path) -> None:
    found = looked_at(bundled["random"], mini, tmp_path)
    assert [(one.severity, one.message) for one in found.findings if one.check == "copies"] == [
        ("note", "100 of 100 images are real training images (pixel by pixel).")
    ]


def test_images_that_show_nothing_are_not_said_to_be_in_another_order(mini: Dataset, tmp_path: Path) -> None:
    for seed in range(3):
        images = np.random.default_rng(seed).integers(0, 256, (10 * (1 + seed), 1, 28, 28), np.uint8)
        labels = np.tile(np.arange(10), 1 + seed)
        assert stops(looked_at((images, labels), mini, tmp_path)) == set()


def test_chance_and_matching_are_what_counting_says() -> None:
    assert chance_of(2, 2, 0.5) == pytest.approx(0.25)
    assert chance_of(1, 3, 1 / 3) == pytest.approx(1 - (2 / 3) ** 3)
    pairs, hits = match_classes(np.array([0, 0, 1, 1, 2]), np.array([1, 1, 0, 2, 2]))
    assert (pairs, hits) == ([(0, 1), (1, 0), (2, 2)], 4)


def packed(images: np.ndarray, labels: np.ndarray, path: Path) -> Path:
    buffer = io.BytesIO()
    np.savez(buffer, images=images, labels=labels)
    path.write_bytes(buffer.getvalue())
    return path


JUDGED = ("--profile", "tiny", "--protocol", "plain", "--no-controls", "--set", "views.epochs=1")


def test_a_refused_set_is_judged_with_consent_which_is_kept(
    bundled: dict[str, Images], shared_home: Path, tmp_path: Path
) -> None:
    images, labels = bundled["G"]
    given = packed(255 - images, labels, tmp_path / "set.npz")
    before = set((shared_home / "given").glob("*"))
    refused = command("evaluate", "--images", given, *JUDGED, home=shared_home, check=False)
    assert refused.returncode == 2
    assert "look inverted" in refused.stderr
    assert "--judge-anyway" in refused.stderr
    assert set((shared_home / "given").glob("*")) == before
    found = answer(command("evaluate", "--images", given, *JUDGED, "--judge-anyway", home=shared_home))
    assert found["check"]["consented"] is True
    run = edc.load(found["run"], home=shared_home)
    assert "look inverted" in run.set_warnings[0]
    again = edc.evaluate(run, protocol="plain", settings={"views.epochs": 2}, progress=False)
    assert again.set_warnings == run.set_warnings


def test_the_api_takes_consent_by_a_keyword(bundled: dict[str, Images], mini: Dataset, shared_home: Path) -> None:
    images, labels = of_the_test_set(mini)
    asked = {"images": images, "labels": labels, "profile": "tiny", "protocol": "plain", "controls": False}
    asked |= {"settings": {"views.epochs": 1}, "home": shared_home, "progress": False}
    with pytest.raises(RefusedSet, match="own test images.*judge_anyway=True"):
        edc.evaluate(**asked)
    assert "own test images" in edc.evaluate(**asked, judge_anyway=True).set_warnings[0]


def test_a_check_of_another_store_is_read_as_far_as_it_is_one() -> None:
    one = {"check": "values", "severity": "fatal", "message": "dark.", "cure": "light."}
    found = stored_check(
        {"set_check": {"consented": 1, "findings": [one, {"check": 1}, "x", one | {"severity": "bad"}]}}
    )
    assert found is not None
    assert len(found.findings) == 1
    assert found.consented is False
    assert stored_check({"set_check": "x"}) is None
    assert stored_check({}) is None


def test_a_worker_that_takes_the_run_up_keeps_the_check(tiny_run: dict, shared_home: Path, tmp_path: Path) -> None:
    with closing(Store(shared_home)) as store:
        run = store.run(tiny_run["run"])
    with closing(Store(tmp_path)) as store:
        kept = SetCheck((), True).plain()
        store.register("a", run.settings, run.plan, dict(run.manifest) | {"set_check": kept})
        store.register("a", run.settings, run.plan, dict(run.manifest))
        assert store.run("a").manifest["set_check"] == kept


def test_the_sets_key_is_the_same_with_and_without_a_check(tiny_run: dict) -> None:
    """What is found enters no key: both spellings stand for one run."""
    from edc_core.pipeline.prepare import prepare_by_name

    prepared = prepare_by_name("random", MINI, 1, 0, "tiny")
    assert replace(prepared, set_check={"findings": []}).run == prepared.run


def test_tensors_of_an_imported_set_are_left_as_they_are(bundled: dict[str, Images], tmp_path: Path) -> None:
    digest = save_given(tmp_path, *bundled["G"])
    assert np.array_equal(load_file(tmp_path / "given" / f"{digest}.safetensors")["images"], bundled["G"][0])
