"""What an address may open: data sets of the list, and no other folder or file of the machine."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.jobs import Person, Refused
from edc_core.jobs import datasets as known
from edc_core.jobs.dataset_access import check_listed, is_listed
from edc_core.store import Store
from pages.shared import access
from tests.conftest import ROOT, answer, edc
from tests.support.app_pages import at_page
from tests.support.crowd import add, prepared
from tests.support.photos import small_photos
from tests.support.queued import two_by_two

OPEN = "0.0.0.0"


@pytest.fixture
def bound() -> Iterator[Callable[[str], None]]:
    """Sets the address that the server was started with."""
    before = config.get_option("server.address")
    yield lambda address: config.set_option("server.address", address)
    config.set_option("server.address", before)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store whose queue nobody works on."""
    monkeypatch.setenv("EDC_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])
    return tmp_path / "home"


def enter_class(home: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> str:
    """The token of somebody who is in the class."""
    monkeypatch.setenv("EDC_CLASS_CODE", "blackboard")
    monkeypatch.setenv("EDC_TEACHER_CODE", "chalk-1234")
    with closing(Store(home)) as store:
        return jobs.enter_class(store, jobs.classroom(), code, "Ada")[1]


def page(name: str, token: str = "", **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at_page(app, name)
    for key, value in address.items():
        app.query_params[key] = value
    if token:
        app.session_state[access.TOKEN] = token
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, name: str, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception


def shown(app: AppTest) -> str:
    kinds = ("markdown", "caption", "warning", "info", "error", "success", "title")
    texts = [part.value for kind in kinds for part in getattr(app, kind)]
    return " ".join([*texts, *(str(part.proto) for part in app.get("imgs"))])


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button}


MODES = {
    "one person's": ("127.0.0.1", {}, ""),
    "open to the network": (OPEN, {}, ""),
    "to look at": ("127.0.0.1", {"EDC_READ_ONLY": "1"}, ""),
    "a pupil's": (OPEN, {}, "blackboard"),
    "a teacher's": (OPEN, {}, "chalk-1234"),
}


@pytest.mark.parametrize("mode", MODES)
def test_a_link_opens_what_is_on_the_list_and_nothing_else(
    mode: str, home: Path, tmp_path: Path, bound: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, environment, code = MODES[mode]
    listed, hidden = small_photos(tmp_path / "listed"), small_photos(tmp_path / "hidden")
    (hidden / "train" / "dog").rename(hidden / "train" / "secret")
    (hidden / "test" / "dog").rename(hidden / "test" / "secret")
    (tmp_path / "private").write_text("secret\n")
    with closing(Store(home)) as store:
        known.add(store, str(listed), Person(teacher=True))
    bound(address)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    token = enter_class(home, monkeypatch, code) if code else ""
    offers = mode in ("one person's", "a teacher's")
    for name, key in (("data", "data.unlisted"), ("recipe", "recipe.unlisted")):
        for unlisted in (str(hidden), f"{listed}?classes={tmp_path / 'private'}", f"{hidden}?size=16"):
            app = page(name, token, dataset=unlisted)
            if name == "data" and mode == "one person's":  # nobody else reaches it: a look costs nobody anything
                assert (app.selectbox(key="data.chosen").value, "data.unlisted" in keys(app)) == (unlisted, True)
                assert "secret" not in shown(app)
                continue
            assert "is not on this" in shown(app), (name, unlisted)
            assert "secret" not in shown(app)
            assert "is here" not in shown(app)
            assert (key in keys(app)) == offers
        app = page(name, token, dataset=str(listed))
        assert "is not on this" not in shown(app)
        assert app.selectbox(key="data.chosen" if name == "data" else "recipe.dataset").value == str(listed)
    typed = [field for field in page("data", token).text_input if field.key == "data.path"]
    assert bool(typed) == offers


def test_a_linked_folder_is_added_by_who_may(home: Path, tmp_path: Path) -> None:
    on_data, on_recipe = (str(small_photos(tmp_path / name)) for name in ("one", "two"))
    app = page("data", dataset=on_data)
    press(app, "data", "data.unlisted")
    assert "2 classes" in shown(app)
    press(app, "data", "data.add")
    assert app.selectbox(key="data.chosen").value == on_data
    app = page("recipe", dataset=on_recipe)
    press(app, "recipe", "recipe.unlisted")
    assert app.selectbox(key="recipe.dataset").value == on_recipe
    app = page("recipe", dataset="/no/such/folder")
    press(app, "recipe", "recipe.unlisted")
    assert "'/no/such/folder' is unknown" in shown(app)
    press(app, "recipe", "recipe.instead")
    assert app.selectbox(key="recipe.dataset").value == "fashion-mnist-mini"
    with closing(Store(home)) as store:
        assert {on_data, on_recipe} <= {one.address for one in known.datasets(store)}


def test_the_page_names_no_folder_where_others_reach_the_lab(home: Path, tmp_path: Path) -> None:
    folder, others = str(small_photos(tmp_path / "set")), Person(teacher=True, at_machine=False)
    with closing(Store(home)) as store:
        with pytest.raises(Refused, match="on its command line alone"):
            known.add(store, folder, others)
        with pytest.raises(Refused, match="not on this lab's list"):
            jobs.submit_matrix(store, two_by_two(1).model_copy(update={"datasets": (folder,)}), others)
        assert answer(edc("add", folder, home=home)) == {"dataset": folder, "classes": 2, "train": 6}
        check_listed(store, folder, others)
        for name, opens in (
            (f"{folder}?size=16", False),
            ("fashion-mnist-mini?size=16", True),
            ("fashion-mnist-mini?classes=imagenet-10", True),
            ("fashion-mnist-mini?classes=/etc/passwd", False),
            (f"{folder}?classes=/etc/passwd", False),
        ):
            assert is_listed(store, name, others) == opens, name


def test_an_imported_run_leads_to_no_folder(bare_store: Store, tmp_path: Path) -> None:
    folder = str(small_photos(tmp_path / "set"))
    run = add(bare_store, prepared("random"), "cancelled")
    bare_store.database.execute(
        "UPDATE runs SET origin = 'imported', dataset = ?, settings = json_set(settings, '$.dataset', ?)",
        (folder, folder),
    )
    for person in (Person(teacher=True), Person(teacher=True, at_machine=False)):
        with pytest.raises(Refused, match="not on this lab's list"):
            check_listed(bare_store, folder, person)
        with pytest.raises(Refused, match="not on this lab's list"):
            jobs.resume(bare_store, run, person)
    known.add(bare_store, folder, Person(teacher=True))
    check_listed(bare_store, folder, Person(teacher=True, at_machine=False))
