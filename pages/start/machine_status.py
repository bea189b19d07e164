"""Machine status line: the device, and its current work."""

import streamlit as st

from edc_core.performance.device_status import device_status
from edc_core.runs.run_table import title_of
from edc_core.store.run_record import RunRecord
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab, guarded


def render_machine_status(lab: Lab, polling: bool) -> None:
    """The line; refreshed while something runs, unless the page polls elsewhere."""
    busy = bool(lab.store.alive())
    st.fragment(guarded(_line), run_every=2 if polling and busy else None)(busy)


def _line(lab: Lab, was_busy: bool) -> None:
    alive = lab.store.alive()
    running = [run for run in alive if run.state.is_at_work]
    waiting = len(alive) - len(running)
    st.caption(f":material/memory: {escape_markdown(device_status(lab.store).line)} · {_busy_with(running, waiting)}")
    if was_busy and not alive:
        st.rerun()


def _busy_with(running: list[RunRecord], waiting: int) -> str:
    if not running:
        return f"{waiting} waiting" if waiting else "idle"
    run = running[0]
    served = f" for {escape_markdown(run.nickname)}" if run.nickname else ""
    queue = f", {waiting} waiting" if waiting else ", nobody waiting"
    return f"busy with {escape_markdown(title_of(run))}{served}{queue}"
