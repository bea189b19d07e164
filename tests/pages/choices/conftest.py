"""The page Which choice? on a store of its own."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.support.app_pages import at_address


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Opens the page on a store of its own; nobody works on its queue."""
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    monkeypatch.setattr("edc_core.ablation.published_scores.PUBLISHED", tmp_path / "none")
    monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])

    def open_at(session: dict[str, str] | None = None, **address: str) -> AppTest:
        st.cache_resource.clear()  # one look serves every browser for a second
        app = at_address("choices", **address)
        for name, value in (session or {}).items():
            app.session_state[name] = value
        return app.run()

    return open_at
