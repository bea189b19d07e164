"""Landscape: the shape of the loss around trained students, on one common loss, and how sharply it curves."""

import streamlit as st

from pages.landscape import surface_views as landscape_views
from pages.landscape.pairs import render_pairs
from pages.landscape.run_picker import select_controls, select_runs
from pages.shared.page_frame import Lab, render_page
from pages.shared.page_title import set_page_title


def render_landscape(lab: Lab) -> None:
    st.title("Landscape")
    st.markdown("How steep is the loss around a trained student, and do flatter ones do better?")
    if kept := select_runs(lab):
        set_page_title([one.run for one in kept])
        render_pairs(lab, kept)
        landscape_views.render_view(lab, kept, select_controls(kept))


render_page(render_landscape)
