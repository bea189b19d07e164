"""A store without workers, and the live panel on a page of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from edc_core.pipeline.prepare import PreparedRun
from edc_core.store import Store
from pages.shared import navigation as router
from tests.support.live_runs import PAGE


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    for place in ("edc_core.jobs.supervise", "edc_core.jobs.queue.supervise"):  # no worker: the rows are what they are
        monkeypatch.setattr(place, lambda store: None)
    opened = Store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def panel(store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[[PreparedRun], AppTest]:
    def in_words(name: str, label: str, icon: str | None = None, help: str | None = None, **state: str) -> None:
        st.markdown(f"{name}: {state['run']}")

    monkeypatch.setattr(router, "page_link", in_words)  # the panel stands alone here: there is no page to lead to

    def open_at(run: PreparedRun) -> AppTest:
        app = AppTest.from_string(PAGE.replace("{run!r}", repr(run.run)), default_timeout=30).run()
        assert not app.exception
        assert not [error for error in app.error if "Something went wrong" in error.value]
        return app

    return open_at
