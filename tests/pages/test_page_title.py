"""The browser tab's title: the page, its run, and how far a run at work is."""

import time
from dataclasses import replace

import pytest

from edc_core.store import Store
from edc_core.store.states import RunState
from pages.shared import page_title
from tests.support.crowd import add, prepared


def test_a_tab_names_its_page_its_run_and_the_share_done(bare_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(page_title.st, "session_state", {page_title.ROUTED: "gallery"})
    monkeypatch.setattr(page_title.st, "set_page_config", lambda page_title: said.append(page_title))
    run = bare_store.run(add(bare_store, prepared("G", changes='{"synthesise.flatness": "none"}')))
    page_title.set_page_title()
    page_title.set_page_title([run])
    page_title.set_page_title([run, run])
    working = replace(run, state=RunState.RUNNING, started=time.time() - 30)
    page_title.set_page_title([working], page_title.share_done(working, 70))
    name = "Gallery · EDC without flatness"
    assert said == ["Gallery · EDC Lab", name, f"{name} and 1 more", f"30 % · {name}"]
    assert page_title.share_done(run, 70) is None
