"""Progress of a submitted matrix: counts by state, the grid, and its actions."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import streamlit as st

from edc_core import jobs
from edc_core.ablation.progress import DONE, FAILED, LATER, QUEUED, RUNNING, STOPPED, MatrixProgress
from edc_core.ablation.progress import matrix_progress as progress_of
from edc_core.ablation.results import Row
from edc_core.errors import EDCError
from edc_core.store import Store
from edc_core.store.states import MatrixState
from pages.choices.matrix_builder import count_stages
from pages.choices.matrix_grid import render_grid
from pages.choices.matrix_picker import Entry
from pages.shared.access import current_person, is_hidden
from pages.shared.formatting import duration
from pages.shared.log_popover import render_log
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.notices import render_notice
from pages.shared.page_frame import Lab, open_lab

SAID = "choices_said"
CACHE_SECONDS = 0.9  # seconds for which one look serves every browser
WORDS = {DONE: "measured", RUNNING: "running", QUEUED: "in the queue", LATER: "to come", FAILED: "failed"}
WORDS |= {STOPPED: "stopped"}


def read_progress(lab: Lab, entry: Entry) -> tuple[jobs.MatrixRequest | None, MatrixProgress, str | None]:
    """Current matrix, its runs' states, and an error sentence if any; enqueues the next runs."""
    trouble = _tended(str(lab.home)) if entry.asked.state == MatrixState.RUNNING else None
    asked = next((one for one in jobs.all_matrices(lab.store) if one.id == entry.name), None)
    since, state = (asked.since, asked.state) if asked else (0.0, "")
    return asked, _progress(str(lab.home), entry.design.model_dump_json(), since, state, entry), trouble


@st.cache_data(ttl=CACHE_SECONDS, show_spinner=False)
def _tended(home: str) -> str | None:
    store = Store(Path(home))
    try:
        jobs.enqueue_next_runs(store)
        return jobs.supervise(store)
    finally:
        store.close()


@st.cache_resource(ttl=CACHE_SECONDS, show_spinner=False, max_entries=100)
def _progress(home: str, design: str, since: float, state: str, _entry: Entry) -> MatrixProgress:
    store = Store(Path(home))
    try:
        return progress_of(_entry.matrix, store, since)
    finally:
        store.close()


def render_progress(lab: Lab, entry: Entry, progress: MatrixProgress, rows: list[Row], trouble: str | None) -> None:
    """Counts, buttons, and the grid while anything is open."""
    render_notice(SAID)
    if trouble:
        st.error(as_sentence(trouble), icon=":material/error:")
    with st.container(border=True, key="choices_progress"):
        done = progress.count(DONE)
        st.progress(done / max(progress.total, 1), _counts(progress))
        left, right = st.columns([1, 1.25], vertical_alignment="center")
        left.markdown(_state(lab, entry, progress))
        with right:
            _actions(entry, progress)
        if not progress.finished:
            render_grid(entry, progress, rows)
        _failures(lab.home, progress)


def _counts(progress: MatrixProgress) -> str:
    parts = [f"{progress.count(state)} {words}" for state, words in WORDS.items() if progress.count(state)]
    return f"{progress.total} runs: {', '.join(parts)}"


def _state(lab: Lab, entry: Entry, progress: MatrixProgress) -> str:
    """Sentence on the current state."""
    state = entry.asked.state
    if progress.finished:
        return "**Finished.** Every run is measured."
    left = count_stages(lab, entry.design)
    time = f"about {duration(left.forecast.seconds)} left, {left.stages:,} stages"
    if state == MatrixState.HELD:
        return f"**Not started.** Bets are open. It takes about {duration(left.forecast.seconds)}."
    if state == MatrixState.STOPPED:
        return f"**Stopped.** Everything finished is kept; {time}."
    if state == MatrixState.FINISHED:
        return _ended(progress)
    return f"**Running**: {time}. It goes on when this page is closed."


