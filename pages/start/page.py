import streamlit as st

from pages.shared.access import render_reach_note
from pages.shared.page_frame import Lab, render_page
from pages.start.duel import render_duel
from pages.start.first_actions import render_first_actions, render_followed_run
from pages.start.introduction import render_introduction
from pages.start.machine_status import render_machine_status


def render_start(lab: Lab) -> None:
    if run := st.query_params.get("run"):
        render_followed_run(lab, run)
        render_machine_status(lab, polling=False)
        return
    render_reach_note()
    render_introduction()
    runs = lab.store.runs()
    render_duel(lab, runs)
    render_first_actions(lab, runs)
    render_machine_status(lab, polling=True)


render_page(render_start)
