"""Images or labels?: the page on a store with a tiny run, empty, judged by a real worker, and failed."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.data import describe
from edc_core.judging import COMPANIONS, companion_config, with_judgement
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import prepare
from edc_core.store import Store
from pages.gallery.run_picker import run_label
from tests.conftest import ROOT, answer, edc
from tests.support.app_pages import at_address
from tests.support.crowd import add, prepared


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, begun: Callable[[Path], Path]) -> Path:
    """A tiny run, its hard judgement, and random images beside it; three students each, scored on held-out images."""
    place = begun(tmp_path_factory.mktemp("labels"))
    small = ("--profile", "tiny", "--ipc", "2", "--seeds", "3", "--split", "val")
    answer(edc("run", *small, home=place))
    for protocol in ("edc", "hard"):
        answer(edc("run", *small, "--preset", "random", "--protocol", protocol, home=place))
    return place


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch):
    def open_at(home: Path, **address: str) -> AppTest:
        monkeypatch.setenv("EDC_HOME", str(home))
        return at_address("labels", **address).run()

    return open_at


def the_run(home: Path, preset: str = "G") -> str:
    store = Store(home)
    found = next(run.id for run in store.runs() if run.preset == preset and not run.bundled)
    store.close()
    return found


def chart(app: AppTest, number: int = 0) -> dict:
    return json.loads(app.get("plotly_chart")[number].proto.spec)


def texts(figure: dict) -> str:
    return " ".join(annotation["text"] for annotation in figure["layout"]["annotations"])


def test_without_a_finished_set_the_next_step_is_offered(page, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("edc_core.store.store.BUNDLED", tmp_path / "none")
    monkeypatch.setattr(Store.__init__, "__defaults__", (None, (tmp_path / "none",)))
    app = page(tmp_path)
    assert not app.exception
    assert "No set is finished yet" in app.info[0].value


def test_sets_stand_side_by_side_with_floor_and_ceiling(page, home: Path) -> None:
    app = page(home, run=the_run(home))
    assert not app.exception
    assert not app.error
    said = texts(chart(app))
    for name in ("EDC's images", "Random real images", "Letters and digits", "Pure noise"):
        assert name in said
    assert "floor: random, hard labels" in said
    assert "best observer" in said
    assert any("too close to call" in m.value or "ahead" in m.value or "behind" in m.value for m in app.markdown)
    for words in ("95 % interval", "Seeds differ only"):
        assert any(words in caption.value for caption in app.caption)
    assert not any("significant" in element.value for element in [*app.markdown, *app.caption])


def test_taking_the_labels_away_shows_the_other_figures(page, home: Path) -> None:
    app = page(home, run=the_run(home, "random"))
    soft = texts(chart(app))
    app.toggle(key="labels_hard").set_value(True).run()
    assert not app.exception
    assert texts(chart(app)) != soft
    assert any(m.value.startswith("#### Without the teacher's labels") for m in app.markdown)


def test_the_floor_stays_where_hard_labels_are_not_asked_for(page, home: Path) -> None:
    app = page(home, run=the_run(home))
    protocols = next(field for field in app.multiselect if field.label == "Labels and training")
    protocols.set_value([name for name in protocols.value if name != "hard"]).run()
    assert not app.exception
    assert app.toggle(key="labels_only_soft").disabled
    assert "floor: random, hard labels" in texts(chart(app))


@pytest.mark.parametrize(
    "view", ["Worth", "Learning curves", "Classes", "Other students", "Other protocols", "Bytes and seconds"]
)
def test_every_view_opens(page, home: Path, view: str) -> None:
    app = page(home, run=the_run(home, "random"))
    app.session_state["labels_view"] = view
    app.run()
    assert not app.exception
    assert not app.error


def test_learning_curves_say_how_many_images_they_were_looked_at_on(page, tmp_path: Path, decoded) -> None:
    few = ("--preset", "random", "--protocol", "hard", "--profile", "tiny", "--ipc", "2", "--set", "data.holdout=200")
    app = page(tmp_path, run=answer(edc("run", *few, "--split", "val", home=decoded(tmp_path)))["run"])
    app.session_state["labels_view"] = "Learning curves"
    app.toggle(key="labels_hard").set_value(True).run()
    assert any(" 200 held-out training images" in caption.value for caption in app.caption)


def test_fewer_than_three_seeds_carry_a_warning(page, tiny_run: dict, shared_home: Path) -> None:
    app = page(shared_home, run=tiny_run["run"])
    assert not app.exception
    assert any("at least 3" in warning.value for warning in app.warning)


def test_a_link_hides_what_judges(page, tiny_run: dict, shared_home: Path) -> None:
    for hide, expected in (("", True), ("launch", False)):
        app = page(shared_home, run=tiny_run["run"], hide=hide)
        keys = {button.key for button in app.button}
        assert expected == ({"labels_judge_first", "labels_judge", "labels_upload_go"} <= keys)
        assert expected == any(key.startswith("labels_") for key in keys)


def test_judge_hands_in_what_is_missing_and_a_worker_fills_it(page, home: Path, monkeypatch) -> None:
    monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])  # it works in this process
    run = the_run(home)
    app = page(home, run=run)
    app.multiselect(key="labels_companions").set_value(["random"]).run()
    button = app.button(key="labels_judge")
    assert "3 students" in button.label  # the tiny run's images with hard labels
    button.click()
    app.run()
    assert not app.exception
    assert "9 of 12 students measured" in app.get("progress")[0].proto.text
    assert jobs.work(home, idle=0) == 1
    app.run()
    assert not [button for button in app.button if button.key == "labels_judge"]
    app.toggle(key="labels_hard").set_value(True).run()
    assert "not yet" not in texts(chart(app))
    assert any("Taking the labels away moves" in m.value for m in app.markdown)


def test_a_failed_judgement_is_said_and_can_be_resumed(page, tiny_run: dict, shared_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(shared_home, home)
    store = Store(home)
    old = store.run(tiny_run["run"])
    changes = {"evaluate.students": ["convnet-d2-w8"], "evaluate.seeds": 3, "score.split": "test"}
    prepared = prepare(with_judgement(old.settings, "hard", changes), describe("fashion-mnist-mini"))
    plan = [node.plain() for node in prepared.nodes]
    store.claim_or_resume(prepared.run, prepared.config.model_dump(mode="json"), plan, old.manifest)
    store.finish(prepared.run, "failed", error="the disk is full: choose another home.")
    store.close()
    (home / "logs").mkdir(exist_ok=True)
    (home / "logs" / f"{prepared.run}.log").write_text("Traceback: the whole report")
    app = page(home, run=tiny_run["run"])
    assert not app.exception
    assert any("the disk is full" in error.value for error in app.error)
    assert "Traceback: the whole report" in [code.value for code in app.code]
    assert app.button(key=f"labels_resume_{prepared.run}").label == "Resume"


def test_images_of_other_code_end_in_a_sentence(page, tiny_run: dict, shared_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(shared_home, home)
    store = Store(home)
    plan = json.dumps(
        [n | {"key": "0" * 24} if n["stage"] == "synthesise" else n for n in store.run(tiny_run["run"]).plan]
    )
    store.database.execute("UPDATE runs SET plan = ? WHERE id = ?", (plan, tiny_run["run"]))
    store.close()
    (home / "artefacts" / ("0" * 24)).mkdir()
    app = page(home, run=tiny_run["run"])
    assert not app.exception
    assert any("earlier version" in error.value for error in app.error)


def test_an_upload_is_judged_with_its_controls(home: Path, monkeypatch) -> None:
    """The upload's callback, as the browser calls it (AppTest has no file uploads of its own)."""
    monkeypatch.setenv("EDC_HOME", str(home))
    code = f"""
import io, sys
import streamlit as st
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from pages.judge import set_upload
if "done" not in st.session_state:
    st.session_state["done"] = True
    file = io.BytesIO(Path({str(home / "set.zip")!r}).read_bytes()); file.name = "set.zip"
    st.session_state["labels_upload"] = file
    file.size = 51 * 2**20
    set_upload.judge_uploaded(Path({str(home)!r}), "fashion-mnist-mini", "tiny")
    st.session_state["too_large"] = st.session_state.pop("labels_upload_problem")
    file.size = len(file.getvalue())
    st.session_state["labels_seeds"] = 1
    set_upload.judge_uploaded(Path({str(home)!r}), "fashion-mnist-mini", "tiny")
st.write(st.session_state.get("labels_upload_problem", "taken in"))
st.write(st.session_state.get("run"))
"""
    classes = describe("fashion-mnist-mini").classes
    with zipfile.ZipFile(home / "set.zip", "w") as archive:
        for number, name in enumerate(classes):
            picture = io.BytesIO()
            Image.fromarray(np.full((28, 28), 20 * number, np.uint8)).save(picture, "PNG")
            archive.writestr(f"{name.replace('/', '_')}/0.png", picture.getvalue())
    app = AppTest.from_string(code, default_timeout=60).run()
    assert not app.exception
    assert app.session_state["too_large"] == "the upload has 51 MiB, more than 50: send fewer images."
    assert app.markdown[0].value == "taken in"
    store = Store(home)
    found = {run.preset for run in store.runs() if run.ipc == 1}
    assert "given" in found
    for run in store.runs():
        if run.state in ("queued", "running"):
            store.cancel(run.id)
    store.close()


