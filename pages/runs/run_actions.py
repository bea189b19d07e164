"""Actions on a run (rename, stop, resume, delete), with the reason if one is disabled."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from edc_core import jobs
from edc_core.errors import EDCError
from edc_core.runs.run_table import title_of
from edc_core.store.run_record import RunRecord
from pages.runs.queue_panel import owner_text
from pages.shared import page_address
from pages.shared.access import is_hidden
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab, open_lab
from pages.shared.take_over import render_take_over

SAID = "runs_said"  # in the session: what the last action came to


def render_run_actions(here: Lab, run: RunRecord, visitor: jobs.Person) -> None:
    """The buttons of one run."""
    busy = run.state.is_alive

    def button(label: str, icon: str, allowed: bool, closed: str | None = None, **more) -> bool:
        closed = closed if allowed else owner_text(run)
        key = f"runs_{label.lower()}"
        return st.button(label, key=key, icon=f":material/{icon}:", disabled=closed is not None, help=closed, **more)

    may_stop = jobs.may_stop(run, visitor)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if run.state.ended_early and run.resumable and not is_hidden("launch"):
            button("Resume", "play_arrow", may_stop, type="primary", on_click=_act, args=(jobs.resume, run.id, visitor))
        render_take_over(run, "runs_take_over")
        if busy and not is_hidden("stop"):
            button("Stop", "stop", may_stop, on_click=_act, args=(jobs.stop, run.id, visitor))
        if button("Rename", "edit", jobs.may_change(run, visitor)):
            _rename(run, visitor)
        if button("Delete", "delete", jobs.may_delete(here.store, run, visitor), "Stop it first." if busy else None):
            _delete(run, visitor)


def _act(act: Callable[..., object], *arguments: object) -> None:
    """A callback: do it in a store of its own, for a dialog outlives the script run that opened it."""
    try:
        with open_lab() as here:
            said = act(here.store, *arguments)
    except EDCError as error:
        said = str(error)
    st.session_state[SAID] = said if isinstance(said, str) else ""


@st.dialog("Rename the run")
def _rename(run: RunRecord, visitor: jobs.Person) -> None:
    key = f"runs_title_{run.id}"
    st.text_input("Name", run.title, max_chars=80, key=key, placeholder=title_of(replace(run, title="")))
    st.caption("Leave it empty to go back to the name made from its settings.")
    if st.button("Keep this name", type="primary", key="runs_rename_now", on_click=_keep, args=(run.id, visitor)):
        st.rerun()


def _keep(run: str, visitor: jobs.Person) -> None:
    _act(jobs.rename, run, st.session_state[f"runs_title_{run}"], visitor)


@st.dialog("Delete this run?")
def _delete(run: RunRecord, visitor: jobs.Person) -> None:
    st.markdown(
        f"**{escape_markdown(title_of(run))}** and what only it uses (images, labels, students) will be deleted"
        " for good."
        " Stages that other runs share stay, and so do the data set's observers."
    )
    delete = {"on_click": _forget, "args": (run.id, visitor)}
    with st.container(horizontal=True, horizontal_alignment="right"):
        kept = st.button("Keep it", key="runs_keep")
        gone = st.button("Delete it", type="primary", key="runs_delete_now", icon=":material/delete:", **delete)
    if kept or gone:
        st.rerun()


def _forget(run: str, visitor: jobs.Person) -> None:
    _act(jobs.delete, run, visitor)
    with open_lab() as here:
        gone = run not in {other.id for other in here.store.runs(archived=True)}
    if gone:
        page_address.set_selected_run(None)  # the address forgets it too
