"""Landscape: the shape of the loss around trained students, on one common loss, and how sharply it curves."""

import streamlit as st

from pages.components import landscape_views
from pages.components.frame import Lab, show
from pages.components.landscape_choose import choose, controls


def body(lab: Lab) -> None:
    st.title("Landscape")
    st.markdown("How steep is the loss around a trained student, and do flatter ones do better?")
    if kept := choose(lab):
        landscape_views.draw(lab, kept, controls(kept))


show(body)
