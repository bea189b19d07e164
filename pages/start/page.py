import streamlit as st

from pages.components.access import say_who_reaches
from pages.components.frame import Lab, show
from pages.components.start_duel import duel
from pages.components.start_machine import machine
from pages.components.start_ways import follow_here, ways


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
