"""The gallery as a person meets it: every view of a finished run, every state of an unfinished one, by link."""

import base64
import copy
import io
import json
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.config import validate_config
from edc_core.data import open_dataset
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import prepare
from edc_core.runs.condensed_set import snapshots
from edc_core.runs.image_grids import by_class, cut, png, read_png, sheet
from edc_core.stage_graph import EXTRA_STAGES, RESULT_STAGES
from edc_core.store import Store
from edc_core.store.files import write_grid, write_json
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from pages.gallery.run_picker import STATES, run_label, run_labels
from pages.gallery.synthesis_film import compose_film, compose_frame, compose_strip
from tests.conftest import answer, edc
from tests.support.app_pages import at_address, pictures, sent_as
from tests.support.crowd import add, prepared


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch):
    """Opens the gallery of a home at an address."""
    monkeypatch.setattr(jobs, "supervise", lambda store: None)  # no worker: the rows are what they are

    def open_at(home: Path, **address: str) -> AppTest:
        monkeypatch.setenv("EDC_HOME", str(home))
        return again(at_address("gallery", **{key.replace("_", "-"): value for key, value in address.items()}))

    return open_at


def again(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    assert not [error.value for error in app.error if "Something went wrong" in error.value]
    return app


def said(app: AppTest) -> str:
    parts = (*app.markdown, *app.caption, *app.subheader, *app.title, *app.info, *app.warning, *app.error)
    return " ".join(part.value for part in parts)


def stored(home: Path, run: RunRecord, stage: str, name: str) -> dict[str, np.ndarray]:
    key = next(node["key"] for node in run.plan if node["stage"] == stage)
    return load_file(home / "artefacts" / key / f"{name}.safetensors")


@pytest.fixture
def run(tiny_run: dict, shared_home: Path) -> RunRecord:
    with closing(Store(shared_home)) as store:
        return store.run(tiny_run["run"])


# A finished run ----------------------------------------------------------------------------------


def test_a_link_opens_a_run_and_its_very_pixels(page, shared_home: Path, run: RunRecord) -> None:
    app = page(shared_home, run=run.id)
    tensors = stored(shared_home, run, "synthesise", "images")
    cells, filled, _ = by_class(tensors["images"], tensors["labels"], 10)
    assert pictures(app) == [sent_as(png(sheet(cells, filled)))]
    assert f"**{run.result['top1_ema']:.1f} %** top-1 on test images" in said(app)
    assert "**20** images, **15.3\u00a0KiB**" in said(app)
    assert len(app.get("download_button")) == 3
    assert any(name.startswith("EDC, IPC 2, seed 0 · fashion-mnist-mini") for name in app.selectbox[0].options)
    assert app.query_params["run"] in (run.id, [run.id])


def test_one_class_is_shown_alone(page, shared_home: Path, run: RunRecord) -> None:
    app = page(shared_home, run=run.id, gallery_class="Bag")
    tensors = stored(shared_home, run, "synthesise", "images")
    bags = tensors["images"][tensors["labels"] == run.manifest["dataset"]["classes"].index("Bag")]
    assert pictures(app) == [sent_as(png(sheet(bags[None])))]


def test_another_run_is_chosen_and_the_address_follows(page, shared_home: Path, run: RunRecord) -> None:
    other = answer(edc("run", "--profile", "tiny", "--ipc", "1", "--preset", "random", home=shared_home))["run"]
    app = page(shared_home, run=run.id)
    app.selectbox(key="chosen-run").select(other).run()
    assert not app.exception
    assert app.query_params["run"] in (other, [other])
    assert "**10** images" in said(app)


def test_runs_called_alike_are_told_apart_in_a_list(run: RunRecord) -> None:
    now = replace(run, state=RunState.RUNNING, result=None)
    other = replace(now, id="g-other-6e0f", settings=copy.deepcopy(run.settings))
    other.settings["score"]["split"] = "val"
    called = run_labels([now, other])
    assert called["g-other-6e0f"].endswith(" · running · score.split val (6e0f)")
    assert called[run.id].endswith(f" · running · score.split test ({run.id[-4:]})")
    assert run_labels([now]) == {run.id: run_label(now)}


def test_the_time_lapse_stands_between_start_and_end(page, shared_home: Path, run: RunRecord) -> None:
    app = page(shared_home, run=run.id, gallery_view="Forming")
    folder = shared_home / "artefacts" / next(n["key"] for n in run.plan if n["stage"] == "synthesise")
    films = sorted((folder / "snapshots").glob("*.png"))
    steps = [int(path.stem) for path in films]
    slider = app.select_slider(key="gallery-step")
    assert slider.options == [str(step) for step in steps]
    arguments = tuple((int(path.stem), str(path)) for path in films), 28, (2,) * 10, None
    slider.set_value(steps[1]).run()
    now, width, height = compose_frame(*arguments, steps[1])
    assert pictures(app)[0] == sent_as(now)
    linked = page(shared_home, run=run.id, gallery_view="Forming", gallery_step=str(steps[0]))
    assert pictures(linked)[0] == sent_as(compose_frame(*arguments, steps[0])[0])
    shown = np.asarray(Image.open(io.BytesIO(now)))
    assert shown.shape[:2] == (height, width)
    for place, path in enumerate((films[0], films[1], films[-1])):  # start, now, end
        block = sheet(cut(read_png(path), 28))
        left = place * (block.shape[1] + 8)
        assert (shown[-block.shape[0] :, left : left + block.shape[1], 0] == block[..., 0]).all()
    app.toggle(key="gallery-play").set_value(True).run()
    moving, _, _ = compose_film(*arguments)
    assert pictures(app)[0] == sent_as(moving)
    assert Image.open(io.BytesIO(moving)).n_frames == len(films)


def test_soft_labels_of_one_image_are_the_committees(page, shared_home: Path, run: RunRecord) -> None:
    app = page(shared_home, run=run.id, gallery_view="Soft labels", gallery_class="Coat", gallery_image="2")
    classes, logits = run.manifest["dataset"]["classes"], stored(shared_home, run, "relabel", "labels")["logits"]
    row = 10 + classes.index("Coat")  # the second of its class
    powers = np.exp(logits[row].astype(float) - logits[row].max())
    bars = json.loads(app.get("plotly_chart")[0].proto.spec)["data"][0]
    assert bars["y"][0] == classes[int(logits[row].argmax())]
    assert sorted(values(bars["x"]), reverse=True) == pytest.approx(sorted(100 * powers / powers.sum(), reverse=True))
    right = int((logits.argmax(1) == np.tile(np.arange(10), 2)).sum())
    assert f"recognises {right} of 20 images" in said(app)
    assert pictures(app) == [
        sent_as(png(sheet(stored(shared_home, run, "synthesise", "images")["images"][row][None, None])))
    ]


def values(data) -> list[float]:
    """A plotly array, plain or packed."""
    if isinstance(data, dict):
        return np.frombuffer(base64.b64decode(data["bdata"]), data["dtype"]).tolist()
    return list(data)


def test_neighbours_are_offered_asked_for_and_shown(page, shared_home: Path, run: RunRecord) -> None:
    prepared_run = prepare(validate_config(run.settings))
    key = next(node.key for node in prepared_run.nodes if node.stage == "neighbours")
    with closing(Store(shared_home)) as store:
        store.stage_results.remove(key)
    hidden = page(shared_home, run=run.id, gallery_view="Real neighbours", hide="launch")
    assert not [button.key for button in hidden.button if button.key == "gallery-measure"]
    app = page(shared_home, run=run.id, gallery_view="Real neighbours")
    app.button(key="gallery-measure").click().run()
    with closing(Store(shared_home)) as store:
        assert store.run(run.id).state == "queued"
        app = page(shared_home, run=run.id, gallery_view="Real neighbours")
        assert app.get("progress")
        store.cancel(run.id)
        assert store.run(run.id).state == "finished"
    execute(prepared_run, shared_home, targets=RESULT_STAGES + EXTRA_STAGES)
    app = page(shared_home, run=run.id, gallery_view="Real neighbours")
    tensors = load_file(shared_home / "artefacts" / key / "neighbours.safetensors")
    near = int((tensors["pixel.ratio"] < 1).sum())
    assert f"#### {near} of 20 condensed images {'is' if near == 1 else 'are'}" in said(app)
    still = int((tensors["pixel.start"] < tensors["pixel.distances"][:, 0]).sum())
    assert f"**{still} of 20** are still nearer to it" in said(app)
    order = np.argsort(tensors["pixel.ratio"], kind="stable")[:8]
    ends = stored(shared_home, run, "synthesise", "images")["images"][order]
    starts = stored(shared_home, run, "initialise", "images")["images"][order]
    config = prepared_run.config
    mean, std = open_dataset(config.dataset, config.data, shared_home, prepared_run.description).normalisation
    begun = np.rint((starts * np.float32(std[0]) + np.float32(mean[0])) * 255).astype(np.uint8)
    assert pictures(app) == [sent_as(png(sheet(np.stack([begun, ends, tensors["pixel.nearest"][order]]))))]


def with_images(store: Store) -> RunRecord:
    """A finished run without neighbours, its condensed images black."""
    made = prepared("G")
    name = add(store, made)
    folders = {node.stage: store.home / "artefacts" / node.key for node in made.nodes}
    black = {"images": np.zeros((20, 1, 28, 28), np.uint8), "labels": np.repeat(np.arange(10), 2)}
    save_file(black, folders["synthesise"] / "images.safetensors")
    write_json(folders["relabel"] / "labels.json", {"bytes_if_stored": 1000, "stored": False})
    return store.run(name)


def test_neighbours_that_failed_say_why_above_the_button(page, bare_store: Store) -> None:
    run = with_images(bare_store)
    jobs.submit(bare_store, prepared("G"), jobs.Person(teacher=True), wanted=(*RESULT_STAGES, "neighbours"))
    bare_store.finish(run.id, "failed", error="the disk is full: make room.")
    assert bare_store.run(run.id).state == "finished"
    app = page(bare_store.home, run=run.id, gallery_view="Real neighbours")
    assert [error.value for error in app.error] == ["The comparison failed: the disk is full: make room."]
    assert app.button(key="gallery-measure")


def test_a_run_at_work_is_not_taken_for_a_comparison(page, bare_store: Store) -> None:
    run = with_images(bare_store)
    bare_store.database.execute("UPDATE runs SET result = NULL")
    bare_store.mark_running(run.id)
    app = page(bare_store.home, run=run.id, gallery_view="Real neighbours")
    assert "You can compare it once the run is finished." in said(app)
    assert not app.get("progress")


def test_hard_labels_and_untouched_images_say_so(page, shared_home: Path) -> None:
    arguments = ["--preset", "random", "--profile", "tiny", "--ipc", "1", "--protocol", "hard", "--split", "val"]
    name = answer(edc("run", *arguments, home=shared_home))["run"]
    assert "no time-lapse to play" in said(page(shared_home, run=name, gallery_view="Forming"))
    assert "hard labels" in said(page(shared_home, run=name, gallery_view="Soft labels"))
    assert "pixel by pixel" in said(page(shared_home, run=name, gallery_view="Real neighbours"))


# Other states ------------------------------------------------------------------------------------


def test_an_empty_store_leads_to_the_first_run(page, bare_store: Store) -> None:
    app = page(bare_store.home)
    assert "Nothing to look at yet" in said(app)
    assert app.button(key="gallery-first").label == "Make the first set"
    assert not app.selectbox


def test_a_waiting_run_says_its_place_and_shows_where_it_will_start(page, bare_store: Store) -> None:
    made = prepared("G")
    add(bare_store, made, "queued")
    bare_store.database.execute("UPDATE runs SET queued = ?", (time.time(),))
    app = page(bare_store.home, run=made.run)
    assert "Next in line" in said(app)
    assert "Starting images" in said(app)
    assert len(pictures(app)) == 1


def test_a_running_run_shows_what_has_formed(page, bare_store: Store) -> None:
    made = prepared("G")
    add(bare_store, made, "running")
    key = next(node.key for node in made.nodes if node.stage == "synthesise")
    folder = bare_store.home / "partial" / key / "snapshots"
    folder.mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 256, (20, 1, 28, 28), np.uint8)
    labels = np.tile(np.arange(10), 2)
    for step in (0, 2):
        write_grid(folder / f"{step:06d}.png", pixels if step else pixels[::-1].copy(), labels)
    app = page(bare_store.home, run=made.run)
    assert "Iteration 2 of" in said(app)
    cells, filled, _ = by_class(pixels, labels, 10)
    assert pictures(app) == [sent_as(png(sheet(cells, filled)))]
    (folder / "000004.png").write_bytes(b"")  # as one that is moved away between two looks
    app = again(app)
    assert not app.error
    assert not pictures(app)
    assert "The images are being made" in said(app)


