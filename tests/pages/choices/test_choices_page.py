"""Which choice?: the page empty, on stored matrices, while a matrix fills, stopped, failed, in a class, to look at."""

import shutil
from pathlib import Path

import pytest

from tests.support.choices_pages import said
from tests.support.stored_matrices import stored_matrix

CHOICES = ["flatness", "small-batch", "ema-evaluation"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stored matrices of every kind that the project brings, with made-up figures."""
    place = tmp_path_factory.mktemp("ablations")
    stored_matrix(place, "factorial", kind="factorial", settings="tiny", choices=CHOICES)
    stored_matrix(place, "waterfall", kind="waterfall", settings="tiny", seeds=2)
    stored_matrix(
        place, "confounds", lambda job: (60 + job.seed, 61 + len(job.cell.name)), kind="confounds", settings="tiny"
    )
    presets = ["A", "B", "G", "random"]
    climb = {"A": 50.0, "B": 55.0, "G": 60.0, "random": 45.0}
    stored_matrix(
        place,
        "ladder",
        lambda job: (climb[job.cell.name] + job.seed / 10, climb[job.cell.name]),
        kind="ladder",
        settings="tiny",
        ipcs=[1, 10],
        presets=presets,
    )
    return place


def test_without_any_matrix_the_next_step_is_offered(page) -> None:
    app = page()
    assert "Nothing is measured here yet" in said(app)
    app.button(key="choices_first").click().run()
    assert "3 cells x 3 seeds x 2 IPC" in said(app)


VIEWS = {
    "factorial": ["Each choice", "Order machine", "Together", "Runs"],
    "waterfall": ["Waterfall", "Order machine", "Each choice", "Together", "Runs"],
    "ladder": ["Ladder", "Methods", "Cost", "Runs"],
    "confounds": ["Differences", "Runs"],
}


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_of_a_stored_matrix_says_what_it_rests_on(page, kept: Path, monkeypatch, name: str) -> None:
    monkeypatch.setattr("edc_core.ablation.published_scores.PUBLISHED", kept)
    for view in VIEWS[name]:
        app = page(**{"matrix": name, "choices-view": view})
        words = said(app)
        assert app.session_state["choices-view"] == view
        assert "redraws everything but the observers" in words
        assert "held-out training images" in words
        assert "significant" not in words
        if view in ("Each choice", "Ladder", "Differences", "Waterfall"):
            assert "smallest true difference" in words
            assert "by chance alone" in words
            assert app.get("plotly_chart")
        assert ("Only 2 seeds: treat" in words) == (name == "waterfall")


def test_where_leaving_out_and_averaging_differ_the_verdict_is_recipes(page, tmp_path: Path, monkeypatch) -> None:
    def figures(job) -> tuple[float, float]:
        settled = "small-batch" in job.cell.on
        return 60.0 + job.seed, 60.0 + job.seed * 1.01 + (2.0 if settled else -8.0)

    stored_matrix(tmp_path, "two", figures, kind="factorial", profile="lab-quick", choices=CHOICES[1:], seeds=3)
    monkeypatch.setattr("edc_core.ablation.published_scores.PUBLISHED", tmp_path)
    words = said(page(matrix="two"))
    assert "**EMA-based evaluation.** Helps once the other one is on (+2.0 ± 0.0)" in words
    assert "hurts a student that has not settled (−8.0 ± 0.0 without smaller batch size)" in words


def test_landscape_keeps_its_own_view_and_an_older_link_opens_as_it_did(page, kept: Path, monkeypatch) -> None:
    monkeypatch.setattr("edc_core.ablation.published_scores.PUBLISHED", kept)
    app = page(matrix="ladder", view="Cost")
    assert app.session_state["choices-view"] == "Cost"
    app.session_state["view"] = "Sharpness"  # as Landscape leaves it
    app.run()
    assert (app.session_state["view"], app.session_state["choices-view"]) == ("Sharpness", "Cost")


def test_the_first_view_is_the_bundled_factorial_with_shares_and_the_note_on_labels(page, kept, monkeypatch) -> None:
    monkeypatch.setattr("edc_core.ablation.published_scores.PUBLISHED", kept)
    app = page()
    words = said(app)
    assert "comes with the project" in app.selectbox(key="choices_matrix").options[0]
    assert "From no choice to all three: +" in words
    assert "soft labels are not among the eight choices" in words
    assert "smaller batch size (+" in words
    assert "gain averaged over every order" in words


def test_the_papers_rungs_stand_apart_and_are_named_as_such(page, kept: Path, monkeypatch) -> None:
    monkeypatch.setattr("edc_core.ablation.published_scores.PUBLISHED", kept)
    words = said(page(matrix="ladder"))
    assert "A to G: +9.9 points (95 % interval" in words
    assert "The paper's own rungs are on the right" in words


@pytest.mark.parametrize("view", ["Ladder", "Cost"])
def test_a_ladders_accuracies_stand_between_floor_and_ceilings(page, kept: Path, tmp_path, monkeypatch, view) -> None:
    place = shutil.copytree(kept, tmp_path / "with-floor")
    changes = {"evaluate.loss": "ce", "relabel.labels": "hard", "relabel.observers": []}
    hard = {"kind": "ladder", "settings": "tiny", "ipcs": [1, 10], "presets": ["random"], "changes": changes}
    stored_matrix(place, "hard", lambda job: (30.0, 31.0), **hard)
    monkeypatch.setattr("edc_core.ablation.published_scores.PUBLISHED", place)
    app = page(**{"matrix": "ladder", "choices-view": view})
    words = said(app) + "".join(chart.proto.spec for chart in app.get("plotly_chart"))
    assert "floor: random images, hard labels, 1 a class" in words


def test_an_unknown_matrix_is_said(page, kept: Path, monkeypatch) -> None:
    monkeypatch.setattr("edc_core.ablation.published_scores.PUBLISHED", kept)
    assert "matrix 'm-gone' is not here" in said(page(matrix="m-gone"))
