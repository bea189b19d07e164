"""Queue and progress of a judgement, in one polling fragment."""

import streamlit as st

from edc_core import jobs
from edc_core.errors import StoreError
from edc_core.judging.comparison_sets import CompanionMatrix
from edc_core.judging.results import Cell
from edc_core.pipeline.prepare import PreparedRun
from edc_core.runs.run_table import title_of
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.grammar import plural
from edc_core.wording.stage_text import doing
from pages.shared.access import current_person, is_hidden
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import Lab, guarded
from pages.shared.stopped_message import render_stopped, resume

PENDING, WATCHED = "labels_pending", "labels_watched"  # in the session: runs to hand in, names of those handed in


def queue_missing(lab: Lab, matrix: CompanionMatrix, cells: list[Cell]) -> None:
    """Enqueue every run of the matrix that lacks a score, as far as the queue has room."""
    missing = {(cell.set, cell.protocol) for cell in cells if cell.scores is None}
    waiting = [prepared for place, prepared in matrix.runs.items() if place in missing]
    st.session_state[PENDING] = waiting
    st.session_state[WATCHED] = [prepared.run for prepared in waiting]
    submit_waiting(lab)


def submit_waiting(lab: Lab) -> None:
    """Enqueue the next runs; refused ones wait in this session.

    Raises:
        EDCError: nothing of this page's is alive, and still the queue refuses.
    """
    pending: list[PreparedRun] = st.session_state.get(PENDING, [])
    while pending:
        try:
            jobs.submit(lab.store, pending[0], current_person())
        except jobs.Refused:
            if not any(run.state.is_alive for run in _watched(lab)):
                st.session_state[PENDING] = []
                raise
            return
        pending.pop(0)


def render_judge_progress(lab: Lab, asked) -> None:
    """Progress of what this page asked for, live while anything of it is alive; a stuck run offers to resume."""
    names = list(dict.fromkeys([*st.session_state.get(WATCHED, []), *(p.run for p in asked.matrix.runs.values())]))
    found = _runs(lab, names)
    alive = [run.id for run in found if run.state.is_alive]
    if not alive and not st.session_state.get(PENDING):
        if st.session_state.pop(WATCHED, None):
            st.rerun()  # what was drawn before this knew of work in progress
        missing = {prepared.run for place, prepared in asked.matrix.runs.items() if place in _lacking(asked)}
        for run in found:
            if run.state.ended_early and run.id in missing:
                _stuck(lab, run)
        return
    st.session_state[WATCHED] = names
    keys = [cell.score_key for cell in asked.cells]
    done = sum(cell.scores is not None for cell in asked.cells)
    st.fragment(guarded(_panel), run_every=1)(names, keys, done)


def _lacking(asked) -> set[tuple[str, str]]:
    return {(cell.set, cell.protocol) for cell in asked.missing}


def _panel(lab: Lab, names: list[str], keys: list[str], drawn: int) -> None:
    """One look: what works, what waits, what is stuck. The page is drawn anew when a figure has come."""
    if trouble := jobs.supervise(lab.store):
        st.error(as_sentence(trouble), icon=":material/error:")
    submit_waiting(lab)
    runs, waiting = _runs(lab, names), len(st.session_state.get(PENDING, []))
    done = sum(lab.store.stage_results.find(key) is not None for key in keys)
    alive = [run for run in runs if run.state.is_alive]
    if done != drawn or not (alive or waiting):
        st.rerun()
    with st.container(border=True):
        st.progress(done / max(len(keys), 1), f"{done} of {len(keys)} students measured")
        places = jobs.places(lab.store)
        for run in sorted(alive, key=lambda run: places.get(run.id, 0))[:1]:
            st.markdown(_at_work(run, places.get(run.id, 0)))
        others = len(alive) - 1 + waiting
        notes = [f"{others} more {plural(others, 'waits', 'wait')}"] if others else []
        notes += ["keep this page open until all are queued"] if waiting else []
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.caption("; ".join(notes) or "This is the last one.")
        mine = [run for run in alive if jobs.may_stop(run, current_person())]
        if not is_hidden("stop") and right.button(
            "Stop judging", key="labels_stop", disabled=not mine, width="stretch"
        ):
            st.session_state[PENDING] = []
            jobs.stop_all(lab.store, [run.id for run in mine], current_person())
            st.rerun(scope="fragment")
        for run in runs:
            if run.state.ended_early:
                _stuck(lab, run)


def _at_work(run: RunRecord, place: int) -> str:
    name = escape_markdown(title_of(run))
    if run.state == RunState.QUEUED:
        return f"**{name}** waits: number {place} in the queue." if place > 1 else f"**{name}** is next."
    if run.state is RunState.NOT_ANSWERING:
        return f"**{name}** is not answering."
    progress = run.progress or {}
    stage = doing(progress.get("stage"))
    student = f" {progress['name']}" if progress.get("name") else ""
    total, at = progress.get("total"), progress.get("done", 0)
    counted = f", {at:,} of {total:,} {progress.get('unit', '')}s" if total else ""
    return f"**{name}**: {stage}{student}{counted}"


def _stuck(lab: Lab, run: RunRecord) -> None:
    """Message for a stopped run, with Resume."""
    subject = f"**{escape_markdown(title_of(run))}**"
    right = render_stopped(lab, run, subject, "everything finished is kept.")
    mine = jobs.may_stop(run, current_person())
    note = None if mine else f"This run is {escape_markdown(run.nickname or 'somebody')}'s."
    if is_hidden("launch") or not run.resumable:
        return
    pressed = right.button("Resume", key=f"labels_resume_{run.id}", disabled=not mine, help=note, width="stretch")
    if pressed and resume(lab, run.id):
        st.session_state[WATCHED] = [*st.session_state.get(WATCHED, []), run.id]
        st.rerun()


def _watched(lab: Lab) -> list[RunRecord]:
    return _runs(lab, st.session_state.get(WATCHED, []))


def _runs(lab: Lab, names: list[str]) -> list[RunRecord]:
    """Those of the named runs that the store has."""
    found = []
    for name in names:
        try:
            found.append(lab.store.run(name))
        except StoreError:
            continue
    return found
