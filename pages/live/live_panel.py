"""Live panel of one run, queued to finished, wherever it was started.

    follow(run_id)

is the page's one polling fragment. It refreshes each second while the run waits or works, now and
then while it could be taken up again, and not at all once it is finished.
"""

import streamlit as st

from edc_core import jobs
from edc_core.performance.device_status import device_status
from edc_core.store import SQUEEZE
from edc_core.store.states import RunState
from pages.live import live_images as live_pictures
from pages.live import observer_training as live_squeeze
from pages.live import run_header as live_state
from pages.live import stage_progress as live_stages
from pages.live import training_curves as live_curves
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import Lab, guarded, open_lab
from pages.shared.page_title import set_page_title, share_done

# Seconds; a run that ended otherwise may be resumed from elsewhere.
POLL_SECONDS = {RunState.QUEUED: 1.0, RunState.RUNNING: 1.0, RunState.NOT_ANSWERING: 1.0, RunState.FINISHED: None}
IDLE_POLL_SECONDS = 5.0


def render_live_panel(run_id: str) -> None:
    """Render one run's panel in a polling fragment."""
    with open_lab() as found:
        state = found.store.run(run_id).state
    st.session_state["live_drawn_as"] = (run_id, state)
    st.fragment(guarded(_panel), run_every=POLL_SECONDS.get(state, IDLE_POLL_SECONDS))(run_id)


def _panel(lab: Lab, run_id: str) -> None:
    """One refresh; where the run's state changes or it is deleted, the page is drawn anew, and its timer with it."""
    trouble = jobs.supervise(lab.store)
    run = lab.store.find(run_id)
    if run is None or st.session_state.get("live_drawn_as") != (run_id, run.state):
        st.rerun()
    progress = live_stages.read_progress(lab, run)
    set_page_title([run], share_done(run, progress.seconds))
    live_state.render_header(lab, run, progress)
    if trouble:
        st.warning(as_sentence(trouble), icon=":material/error:")
    live_state.render_message(lab, run, progress)
    live_stages.render_stage_progress(progress)
    if run.state.is_alive:
        st.caption(f":material/memory: {escape_markdown(device_status(lab.store).line)}")
    if run.origin == SQUEEZE:
        live_squeeze.render_observer_training(lab, run)
        return
    order = "live-student-first" if live_curves.student_first(run) else "live-images-first"
    with st.container(key="live-body"), st.container(key=order):
        left, right = st.columns([1.15, 1], gap="medium")
        with left:
            live_pictures.render_live_images(lab, run)
            live_curves.render_layer_losses(lab, run)
        with right:
            live_curves.render_curves(lab, run)
