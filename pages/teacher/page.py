"""The teacher's page: the board, who is here, and what the class does."""

import streamlit as st

from edc_core import jobs
from edc_core.access.permissions import check_teaches
from pages.shared.access import current_person
from pages.shared.page_frame import Lab, render_page
from pages.teacher.board import render_board
from pages.teacher.class_actions import render_actions
from pages.teacher.class_views import render_views


def render_teacher(lab: Lab) -> None:
    if not current_person().teacher or jobs.classroom() is None:
        st.title("Class", anchor=False)
    check_teaches(current_person())
    if not render_board():
        render_actions(lab)
        render_views(lab)


render_page(render_teacher)
