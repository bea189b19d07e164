"""Introduction on Start: what the lab is, in three sentences, and where paper, code and citation are."""

import streamlit as st

from edc_core.design_space.citations import CODE, PAPER, bibtex

SENTENCES = (
    "**Dataset condensation** turns thousands of training images into a few per class that train a network almost as"
    " well. **EDC** (NeurIPS 2024) does it with eight design choices. In this lab you run EDC, switch each choice off,"
    " and see what it changes."
)


def render_introduction() -> None:
    """Three sentences, with links to the paper, its code and its citation."""
    st.markdown(SENTENCES)
    with st.container(key="start_links", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"[Paper]({PAPER}) · [Code]({CODE})", width="content")
        with st.popover("Cite", icon=":material/format_quote:", type="tertiary"):
            st.code(bibtex(), language="bibtex")
