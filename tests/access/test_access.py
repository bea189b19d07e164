"""Coming into a class: code, nickname, a token that brings the same person back, and controls that a link hides."""

import time
import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.access import people
from edc_core.access.class_codes import legacy_digest
from edc_core.access.wrong_codes import CodeThrottle
from edc_core.cli.jobs import app_command, class_environment, free_port
from edc_core.environment import DEFAULT_UPLOAD_MIB
from edc_core.errors import SettingsError
from edc_core.jobs import Classroom, Refused
from edc_core.store import Store
from tests.conftest import ROOT
from tests.support.app_pages import at_page
from tests.support.crowd import add, prepared
from tests.support.queued import two_by_two

ROOM = Classroom("blackboard", "chalk-1234")


def page() -> None:
    """What a page sees of its visitor."""
    import streamlit as st

    from pages.shared import access

    access.require_entry()
    access.store_hidden_controls()
    visitor, hidden = access.current_person(), ",".join(name for name in ("launch", "stop") if access.is_hidden(name))
    st.markdown(f"{visitor.id}|{visitor.nickname}|{visitor.teacher}|{hidden}")


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    monkeypatch.setenv("EDC_CLASS_CODE", ROOM.code)
    monkeypatch.setenv("EDC_TEACHER_CODE", ROOM.teacher_code)
    monkeypatch.setattr("pages.shared.access.WRONG_CODE_PAUSE", 0)
    monkeypatch.setattr(people, "THROTTLE", CodeThrottle())
    return AppTest.from_function(page)


def enter(app: AppTest, code: str, nickname: str) -> AppTest:
    app.text_input[0].input(code)
    app.text_input[1].input(nickname)
    return app.button[0].click().run()


