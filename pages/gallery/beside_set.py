"""Gallery view of two sets: the run looked at and another, chosen from those of the same data set."""

from collections.abc import Sequence

import streamlit as st

from edc_core.judging.comparison_sets import COMPANIONS, image_key
from edc_core.runs.condensed_set import condensed_set
from edc_core.runs.run_table import name_of
from edc_core.store.run_record import RunRecord
from pages.gallery.run_picker import run_labels
from pages.shared import page_address
from pages.shared.page_frame import Lab
from pages.shared.two_sets import render_two_sets

BESIDE = "gallery-beside"


def render_beside(lab: Lab, run: RunRecord, name: str | None) -> None:
    """The other set's field, and both sets."""
    others = partners(run, [other for other in lab.store.runs() if condensed_set(lab.store, other) is not None])
    if not others:
        st.info("No other set of this data set is finished here: make one, and compare it.", icon=":material/info:")
        return
    by_id = {other.id: other for other in others}
    compared = page_address.selected_runs()
    named = [other for other in compared if other in by_id] if run.id in compared else []
    st.session_state[BESIDE] = (named or list(by_id))[0]  # each time: as in `select_run`

    def chosen() -> None:
        if st.session_state[BESIDE] in by_id:
            page_address.set_selected_runs([run.id, st.session_state[BESIDE]])

    label = run_labels(others).__getitem__
    other = by_id[st.selectbox("Compare with", list(by_id), format_func=label, key=BESIDE, on_change=chosen)]
    render_two_sets(lab, run, other, name)


def partners(run: RunRecord, runs: Sequence[RunRecord]) -> list[RunRecord]:
    """Runs of the same data set with other images, each set once: those that compare best with `run` first."""
    own, sets = image_key(run.plan), {}
    for other in runs:
        if other.manifest["dataset"]["digest"] == run.manifest["dataset"]["digest"]:
            sets.setdefault(image_key(other.plan), other)
    sets.pop(own, None)

    def rank(other: RunRecord) -> tuple:
        return other.ipc != run.ipc, other.seed != run.seed, _favour(run, other), -other.created

    return sorted(sets.values(), key=rank)


def _favour(run: RunRecord, other: RunRecord) -> int:
    """EDC beside every other set; beside EDC people's own sets, then random images, which it began as."""
    if _is_edc(other):
        return 0
    if not _is_edc(run):
        return 3
    return 1 if other.preset not in COMPANIONS and not other.bundled else 2 if other.preset == "random" else 3


def _is_edc(run: RunRecord) -> bool:
    return str(name_of(run)) == "EDC"
