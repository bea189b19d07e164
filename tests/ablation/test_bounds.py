"""What a matrix's accuracies stand between: read from stored figures, and left out where nobody has measured it."""

from pathlib import Path

import pytest

from edc_core.ablation.bounds import bounds
from edc_core.ablation.design import parse_design
from edc_core.ablation.matrix import build_matrix
from edc_core.ablation.published_scores import PUBLISHED, ScoreLookup, published_matrices
from edc_core.report import html
from edc_core.store import BUNDLED, StageResults, Store

SET = "fashion-mnist-mini"


def bundled(name: str):
    return build_matrix(
        parse_design(next(record for record in published_matrices(PUBLISHED) if record["name"] == name)["design"])
    )


def test_a_bundled_ladder_has_its_floor_its_best_observer_and_all_real_images(tmp_path: Path) -> None:
    lookup = ScoreLookup(StageResults(tmp_path, (BUNDLED,)))
    found = dict(bounds(bundled("ladder-brisk"), lookup, tmp_path, SET, 10, "convnet-d3-w32"))
    (floor, observer, real), (low, high, highest) = found, found.values()
    assert floor == "floor: random images, hard labels, 10 a class"
    assert observer.startswith("best observer (")
    assert real.startswith("9,000 real images, hard labels")
    assert low < high < highest


def test_a_waterfall_begins_at_its_floor_and_has_ceilings_alone(tmp_path: Path) -> None:
    found = bounds(
        bundled("waterfall-brisk"), ScoreLookup(StageResults(tmp_path, (BUNDLED,))), tmp_path, SET, 10, "convnet-d3-w32"
    )
    assert [name.split()[0] for name, _ in found] == ["best", "9,000"]


def test_what_nobody_has_measured_is_left_out(tmp_path: Path) -> None:
    matrix = bundled("ladder-brisk")
    nothing = ScoreLookup(StageResults(tmp_path), ())
    assert bounds(matrix, nothing, tmp_path, SET, 10, "resnet18-w16") == []
    assert bounds(matrix, nothing, tmp_path, "another set", 10, "convnet-d3-w32") == []


def test_a_report_draws_them(bare_store: Store) -> None:
    page = html(bundled("ladder-brisk"), ScoreLookup(StageResults(bare_store.home, (BUNDLED,))), bare_store)
    assert "floor: random images, hard labels" in page


@pytest.mark.parametrize("change", [{"relabel.labels": "soft"}, {"evaluate.loss": "kl"}])
def test_a_design_that_changes_labels_keeps_a_floor_of_hard_ones(tmp_path: Path, change: dict) -> None:
    matrix = bundled("ladder-brisk")
    changed = type(matrix)(matrix.design.model_copy(update={"changes": change}), matrix.jobs)
    lookup = ScoreLookup(StageResults(tmp_path, (BUNDLED,)))
    assert bounds(changed, lookup, tmp_path, SET, 10, "convnet-d3-w32")[0][0].startswith("floor")


def test_a_damaged_curve_of_real_images_takes_no_result_away(tmp_path: Path) -> None:
    (tmp_path / "worth").mkdir()
    (tmp_path / "worth" / "other-set.json").write_text("{")
    found = bounds(
        bundled("ladder-brisk"), ScoreLookup(StageResults(tmp_path, (BUNDLED,))), tmp_path, SET, 10, "convnet-d3-w32"
    )
    assert [name.split()[0] for name, _ in found] == ["floor:", "best"]
