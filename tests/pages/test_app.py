"""The frame around every page: no torch in the web process, and errors said in a sentence."""

import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edc_core.errors import EDCError
from pages.shared import page_frame as frame
from tests.conftest import ROOT
from tests.support.app_pages import at_page, opened

PAGES = ("start", "data", "recipe", "gallery", "labels", "choices", "landscape", "runs")


def test_the_web_process_never_loads_torch(tmp_path: Path) -> None:
    code = f"""
import os, sys
os.environ["EDC_HOME"] = {str(tmp_path)!r}
from streamlit.testing.v1 import AppTest
from pages.shared.navigation import script_of
app = AppTest.from_file("app.py", default_timeout=60).run()
for page in {PAGES!r}:
    app.switch_page(script_of(page)).run()
    assert not app.exception, page
    assert not app.error, (page, app.error[0].value)
sys.exit("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("page", PAGES)
def test_an_unreadable_store_is_a_sentence_with_a_cure(page: str, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "store.sqlite").write_bytes(b"no database" * 100)
    app = opened(page, tmp_path, monkeypatch)
    assert not app.exception
    assert str(tmp_path) in app.error[0].value
    assert "move it away" in app.error[0].value


def test_an_address_cannot_bring_a_script(tmp_path: Path, monkeypatch) -> None:
    app = opened("start", tmp_path, monkeypatch)
    app.query_params["run"] = "</script><script>window.stolen = document.cookie</script>"
    for page in PAGES[1:]:
        at_page(app, page).run()
        sent = str([element.proto for element in app.get("html")])
        assert "<script>window.stolen" not in sent, page


def test_a_page_without_runs_keeps_the_run_of_its_link_for_the_others(tmp_path: Path, monkeypatch) -> None:
    app = opened("start", tmp_path, monkeypatch)
    app.query_params["run"] = "g-one"
    at_page(app, "data").run()
    assert not app.exception
    assert app.session_state["run"] == "g-one"


def test_a_lab_to_look_at_says_so_on_its_pages(tmp_path: Path, monkeypatch) -> None:
    for read_only, told in (("", False), ("1", True)):
        monkeypatch.setenv("EDC_READ_ONLY", read_only)
        said = " ".join(caption.value for caption in opened("data", tmp_path, monkeypatch).caption)
        assert ("Read-only lab: nothing can be started or changed." in said) == told


def test_what_nobody_foresaw_is_a_sentence_and_its_report_a_file(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("EDC_HOME", str(tmp_path))

    def page() -> None:
        from pages.shared.page_frame import guarded

        def broken(lab) -> None:
            raise ZeroDivisionError("a page went wrong")

        guarded(broken)()

    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    assert "Something went wrong" in app.error[0].value
    assert "a page went wrong" not in app.error[0].value
    (log,) = (tmp_path / "logs").glob("page-*.log")
    assert "a page went wrong" in log.read_text()


def test_reports_of_two_browsers_in_one_second_are_both_kept(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    monkeypatch.setattr("time.strftime", lambda *given: "20260101-120000")
    for message in ("the first one", "the second one"):
        try:
            raise ZeroDivisionError(message)
        except ZeroDivisionError as error:
            frame._report(error)
    report = (tmp_path / "logs" / "page-20260101-120000.log").read_text()
    assert "the first one" in report
    assert "the second one" in report


def test_a_foreseen_error_begins_with_a_capital(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    said = []
    monkeypatch.setattr(frame.st, "error", lambda text, **_: said.append(text))

    def refused(lab) -> None:
        raise EDCError("ipc is 0: choose at least 1.")

    frame.guarded(refused)()
    assert said == ["Ipc is 0: choose at least 1."]
