"""One matrix on the page: progress, results, bets, exports."""

import streamlit as st

from edc_core.ablation.progress import RUNNING, MatrixProgress
from edc_core.ablation.results import Row
from edc_core.errors import EDCError
from edc_core.store.states import MatrixState
from pages.choices import export_buttons as choices_export
from pages.choices import matrix_progress as choices_watch
from pages.choices import result_views as choices_views
from pages.choices.bet_ledger import render_ledger
from pages.choices.matrix_picker import Entry, measured_rows
from pages.shared.page_frame import Lab, guarded

OFTEN, SLOWLY = 1.0, 3.0  # seconds between looks, while anything of it waits or works
LARGE_MATRIX_RUNS = 100  # runs; a larger matrix is looked at less often


def render_matrix(lab: Lab, entry: Entry) -> None:
    """Results above, the ledger below; the ledger alone where this visitor is to guess first."""
    try:
        found = measured_rows(lab, entry)
    except EDCError as error:
        choices_watch.render_unreadable(entry, str(error))
        return
    top, bottom = st.container(), st.container()
    whole = is_whole(entry, found)
    with bottom:
        shown = render_ledger(lab, entry.name, entry.design, found, entry.factors, whole, entry.bundled)
        if shown and found:
            choices_export.render_exports(lab, entry, found)
    with top:
        if entry.bundled and shown:
            choices_views.render_about(entry)
            choices_views.render_views(lab, entry, found, whole)
        elif not entry.bundled:
            _live(lab, entry, bool(found))


def is_whole(entry: Entry, found: list[Row]) -> bool:
    """Whether every student of every run is measured."""
    return len(found) == sum(len(job.score_keys) for job in entry.matrix.jobs)


def _live(lab: Lab, entry: Entry, measured: bool) -> None:
    """Polling fragment for as long as runs are alive."""
    _, progress, _ = choices_watch.read_progress(lab, entry)
    alive = _alive(entry, progress)
    every = (SLOWLY if progress.total > LARGE_MATRIX_RUNS else OFTEN) if alive else None
    drawn = (entry.asked.state, entry.asked.since, measured, alive)
    st.fragment(guarded(_panel), run_every=every)(entry, drawn)


def _alive(entry: Entry, progress: MatrixProgress) -> bool:
    return entry.asked.state == MatrixState.RUNNING or progress.count(RUNNING) > 0


def _panel(lab: Lab, entry: Entry, drawn: tuple) -> None:
    """One refresh; reruns the page at the matrix's start, first result and end."""
    asked, progress, trouble = choices_watch.read_progress(lab, entry)
    found = measured_rows(lab, entry)
    if asked is None or asked.design != entry.design:
        st.rerun()
    if (asked.state, asked.since, bool(found), _alive(entry, progress)) != drawn:
        st.rerun()
    choices_watch.render_progress(lab, entry, progress, found, trouble)
    if found:
        choices_views.render_views(lab, entry, found, is_whole(entry, found))