def test_companions_can_be_made_at_all(tmp_path: Path, tiny_run: dict, shared_home: Path) -> None:
    """Each control and impostor goes through the engine under the run's own judgement."""
    store = Store(shared_home)
    config = with_judgement(store.run(tiny_run["run"]).settings, None, {"score.split": "val"})
    store.close()
    for name in COMPANIONS:
        result = execute(prepare(companion_config(config, name), describe("fashion-mnist-mini")), shared_home)
        assert 0 < result["top1"] < 100


def test_training_without_augmentation_stands_beside_where_it_is_measured(page, home: Path, tmp_path: Path) -> None:
    def asked(app: AppTest) -> list[str]:
        return next(field for field in app.multiselect if field.label == "Labels and training").value

    assert "plain" not in asked(page(home, run=the_run(home)))
    app = page(tmp_path)  # of the bundled sets
    assert asked(app) == ["edc", "hard", "plain"]


def test_a_first_visit_meets_a_comparison_before_ones_own_run_without_controls(page, bare_store: Store) -> None:
    def opened(**address: str) -> str:
        return page(bare_store.home, **address).selectbox(key="chosen-run").value

    bare = add(bare_store, prepared("G"))
    assert opened() == bare
    compared = add(bare_store, prepared("RDED", ipc=1, protocol="edc"))
    add(bare_store, prepared("random", ipc=1, protocol="edc"))
    later = add(bare_store, prepared("SRe2L"))
    assert opened() == compared
    assert opened(run=later) == later


def test_it_is_not_asked_of_a_run_because_it_was_measured_of_the_one_before(page, home: Path) -> None:
    def field(app: AppTest):
        return next(field for field in app.multiselect if field.label == "Labels and training")

    store = Store(home)
    bundled = next(run.id for run in store.runs() if run.preset == "G" and run.bundled)
    owned = {run_label(run): run.id for run in store.runs() if run.preset == "G" and not run.bundled}
    store.close()
    app = page(home, run=bundled)
    assert "plain" in field(app).value
    own = next(owned[text] for text in app.selectbox(key="chosen-run").options if text in owned)
    for run, measured in ((own, False), (bundled, True)):
        app.selectbox(key="chosen-run").set_value(run).run()
        assert ("plain" in field(app).value) == measured
    field(app).set_value(["edc", "hard", "rded"]).run()
    assert field(app).value == ["edc", "hard", "rded"]
