"""Data page: select or add a data set, check it, train observers on it."""

import streamlit as st

from pages.data.add_dataset import render_add_dataset
from pages.data.check_panel import render_check
from pages.data.dataset_overview import render_dataset_overview
from pages.data.dataset_picker import SAID, select_dataset
from pages.data.squeeze_panel import render_squeeze
from pages.recipe.recipe_address import description_of
from pages.shared.notices import render_notice
from pages.shared.page_frame import Lab, render_page


def render_data(lab: Lab) -> None:
    render_notice(SAID)
    st.title("Data", anchor=False)
    listed = select_dataset(lab)
    render_add_dataset(lab)
    about = description_of(listed.address)
    render_dataset_overview(listed, about)
    report = render_check(lab, listed, about)
    render_squeeze(lab, listed.address, about, report)


render_page(render_data)
