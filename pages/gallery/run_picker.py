"""Run and class pickers, labels of runs and sentences on their state."""

from collections.abc import Sequence

import streamlit as st

from edc_core.data.short_names import short_names
from edc_core.runs.compare import mark
from edc_core.runs.run_table import title_of
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from pages.shared import page_address
from pages.shared.markdown_escape import escape_markdown

ADDRESS_BOUND = {"bind": "query-params", "persist_state": "session"}
ALL_CLASSES = "All classes"
CHOSEN = "chosen-run"
MARKED_RUNS, MARKED = 6, 60  # so many runs called alike are told apart by what differs, in so many letters
STATES = {  # as they are called on every page
    RunState.QUEUED: "waiting",
    RunState.RUNNING: "running",
    RunState.NOT_ANSWERING: "not answering",
    RunState.FINISHED: "finished",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "stopped",
    RunState.INTERRUPTED: "interrupted",
}


def run_label(run: RunRecord, dataset: str = "") -> str:
    """Label of a run: its title, data set (as it is called among others), top-1, state."""
    parts = [title_of(run), dataset or run.manifest["dataset"]["name"]]
    if run.result:
        parts.append(f"{run.result[run.result['headline']]:.1f} %")
    if run.state != RunState.FINISHED:
        parts.append(STATES[run.state])
    if run.bundled:
        parts.append("bundled")
    return " · ".join(parts)


def run_labels(runs: Sequence[RunRecord]) -> dict[str, str]:
    """Labels of all runs; equal ones are extended by the settings that differ."""
    called: dict[str, list[RunRecord]] = {}
    datasets = _datasets(runs)
    for run in runs:
        called.setdefault(run_label(run, datasets.get(run.dataset, "")), []).append(run)
    found = {}
    for text, alike in called.items():
        marks = _marks(tuple(run.id for run in alike), alike) if 1 < len(alike) <= MARKED_RUNS else {}
        for run in alike:
            differing = marks.get(run.id, "")
            own = f" · {differing}" if 0 < len(differing) <= MARKED else ""
            found[run.id] = f"{text}{own} ({run.id[-4:]})" if len(alike) > 1 else text
    return found


def _datasets(runs: Sequence[RunRecord]) -> dict[str, str]:
    """Address -> what tells a data set from others of its name; those of a name of their own keep it."""
    named = {run.dataset: run.manifest["dataset"]["name"] for run in runs}
    shown = short_names(named)
    return {address: shown[address] for address in named if list(named.values()).count(named[address]) > 1}


@st.cache_data(max_entries=2_000, show_spinner=False)
def _marks(ids: tuple[str, ...], _runs: Sequence[RunRecord]) -> dict[str, str]:
    """In which settings runs of these ids differ; an id's settings never change."""
    return {name: mark(run, _runs) for name, run in zip(ids, _runs, strict=True)}


def named_run(default: str | None) -> str | None:
    """Run named in the address, else the one selected before on any page, else the default."""
    if default and not page_address.selected_run():
        page_address.set_selected_run(default)
    return page_address.selected_run()


def select_run(
    runs: Sequence[RunRecord], named: str | None, title: str = "Run", titled: bool = False, hint: str | None = None
) -> RunRecord:
    """Select box of runs; returns the selected run."""
    by_id, called = {run.id: run for run in runs}, run_labels(runs)
    chosen = named if named in by_id else next(iter(by_id))
    st.session_state[CHOSEN] = chosen  # each time: a browser whose first script run was cut short has not heard it

    def changed() -> None:
        # A name that changed with its run's state comes back as plain text: nobody chose it.
        if st.session_state[CHOSEN] in by_id:
            page_address.set_selected_run(st.session_state[CHOSEN])

    name = st.selectbox(
        title,
        list(by_id),
        format_func=called.__getitem__,
        key=CHOSEN,
        on_change=changed,
        label_visibility="visible" if titled else "collapsed",
        help=hint,
    )
    return by_id[name]


def end_text(run: RunRecord) -> str:
    """Sentence on a run that ended early."""
    return {
        RunState.FAILED: f"The run failed: {escape_markdown(run.error or 'no reason was recorded.')}",
        RunState.INTERRUPTED: "The run was interrupted: its process has gone.",
        RunState.CANCELLED: "The run was stopped on request.",
    }.get(run.state, "")


def select_class(classes: Sequence[str]) -> str | None:
    """Select box of classes, shared by all views; None for all classes."""
    name = st.selectbox(
        "Class", [ALL_CLASSES, *classes], key="gallery-class", label_visibility="collapsed", width=230, **ADDRESS_BOUND
    )
    return None if name in (None, ALL_CLASSES) else name
