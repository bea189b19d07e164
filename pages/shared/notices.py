"""Notices of what a visitor's last action came to."""

import streamlit as st

from edc_core.wording.grammar import capitalise
from pages.shared.markdown_escape import escape_markdown


def render_notice(key: str) -> None:
    """Show the notice that a callback left in the session under `key`, once."""
    if words := st.session_state.pop(key, ""):
        st.toast(escape_markdown(capitalise(words)))
