"""Where the gain comes from: the waterfall read from stored figures, and its section on Images or labels?."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edc_core.ablation import ScoreLookup
from edc_core.ablation.waterfall import ORDER, Waterfall, build_waterfall, command
from edc_core.cli.ablate import names
from edc_core.data import describe
from edc_core.store import StageResults
from pages.judge.waterfall import few_seeds_note
from tests.conftest import ROOT
from tests.support.app_pages import at_page
from tests.support.stored_matrices import EFFECTS, stored_matrix, top1

DATA = "fashion-mnist-mini"
GAIN = sum(EFFECTS[name] for name in ORDER)


def turning(on: frozenset[str], seed: int) -> float:
    """As in the trial of the issue: augmentation harms with hard labels and helps with soft ones."""
    augmentation = (2.0 if "soft-labels" in on else -1.25) if "augmentation" in on else 0.0
    return top1(on - {"augmentation"}, seed) + augmentation + 0.05 * seed * ("augmentation" in on)


@pytest.fixture(scope="module")
def waterfall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("waterfall")

    def scores(job) -> tuple[float, float]:
        on = job.cell.on
        return turning(on - {"schedule"}, job.seed), turning(on | {"schedule"}, job.seed)

    stored_matrix(place, "waterfall-brisk", scores, kind="waterfall", profile="lab-quick", seeds=3)
    return place


def read(place: Path, home: Path, ipc: int = 10) -> Waterfall:
    return build_waterfall(ScoreLookup(StageResults(home), (place,)), DATA, describe(DATA).digest, ipc)


def test_a_stored_waterfall_is_read_bar_by_bar(waterfall: Path, tmp_path: Path) -> None:
    found = read(waterfall, tmp_path)
    assert (found.whole, found.measured, found.wanted, found.seeds) == (True, 96, 96, 3)
    rungs = found.steps()
    assert [rung.name for rung in rungs[1:]] == list(ORDER)
    for count, rung in enumerate(rungs):
        cell = frozenset(ORDER[:count])
        assert rung.level.mean == pytest.approx(sum(turning(cell, seed) for seed in range(3)) / 3)
    assert sum(rung.gain.mean for rung in rungs[1:]) == pytest.approx(rungs[-1].level.mean - rungs[0].level.mean)
    assert sum(share.estimate.mean for share in found.shares()) == pytest.approx(found.gain.estimate.mean)
    low, high = found.ranges()["augmentation"][:2]
    assert (low, high) == pytest.approx((-1.2, 2.05))
    steps = found.ranges()["steps"]
    assert steps.low == pytest.approx(steps.high) == pytest.approx(5.0)


def test_its_sentences_name_both_ends_the_labels_and_a_turning_sign(waterfall: Path, tmp_path: Path) -> None:
    first, second, third = read(waterfall, tmp_path).sentences()
    assert first.startswith("From 55.0 % (random images, hard labels, plain training) to 72.0 % (EDC): 17.0")
    assert "soft labels +7.6, optimiser steps (small batch) +5.0" in second
    assert "account for 7.6" in second
    assert third.startswith("Augmentation and CutMix are worth −1.2 (−1.3 to −1.1) points in one order and 2.0")
    assert "the measured sign turns with the order. These are the extremes of 16 cases" in third


def test_figures_rest_on_the_seeds_that_have_every_cell(waterfall: Path, tmp_path: Path) -> None:
    whole = read(waterfall, tmp_path)
    holed = {on: dict(by_seed) for on, by_seed in whole.cells.items()}
    for seed, on in enumerate(list(holed)[2:4], 1):
        holed[on].pop(seed)
    found = replace(whole, cells=holed)
    assert (found.whole, found.measured, found.seeds) == (True, 94, 1)
    shares = sum(share.estimate.mean for share in found.shares())
    assert shares == pytest.approx(found.gain.estimate.mean)
    assert found.steps()[-1].level.count == 1


def test_a_sign_within_the_seeds_noise_is_not_told(tmp_path: Path) -> None:
    def scores(job) -> tuple[float, float]:
        wobble = (-1.0, 0.0, 1.0)[job.seed] if "augmentation" in job.cell.on else 0.0
        sign = 0.3 if "soft-labels" in job.cell.on else -0.3
        value = 60 + wobble + (sign if "augmentation" in job.cell.on else 0.0)
        return value, value

    stored_matrix(tmp_path, "noise", scores, kind="waterfall", settings="tiny", seeds=3)
    found = read(tmp_path, tmp_path)
    assert found.ranges()["augmentation"].low < 0 < found.ranges()["augmentation"].high
    assert len(found.sentences()) == 2


def test_without_figures_the_command_that_makes_them_is_named(tmp_path: Path) -> None:
    found = read(tmp_path / "none", tmp_path)
    assert (found.whole, found.measured, found.wanted, found.record) == (False, 0, 96, None)
    assert command(DATA, 10) == "python -m edc_core ablate --kind waterfall --profile lab-quick"
    assert names(command("my set", 1).split("--ipc ")[1]) == ["1"]
    assert "--dataset 'my set'" in command("my set", 1)


def test_another_data_sets_waterfall_is_not_shown(waterfall: Path, tmp_path: Path) -> None:
    found = build_waterfall(ScoreLookup(StageResults(tmp_path), (waterfall,)), DATA, "another digest", 10)
    assert found.record is None


# The page -------------------------------------------------------------------------------------------


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def open_with(place: Path) -> AppTest:
        monkeypatch.setenv("EDC_HOME", str(tmp_path))
        monkeypatch.setattr("edc_core.ablation.published_scores.PUBLISHED", place)
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at_page(app, "labels").run()
        assert not app.exception
        assert not app.error, [error.value for error in app.error]
        return app

    return open_with


def test_one_seed_is_named_as_one() -> None:
    assert few_seeds_note(1) == "Only 1 seed has every cell: treat these figures as a hint."
    assert few_seeds_note(2).startswith("Only 2 seeds have every cell")


def test_the_page_shows_the_waterfall_in_any_order(page, waterfall: Path) -> None:
    app = page(waterfall)
    assert any("From 55.0 % (random images" in one.value for one in app.markdown)
    assert any("initial images have no bar of their own" in one.value for one in app.caption)
    assert any(
        "smallest true gain that this design would detect four times in five" in one.value for one in app.caption
    )

    def bars() -> str:
        return next(chart.proto.spec for chart in app.get("plotly_chart") if "optimiser steps" in chart.proto.spec)

    usual = bars()
    assert json.loads(usual)["data"]
    app.selectbox(key="labels_gain_order").select("soft-labels").run()
    assert not app.exception
    assert bars() != usual


def test_the_page_says_how_the_waterfall_is_measured(page, tmp_path: Path) -> None:
    app = page(tmp_path / "none")
    assert any("runs are measured" in one.value or "not measured yet" in one.value for one in app.info)
    assert any("ablate --kind waterfall" in one.value for one in app.code)
