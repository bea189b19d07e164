"""Images or labels? One frozen set, many students: how much is the images, how much the teacher's labels."""

import streamlit as st

from pages.components import judge_chart, judge_views, judge_waterfall
from pages.components.frame import Lab, show
from pages.components.judge_ask import ask, upload
from pages.components.judge_choose import choose
from pages.components.judge_watch import feed, watch


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
