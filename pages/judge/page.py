"""Judge page ("Images or labels?", address /labels): one set, many students."""

import streamlit as st

from pages.judge import accuracy_chart as judge_chart
from pages.judge import result_tabs as judge_views
from pages.judge import waterfall as judge_waterfall
from pages.judge.judge_progress import render_judge_progress, submit_waiting
from pages.judge.judge_request import render_judge_request
from pages.judge.set_picker import select_set
from pages.judge.set_upload import render_upload
from pages.shared.page_frame import Lab, render_page
from pages.shared.page_title import set_page_title
from pages.shared.set_check import render_set_check


def render_judge(lab: Lab) -> None:
    st.title("Images or labels?")
    st.markdown("Many students learn from one frozen set of images. Is it the images that teach, or the labels?")
    if (run := select_set(lab)) is None:
        judge_waterfall.render_waterfall(lab, None)
        render_upload(lab, None)
        return
    set_page_title([run])
    submit_waiting(lab)
    top, progress, lower = st.container(), st.container(), st.container()
    with lower:
        asked = render_judge_request(lab, run)
    if asked is None:
        return
    with progress:
        render_judge_progress(lab, asked)
    with top:
        render_set_check(run)
        hard, comparison = judge_chart.render_accuracy_chart(lab, run, asked)
    with lower:
        judge_views.render_result_tabs(lab, asked, comparison, hard)
        judge_waterfall.render_waterfall(lab, run)
        render_upload(lab, run)


render_page(render_judge)
