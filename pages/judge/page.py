"""Images or labels? One frozen set, many students: how much is the images, how much the teacher's labels."""

import streamlit as st

from pages.judge import accuracy_chart as judge_chart
from pages.judge import result_tabs as judge_views
from pages.judge import waterfall as judge_waterfall
from pages.judge.judge_progress import feed, watch
from pages.judge.judge_request import ask, upload
from pages.judge.set_picker import choose
from pages.shared.page_frame import Lab, show


def body(lab: Lab) -> None:
    st.title("Images or labels?")
    st.markdown("One frozen set of images, many students. Is it the images that teach, or the labels?")
    if (run := choose(lab)) is None:
        judge_waterfall.draw(lab, None)
        upload(lab, None)
        return
    feed(lab)
    top, progress, lower = st.container(), st.container(), st.container()
    with lower:
        asked = ask(lab, run)
    if asked is None:
        return
    with progress:
        watch(lab, asked)
    with top:
        hard, comparison = judge_chart.draw(lab, run, asked)
    with lower:
        judge_views.draw(lab, asked, comparison, hard)
        judge_waterfall.draw(lab, run)
        upload(lab, run)


show(body)
