"""Data: choose or add a data set, look at it, have it checked, squeeze observers on it, and go on to condense it."""

import streamlit as st

from pages.data.add_dataset import add
from pages.data.check_panel import check
from pages.data.dataset_overview import look
from pages.data.dataset_picker import choose, say
from pages.data.squeeze_panel import squeeze
from pages.recipe.recipe_address import description_of
from pages.shared.page_frame import Lab, show


def body(lab: Lab) -> None:
    say()
    st.title("Data", anchor=False)
    listed = choose(lab)
    add(lab)
    about = description_of(listed.address)
    look(listed, about)
    report = check(lab, listed, about)
    squeeze(lab, listed.address, about, report)


show(body)
