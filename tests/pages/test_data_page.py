"""The page Data as a person meets it: states, rights, and one sentence with a cure for what goes wrong."""

from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.data import describe
from edc_core.jobs import datasets as known
from edc_core.jobs.tasks.check import CheckTask, check_id, execute_check
from edc_core.store import SQUEEZE, Store
from edc_core.store.run_record import RunRecord
from pages.shared import access
from tests.conftest import ROOT
from tests.support.app_pages import at_page
from tests.support.photos import photos, picture, small_photos

ME = jobs.Person(teacher=True)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store whose queue nobody works on."""
    monkeypatch.setenv("EDC_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])
    return tmp_path / "home"


def page(name: str = "data", session: dict[str, str] | None = None, **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at_page(app, name)
    for key, value in (session or {}).items():
        app.session_state[key] = value
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def again(app: AppTest, act) -> None:
    act().run()
    assert not app.exception


def said(app: AppTest) -> str:
    kinds = ("markdown", "caption", "warning", "info", "error", "success")
    return " ".join(part.value for kind in kinds for part in getattr(app, kind))


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button}


def tasks(home: Path) -> list[RunRecord]:
    with closing(Store(home)) as store:
        return [row for row in store._rows() if row.origin in ("check", "squeeze")]


def added(home: Path, root: Path) -> str:
    with closing(Store(home)) as store:
        return known.add(store, str(root), ME)


def look_at_path(app: AppTest, path: str) -> None:
    app.text_input(key="data.path").input(path)
    again(app, lambda: next(button for button in app.button if button.label == "Look at it").click())


def test_the_first_visit_shows_what_comes_with_the_lab(home: Path) -> None:
    app = page()
    assert {metric.label: metric.value for metric in app.metric}["Classes"] == "10"
    assert app.selectbox(key="data.chosen").options[0] == "fashion-mnist-mini · comes with the lab"
    assert "resnet18-w16: 88.9 %" in said(app)
    assert "data.squeeze" not in keys(app)
    assert app.button(key="data.condense").label == "Condense it"


def test_a_folder_is_added_at_a_size_of_ones_choice(home: Path, tmp_path: Path) -> None:
    root = photos(tmp_path / "photos")
    app = page()
    look_at_path(app, "/no/such/folder")
    assert "'/no/such/folder' is unknown: choose" in said(app)
    look_at_path(app, str(root))
    assert "4 classes, 24 images for training and 8 for testing, in colour" in said(app)
    assert "The images have 6 sizes, from 40 x 40 to 55 x 56 px. 32 px suits most of them." in said(app)
    (size,) = [field for field in app.number_input if field.key.startswith("data.size")]
    again(app, lambda: size.set_value(24))
    again(app, lambda: app.button(key="data.add").click())
    assert app.session_state["dataset"] == f"{root}?size=24"
    assert {metric.label: metric.value for metric in app.metric}["Image size"] == "24 x 24 px, colour"
    assert "Not checked yet" in said(app)
    again(app, lambda: app.button(key="data.remove").click())
    assert app.session_state["dataset"] == "fashion-mnist-mini"
    with closing(Store(home)) as store:
        assert not [one for one in known.datasets(store) if one.added]


def test_a_check_is_asked_for_watched_and_stopped(home: Path, tmp_path: Path) -> None:
    app = page(dataset=added(home, small_photos(tmp_path / "set")))
    again(app, lambda: app.button(key="data.check").click())
    (row,) = tasks(home)
    assert (row.state, row.title) == ("queued", "Check of set")
    assert "data.check" not in keys(app)
    again(app, lambda: app.button(key="data.check_stop").click())
    assert "The check was stopped" in said(app)
    assert not app.button(key="data.check").disabled


def test_a_fatal_finding_stands_first_and_blocks_what_would_fail(home: Path, tmp_path: Path) -> None:
    root = small_photos(tmp_path / "set")
    broken = root / "train" / "cat" / "1.png"
    broken.write_bytes(broken.read_bytes()[:200])
    name = added(home, root)
    execute_check(CheckTask(name, describe(name)), home)
    app = page(dataset=name)
    assert "1 of 8 images cannot be read; the first: 'train/cat/1.png'" in app.error[0].value
    assert "**Cure:** Replace or remove each of them." in app.error[0].value
    assert "cannot be condensed as it is" in said(app)
    assert not keys(app) & {"data.squeeze", "data.condense"}
    assert "cannot be read" in page("recipe", dataset=name).error[0].value


def test_observers_are_chosen_squeezed_stopped_and_kept_for_recipe(home: Path, tmp_path: Path) -> None:
    name = added(home, small_photos(tmp_path / "set"))
    app = page(dataset=name, settings="tiny")
    (observers,) = [field for field in app.multiselect if field.key.startswith("data.observers")]
    assert observers.value == ["convnet-d2-w8", "wrn-10-1"]
    assert "resnet18" in observers.options
    assert "alexnet" not in observers.options  # needs 63 px
    again(app, lambda: observers.set_value(["convnet-d2-w8"]))
    (epochs,) = [field for field in app.number_input if field.key.startswith("data.epochs")]
    again(app, lambda: epochs.set_value(3))
    again(app, lambda: app.button(key="data.squeeze").click())
    (row,) = tasks(home)
    assert (row.state, row.origin, row.title) == ("queued", SQUEEZE, "1 observer of set")
    assert row.settings["squeeze"]["epochs"] == 3
    again(app, lambda: app.button(key="live_stop").click())
    assert "The squeeze was stopped" in said(app)
    assert "live_resume" in keys(app)
    again(app, lambda: app.button(key="data.condense").click())
    state = app.session_state
    assert (state["dataset"], state["profile"], state["ipc"]) == (name, "tiny", 2)
    changes = "relabel.observers=convnet-d2-w8;squeeze.epochs=3;synthesise.observers=convnet-d2-w8"
    assert state["set"] == changes


def test_observers_that_do_not_fit_are_a_sentence(home: Path, tmp_path: Path) -> None:
    app = page(dataset=added(home, small_photos(tmp_path / "set")))
    (observers,) = [field for field in app.multiselect if field.key.startswith("data.observers")]
    again(app, lambda: observers.set_value([]))
    assert "Choose at least one observer" in said(app)
    assert not keys(app) & {"data.squeeze", "data.condense"}


def test_a_lab_to_look_at_offers_nothing_to_change(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = added(home, small_photos(tmp_path / "set"))
    monkeypatch.setenv("EDC_READ_ONLY", "1")
    app = page(dataset=name)
    assert not [field for field in app.text_input if field.key == "data.path"]
    assert app.button(key="data.check").disabled
    assert app.button(key="data.squeeze").disabled
    assert "data.remove" not in keys(app)


def test_pupils_upload_and_name_no_paths(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden, shown = small_photos(tmp_path / "hidden"), added(home, photos(tmp_path / "shown"))
    monkeypatch.setenv("EDC_CLASS_CODE", "blackboard")
    with closing(Store(home)) as store:
        _, token = jobs.enter_class(store, jobs.classroom(), "blackboard", "Ada")
    ada = {access.TOKEN: token}
    app = page(session=ada, dataset=str(hidden))
    assert not [field for field in app.text_input if field.key == "data.path"]
    assert app.get("file_uploader")
    assert "not on this class's list" in said(app)
    assert str(hidden) not in said(app)
    recipe = page("recipe", ada, dataset=str(hidden))
    assert recipe.session_state["dataset"] == "fashion-mnist-mini" or "not on this class's list" in said(recipe)
    app = page(session=ada, dataset=shown)
    assert app.selectbox(key="data.chosen").value == shown
    assert "data.remove" not in keys(app)


def test_what_is_no_address_any_longer_stops_no_page(home: Path) -> None:
    with closing(Store(home)) as store:
        store.database.execute("INSERT INTO datasets VALUES ('/gone/a?b=c', '', 0, 1)")
    for name, key in (("data", "data.chosen"), ("recipe", "recipe.dataset")):
        assert any(option.startswith("a?b=c") for option in page(name).selectbox(key=key).options)
    assert "'b=c' after '?' in dataset '/gone/a?b=c' is unknown" in page(dataset="/gone/a?b=c").error[0].value


def test_an_upload_is_no_larger_than_the_server_takes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_UPLOAD_MIB", "900")
    assert page().get("file_uploader")[0].proto.max_upload_size_mb == st.get_option("server.maxUploadSize") == 200


def test_a_data_set_that_went_away_is_said_to_be(home: Path, tmp_path: Path) -> None:
    root = small_photos(tmp_path / "set")
    name = added(home, root)
    root.rename(tmp_path / "elsewhere")
    app = page(dataset=name)
    assert f"'{root}' is unknown" in app.error[0].value
    assert "data.remove" in keys(app)


def test_a_check_that_failed_says_why(home: Path, tmp_path: Path) -> None:
    name = added(home, small_photos(tmp_path / "set"))
    about = describe(name)
    with closing(Store(home)) as store:
        jobs.submit_task(store, CheckTask(name, about), ME)
        store.mark_running(check_id(about))
        store.finish(check_id(about), "failed", error="the disk is full.")
        (home / "logs").mkdir(exist_ok=True)
        (home / "logs" / f"{check_id(about)}.log").write_text("Traceback: the whole report")
    app = page(dataset=name)
    assert "The check failed: the disk is full." in said(app)
    assert "Traceback: the whole report" in [code.value for code in app.code]
    assert not app.button(key="data.check").disabled


@pytest.mark.parametrize(
    ("name", "button"), [("data", "data.check"), ("data", "data.squeeze"), ("recipe", "recipe.launch")]
)
def test_what_is_asked_of_a_folder_is_asked_of_its_pictures_as_they_are_now(
    home: Path, tmp_path: Path, name: str, button: str
) -> None:
    """A worker refuses what was asked of a data set as it stood when the page was drawn."""
    folder = str(small_photos(tmp_path / "set"))
    with closing(Store(home)) as store:
        known.add(store, folder, ME)
    app = page(name, dataset=folder, settings="tiny", ipc="1")
    picture(tmp_path / "set" / "train" / "cat" / "late.png", (32, 32), seed=77)
    app.button(key=button).click().run()
    with closing(Store(home)) as store:
        (row,) = store.alive()
    assert row.manifest["dataset"]["digest"] == describe(folder).digest
