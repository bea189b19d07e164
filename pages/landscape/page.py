"""Landscape: the shape of the loss around trained students, on one common loss, and how sharply it curves."""

import streamlit as st

from pages.landscape import surface_views as landscape_views
from pages.landscape.run_picker import choose, controls
from pages.shared.page_frame import Lab, show


def body(lab: Lab) -> None:
    st.title("Landscape")
    st.markdown("How steep is the loss around a trained student, and do flatter ones do better?")
    if kept := choose(lab):
        landscape_views.draw(lab, kept, controls(kept))


show(body)
