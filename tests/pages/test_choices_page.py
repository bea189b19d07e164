"""Which choice?: the page empty, on stored matrices, while a matrix fills, stopped, failed, in a class, to look at."""

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.ablation.design import Design, parse_design
from edc_core.jobs import Person
from edc_core.jobs.queue import claim
from edc_core.performance.forecast import Forecast
from edc_core.performance.remaining import RemainingWork
from edc_core.store import Store
from pages.choices.matrix_builder import command_line, count_text
from pages.shared import access
from tests.conftest import ROOT
from tests.support.app_pages import at_page
from tests.support.crowd import add as add_run
from tests.support.crowd import prepared
from tests.support.photos import small_photos
from tests.support.queued import answer_for, two_by_two
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


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Opens the page on a store of its own; nobody works on its queue."""
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    monkeypatch.setattr("edc_core.ablation.published_scores.PUBLISHED", tmp_path / "none")
    monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])

    def open_at(session: dict[str, str] | None = None, **address: str) -> AppTest:
        st.cache_resource.clear()  # one look serves every browser for a second
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at_page(app, "choices")
        for name, value in (session or {}).items():
            app.session_state[name] = value
        for name, value in address.items():
            app.query_params[name] = value
        return app.run()

    return open_at


def said(app: AppTest) -> str:
    assert not app.exception
    kinds = ("markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(element.value for kind in kinds for element in getattr(app, kind))


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def ask(home: Path, design: Design, **more) -> str:
    with closing(Store(home)) as store:
        return jobs.submit_matrix(store, design, Person(teacher=True, session="me"), **more)


def test_without_any_matrix_the_next_step_is_offered(page) -> None:
    app = page()
    assert "Nothing is measured here yet" in said(app)
    app.button(key="choices_first").click().run()
    assert "16 cells x 3 seeds" in said(app)


VIEWS = {
    "factorial": ["Each choice", "Order machine", "Together", "Runs"],
    "waterfall": ["Waterfall", "Order machine", "Each choice", "Together", "Runs"],
    "ladder": ["Ladder", "Cost", "Runs"],
    "confounds": ["Differences", "Runs"],
}


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_of_a_stored_matrix_says_what_it_rests_on(page, kept: Path, monkeypatch, name: str) -> None:
    monkeypatch.setattr("edc_core.ablation.published_scores.PUBLISHED", kept)
    for view in VIEWS[name]:
        app = page(**{"matrix": name, "choices-view": view})
        words = said(app)
        assert app.session_state["choices-view"] == view
        assert "each redraws everything but the observers" in words
        assert "held-out training images" in words
        assert "significant" not in words
        if view in ("Each choice", "Ladder", "Differences", "Waterfall"):
            assert "smallest true difference" in words
            assert "by chance alone" in words
            assert app.get("plotly_chart")
        assert ("Only 2 seeds: take" in words) == (name == "waterfall")


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
    assert "All off to all on: +" in words
    assert "soft labels are not among the eight choices" in words
    assert "smaller batch size (+" in words
    assert "Share: its gain averaged over every order" in words


def test_the_papers_rungs_stand_apart_and_are_named_as_such(page, kept: Path, monkeypatch) -> None:
    monkeypatch.setattr("edc_core.ablation.published_scores.PUBLISHED", kept)
    words = said(page(matrix="ladder"))
    assert "A to G: +9.9 points (95 % interval" in words
    assert "the paper's own rungs: another data set" in words


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


def test_a_matrix_is_built_in_words_and_launched_as_one(page, tmp_path: Path) -> None:
    app = page(choices="Build")
    app.selectbox(key="build_settings").set_value("tiny").run()
    app.button_group(key="build_choices_factorial").set_value(["smoothing-schedule", "ema-evaluation"]).run()
    app.number_input(key="build_seeds").set_value(2).run()
    words = said(app)
    assert "**8 runs**: 4 cells x 2 seeds" in words
    assert "each once; without sharing they would be" in words
    assert "2 syntheses, 4 trainings of students" in words
    assert "--kind factorial --choices smoothing-schedule,ema-evaluation --ipc 10 --seeds 2" in app.code[0].value
    app.checkbox(key="build_test").check().run()
    assert "Every look at the test set" in said(app)
    app.checkbox(key="build_test").uncheck().run()
    app.button(key="build_launch").click().run()
    assert "At work" in said(app)
    with closing(Store(tmp_path)) as store:
        (asked,) = jobs.all_matrices(store)
        assert (asked.state, asked.design.seeds, asked.design.split) == ("running", 2, "val")
        assert app.session_state["matrix"] == asked.id


def test_a_wrong_design_is_said_and_cannot_be_launched(page) -> None:
    app = page(choices="Build")
    app.multiselect(key="build_ipcs").set_value([]).run()
    assert "is empty: choose at least one." in said(app)
    assert app.button(key="build_launch").disabled


@pytest.mark.parametrize(
    ("answered", "words"),
    [
        (1, "; **1 of them is answered already** and is not run again."),
        (3, "; **3 of them are answered already** and are not run again."),
    ],
)
def test_answered_runs_are_counted_in_a_sentence(answered: int, words: str) -> None:
    left = RemainingWork(0, answered, 0, 0, Forecast(0.0, 0.0, (), ""))
    assert words in count_text(two_by_two(1), left)


def test_the_builder_lists_the_labs_data_sets_and_none_that_an_import_names(page, tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        add_run(store, prepared("G"), "queued")
        store.database.execute("UPDATE runs SET dataset = '/srv/secret', origin = 'imported', state = 'cancelled'")
        store.database.execute("INSERT INTO datasets VALUES ('/srv/photos?size=64', '', 0, 1)")
    options = page(choices="Build").multiselect(key="build_datasets").options
    assert {"fashion-mnist-mini", "photos, 64 px"} <= set(options)
    assert "secret" not in options


def test_the_command_line_says_the_same_design() -> None:
    design = parse_design(
        {"kind": "ladder", "presets": ["A", "G"], "ipcs": [1, 10], "students": ["convnet-d3-w32"], "protocol": "edc"}
        | {"split": "test", "first_seed": 3, "settings": "tiny"}
    )
    line = command_line(design)
    for part in ("--presets A,G", "--ipc 1,10", "--first-seed 3", "--student convnet-d3-w32", "--protocol edc"):
        assert part in line
    assert "--split test" in line
    assert "--choices" not in line


def test_a_matrix_fills_stops_goes_on_and_grows(page, tmp_path: Path) -> None:
    name = ask(tmp_path, two_by_two(1), title="mine", held=True)
    app = page(matrix=name)
    assert "**Not begun.** Bets are open." in said(app)
    app.button(key="choices_start").click().run()
    assert "8 runs" not in said(app)
    with closing(Store(tmp_path)) as store:
        answer_for(store, name, claim(store), 61.0)
    app = page(matrix=name)
    assert "Not everything is measured" in said(app)
    assert "2 measured" in app.get("progress")[0].proto.text
    app.button(key="choices_stop").click().run()
    assert "**Stopped.** Everything finished is kept" in said(app)
    app.button(key="choices_resume").click().run()
    with closing(Store(tmp_path)) as store:
        while run := claim(store):
            answer_for(store, name, run)
            jobs.enqueue_next_runs(store)
    app = page(matrix=name)
    assert "**Finished.**" in said(app)
    app.button(key="choices_add").click().run()
    with closing(Store(tmp_path)) as store:
        assert jobs.find_matrix(store, name).design.seeds == 2


def test_failures_say_why_and_can_be_tried_again(page, tmp_path: Path) -> None:
    name = ask(tmp_path, two_by_two(1))
    with closing(Store(tmp_path)) as store:
        while run := claim(store):
            store.finish(run, "failed", error="the disk is full: free some space.")
            (tmp_path / "logs").mkdir(exist_ok=True)
            (tmp_path / "logs" / f"{run}.log").write_text("Traceback: the whole report")
            jobs.enqueue_next_runs(store)
    app = page(matrix=name)
    assert "**Ended: 0 of 4 runs are measured**; 4 failed." in said(app)
    assert set(app.dataframe[-1].value["why"]) == {"the disk is full: free some space."}
    assert "Retry failed" in labels(app)
    assert "Traceback: the whole report" in [code.value for code in app.code]
    assert "Resume" not in labels(app)


@pytest.mark.parametrize(
    ("ends", "has"),
    [
        (("answered", "deleted"), "2 of 4 runs are measured**; 2 without an answer."),
        (("failed", "cancelled"), "0 of 4 runs are measured**; 2 failed, 2 stopped."),
    ],
)
def test_a_matrix_that_ended_says_what_it_lacks_and_goes_on(page, tmp_path: Path, ends: tuple, has: str) -> None:
    name = ask(tmp_path, two_by_two(1))
    scores = {job.prepared.run: job.score_keys for job in jobs.expand_matrix(two_by_two(1)).jobs}
    end_of = dict(zip(dict.fromkeys(scores.values()), ends, strict=True))
    with closing(Store(tmp_path)) as store:
        while run := claim(store):
            if (end := end_of[scores[run]]) in ("failed", "cancelled"):
                store.finish(run, end)
            else:
                answer_for(store, name, run)
            jobs.enqueue_next_runs(store)
        for run in [run for run in scores if end_of[scores[run]] == "deleted" and store.find(run)]:
            jobs.delete(store, run, Person(teacher=True))
    app = page(matrix=name)
    assert f"**Ended: {has}" in said(app)
    assert {"Resume", "Retry failed"}.intersection(labels(app)) == {"Resume"}
    app.button(key="choices_resume").click().run()
    assert "**At work**" in said(app)


def test_a_matrix_whose_data_set_is_gone_can_be_taken_off_the_list(page, tmp_path: Path) -> None:
    photos = small_photos(tmp_path / "photos")
    name = ask(tmp_path, two_by_two(1, datasets=[str(photos)], ipcs=[1]))
    shutil.rmtree(photos)
    app = page(matrix=name)
    assert "photos" in app.error[0].value
    assert {"Stop", "Rename", "Take off the list"} <= set(labels(app))
    app.button(key="choices_take").click().run()
    with closing(Store(tmp_path)) as store:
        assert jobs.all_matrices(store) == []


def test_others_matrices_are_only_looked_at_in_a_class(page, tmp_path: Path, monkeypatch) -> None:
    with closing(Store(tmp_path)) as store:
        name = jobs.submit_matrix(store, two_by_two(1), Person("ada", "Ada"), held=True)
        monkeypatch.setenv("EDC_CLASS_CODE", "blackboard")
        _, token = jobs.enter_class(store, jobs.classroom(), "blackboard", "Ben")
    app = page({access.TOKEN: token}, matrix=name)
    assert "This matrix is Ada's." in said(app)
    assert "Start" not in labels(app)


def test_a_site_to_look_at_launches_nothing(page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_READ_ONLY", "1")
    app = page(choices="Build")
    assert "Launch is closed here." in said(app)
    assert "Launch" not in labels(app)


def test_the_page_loads_no_torch() -> None:
    code = (
        "import sys, pages.choices.matrix_results, edc_core.figures.ablation, edc_core.report;"
        " sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ).returncode == 0
