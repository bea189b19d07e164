"""The live panel of runs that ended, of other people's, and of other code's."""

import json
import time

import pytest
from streamlit.testing.v1 import AppTest

from edc_core.errors import Diverged
from edc_core.store import Store
from edc_core.store.digests import LIST
from edc_core.store.files import write_json
from pages.live.live_panel import IDLE_POLL_SECONDS, POLL_SECONDS
from tests.support.live_runs import at_work, begin, buttons, charts, finished, node, prepared, text


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
    assert "launch again" in text(app)
    assert not app.button


def test_an_interrupted_run_says_that_its_worker_is_gone(store: Store, panel) -> None:
    run = prepared()
    at_work(store, run)
    store.database.execute("UPDATE runs SET pid = 1, heartbeat = 0")
    app = panel(run)
    assert "its worker is gone" in app.warning[0].value
    assert "stopped at 10 of 20" in text(app)
    assert buttons(app) == {"Resume": True}


def test_a_finished_run_ends_with_what_its_images_taught_and_links_to_this_run(store: Store, panel) -> None:
    run = prepared()
    finished(store, run)
    app = panel(run)
    said = text(app)
    assert "20 images taught 63.5 %; all 9,000 teach 89.2 %; guessing gives 10 %." in said
    assert 'aria-label="Guessing: 10.0 %; These 20 images: 63.5 %; All 9,000 real images: 89.2 %"' in said
    assert "63.50 % with averaged weights (EMA), 61.25 % with raw weights" in said
    assert "10,000 test images" in said
    assert "may be chance" in said
    for page in ("gallery", "landscape", "labels"):
        assert f"{page}: {run.run}" in said
    assert buttons(app) == {"Switch one choice off": True}
    assert "done, 2" in said


def test_a_finished_run_shows_the_sharpness_that_was_measured_while_it_worked(store: Store, panel) -> None:
    run = prepared()
    finished(store, run)
    assert "Sharpness" not in text(panel(run))  # nothing was measured, and nothing will be
    path = store.home / "artefacts" / node(run, "evaluate").key / "curves.json"
    (path.parent / LIST).unlink(missing_ok=True)  # a new result has a list of its own
    write_json(path, json.loads(path.read_text()) | {"sharpness/raw": [[2, 4], [0.5, 0.25]]})
    app = panel(run)
    assert "worst rise (nats)" in json.dumps(charts(app))
    assert "all weights together move by 0.05, in nats: lower is flatter." in text(app)


def test_without_a_stored_figure_the_bar_of_all_images_is_left_out(store: Store, panel) -> None:
    run = prepared()
    finished(store, run)
    row = json.loads(store.database.row("SELECT manifest FROM runs")["manifest"])
    row["dataset"]["digest"] = "another"
    store.database.execute("UPDATE runs SET manifest = ?", (json.dumps(row),))
    said = text(panel(run))
    assert "20 images taught 63.5 %; guessing gives 10 %." in said
    assert "real images: 8" not in said
    assert "is not measured here" in said


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
    assert "3 reused, 1 done, 6\u00a0s" in text(panel(run))


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
        "forming.guarded(forming.render_waiting)(run, True)",
        "real.guarded(real.render_measuring)(run)",
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


def test_a_run_that_does_not_answer_is_taken_over_only_after_a_question(store: Store, panel) -> None:
    run = prepared()
    at_work(store, run)
    store.database.execute("UPDATE runs SET heartbeat = heartbeat - 60, heartbeat_clock = heartbeat_clock - 60")
    elsewhere = "another-host|another-boot|pid:[1]"
    store.database.execute("UPDATE runs SET pid_scope = ?", (elsewhere,))
    app = panel(run)
    assert "not answering: process" in app.warning[0].value
    assert "host 'another-host'" in app.warning[0].value
    assert "may only be suspended" in app.warning[0].value
    assert buttons(app) == {"Take it over": True, "Stop": True}
    app.button(key="live_take_over").click().run()
    assert store.run(run.run).state == "queued"
