"""The page's upload of a condensed set: what is found of it, and the consent to judge it anyway."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from edc_core.runs.condensed_set import condensed_set
from edc_core.store import BUNDLED, Store
from tests.conftest import ROOT


def test_an_inverted_upload_asks_for_consent_and_shows_it_beside_the_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused with the reason and a box; ticked, it is judged, and the page says what was found."""
    home = tmp_path / "home"
    monkeypatch.setenv("EDC_HOME", str(home))
    monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])  # nobody works on it
    code = f"""
import io, sys
import streamlit as st
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from edc_core.store import Store
from pages.judge import set_upload
from pages.shared.set_check import render_set_check
from pages.shared.page_frame import Lab
home = Path({str(home)!r})
file = io.BytesIO((home / "inverted.npz").read_bytes()); file.name = "inverted.npz"
file.size = len(file.getvalue())
st.session_state["labels_seeds"] = 1
ticked = bool(st.session_state.get("labels_upload_anyway"))
if st.session_state.get("pressed") != ticked:
    st.session_state["pressed"], st.session_state["labels_upload"] = ticked, file
    set_upload.judge_uploaded(home, "fashion-mnist-mini", "tiny")
    del st.session_state["labels_upload"]  # a script may not write what a field of files holds
store = Store(home)
run = store.run(st.session_state["run"]) if st.session_state.get("run") else None
if run is not None:
    render_set_check(run)
set_upload.render_upload(Lab(store), run)
store.close()
"""
    store = Store(home, (BUNDLED,))
    run = next(run for run in store.runs() if run.preset == "random" and run.bundled)
    made = condensed_set(store, run)
    store.close()
    np.savez(home / "inverted.npz", images=255 - made.pixels(range(len(made))), labels=made.labels)
    app = AppTest.from_string(code, default_timeout=120).run()
    assert not app.exception
    assert "The set is not judged: the images look inverted" in app.error[0].value
    app.checkbox(key="labels_upload_anyway").check().run()
    assert not app.exception
    assert not app.error
    assert app.warning[0].value.startswith("The images look inverted")
    assert any("judged all the same" in caption.value for caption in app.caption)
    store = Store(home)
    for found in store.runs():
        if found.state in ("queued", "running"):
            store.cancel(found.id)
    store.close()
