"""Which choice? Matrices of runs: which design choice brought the gain, and may one believe it?"""

import streamlit as st

from pages.choices import build_address
from pages.choices import matrix_builder as choices_build
from pages.choices import matrix_results as choices_results
from pages.choices.matrix_picker import BUILD, select_matrix, select_mode
from pages.shared.page_frame import Lab, render_page


def render_choices(lab: Lab) -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.title("Which choice?", anchor=False)
    with right.container(horizontal=True, horizontal_alignment="right"):
        select_mode()
    st.markdown("Which design choice brings the gain, and how sure is that?")
    if st.session_state["choices"] == BUILD:
        choices_build.render_builder(lab)
        return
    build_address.clear()
    if entry := select_matrix(lab):
        choices_results.render_matrix(lab, entry)


render_page(render_choices)
