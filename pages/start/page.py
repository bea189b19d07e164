import streamlit as st

from pages.shared.access import say_who_reaches
from pages.shared.page_frame import Lab, show
from pages.start.duel import duel
from pages.start.first_actions import follow_here, ways
from pages.start.machine_status import machine


def body(lab: Lab) -> None:
    if run := st.query_params.get("run"):
        follow_here(lab, run)
        machine(lab, polling=False)
        return
    say_who_reaches()
    runs = lab.store.runs()
    duel(lab, runs)
    ways(lab, runs)
    machine(lab, polling=True)


show(body)
