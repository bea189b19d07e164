"""Judging: the same images otherwise, other images the same way, and what the figures say."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from edc_core.config import validate_config
from edc_core.data import describe
from edc_core.design_space.compose import configure, get_profile
from edc_core.errors import SettingsError
from edc_core.figures import students as figures_students
from edc_core.figures.judge import Mark
from edc_core.figures.students import learning
from edc_core.intervals import t_quantile
from edc_core.judging import COMPANIONS, companion_config, estimate, paired_difference, with_judgement
from edc_core.judging.comparison_sets import OURS, OWN, companion_matrix, image_key, observers_of, own_protocol
from edc_core.judging.conclusions import unseen
from edc_core.judging.results import (
    Cell,
    by_seed,
    cells,
    condensed_images,
    confusion,
    cost,
    mean_top1,
    per_class,
    rows,
    select_cells,
)
from edc_core.pipeline.prepare import prepare
from edc_core.pipeline.stages.score import measure
from edc_core.store import StageResults, Store
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState

NAME = "fashion-mnist-mini"


def settings(preset: str = "G", protocol: str | None = None, **changes) -> dict:
    return configure(preset, NAME, get_profile("tiny"), 2, 0, protocol, changes).model_dump(mode="json")


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 12.706), (2, 4.303), (9, 2.262), (11, 2.201), (29, 2.045), (120, 1.980)]
)
def test_t_quantiles_are_those_of_the_tables(freedom: int, expected: float) -> None:
    assert t_quantile(freedom) == pytest.approx(expected, abs=6e-4)


def test_an_interval_is_students_and_one_value_has_none() -> None:
    found = estimate([80.0, 82.0, 84.0])
    assert found.mean == 82
    assert found.half == pytest.approx(4.3027 * 2 / 3**0.5, abs=1e-3)
    assert estimate([80.0]).low is None
    assert "(" not in estimate([80.0]).text(" %")


def test_differences_are_paired_by_student_and_seed() -> None:
    ours = {("a", 0): 80.0, ("a", 1): 70.0, ("a", 2): 60.0, ("b", 0): 1.0}
    theirs = {("a", 0): 79.0, ("a", 1): 69.1, ("a", 2): 59.1}
    found = paired_difference(ours, theirs)
    assert found.count == 3
    assert found.mean == pytest.approx(14 / 15)
    assert found.excludes_zero  # the seeds' own spread of 10 points is in both
    assert paired_difference(ours, {}) is None


def test_who_labels_is_an_observer_as_much_as_who_made_the_images() -> None:
    old = configure("SRe2L", NAME, get_profile("lab"), 10, 0).model_dump(mode="json")
    judged = with_judgement(old, "edc", {})
    assert old["synthesise"]["observers"] == ["resnet18-w16"]
    assert unseen(("convnet-d3-w32", "resnet18-w16", "mobilenetv2-0.25"), observers_of(judged)) == ["mobilenetv2-0.25"]
    assert observers_of(configure("random", NAME, get_profile("lab"), 10, 0, "hard")) == ()


def test_another_judgement_keeps_the_images() -> None:
    old = settings(**{"synthesise.alpha": 0.3})
    about = describe(NAME)
    for protocol in ("edc", "rded", "sre2l", "hard", "plain", None):
        config = with_judgement(old, protocol, {"evaluate.seeds": 2})
        assert config.synthesise.alpha == 0.3
        assert config.evaluate.seeds == 2
        keys = {
            image_key(node.plain() for node in prepare(validate_config(values), about).nodes)
            for values in (old, config.model_dump(mode="json"))
        }
        assert len(keys) == 1
    with pytest.raises(SettingsError, match=r"synthesise\.alpha"):
        with_judgement(old, None, {"synthesise.alpha": 1})


@pytest.mark.parametrize("preset", COMPANIONS)
def test_a_companion_differs_in_its_images_alone(preset: str) -> None:
    config = with_judgement(settings(**{"views.epochs": 3}), None, {"evaluate.students": ["wrn-10-1"]})
    other = companion_config(config, preset)
    for stage in ("data", "views", "relabel", "evaluate", "score"):
        assert getattr(other, stage) == getattr(config, stage)
    assert (other.initialise, other.synthesise) != (config.initialise, config.synthesise)
    assert other.synthesise.iterations == 0


def test_a_companion_is_the_very_run_that_its_preset_makes() -> None:
    about = describe(NAME)
    for protocol in ("edc", "hard"):
        ours = with_judgement(settings(), protocol, {})
        made = configure("random", NAME, get_profile("tiny"), 2, 0, protocol)
        assert prepare(companion_config(ours, "random"), about).run == prepare(made, about).run


def run_with(values: dict) -> RunRecord:
    """A run of these settings that was never made."""
    return RunRecord("r", 0.0, RunState.QUEUED, values["preset"], NAME, 2, 0, values, [], {})


def test_a_runs_own_protocol_is_named_where_it_has_a_name() -> None:
    names = ("edc", "rded", "sre2l", "hard", "plain")
    assert own_protocol(run_with(settings()), names) == "edc"
    assert own_protocol(run_with(settings("RDED")), names) == "rded"
    assert own_protocol(run_with(settings(protocol="hard")), names) == "hard"
    assert own_protocol(run_with(settings("A")), names) == OWN


@pytest.fixture
def store(tiny_run: dict, shared_home: Path):
    found = Store(shared_home)
    yield found
    found.close()


def test_a_matrix_reads_what_is_measured_by_key(store: Store, tiny_run: dict) -> None:
    run = store.run(tiny_run["run"])
    asked = companion_matrix(run, ("edc", "hard"), ("convnet-d2-w8",), 2)
    assert asked.sets == [OURS, *COMPANIONS]
    found = cells(asked, store.stage_results)
    assert len(found) == 6 * 2 * 2
    done = select_cells(found, set=OURS, protocol="edc")
    assert [cell.seed for cell in done][:1] == [0]
    assert done[0].top1("ema") == pytest.approx(tiny_run["top1_ema"], abs=1e-3)
    assert mean_top1(done[:1]).mean == pytest.approx(tiny_run["top1_ema"], abs=1e-3)
    assert mean_top1(select_cells(found, set="noise", protocol="sre2l")) is None
    assert by_seed(done)["convnet-d2-w8", 0] == done[0].top1()
    tidy = rows(done[:1])
    assert [row["weights"] for row in tidy] == ["raw", "ema"]
    assert [row["headline"] for row in tidy] == [False, True]
    shares = confusion(done)
    assert np.allclose(shares.sum(1), 100)
    assert np.allclose(np.diag(shares), [entry.mean for entry in per_class(done)])


def test_a_class_without_a_scored_image_has_no_accuracy() -> None:
    labels, predicted = torch.tensor([0, 0, 2]), torch.tensor([0, 1, 0])  # a test split that lacks class 1
    scores = {"ema": measure(predicted, predicted[:, None], labels, 3)}
    found = per_class([Cell("ours", "edc", "student", seed, "", "", "ema", scores) for seed in (0, 1, 2)])
    assert [entry and entry.mean for entry in found] == [50, None, 0]
    (marks,) = figures_students.per_class(("a", "b", "c"), [("ours", "red", found)], (), "top-1 (%)").data
    assert list(marks.x) == [50, None, 0]
    assert list(marks.y) == ["a", "b", "c"]


def test_the_set_itself_is_not_its_own_companion(store: Store, tiny_run: dict) -> None:
    run = store.run(tiny_run["run"])
    control = replace(run, settings=settings("random"), plan=[])
    nodes = prepare(validate_config(control.settings), describe(NAME)).nodes
    asked = companion_matrix(replace(control, plan=[node.plain() for node in nodes]), ("edc",), ("convnet-d2-w8",), 1)
    assert "random" not in asked.sets
    assert "herding" in asked.sets


def test_a_set_that_cannot_be_made_is_left_out_with_its_reason(store: Store, tiny_run: dict) -> None:
    run = store.run(tiny_run["run"])
    values = configure("G", NAME, get_profile("tiny"), 50, 0).model_dump(mode="json")
    plan = [node.plain() for node in prepare(validate_config(values), describe(NAME)).nodes]
    asked = companion_matrix(replace(run, settings=values, plan=plan), ("edc",), ("convnet-d2-w8",), 1)
    for name, reason in asked.left_out.items():
        assert name not in asked.sets
        assert reason.endswith(".")


def test_images_of_other_code_are_refused_in_a_sentence(store: Store, tiny_run: dict) -> None:
    run = store.run(tiny_run["run"])
    plan = [node | {"key": "0" * 24} if node["stage"] == "synthesise" else node for node in run.plan]
    with pytest.raises(SettingsError, match="earlier version"):
        companion_matrix(replace(run, plan=plan), ("edc",), ("convnet-d2-w8",), 1)


def test_bytes_are_those_of_the_images_and_of_the_labels(store: Store, tiny_run: dict) -> None:
    run = store.run(tiny_run["run"])
    asked = companion_matrix(run, ("edc", "hard"), ("convnet-d2-w8",), 1)
    soft = cost(asked.runs[OURS, "edc"].nodes, store.stage_results)
    pixels, labels = condensed_images(asked.runs[OURS, "edc"].nodes, store.stage_results)
    assert soft.pixel_bytes == 20 * 28 * 28 == pixels.size
    assert len(labels) == 20
    assert 0 < soft.png_bytes < 2 * soft.pixel_bytes
    assert soft.label_bytes == 6 * 20 * 10 * 2  # epochs x images x classes x half precision
    assert soft.judging_seconds > 0
    assert cost(asked.runs["noise", "hard"].nodes, store.stage_results).label_bytes is None


def test_starting_images_alone_have_no_bytes_yet(store: Store, tiny_run: dict, tmp_path: Path) -> None:
    """As after a set was stopped between its starting images and its synthesis."""
    run = store.run(tiny_run["run"])
    nodes = companion_matrix(run, ("edc",), ("convnet-d2-w8",), 1).runs[OURS, "edc"].nodes
    start = next(node.key for node in nodes if node.stage == "initialise")
    shutil.copytree(store.stage_results.find(start), tmp_path / "artefacts" / start)
    assert cost(nodes, StageResults(tmp_path)).pixel_bytes is None


def test_a_line_just_above_does_not_strike_a_levels_name_through() -> None:
    marks = [Mark("full data", 90.2), Mark("floor", 72.7), Mark("best observer", 87.0)]
    figure = learning([], "top-1 (%)", marks)
    places = {note.text: (note.xanchor, note.yanchor) for note in figure.layout.annotations}
    assert places == {
        "floor 72.7": ("right", "bottom"),
        "best observer 87.0": ("left", "top"),
        "full data 90.2": ("right", "bottom"),
    }


def test_names_of_three_near_levels_stand_apart() -> None:
    marks = [Mark("floor", 94.0), Mark("best observer", 97.0), Mark("full data", 99.0)]
    figure = learning([], "top-1 (%)", marks)
    assert [(note.xanchor, note.yanchor) for note in figure.layout.annotations] == [
        ("left", "top"),
        ("right", "top"),
        ("right", "bottom"),
    ]
