"""Header of the live panel: title, state, Stop or Resume, and a message."""

import html
from pathlib import Path

import streamlit as st

from edc_core import jobs
from edc_core.errors import EDCError
from edc_core.performance.queue_wait import queue_wait
from edc_core.runs.run_table import title_of
from edc_core.store import SQUEEZE, TASKS
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from pages.live.punch_line import render_punch_line
from pages.live.stage_progress import Progress
from pages.shared import access
from pages.shared.formatting import duration, in_line
from pages.shared.log_popover import render_log
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab
from pages.shared.run_swatch import render_swatch
from pages.shared.take_over import render_take_over, silence_text

BADGES = {
    RunState.QUEUED: ("Waiting", ":material/hourglass_empty:", "gray"),
    RunState.RUNNING: ("Running", ":material/play_arrow:", "blue"),
    RunState.NOT_ANSWERING: ("Not answering", ":material/pause_circle:", "orange"),
    RunState.FINISHED: ("Finished", ":material/check:", "green"),
    RunState.FAILED: ("Failed", ":material/error:", "red"),
    RunState.CANCELLED: ("Stopped", ":material/stop:", "orange"),
    RunState.INTERRUPTED: ("Interrupted", ":material/power_off:", "orange"),
}


def render_header(lab: Lab, run: RunRecord, progress: Progress) -> None:
    """Title, state, time left, and Stop or Resume."""
    with st.container(key="live-header", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(Path(__file__).with_name("live.css"))
        label, icon, colour = _badge(run)
        st.badge(label, icon=icon, color=colour)
        if run.origin not in TASKS:
            render_swatch(run)
        about = escape_markdown(run.manifest["dataset"]["name"])
        st.markdown(f"**{escape_markdown(title_of(run))}** on {about}", width="stretch")
        if run.state == RunState.RUNNING and progress.seconds:
            st.markdown(f"about **{duration(progress.seconds)}** left", width="content")
        render_take_over(run, "live_take_over")
        _button(lab, run)


def _badge(run: RunRecord) -> tuple[str, str, str]:
    if run.state == RunState.RUNNING and not (run.progress or {}).get("stage"):
        return "Starting", ":material/rocket_launch:", "blue"
    if run.state == RunState.RUNNING and run.cancel:
        return "Stopping", ":material/stop:", "orange"
    return BADGES[run.state]


def _button(lab: Lab, run: RunRecord) -> None:
    """Stop or Resume button; disabled for another person's run."""
    if run.state == RunState.FINISHED or not run.resumable:
        return
    alive = run.state.is_alive
    if access.is_hidden("stop" if alive else "launch"):
        return
    person = access.current_person()
    mine = jobs.may_stop(run, person)
    label, icon = ("Stop", ":material/stop:") if alive else ("Resume", ":material/play_arrow:")
    clicked = st.button(
        label,
        icon=icon,
        key="live_stop" if alive else "live_resume",
        type="secondary" if alive else "primary",
        disabled=not mine or bool(alive and run.cancel),
        help=None if mine else _whose(run),
    )
    if clicked:
        act = jobs.stop if alive else jobs.resume
        st.session_state.pop("live_refused", None)
        try:
            act(lab.store, run.id, person)
        except EDCError as error:
            st.session_state["live_refused"] = (run.id, run.state, str(error))
        st.rerun()


def _whose(run: RunRecord) -> str:
    if jobs.read_only():
        return access.READ_ONLY
    whose = f"This run is {escape_markdown(run.nickname)}'s" if run.nickname else "This run is somebody else's"
    return f"{whose}: ask them or the teacher."


def render_message(lab: Lab, run: RunRecord, progress: Progress) -> None:
    """Message on the run's state, and the next step."""
    refused = st.session_state.get("live_refused")
    if refused and refused[:2] == (run.id, run.state):  # it may go on since by another way
        st.warning(escape_markdown(refused[2]), icon=":material/info:")
    MESSAGES[run.state](lab, run, progress)


def _queued(lab: Lab, run: RunRecord, progress: Progress) -> None:
    wait = queue_wait(lab.store, run.id)
    names = [f"{title_of(other)}{' (running)' if other.state.is_at_work else ''}" for other in wait.before[:3]]
    more = f" and {len(wait.before) - 3} more" if len(wait.before) > 3 else ""
    _line(f"{in_line(wait)}." + (f" Before it: {'; '.join(names)}{more}." if names else ""))


def _running(lab: Lab, run: RunRecord, progress: Progress) -> None:
    found = run.progress or {}
    if not found.get("stage"):
        note = found.get("note") or "loading torch"
        _line(f"The worker has the run: {note}.")
        return
    _line(found["note"] if found.get("note") and not found.get("total") else progress.now)


def _what(run: RunRecord) -> str:
    return "The squeeze" if run.origin == SQUEEZE else "The run"


def _line(text: str) -> None:
    """One line whose place is kept, so that nothing below it moves."""
    st.html(f'<div class="live-line">{html.escape(text) or "&nbsp;"}</div>')


def _finished(lab: Lab, run: RunRecord, progress: Progress) -> None:
    """What its images taught, and links onward."""
    if "students" in (run.result or {}):
        render_punch_line(lab, run)


def _failed(lab: Lab, run: RunRecord, progress: Progress) -> None:
    why = escape_markdown(run.error or "no reason was recorded")
    st.error(f"{_what(run)} failed: {why}", icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center"):
        again = not run.resumable
        onward = "change what is named above and launch again" if again else "Resume goes on from there"
        st.caption(f"What is finished is kept; {onward}.", width="content")
        render_log(lab.home, run.id)


def _cancelled(lab: Lab, run: RunRecord, progress: Progress) -> None:
    st.warning(
        f"{_what(run)} was stopped. What is finished is kept; Resume goes on from there.", icon=":material/stop:"
    )


def _not_answering(lab: Lab, run: RunRecord, progress: Progress) -> None:
    st.warning(silence_text(run), icon=":material/pause_circle:")


def _interrupted(lab: Lab, run: RunRecord, progress: Progress) -> None:
    st.warning(
        f"{_what(run)} was interrupted: its worker is gone. What was finished, and the last checkpoint, are kept;"
        " Resume goes on from there.",
        icon=":material/power_off:",
    )


MESSAGES = {
    RunState.QUEUED: _queued,
    RunState.RUNNING: _running,
    RunState.NOT_ANSWERING: _not_answering,
    RunState.FINISHED: _finished,
    RunState.FAILED: _failed,
    RunState.CANCELLED: _cancelled,
    RunState.INTERRUPTED: _interrupted,
}
