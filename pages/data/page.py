"""Data: choose or add a data set, look at it, have it checked, squeeze observers on it, and go on to condense it."""

import streamlit as st

from pages.components.data_add import add
from pages.components.data_check import check
from pages.components.data_choose import choose, say
from pages.components.data_look import look
from pages.components.data_squeeze import squeeze
from pages.components.frame import Lab, show
from pages.components.recipe_address import description_of


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