def test_without_a_class_nobody_is_asked(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDC_CLASS_CODE")
    app.run()
    assert not app.text_input
    assert app.markdown[-1].value == "||True|"


def test_a_class_is_entered_with_code_and_nickname(app: AppTest) -> None:
    app.run()
    assert [field.label for field in app.text_input] == ["Class code", "Nickname"]
    assert not app.markdown  # the page itself is not drawn
    enter(app, "blackbaord", "Ada")
    assert "Wrong class code" in app.error[0].value
    enter(app, "blackboard", "  Ada   L. ")
    assert not app.exception
    person, nickname, teacher, _ = app.markdown[-1].value.split("|")
    assert (len(person), nickname, teacher) == (16, "Ada L.", "False")
    assert any("Ada L" in caption.value for caption in app.sidebar.caption)
    assert app.run().markdown[-1].value.startswith(person)  # and stays entered


def test_a_browser_may_know_two_classes_of_one_machine(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        assert (
            jobs.class_digests(store, ROOM).cookies[0]
            != jobs.class_digests(store, Classroom("another", None)).cookies[0]
        )


def test_guessing_the_code_is_slow(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.shared.access.WRONG_CODE_PAUSE", 1.0)
    app.run()
    began = time.monotonic()
    enter(app, "blackbaord", "Ada")
    assert time.monotonic() - began >= 1.0


def test_the_teachers_code_makes_a_teacher(app: AppTest) -> None:
    app.run()
    enter(app, "chalk-1234", "Ms Turing")
    assert app.markdown[-1].value.split("|")[2] == "True"


@pytest.mark.parametrize("name", ["", "   ", "x" * 25, "a\u0000b", "\u202e\u202e", "<>"])
def test_a_nickname_that_cannot_be_shown_is_refused(name: str, tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store, pytest.raises(Refused, match="does not fit"):
        jobs.enter_class(store, ROOM, "blackboard", name)


def test_nicknames_are_ones_own_and_tokens_are_not_kept(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        ada, token = jobs.enter_class(store, ROOM, "blackboard", "Ada")
        with pytest.raises(Refused, match="'ADA' is taken"):
            jobs.enter_class(store, ROOM, "blackboard", "ADA")
        with pytest.raises(Refused, match="'Ada' is taken"):
            jobs.enter_class(store, ROOM, "blackboard", "\uff21da")  # a wide A, which looks alike
        with pytest.raises(Refused, match="taken"):  # not even with the teacher's code
            jobs.enter_class(store, ROOM, "chalk-1234", "Ada")
        assert jobs.person_of_token(store, ROOM, token) == ada
        for wrong in (None, "", "x" * 32, "x" * 1000, ada.id):
            assert jobs.person_of_token(store, ROOM, wrong) is None
        assert jobs.person_of_token(store, Classroom("another", None), token) is None
        jobs.enter_class(store, Classroom("another", None), "another", "Ada")  # another class, another Ada

        first, _ = jobs.enter_class(store, ROOM, "chalk-1234", "Ms Turing")
        again, _ = jobs.enter_class(store, ROOM, "chalk-1234", "Ms Turing")  # at another machine
        assert first == again
    files = b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite*"))
    assert b"Ada" in files
    for secret in (token, ROOM.code, ROOM.teacher_code, legacy_digest(ROOM.code), legacy_digest(ROOM.teacher_code)):
        assert secret.encode() not in files


def test_a_link_hides_controls_wherever_the_visitor_goes(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDC_CLASS_CODE")
    app.query_params["hide"] = "Launch, stop,<script>,"
    assert app.run().markdown[-1].value.endswith("|launch,stop")
    del app.query_params["hide"]
    assert app.run().markdown[-1].value.endswith("|launch,stop")
    app.query_params["hide"] = ""
    assert app.run().markdown[-1].value.endswith("|")


WORKING = ("start_run", "start_judge", "recipe.launch", "live_stop", "live_resume", "runs_resume")
WORKING += ("runs_stop", "landscape_measure", "choices_stop", "build_launch")


def go(app: AppTest, name: str, **address: str) -> None:
    """Opens a page through the menu."""
    at_page(app, name)
    app.query_params.clear()
    for key, value in address.items():
        app.query_params[key] = app.session_state[key] = value
    app.run()
    assert not [one.value for one in (*app.exception, *app.error) if "Error" in one.value], name


def at_work(app: AppTest) -> list[str]:
    """Keys of the buttons that start or stop work."""
    return [button.key for button in app.button if button.key.startswith(WORKING)]


@pytest.mark.parametrize("hide", ["", "launch,stop"])
def test_a_link_to_start_hides_what_starts_and_stops_work_on_every_page(hide: str, bare_store: Store, monkeypatch):
    monkeypatch.setattr(jobs, "supervise", lambda store: None)  # no worker: the rows are what they are
    add(bare_store, prepared("random"))
    whole, stopped = add(bare_store, prepared("G")), add(bare_store, prepared("G", 1), "cancelled")
    busy = add(bare_store, prepared("G", 2), "running")
    matrix = jobs.submit_matrix(bare_store, two_by_two(1), jobs.Person(teacher=True))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["hide"] = hide
    app.session_state["start_picked"] = "left"
    app.run()
    found = at_work(app)
    for name, address in (
        ("recipe", {"run": stopped}),
        ("recipe", {"run": busy}),
        ("landscape", {"run": whole}),
        ("choices", {"matrix": matrix}),
        ("choices", {"choices": "Build"}),
        ("runs", {"run": stopped}),
    ):
        go(app, name, **address)
        found += at_work(app)
    unseen = [start for start in WORKING if not any(key.startswith(start) for key in found)]
    assert found == [] if hide else unseen == []


TITLE, NICKNAME = "![x](http://evil.example/x.png) $a$ b $c$", "[Ada](http://a.b) $d$"


def spoken(app: AppTest) -> str:
    """Every word on a page that Markdown reads."""
    kinds = ("markdown", "caption", "subheader", "info", "warning", "error", "toast", "expander")
    parts = [part for kind in kinds for part in getattr(app, kind)]
    labels = [part.label for part in (*app.expander, *app.button)]
    hints = [part.proto.help for part in (*app.subheader, *app.caption, *app.button) if part.proto.help]
    return " ".join([*(getattr(part, "value", "") or "" for part in parts), *labels, *hints])


def test_titles_nicknames_and_errors_are_shown_as_they_were_typed(bare_store: Store, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "supervise", lambda store: None)  # no worker: the rows are what they are
    names = {}
    for seed, state in enumerate(("finished", "failed", "running")):
        names[state] = jobs.submit(bare_store, prepared("G", seed), jobs.Person("ada", NICKNAME)).run
        add(bare_store, prepared("G", seed), state, error="no ![y](http://evil.example/y.png) here")
        bare_store.database.execute("UPDATE runs SET title = ? WHERE id = ?", (TITLE, names[state]))
    monkeypatch.setenv("EDC_READ_ONLY", "1")  # hints say whose a run is
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    found = {"start": spoken(app)}
    for page, run in (("recipe", "failed"), ("gallery", "failed"), ("runs", "failed"), ("labels", "running")):
        go(app, page, run=names[run])
        found[page] = spoken(app)
    for page, words in found.items():
        assert "evil.example" in words, page
        for raw in ("![", "[x]", "[Ada]", " $a", " $d"):
            assert raw not in words, (page, raw)


def test_serve_takes_uploads_as_large_as_the_app_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_UPLOAD_MIB", "900")
    assert "--server.maxUploadSize=900" in app_command(8501)
    monkeypatch.setenv("EDC_UPLOAD_MIB", "10")  # other uploads than data sets have limits of their own
    assert "--server.maxUploadSize=200" in app_command(8501)
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["maxUploadSize"] == DEFAULT_UPLOAD_MIB


def test_serve_wants_codes_that_can_be_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDC_CLASS_CODE", raising=False)
    monkeypatch.delenv("EDC_TEACHER_CODE", raising=False)
    assert class_environment(None, None) == {}
    made = class_environment("blackboard", None)
    assert made["EDC_CLASS_CODE"] == "blackboard"
    assert len(made["EDC_TEACHER_CODE"]) > 12
    for codes, says in [
        (("ab", None), "--class is 'ab'"),
        (("same-code", "same-code"), "a code of their own"),
        ((None, "chalk-1234"), "there is no class"),
    ]:
        with pytest.raises(SettingsError, match=says):
            class_environment(*codes)
    with pytest.raises(SettingsError, match="--port is 70000"):
        free_port(70000)
