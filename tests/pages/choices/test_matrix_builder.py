"""Matrices built, launched, watched and changed on the page Which choice?"""

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.ablation.design import Design, parse_design
from edc_core.jobs import Person
from edc_core.jobs.queue import claim
from edc_core.performance.forecast import Forecast
from edc_core.performance.remaining import RemainingWork
from edc_core.store import Store
from pages.choices.few_scored import few_scored
from pages.choices.matrix_builder import command_line, count_text
from pages.shared import access
from tests.support.choices_pages import said
from tests.support.crowd import add as add_run
from tests.support.crowd import prepared
from tests.support.photos import small_photos
from tests.support.queued import answer_for, two_by_two


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def ask(home: Path, design: Design, **more) -> str:
    with closing(Store(home)) as store:
        return jobs.submit_matrix(store, design, Person(teacher=True, session="me"), **more)


def test_a_matrix_is_built_in_words_and_launched_as_one(page, tmp_path: Path) -> None:
    app = page(choices="Build")
    app.radio(key="build_kind").set_value("factorial").run()
    app.selectbox(key="build_profile").set_value("tiny").run()
    app.button_group(key="build_choices_factorial").set_value(["smoothing-schedule", "ema-evaluation"]).run()
    app.number_input(key="build_seeds").set_value(2).run()
    words = said(app)
    assert "**8 runs**: 4 cells x 2 seeds" in words
    assert "each once; without sharing they would be" in words
    assert "2 syntheses, 4 trainings of students" in words
    assert "--kind factorial --choices smoothing-schedule,ema-evaluation --ipc 10 --seeds 2" in app.code[0].value
    app.checkbox(key="build_test").check().run()
    assert "Each use of the test set" in said(app)
    app.checkbox(key="build_test").uncheck().run()
    app.button(key="build_launch").click().run()
    assert "Running" in said(app)
    with closing(Store(tmp_path)) as store:
        (asked,) = jobs.all_matrices(store)
        assert (asked.state, asked.design.seeds, asked.design.split) == ("running", 2, "val")
        assert app.session_state["matrix"] == asked.id


def test_too_few_images_to_score_on_are_said_before_launch(tmp_path: Path) -> None:
    folder = str(small_photos(tmp_path / "photos"))
    design = two_by_two(datasets=[folder])
    (held_out,) = few_scored(design)
    assert "held-out images to score on: one image is" in held_out
    assert few_scored(two_by_two(settings="lab-quick")) == []


def test_a_wrong_design_is_said_and_cannot_be_launched(page) -> None:
    app = page(choices="Build")
    app.multiselect(key="build_ipcs_methods").set_value([]).run()
    assert "is empty: choose at least one." in said(app)
    assert app.button(key="build_launch").disabled


def test_methods_come_first_under_one_protocol_on_the_data_pages_set(page, tmp_path: Path) -> None:
    photos = str(small_photos(tmp_path / "photos"))
    app = page({"dataset": photos, "_page": "choices"}, choices="Build")
    assert app.multiselect(key="build_datasets").value == ["fashion-mnist-mini"]  # not on the list: nothing to take
    with closing(Store(tmp_path)) as store:
        store.database.execute("INSERT INTO datasets VALUES (?, '', 0, 1)", (photos,))
    app = page({"dataset": photos, "_page": "choices"}, choices="Build")
    assert app.multiselect(key="build_datasets").value == [photos]
    assert app.radio(key="build_kind").options[0] == "Compare methods"
    assert app.radio(key="build_kind").value == "methods"
    assert app.selectbox(key="build_protocol_methods").value == "edc"
    app = page(choices="Build")
    assert app.multiselect(key="build_datasets").value == ["fashion-mnist-mini"]
    assert "--kind ladder --presets G,RDED,random --ipc 1,10 --seeds 3 --protocol edc" in app.code[0].value


def test_a_prepared_build_comes_over_in_its_address(page) -> None:
    app = page(choices="Build")
    app.button_group(key="build_presets_methods").set_value(["G", "herding"]).run()
    app.multiselect(key="build_ipcs_methods").set_value([1, 5, 50]).run()
    app.number_input(key="build_seeds").set_value(4).run()
    app.selectbox(key="build_profile").set_value("lab").run()
    sent = {name: values for name, values in app.query_params.items() if name.startswith("build-")}
    assert sent["build-ipcs"] == ["1", "5", "50"]
    other = page(choices="Build", **sent)
    assert not other.exception
    assert other.code[0].value == app.code[0].value
    assert "--presets G,herding --ipc 1,5,50 --seeds 4 --protocol edc --profile lab" in other.code[0].value
    shown = page(choices="Results", **sent)
    assert not [name for name in shown.query_params if name.startswith("build-")]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("kind", "lader", "build-kind is 'lader': choose one of methods, ladder"),
        ("presets", "RDEDD", "preset 'RDEDD' is unknown: did you mean 'RDED'?"),
        ("ipcs", "7", "IPC is '7': choose one of 1, 2, 5, 10, 20, 50."),
        ("seeds", "-1", "seeds is '-1': choose a whole number from 1 to 100."),
        ("profile", "../x", "profile '../x' is unknown"),
        ("protocol", "mine", "protocol 'mine' is unknown: choose one of edc"),
    ],
)
def test_a_wrong_value_in_the_address_is_named_and_left_out(page, name: str, value: str, words: str) -> None:
    app = page(choices="Build", **{f"build-{name}": value})
    assert not app.exception
    assert words in app.warning[0].value.replace("\\", "")
    assert "18 runs" in said(app)


@pytest.mark.parametrize(
    ("answered", "words"),
    [
        (1, "; **1 of them is already computed** and will be reused."),
        (3, "; **3 of them are already computed** and will be reused."),
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
    assert "**Not started.** Bets are open." in said(app)
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
        (("answered", "deleted"), "2 of 4 runs are measured**; 2 without a result."),
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
    assert "**Running**" in said(app)


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
    assert "Launching is disabled here." in said(app)
    assert "Launch" not in labels(app)
