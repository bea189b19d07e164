"""What the app's workarounds rest on in Streamlit is there, and behaves as they need.

Where one of these fails with a new Streamlit: read "Remove when" beside the workaround, and the release notes.
"""

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest
import streamlit
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import ScriptRunContext
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from pages.shared.streamlit_workarounds import _closed
from tests.support.streamlit_private import MANIFEST_SCANNER, BackMsg, ForwardMsg, media_file_id

ROOT = Path(__file__).resolve().parents[2]
PRIVATE = re.compile(r"streamlit\.(runtime|proto|components|web|testing\.v1\.element)\b[\w.]*", re.MULTILINE)
PUBLIC = re.compile(r"from streamlit import runtime|runtime\.exists\(\)")


def selectors() -> set[str]:
    """Every `data-testid`, class and attribute of Streamlit that the app's style sheets select by."""
    found: set[str] = set()
    for path in [*(ROOT / "pages").rglob("*.css"), *(ROOT / "pages").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"data-testid=[\"'](\w+)", text))  # "stBaseButton-secondary" is put together in it
        found |= set(re.findall(r"\.(st[A-Z]\w+)", text)) | set(re.findall(r"\[(data-(?:stale|selected|tag))\b", text))
    return found


def test_private_names_of_streamlit_stand_in_two_files() -> None:
    files = [ROOT / "app.py", *(p for name in ("pages", "tests") for p in (ROOT / name).rglob("*.py"))]
    using = {
        str(path.relative_to(ROOT))
        for path in files
        if any(re.match(r"\s*(from|import) " + PRIVATE.pattern, line) for line in path.read_text("utf-8").splitlines())
    }
    assert using - {"tests/pages/test_streamlit_workarounds.py"} == {
        "pages/shared/streamlit_workarounds.py",
        "tests/support/streamlit_private.py",
    }


def test_every_selector_of_the_style_sheets_is_still_in_streamlits_pages() -> None:
    scripts = (Path(streamlit.__file__).parent / "static").rglob("*.js")
    missing = selectors()
    assert {"stButtonGroup", "stElementContainer", "data-stale"} <= missing
    for path in scripts:
        text = path.read_text(encoding="utf-8")
        missing = {name for name in missing if name not in text}
    assert not missing


def test_a_script_run_knows_whether_the_browser_went_back_and_who_it_is_for() -> None:
    names = {field.name for field in fields(ScriptRunContext)}
    assert {"is_history_navigation", "session_id", "uploaded_file_mgr"} <= names


def test_the_older_mode_of_pages_is_a_switch_of_the_class() -> None:
    assert "uses_pages_directory" in inspect.getsource(PagesManager)
    assert hasattr(PagesManager, "uses_pages_directory")


def test_the_gate_drops_files_of_sessions_that_were_not_admitted() -> None:
    manager = MemoryUploadedFileManager("/upload")
    early, late = (UploadedFileRec(name, "a.zip", "application/zip", b"PK") for name in ("early", "late"))
    manager.add_file("anybody", early)
    admitted = _closed(manager)
    assert manager.get_files("anybody", ["early"]) == []
    with pytest.raises(Exception, match="entered"):
        manager.add_file("anybody", late)
    admitted.add("anybody")
    manager.add_file("anybody", late)
    assert [file.file_id for file in manager.get_files("anybody", ["late"])] == ["late"]


def test_what_tests_speak_to_a_server_with_is_there() -> None:
    assert {"rerun_script"} <= set(BackMsg.DESCRIPTOR.fields_by_name)
    assert {"delta", "script_finished"} <= set(ForwardMsg.DESCRIPTOR.fields_by_name)
    assert media_file_id(b"PNG", "image/png") != media_file_id(b"PNG2", "image/png")
    assert callable(getattr(__import__(MANIFEST_SCANNER[0], fromlist=["_"]), MANIFEST_SCANNER[1]))
