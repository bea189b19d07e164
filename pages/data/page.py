"""Data: choose or add a data set, look at it, have it checked, squeeze observers on it, and go on to condense it."""

import streamlit as st

from pages.data.add import add
from pages.data.check import check
from pages.data.choose import choose, say
from pages.data.look import look
from pages.data.squeeze import squeeze
from pages.recipe.address import description_of
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
