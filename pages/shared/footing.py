"""Footing of figures: one line on what they rest on, and the method behind "How was this measured?"."""

import streamlit as st


def render_footing(line: str, *details: str) -> None:
    """The line as a caption, and beside it a popover with the details that are given (empty ones are left out)."""
    told = [text for text in details if text]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(line, width="content")
        if told:
            with st.popover("How was this measured?", type="tertiary"):
                for text in told:
                    st.caption(text)
