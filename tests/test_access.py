"""Coming into a class: code, nickname, a token that brings the same person back, and controls that a link hides."""

import tomllib
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.cli.jobs import app_command, class_environment, free_port
from edc_core.environment import UPLOAD
from edc_core.errors import SettingsError
from edc_core.jobs import Classroom, Refused
from edc_core.store import Store
from tests.conftest import ROOT

ROOM = Classroom("blackboard", "chalk-1234")


def page() -> None:
    """What a page sees of its visitor."""
    import streamlit as st

    from pages.components import access

    access.gate()
    visitor = access.person()
    st.markdown(f"{visitor.id}|{visitor.nickname}|{visitor.teacher}|{','.join(sorted(access.hidden()))}")


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    monkeypatch.setenv("EDC_CLASS_CODE", ROOM.code)
    monkeypatch.setenv("EDC_TEACHER_CODE", ROOM.teacher_code)
    monkeypatch.setattr("pages.components.access.WRONG_CODE_PAUSE", 0)
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
    assert "not the code of the class" in app.error[0].value
    enter(app, "blackboard", "  Ada   L. ")
    assert not app.exception
    person, nickname, teacher, _ = app.markdown[-1].value.split("|")
    assert (len(person), nickname, teacher) == (16, "Ada L.", "False")
    assert any("Ada L" in caption.value for caption in app.sidebar.caption)
    assert app.run().markdown[-1].value.startswith(person)  # and stays entered


def test_the_teachers_code_makes_a_teacher(app: AppTest) -> None:
    app.run()
    enter(app, "chalk-1234", "Ms Turing")
    assert app.markdown[-1].value.split("|")[2] == "True"


@pytest.mark.parametrize("name", ["", "   ", "x" * 25, "a\u0000b", "\u202e\u202e", "<>"])
def test_a_nickname_that_cannot_be_shown_is_refused(name: str, tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store, pytest.raises(Refused, match="does not fit"):
        jobs.enter(store, ROOM, "blackboard", name)


def test_nicknames_are_ones_own_and_tokens_are_not_kept(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        ada, token = jobs.enter(store, ROOM, "blackboard", "Ada")
        with pytest.raises(Refused, match="'ADA' is taken"):
            jobs.enter(store, ROOM, "blackboard", "ADA")
        with pytest.raises(Refused, match="taken"):  # not even with the teacher's code
            jobs.enter(store, ROOM, "chalk-1234", "Ada")
        assert jobs.known(store, ROOM, token) == ada
        for wrong in (None, "", "x" * 32, "x" * 1000, ada.id):
            assert jobs.known(store, ROOM, wrong) is None
        assert jobs.known(store, Classroom("another", None), token) is None
        jobs.enter(store, Classroom("another", None), "another", "Ada")  # another class, another Ada

        first, _ = jobs.enter(store, ROOM, "chalk-1234", "Ms Turing")
        again, _ = jobs.enter(store, ROOM, "chalk-1234", "Ms Turing")  # at another machine
        assert first == again
    files = b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite*"))
    assert b"Ada" in files
    for secret in (token, ROOM.code, ROOM.teacher_code):
        assert secret.encode() not in files


def test_a_link_hides_controls_wherever_the_visitor_goes(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDC_CLASS_CODE")
    app.query_params["hide"] = "Launch, stop,<script>,"
    assert app.run().markdown[-1].value.endswith("|launch,stop")
    del app.query_params["hide"]
    assert app.run().markdown[-1].value.endswith("|launch,stop")
    app.query_params["hide"] = ""
    assert app.run().markdown[-1].value.endswith("|")


def test_serve_takes_uploads_as_large_as_the_app_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_UPLOAD_MIB", "900")
    assert "--server.maxUploadSize=900" in app_command(8501)
    monkeypatch.setenv("EDC_UPLOAD_MIB", "10")  # other uploads than data sets have limits of their own
    assert "--server.maxUploadSize=200" in app_command(8501)
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["maxUploadSize"] == UPLOAD


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
