"""Message for a run or task that stopped before its end, and its Resume."""

from typing import Any

import streamlit as st

from edc_core import jobs
from edc_core.errors import EDCError
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from pages.shared.access import current_person
from pages.shared.log_popover import render_log
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import Lab

HOW_ENDED = {RunState.FAILED: "failed", RunState.INTERRUPTED: "was interrupted", RunState.CANCELLED: "was stopped"}


def render_stopped(lab: Lab, run: RunRecord, subject: str, kept: str) -> Any:
    """Say what became of the run and why, with its log if it failed; returns the column for Resume.

    `subject` is Markdown; `kept` says what is not lost where no reason is known.
    """
    failed = run.state == RunState.FAILED
    reason = f": {escape_markdown(run.error)}" if run.error else f"; {kept}"
    left, right = st.columns([4, 1], vertical_alignment="center")
    (left.error if failed else left.warning)(f"{subject} {HOW_ENDED[run.state]}{reason}")
    if failed:
        with left:
            render_log(lab.home, run.id)
    return right


def resume(lab: Lab, run: str) -> bool:
    """Queue the run again; False, with the reason on the page, if that is refused."""
    try:
        jobs.resume(lab.store, run, current_person())
    except EDCError as error:
        st.error(as_sentence(str(error)), icon=":material/error:")
        return False
    return True
