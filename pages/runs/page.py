import streamlit as st

from edc_core.jobs.dataset_titles import titles
from pages.runs.import_panel import render_import
from pages.runs.queue_panel import render_queue
from pages.runs.run_actions import SAID
from pages.runs.run_comparison import render_comparison
from pages.runs.run_details import render_run_details
from pages.runs.run_table import render_run_table, select_filtered
from pages.shared import navigation as router
from pages.shared.access import current_person, is_hidden
from pages.shared.notices import render_notice
from pages.shared.page_frame import Lab, render_page
from pages.shared.page_title import set_page_title


def render_runs(lab: Lab) -> None:
    runs = lab.store.runs()
    visitor = current_person()
    render_notice(SAID)
    if not runs:
        _nothing_yet()
        render_import(lab.home, visitor)
        return
    st.title("Runs")
    render_queue(lab, visitor)
    called = titles(lab.store, [run.dataset for run in runs])
    shown = select_filtered(runs, visitor, called)
    chosen = render_run_table(lab, runs, shown, called)
    set_page_title(chosen)
    if len(chosen) > 1:
        render_comparison(lab, chosen)
    elif chosen:
        render_run_details(lab, chosen[0], visitor)
    render_import(lab.home, visitor)


def _nothing_yet() -> None:
    st.title("Runs")
    st.markdown("There is no run yet. Every run will be listed here, with its settings, its result and what it cost.")
    if not is_hidden("launch") and st.button(
        "Run EDC now", type="primary", icon=":material/play_arrow:", key="runs_first"
    ):
        router.go_to_page("start")
    st.caption("Or in a terminal:")
    st.code("python -m edc_core run --preset G --ipc 10", language="bash")


render_page(render_runs)
