"""The tidy table: levels, bytes, seconds, and the scores that need other runs beside them."""

import csv
import io
from pathlib import Path

import pytest

from edc_core.ablation.dd_ranking import ars, lrs
from edc_core.ablation.matrix import Matrix
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.ablation.tidy_table import as_csv, image_bytes, table
from edc_core.store import StageResults
from edc_core.store.files import write_json
from tests.support.stored_matrices import stored_matrix, top1

IMAGE = 28 * 28


def rows_of(matrix: Matrix, place: Path) -> list[dict]:
    return table(matrix, ScoreLookup(StageResults(place / "home"), (place,)))


@pytest.fixture(scope="module")
def waterfall(tmp_path_factory: pytest.TempPathFactory) -> tuple[Matrix, list[dict]]:
    place = tmp_path_factory.mktemp("waterfall")
    matrix = stored_matrix(place, "waterfall", kind="waterfall", profile="lab-quick", seeds=2)
    return matrix, rows_of(matrix, place)


def test_a_row_a_student_with_levels_and_bytes(tmp_path: Path) -> None:
    choices = ("flatness", "ema-evaluation")
    matrix = stored_matrix(tmp_path, "small", kind="factorial", choices=choices, settings="tiny", ipcs=(2,), seeds=2)
    rows = rows_of(matrix, tmp_path)
    assert len(rows) == 8
    by_cell = {(row["cell"], row["seed"]): row for row in rows}
    first = by_cell["only EMA-based evaluation", 0]
    assert (first["on:flatness"], first["on:ema-evaluation"], first["weights"]) == (0, 1, "ema")
    assert first["top1"] == first["ema"] == top1(frozenset({"ema-evaluation"}), 0)
    assert by_cell["all off", 0]["top1"] == by_cell["all off", 0]["raw"]
    assert first["image_bytes"] == image_bytes("fashion-mnist-mini", 2) == 20 * IMAGE
    views = matrix.jobs[0].prepared.config.views
    assert first["label_bytes"] == views.epochs * 20 * 10 * 2
    assert first["seconds_making"] is first["seconds_evaluate"] is first["lrs"] is first["ars"] is None
    assert first["stored"] == "small"
    assert first["data_digest"] == matrix.jobs[0].prepared.description.digest


def test_seconds_are_those_of_the_runs_own_stages(tmp_path: Path) -> None:
    matrix = stored_matrix(tmp_path, "ladder", kind="ladder", presets=("G",), settings="tiny", seeds=1)
    for node in matrix.jobs[0].prepared.nodes:
        folder = tmp_path / "home" / "artefacts" / node.key
        if node.stage in ("initialise", "synthesise", "squeeze"):
            folder.mkdir(parents=True)
            write_json(folder / "stage.json", {"seconds": {"initialise": 0.5, "synthesise": 4.0}.get(node.stage, 99)})
    (row,) = rows_of(matrix, tmp_path)
    assert (row["seconds_initialise"], row["seconds_synthesise"], row["seconds_making"]) == (0.5, 4.0, 4.5)
    assert row["seconds_evaluate"] is None


def test_scores_rest_on_runs_that_hold_the_rest_fixed(waterfall: tuple[Matrix, list[dict]]) -> None:
    """LRS: hard labels, and random images, under the same evaluation; ARS: both with and without augmentation."""
    matrix, rows = waterfall
    parts = ("soft-labels", "augmentation", "steps", "schedule", "optimised")
    found = {(frozenset(p for p in parts if row[f"on:{p}"]), row["seed"]): row for row in rows}
    everything = frozenset(parts)

    def at(*off: str) -> float:
        return found[everything - set(off), 1]["top1"] / 100

    row = found[everything, 1]
    leads = at(), at("optimised"), at("augmentation"), at("augmentation", "optimised")
    assert row["ars"] == pytest.approx(ars(*leads))
    scores = [lrs(real / 1000, at("soft-labels"), at(), at("optimised")) for real in (800, 950)]
    assert scores[0] >= row["lrs"] >= scores[1]  # with all real images, hard labels between 80 and 95 %
    assert found[everything - {"augmentation"}, 1]["ars"] is None
    assert found[everything - {"augmentation"}, 1]["lrs"] is not None


def test_hard_labels_weigh_nothing(waterfall: tuple[Matrix, list[dict]]) -> None:
    _, rows = waterfall
    assert {row["label_bytes"] == 0 for row in rows if not row["on:soft-labels"]} == {True}
    assert all(row["label_bytes"] > 0 for row in rows if row["on:soft-labels"])


def test_labels_cut_to_their_largest_weigh_what_is_stored(tmp_path: Path) -> None:
    """Of each view three logits and their classes, two bytes each, and the mean of the others."""
    changes = {"relabel.stored": True, "relabel.logits_top_k": 3}
    values = {"kind": "ladder", "presets": ("G",), "settings": "tiny", "ipcs": (2,), "seeds": 1, "changes": changes}
    matrix = stored_matrix(tmp_path, "cut", **values)
    (row,) = rows_of(matrix, tmp_path)
    assert row["label_bytes"] == matrix.jobs[0].prepared.config.views.epochs * 20 * (3 * (2 + 2) + 2)


def test_csv_keeps_every_column_and_no_formula(waterfall: tuple[Matrix, list[dict]]) -> None:
    _, rows = waterfall
    odd = rows[0] | {"cell": '=HYPERLINK("x"), <script>'}
    back = list(csv.DictReader(io.StringIO(as_csv([odd, *rows[1:]]))))
    assert len(back) == len(rows)
    assert set(back[0]) == set(rows[0])
    assert back[0]["cell"] == "'" + odd["cell"]
    assert float(back[1]["top1"]) == rows[1]["top1"]
    assert as_csv([]).strip() == ""
