"""How a data set's files were read: a line of counts, each choice among readings, and what was left out."""

import streamlit as st

from edc_core.data.census import Census
from edc_core.wording.grammar import capitalise
from pages.shared.markdown_escape import escape_markdown


def render_census(census: Census, counts: bool = True) -> None:
    """Counts as a caption where they are not told above it, then remarks; doubts and images left out as warnings."""
    if counts and census.found:
        st.caption("Found: " + ", ".join(f"{count:,} {escape_markdown(kind)}" for kind, count in census.found) + ".")
    remarks = [*census.readings, *(group.sentence for group in census.left_out if not group.images)]
    if remarks:
        st.markdown("\n".join(f"- {_sentence(remark)}" for remark in remarks))
    for doubt in census.doubts:
        st.warning(_sentence(doubt), icon=":material/help:")
    for group in census.left_out:
        if group.images:
            st.warning(_sentence(group.sentence), icon=":material/visibility_off:")


def _sentence(remark: str) -> str:
    return escape_markdown(capitalise(remark)) + "."
