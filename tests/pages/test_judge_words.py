"""Images or labels?: what the page says of the bundled EDC run, so that nothing has to be computed."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from safetensors.numpy import save_file
from streamlit.testing.v1 import AppTest

from edc_core.data.external_sets.given import load_given
from edc_core.store import Store
from edc_core.store.files import write_json
from tests.conftest import ROOT
from tests.support.app_pages import at_page
from tests.support.crowd import add, prepared, uneven_upload


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Opens the page at a run, at the bundled EDC run where none is named."""
    monkeypatch.setenv("EDC_HOME", str(tmp_path))

    def open_at(run: str | None = None) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at_page(app, "labels")
        app.query_params["run"] = run or bundled(tmp_path)
        return drawn(app)

    return open_at


def bundled(home: Path) -> str:
    with closing(Store(home)) as store:
        runs = store.runs()
    return next(run.id for run in runs if run.bundled and (run.preset, run.ipc) == ("G", 10))


def drawn(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    assert not app.error
    return app


def said(app: AppTest) -> str:
    words = [element.value for kind in ("markdown", "caption", "info") for element in getattr(app, kind)]
    figure = json.loads(app.get("plotly_chart")[0].proto.spec) if app.get("plotly_chart") else {"layout": {}}
    return "\n".join(words + [note["text"] for note in figure["layout"].get("annotations", [])])


def judge_by(app: AppTest, *protocols: str) -> AppTest:
    next(field for field in app.multiselect if field.label == "Labels and training").set_value(list(protocols))
    return drawn(app)


@pytest.mark.parametrize(
    ("protocol", "column", "there"),
    [
        ("edc", "the teacher's labels", "EDC's images, 100 of them with the teacher's labels, are worth"),
        ("hard", "hard labels", "EDC's images, 100 of them with hard labels, are worth"),
    ],
)
def test_one_kind_of_labels_is_not_compared_with_itself(page, protocol: str, column: str, there: str) -> None:
    app = page()
    app.toggle(key="labels_hard").set_value(protocol == "edc")  # as it stood when both kinds were asked for
    app = judge_by(drawn(app), protocol)
    words = said(app)
    assert there in words
    assert "floor: random, hard labels" in words  # an axis keeps its floor
    assert not any(claim in words for claim in ("Taking the labels away", "Hollow"))
    assert (app.toggle[0].value, app.toggle[0].disabled) == (protocol == "hard", True)
    assert list(app.table[1].value.columns) == [column]
    for view in ("Other students", "Bytes and seconds"):
        app.session_state["labels_view"] = view
        drawn(app)
    app = judge_by(app, "edc", "hard")
    assert app.toggle(key="labels_hard").value == (protocol == "edc")


def test_an_uneven_upload_is_counted_image_by_image(page, tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        run = uneven_upload(store)
        for node in run.nodes:
            folder = tmp_path / "artefacts" / node.key
            if node.stage == "score":
                scores = {"top1": 60.0, "top5": 90.0}
                write_json(folder / "score.json", {"split": "test", "images": 10_000, "raw": scores, "ema": scores})
            if node.stage == "relabel":
                write_json(folder / "labels.json", {"bytes_if_stored": 7_800})
            if node.stage == "synthesise":
                images, labels = load_given(tmp_path, run.config.initialise.images)
                save_file({"images": images, "labels": labels}, folder / "images.safetensors")
    app = page(run.run)
    words = said(app)
    assert "65 images, 6.5 (0 to 10) per class; scored on test images" in words
    assert "The uploaded images, 65 of them with the teacher's labels, are worth" in words
    app.session_state["labels_view"] = "Bytes and seconds"
    ours = drawn(app).table[1].value.loc["The uploaded images"]
    assert (ours["images, eight-bit"], ours["hard labels"]) == ("49.8\u00a0KiB", "65\u00a0bytes")


@pytest.mark.parametrize(
    ("state", "words", "link"),
    [
        ("queued", "This run waits in the queue: its images can be judged when they are finished.", "Follow this run"),
        ("failed", "This run failed before its images were finished: resume it, then they can be judged.", "Open this"),
        ("cancelled", "This run was stopped before its images were finished: resume it, then", "Open this"),
    ],
)
def test_a_run_without_images_says_what_they_wait_for(
    page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, words: str, link: str
) -> None:
    links = []
    monkeypatch.setattr("pages.shared.navigation.page_link", lambda name, label, **more: links.append(label))
    with closing(Store(tmp_path)) as store:
        run = add(store, prepared("G"), state)
    assert words in said(page(run))
    assert links[0].startswith(link)
