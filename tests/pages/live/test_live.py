"""The live panel in each state of a run, on real rows of a real store."""

import re

import numpy as np
import pytest
from safetensors.numpy import save_file

from edc_core import jobs
from edc_core.data import open_dataset
from edc_core.data.glance import quick_normalisation
from edc_core.pipeline.prepare import PreparedRun
from edc_core.store import Store
from edc_core.store.files import write_grid
from pages.live.live_images import left_out_note
from tests.support.live_runs import at_work, begin, buttons, charts, finished, node, prepared, text


def queue(store: Store, run: PreparedRun) -> None:
    jobs.submit(store, run, jobs.Person(teacher=True, session=run.run))


def test_a_queued_run_says_its_place_and_what_is_before_it(store: Store, panel) -> None:
    first, second, third = prepared(), prepared("A"), prepared("B")
    begin(store, first)
    queue(store, second)
    queue(store, third)
    app = panel(second)
    assert "EDC, 6 changes" not in text(app)
    assert "Next in line; how long until it starts is not known yet." in text(app)
    assert "EDC, IPC 2, seed 0 (running)" in text(app)
    assert buttons(app) == {"Stop": True}


def test_starting_images_are_there_before_any_worker_is(store: Store, panel) -> None:
    run = prepared()
    queue(store, run)
    app = panel(run)
    assert len(app.get("image")) >= 1
    assert "starting images" in text(app)
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
        ([10] * 10, None, "50 of the 100 images, 5 per class; the Gallery has them all."),
        ([10, 3, 1], None, "9 of the 14 images, at most 5 per class; the Gallery has them all."),
        (
            [10] * 100,
            None,
            "50 of the 1,000 images, 5 per class of the first 10 of 100 classes; the Gallery has them all.",
        ),
        # Of a large set only the first batch is followed while it forms.
        ([10] * 10, [50] * 10, "50 of the 500 images, 5 per class; the Gallery has them all."),
        (
            [1] * 100,
            [10] * 200,
            "10 of the 2,000 images, 1 per class of the first 10 of 200 classes; the Gallery has them all.",
        ),
        ([5, 5], [5, 5, 5], "10 of the 15 images, 5 per class of the first 2 of 3 classes; the Gallery has them all."),
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
    assert "starting images" in text(app.run())


def test_a_run_without_a_stage_yet_is_starting(store: Store, panel) -> None:
    run = prepared()
    begin(store, run)
    app = panel(run)
    assert "Starting" in text(app)
    assert "loading torch" in text(app)


def test_a_run_at_work_shows_stages_with_time_left_pictures_and_curves(store: Store, panel) -> None:
    run = prepared()
    at_work(store, run)
    app = panel(run)
    said = text(app)
    assert "forming, iteration 8 of 20" in said
    left = re.search(r"10 of 20, (\d+)\u00a0s left", said)
    assert 15 < int(left[1]) < 60  # ten took twenty seconds
    assert "4 reused" in said
    assert "GiB of memory in use" in said
    assert 'style="width:50.0%"' in said
    of_student = ["top-1 (%)", "learning rate", "worst rise (nats)"]
    assert titles(app) == [None] * 4 + ["learning rate", "worst rise (%)"] + of_student
    assert len(charts(app)) == 10  # and the layers' gaps
    assert "<b>0.01 &times; matching</b> <span>0.05 &rarr; 0.05</span>" in said
    assert buttons(app) == {"Stop": True}


def titles(app) -> list[str | None]:
    return [spec["layer"][0]["encoding"]["y"]["title"] for spec in charts(app) if "layer" in spec]


@pytest.mark.parametrize(("stage", "first"), [("evaluate", "top-1 (%)"), ("squeeze", "loss")])
def test_the_curves_of_the_stage_at_work_are_on_top(store: Store, panel, stage: str, first: str) -> None:
    run = prepared()
    at_work(store, run)
    store.heartbeat(run.run, {"stage": stage, "name": node(run, stage).name, "key": node(run, stage).key})
    found = titles(panel(run))
    assert found[0] == first
    assert len(found) == (9 if stage == "evaluate" else 10)


def test_stop_stops_and_resume_queues_again(store: Store, panel) -> None:
    run = prepared()
    at_work(store, run)
    app = panel(run)
    app.button(key="live_stop").click().run()
    assert store.run(run.run).cancel == 1
    assert "Stopping" in text(app)
    assert buttons(app) == {"Stop": False}  # it was said once
    store.finish(run.run, "cancelled")
    app = panel(run)
    assert "was stopped" in text(app)
    app.button(key="live_resume").click().run()
    assert store.run(run.run).state == "queued"


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
    assert store.run(run.run).state == "queued"
    assert "the most that one person may have" not in text(app)
