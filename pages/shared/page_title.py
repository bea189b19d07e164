"""Titles of the browser's tab: "Gallery · EDC without flatness", and how far a run at work is."""

import time
from collections.abc import Sequence

import streamlit as st

from edc_core.runs.run_table import called
from edc_core.store.run_record import RunRecord
from pages.shared.navigation import PAGES
from pages.shared.page_frame import ROUTED

TITLES = {name: title for pages in PAGES.values() for name, title, _ in pages}


def set_page_title(runs: Sequence[RunRecord] = (), done: float | None = None) -> None:
    """Name the tab after the page and the runs that it looks at; `done`: the share of the run that is done."""
    parts = [TITLES.get(st.session_state.get(ROUTED, ""), ""), called(runs[0]) if runs else "EDC Lab"]
    if len(runs) > 1:
        parts[-1] += f" and {len(runs) - 1} more"
    if done is not None:
        parts.insert(0, f"{100 * done:.0f} %")
    st.set_page_config(page_title=" · ".join(filter(None, parts)))


def share_done(run: RunRecord, seconds_left: float) -> float | None:
    """The share of a run at work that is done, by its time; None where nothing says how long it takes."""
    if run.started is None or not run.state.is_at_work or seconds_left <= 0:
        return None
    taken = max(time.time() - run.started, 0.0)
    return min(taken / (taken + seconds_left), 0.99)