def test_a_time_lapse_that_cannot_be_read_is_a_sentence(page, shared_home: Path, run: RunRecord) -> None:
    with closing(Store(shared_home)) as store:
        gone = snapshots(store, run)[0]
    content = gone.read_bytes()
    gone.write_bytes(b"")
    for kept in (compose_frame, compose_strip):
        kept.clear()
    try:
        app = page(shared_home, run=run.id, gallery_view="Forming")
        assert len(app.error) == 2  # the player's, and the strip's below it
    finally:
        gone.write_bytes(content)


@pytest.mark.parametrize(("state", "words"), [("failed", "lr is too large"), ("cancelled", "stopped on request")])
def test_a_run_that_ended_early_says_why_and_leads_on(page, bare_store: Store, state: str, words: str) -> None:
    made = prepared("G", 3)
    add(bare_store, made, state, error="the lr is too large: lower it." if state == "failed" else None)
    app = page(bare_store.home, run=made.run)
    assert words in said(app)
    assert app.selectbox[0].options[0].endswith(STATES[state])
    assert "no finished images" in said(app)
    links = [link.proto.query_string for link in app.get("page_link")]
    assert any(f"run={made.run}" in link for link in links)


def test_a_link_to_a_run_that_is_not_here_says_so_and_shows_another(page, shared_home: Path, run: RunRecord) -> None:
    app = page(shared_home, run="somebody-elses")
    assert "'somebody-elses' is not here" in said(app)
    assert pictures(app)