def _ended(progress: MatrixProgress) -> str:
    """Sentence on an ended matrix: measured and missing runs (failed, stopped or deleted)."""
    words = WORDS | {LATER: "without a result"}
    lacking = [f"{progress.count(state)} {words[state]}" for state in words if state != DONE and progress.count(state)]
    return f"**Ended: {progress.count(DONE)} of {progress.total} runs are measured**; {', '.join(lacking)}."


def _actions(entry: Entry, progress: MatrixProgress) -> None:
    asked, visitor = entry.asked, current_person()
    if not jobs.may_change_matrix(asked, visitor):
        whose = f"{escape_markdown(asked.nickname)}'s" if asked.nickname else "somebody else's"
        st.caption("This lab is read-only." if jobs.read_only() else f"This matrix is {whose}.")
        return
    closed = is_hidden("launch")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if asked.state == MatrixState.RUNNING and not is_hidden("stop"):
            _button("Stop", "stop", jobs.stop_matrix, entry)
        resumable = _resumable(asked.state, progress)
        if resumable and not closed:
            words = "Start" if asked.state == MatrixState.HELD else "Resume"
            _button(words, "play_arrow", jobs.resume_matrix, entry, type="primary")
        if progress.failed and not resumable and not closed:  # Resume tries them again too
            _button("Retry failed", "refresh", jobs.resume_matrix, entry)
        if not closed and asked.state != MatrixState.HELD:
            _button("Add a seed", "add", _add_seed, entry)
        _more(entry)


def _resumable(state: str, progress: MatrixProgress) -> bool:
    """Whether a matrix that is not at work lacks more than runs that failed."""
    tried = (DONE,) if state == MatrixState.HELD else (DONE, FAILED)
    return state != MatrixState.RUNNING and progress.count(*tried) < progress.total


def _more(entry: Entry) -> None:
    """Actions for every matrix, including one whose data set is gone."""
    asked = entry.asked
    with st.popover("More", icon=":material/more_horiz:"):
        st.text_input("Name", asked.title, max_chars=80, key=f"choices_title_{asked.id}")
        _button("Rename", "edit", _rename, entry)
        st.caption("The matrix leaves the list; its runs, their results and the bets on it stay.")
        _button("Take off the list", "delete", jobs.delete_matrix, entry)


def render_unreadable(entry: Entry, reason: str) -> None:
    """Error of a matrix that can no longer be expanded, with a Delete button."""
    render_notice(SAID)
    st.error(as_sentence(reason), icon=":material/error:")
    if entry.asked and jobs.may_change_matrix(entry.asked, current_person()):
        if entry.asked.state == MatrixState.RUNNING:
            _button("Stop", "stop", jobs.stop_matrix, entry)
        _more(entry)


def _button(label: str, icon: str, act: Callable, entry: Entry, **more) -> None:
    key = f"choices_{label.split()[0].lower()}"
    st.button(label, icon=f":material/{icon}:", key=key, on_click=_act, args=(act, entry.name), **more)


def _act(act: Callable[..., object], name: str) -> None:
    """A callback: in a store of its own, for a fragment outlives the script run that made it."""
    try:
        with open_lab() as here:
            said = act(here.store, name, current_person())
    except EDCError as error:
        said = str(error)
    st.session_state[SAID] = said if isinstance(said, str) else ""


def _add_seed(store: Store, name: str, visitor: jobs.Person) -> str:
    return jobs.add_seeds(store, name, 1, visitor)


def _rename(store: Store, name: str, visitor: jobs.Person) -> None:
    jobs.rename_matrix(store, name, st.session_state[f"choices_title_{name}"], visitor)


def _failures(home: Path, progress: MatrixProgress) -> None:
    if not progress.failed:
        return
    with st.expander(f"Why {progress.count(FAILED)} failed", icon=":material/error:"):
        st.dataframe(
            pd.DataFrame(
                [
                    {"cell": f.job.cell.name, "seed": f.job.seed, "why": f.error, "run": f.job.prepared.run}
                    for f in progress.failed
                ]
            ),
            hide_index=True,
        )
        render_log(home, progress.failed[0].job.prepared.run, "Log of the first")
