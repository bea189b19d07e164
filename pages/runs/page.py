import streamlit as st

from edc_core.jobs.dataset_titles import titles
from pages.runs.import_panel import importer
from pages.runs.queue_panel import now
from pages.runs.run_actions import say
from pages.runs.run_comparison import comparison
from pages.runs.run_details import one
from pages.runs.run_table import filters, table
from pages.shared import navigation as router
from pages.shared.access import hides, person
from pages.shared.page_frame import Lab, show


def body(lab: Lab) -> None:
    runs = lab.store.runs()
    visitor = person()
    say()
    if not runs:
        _nothing_yet()
        importer(lab.home, visitor)
        return
    st.title("Runs")
    now(lab, visitor)
    called = titles(lab.store, [run["dataset"] for run in runs])
    shown = filters(runs, visitor, called)
    chosen = table(lab, runs, shown, called)
    if len(chosen) > 1:
        comparison(lab, chosen)
    elif chosen:
        one(lab, chosen[0], visitor)
    importer(lab.home, visitor)


def _nothing_yet() -> None:
    st.title("Runs")
    st.markdown("Every run will stand here, with its settings, its result and what it cost. There is none yet.")
    if not hides("launch") and st.button("Run EDC now", type="primary", icon=":material/play_arrow:", key="runs_first"):
        router.go("start")
    st.caption("Or in a terminal:")
    st.code("python -m edc_core run --preset G --ipc 10", language="bash")


show(body)
