"""What was found of an imported condensed set before it was judged."""

import streamlit as st

from edc_core.judging.set_checks import ALL_THE_SAME, stored_check
from edc_core.store.run_record import RunRecord
from pages.shared.markdown_escape import as_sentence


def render_set_check(run: RunRecord) -> None:
    """What was found of an imported set before it was judged; it stands beside the score."""
    check = stored_check(run.manifest)
    if check is None or not check.findings:
        return
    for finding in check.warnings:
        st.warning(as_sentence(finding.message), icon=":material/warning:")
    if check.stops:
        st.caption(ALL_THE_SAME)
    for finding in check.findings:
        if finding.severity == "note":
            st.caption(as_sentence(finding.message))
