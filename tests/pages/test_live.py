"""The live panel in each state of a run, on real rows of a real store."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from safetensors.numpy import save_file
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.data import describe, open_dataset
from edc_core.data.glance import quick_normalisation
from edc_core.design_space.compose import configure, table_named
from edc_core.errors import Diverged
from edc_core.pipeline.prepare import PreparedRun, manifest, prepare
from edc_core.store import Store
from edc_core.store.digests import LIST
from edc_core.store.files import write_grid, write_json
from pages.live.live_images import left_out_note
from pages.live.live_panel import IDLE_POLL_SECONDS, POLL_SECONDS
from pages.shared import navigation as router
from tests.conftest import ROOT

PAGE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pages.live import live_panel as panel
panel.follow({{run!r}})
"""


def prepared(preset: str = "G", ipc: int = 2, seed: int = 0, protocol: str | None = None) -> PreparedRun:
    config = configure(preset, "fashion-mnist-mini", table_named("sprint"), ipc, seed, protocol)
    return prepare(config, describe("fashion-mnist-mini"))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    for place in ("edc_core.jobs.supervise", "edc_core.jobs.queue.supervise"):  # no worker: the rows are what they are
        monkeypatch.setattr(place, lambda store: None)
    opened = Store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def panel(store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[[PreparedRun], AppTest]:
    def in_words(name: str, label: str, icon: str | None = None, help: str | None = None, **state: str) -> None:
        st.markdown(f"{name}: {state['run']}")

    monkeypatch.setattr(router, "page_link", in_words)  # the panel stands alone here: there is no page to lead to

    def open_at(run: PreparedRun) -> AppTest:
        app = AppTest.from_string(PAGE.replace("{run!r}", repr(run.run)), default_timeout=30).run()
        assert not app.exception
        assert not [error for error in app.error if "nobody foresaw" in error.value]
        return app

    return open_at


def begin(store: Store, run: PreparedRun) -> None:
    plan = [node.plain() for node in run.nodes]
    store.claim_or_resume(run.run, run.config.model_dump(mode="json"), plan, manifest(run))


def node(run: PreparedRun, stage: str):
    return next(node for node in run.nodes if node.stage == stage)


def text(app: AppTest) -> str:
    """All that the panel says, figures and stages included."""
    parts = [entry.value for kind in ("markdown", "caption", "info", "warning", "error") for entry in app.get(kind)]
    parts += [entry.proto.body for entry in app.get("html")] + [entry.proto.body for entry in app.get("badge")]
    return "\n".join(parts)


def buttons(app: AppTest) -> dict[str, bool]:
    return {button.label: not button.disabled for button in app.button}


def charts(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")]


def queue(store: Store, run: PreparedRun) -> None:
    jobs.submit(store, run, jobs.Person(teacher=True, session=run.run))


def test_a_queued_run_says_its_place_and_what_is_before_it(store: Store, panel) -> None:
    first, second, third = prepared(), prepared("A"), prepared("B")
    begin(store, first)
    queue(store, second)
    queue(store, third)
    app = panel(second)
    assert "B on fashion-mnist-mini" not in text(app)
    assert "Place 1 in the queue" in text(app)
    assert "G on fashion-mnist-mini, 2 a class, seed 0 (running)" in text(app)
    assert buttons(app) == {"Stop": True}


def test_starting_images_are_there_before_any_worker_is(store: Store, panel) -> None:
    run = prepared()
    queue(store, run)
    app = panel(run)
    assert len(app.get("image")) >= 1
    assert "where synthesis starts" in text(app)
    for name in ("T-shirt/top", "Ankle boot"):
        assert name in text(app)


@pytest.mark.parametrize("state", ["queued", "finished"])
def test_a_row_bears_the_name_of_the_class_that_is_in_it(store: Store, panel, state: str) -> None:
    run = prepared("single-class", ipc=10)
    if state == "queued":
        queue(store, run)
    else:
        finished(store, run)
        folder = store.home / "artefacts" / node(run, "synthesise").key
        images, labels = np.zeros((100, 1, 28, 28), np.uint8), np.full(100, 8)
        save_file({"images": images, "labels": labels}, folder / "images.safetensors")
        write_grid(folder / "grid.png", images, labels)
    said = text(panel(run))
    assert re.findall(r'title="([^"]+)">\1</span>', said) == ["Bag"]
    assert "5 of the 100 images of Bag; the Gallery has them all." in said


@pytest.mark.parametrize(
    ("counts", "whole", "said"),
    [
        ([2, 2, 5], None, ""),
        ([10] * 10, None, "50 of the 100 images, 5 a class; the Gallery has them all."),
        ([10, 3, 1], None, "9 of the 14 images, at most 5 a class; the Gallery has them all."),
        (
            [10] * 100,
            None,
            "50 of the 1,000 images, 5 a class of the first 10 of 100 classes; the Gallery has them all.",
        ),
        # Of a large set only the first batch is followed while it forms.
        ([10] * 10, [50] * 10, "50 of the 500 images, 5 a class; the Gallery has them all."),
        (
            [1] * 100,
            [10] * 200,
            "10 of the 2,000 images, 1 a class of the first 10 of 200 classes; the Gallery has them all.",
        ),
        ([5, 5], [5, 5, 5], "10 of the 15 images, 5 a class of the first 2 of 3 classes; the Gallery has them all."),
    ],
)
def test_what_the_picture_leaves_out_is_counted(counts: list[int], whole: list[int] | None, said: str) -> None:
    names = [str(number) for number in range(len(counts))]
    assert left_out_note(names, np.array(counts), np.array(whole or counts)) == said


def test_a_start_that_an_observer_ranks_keeps_its_place(store: Store, panel) -> None:
    run = prepared("RDED")
    queue(store, run)
    app = panel(run)
    assert not app.get("image")
    assert "an observer ranks the real ones first" in text(app)


def test_noise_of_a_large_data_set_is_shown_once_its_pixels_are_there(
    store: Store, panel, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr("edc_core.data.glance.QUICK", 0)
    quick_normalisation.cache_clear()
    request.addfinalizer(quick_normalisation.cache_clear)
    run = prepared("SRe2L")
    queue(store, run)
    app = panel(run)
    assert "not yet" in text(app)
    open_dataset(run.config.dataset, run.config.data, store.home)
    assert "where synthesis starts" in text(app.run())


def test_a_run_without_a_stage_yet_is_starting(store: Store, panel) -> None:
    run = prepared()
    begin(store, run)
    app = panel(run)
    assert "Starting" in text(app)
    assert "loading torch" in text(app)


def at_work(store: Store, run: PreparedRun) -> None:
    """Ten of twenty iterations done, with a snapshot and curves."""
    begin(store, run)
    key = node(run, "synthesise").key
    progress = {"stage": "synthesise", "name": "", "key": key, "done": 10, "total": 20, "unit": "step", "note": ""}
    store.heartbeat(run.run, progress | {"resumed_at": 0, "started": time.time() - 20})
    series = [(name, 5.0) for name in ("total", "cross_entropy", "matching", "flatness")]
    rows = [(key, f"loss/{name}", step, value) for step in range(1, 11) for name, value in series]
    rows += [(key, f"gap/form1/convnet-d3-w64/features.{i}", step, 2.0) for i in (0, 4) for step in (1, 5)]
    store.add_curves(rows + [(key, "lr", 1, 0.05)])
    folder = store.home / "partial" / key / "snapshots"
    folder.mkdir(parents=True)
    write_grid(folder / "000008.png", np.full((20, 1, 28, 28), 90, np.uint8), np.tile(np.arange(10), 2))


def test_a_run_at_work_shows_stages_with_time_left_pictures_and_curves(store: Store, panel) -> None:
    run = prepared()
    at_work(store, run)
    app = panel(run)
    said = text(app)
    assert "forming, iteration 8 of 20" in said
    left = re.search(r"10 of 20, (\d+)\u00a0s left", said)
    assert 15 < int(left[1]) < 60  # ten took twenty seconds
    assert "4 from the store" in said
    assert 'style="width:50.0%"' in said
    titles = [spec["layer"][0]["encoding"]["y"]["title"] for spec in charts(app) if "layer" in spec]
    assert titles == ["loss", "learning rate", "top-1 (%)", "learning rate"]
    assert len(charts(app)) == 5  # and the layers' gaps
    assert buttons(app) == {"Stop": True}


def test_stop_stops_and_resume_queues_again(store: Store, panel) -> None:
    run = prepared()
    at_work(store, run)
    app = panel(run)
    app.button(key="live_stop").click().run()
    assert store.run(run.run)["cancel"] == 1
    assert "Stopping" in text(app)
    assert buttons(app) == {"Stop": False}  # it was said once
    store.finish(run.run, "cancelled")
    app = panel(run)
    assert "was stopped" in text(app)
    app.button(key="live_resume").click().run()
    assert store.run(run.run)["state"] == "queued"


def test_a_refused_resume_is_said_until_the_next_one(store: Store, panel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_MAX_QUEUED_PER_SESSION", "1")
    monkeypatch.setattr("pages.shared.access.current_person", lambda: jobs.Person(teacher=True, session="s"))
    run, other = prepared(), prepared("A")
    begin(store, run)
    store.finish(run.run, "cancelled")
    jobs.submit(store, other, jobs.Person(teacher=True, session="s"))
    app = panel(run)
    app.button(key="live_resume").click().run()
    assert "1 of your runs is waiting" in text(app)
    store.cancel(other.run)
    app.button(key="live_resume").click().run()
    assert store.run(run.run)["state"] == "queued"
    assert "the most that one person may have" not in text(app)


def test_a_failed_run_says_why_offers_its_log_and_resume(store: Store, panel) -> None:
    run = prepared()
    begin(store, run)
    store.finish(run.run, "failed", error="the disk is full: free 20 MiB.")
    (store.home / "logs").mkdir(exist_ok=True)
    (store.home / "logs" / f"{run.run}.log").write_text("Traceback: the whole report")
    app = panel(run)
    assert "free 20 MiB" in app.error[0].value
    assert "the whole report" in app.code[0].value
    assert buttons(app)["Resume"]


def test_a_diverged_run_is_not_resumed_but_launched_with_other_settings(store: Store, panel) -> None:
    run = prepared()
    begin(store, run)
    store.finish(run.run, "failed", error=Diverged("synthesis diverged", "lower synthesise.lr (now 9)"))
    app = panel(run)
    assert "lower synthesise.lr (now 9); resumed as it is, it would end here again" in app.error[0].value
    assert "launch anew" in text(app)
    assert not app.button


def test_an_interrupted_run_says_that_its_worker_is_gone(store: Store, panel) -> None:
    run = prepared()
    at_work(store, run)
    store.database.execute("UPDATE runs SET pid = 1, heartbeat = 0")
    app = panel(run)
    assert "its worker is gone" in app.warning[0].value
    assert "stopped at 10 of 20" in text(app)
    assert buttons(app) == {"Resume": True}


def finished(store: Store, run: PreparedRun) -> None:
    begin(store, run)
    for stage in ("initialise", "synthesise", "relabel", "evaluate", "score"):
        folder = store.home / "artefacts" / node(run, stage).key
        folder.mkdir(parents=True)
        write_json(folder / "stage.json", {"seconds": 2.5, "finished": time.time() + 1})
        write_grid(folder / "grid.png", np.zeros((20, 1, 28, 28), np.uint8), np.tile(np.arange(10), 2))
    curves = {"top1/raw": [[2, 4], [30.0, 40.0]], "top1/ema": [[2, 4], [20.0, 35.0]], "lr": [[2, 4], [1e-3, 1e-4]]}
    write_json(store.home / "artefacts" / node(run, "evaluate").key / "curves.json", curves)
    students = [{"student": "convnet-d3-w32", "seed": 0, "top1": 61.25, "top1_ema": 63.5}]
    result = {"top1": 61.25, "top1_ema": 63.5, "headline": "top1_ema", "split": "test", "students": students}
    store.finish(run.run, "finished", result)


def test_a_finished_run_gives_its_headline_raw_and_averaged_and_the_ways_on(store: Store, panel) -> None:
    run = prepared()
    finished(store, run)
    app = panel(run)
    assert [(metric.label, metric.value) for metric in app.metric] == [
        ("Top-1, averaged weights (EMA)", "63.50 %"),
        ("top-1, raw weights", "61.25 %"),
    ]
    assert "test images" in text(app)
    assert "may be chance" in text(app)
    assert f"gallery: {run.run}" in text(app)
    assert f"labels: {run.run}" in text(app)
    assert not app.button
    assert "done, 2" in text(app)


def test_a_stage_that_is_computed_anew_tells_its_new_seconds(store: Store, panel) -> None:
    run = prepared()
    finished(store, run)
    record = store.home / "artefacts" / node(run, "synthesise").key / "stage.json"
    record.rename(record.with_name("away"))  # unreadable at the first look
    panel(run)
    for seconds in (40.0, 75.0):
        (record.parent / LIST).unlink(missing_ok=True)  # a new result has a list of its own
        write_json(record, {"seconds": seconds, "finished": time.time() + 1})
        assert f"done, {seconds:.0f}\u00a0s" in text(panel(run))


def test_seconds_are_those_of_what_this_run_computed(store: Store, panel) -> None:
    run = prepared()
    finished(store, run)
    folder = store.home / "artefacts" / node(run, "statistics").key  # of one observer; the project brings the others'
    folder.mkdir(parents=True)
    write_json(folder / "stage.json", {"seconds": 6.0, "finished": time.time() + 1})
    assert "3 from the store, 1 done, 6\u00a0s" in text(panel(run))


def test_floor_and_ceiling_stand_on_the_accuracy_chart(store: Store, panel) -> None:
    run = prepared()
    finished(store, run)
    drawn = json.dumps(charts(panel(run)))
    assert "chance: 10 %" in drawn
    assert "trained on all real images" in drawn


def test_random_images_with_hard_labels_are_the_floor_where_somebody_has_them(store: Store, panel) -> None:
    run, floor = prepared(), prepared("random", protocol="hard")
    finished(store, run)
    words = "random images, hard labels: "
    assert words not in json.dumps(charts(panel(run)))
    store.add_curves([(node(floor, "evaluate").key, "top1/ema", 2, 12.0)])
    assert words not in json.dumps(charts(panel(run)))  # who has begun has not measured it
    folder = store.home / "artefacts" / node(floor, "evaluate").key
    folder.mkdir(parents=True)
    write_json(folder / "curves.json", {"top1/ema": [[2, 4], [20.0, 27.0]]})
    assert f"{words}27 %" in json.dumps(charts(panel(run)))


def test_another_persons_run_cannot_be_stopped_and_says_whose_it_is(
    store: Store, panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = prepared()
    at_work(store, run)
    monkeypatch.setenv("EDC_CLASS_CODE", "sesame")
    app = panel(run)
    assert buttons(app) == {"Stop": False}
    assert "somebody else's" in app.button(key="live_stop").help


def test_a_change_of_state_elsewhere_redraws_the_page(store: Store, panel) -> None:
    run = prepared()
    at_work(store, run)
    app = panel(run)
    finished_elsewhere = Store(store.home)
    finished_elsewhere.finish(run.run, "cancelled")
    finished_elsewhere.close()
    app.run()
    assert app.session_state["live_drawn_as"] == (run.run, "cancelled")


@pytest.mark.parametrize(
    "look",
    [
        "panel.guarded(panel._panel)(run)",
        "forming.guarded(forming.waiting)(run, True)",
        "real.guarded(real.measuring)(run)",
        "check.guarded(check._watch)(run, 'running')",
    ],
)
def test_the_look_at_a_run_that_was_deleted_draws_the_page_anew(store: Store, look: str) -> None:
    """A page says what became of it, and does not look again; a look that failed went on for ever."""
    script = f"""
import streamlit as st
from pages.data import check_panel as check
from pages.gallery import synthesis_film as forming, real_neighbours as real
from pages.live import live_panel as panel
run = "g-run"
if st.session_state.pop("look", False):
    {look}
else:
    st.write("the page")
"""
    app = AppTest.from_string(script, default_timeout=30)
    app.session_state["look"] = True
    assert "the page" in text(app.run())
    assert not app.error


def test_polling_stops_when_the_run_is_finished() -> None:
    assert POLL_SECONDS["running"] == POLL_SECONDS["queued"] == 1.0
    assert POLL_SECONDS["finished"] is None
    assert POLL_SECONDS["running"] < IDLE_POLL_SECONDS


def test_a_run_made_by_other_code_can_still_be_looked_at(store: Store, panel) -> None:
    run = prepared()
    at_work(store, run)
    row = json.loads(store.database.row("SELECT settings FROM runs")["settings"])
    row["synthesise"]["forgotten"] = 1
    store.database.execute("UPDATE runs SET settings = ?", (json.dumps(row),))
    assert "forming, iteration 8 of 20" in text(panel(run))
