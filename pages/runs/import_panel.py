"""Import panel: upload of an exported run."""

from pathlib import Path

import streamlit as st

from edc_core import jobs
from edc_core.access.permissions import check_may_import
from edc_core.errors import DataError, EDCError
from edc_core.wording.grammar import capitalise
from pages.shared import page_address
from pages.shared.markdown_escape import as_sentence

MAX_UPLOAD_MB = 50  # MB of an upload, so that checking it takes a moment; larger ones come in on the command line
MAX_UNPACKED_BYTES = 2**30  # bytes


def render_import(home: Path, visitor: jobs.Person) -> None:
    """Upload field for an export, and the outcome of the last one."""
    with st.expander("Import a run", icon=":material/unarchive:"):
        closed = _closed(visitor)
        key = f"runs_import_{st.session_state.get('runs_import_number', 0)}"  # an empty one after each import
        st.file_uploader(
            "A ZIP that Export made",
            ["zip"],
            max_upload_size=MAX_UPLOAD_MB,
            key=key,
            disabled=closed is not None,
            help=f"Images, labels and scores are imported and every byte is checked; at most {MAX_UPLOAD_MB} MB. A"
            " larger one:"
            " `python -m edc_core import run.zip`.",
        )
        st.button(
            "Import it",
            key="runs_import_go",
            icon=":material/unarchive:",
            on_click=_take_in,
            args=(home, key, visitor),
            disabled=closed is not None or st.session_state.get(key) is None,
            help=closed,
        )
        if closed:
            st.caption(closed)
        if problem := st.session_state.pop("runs_import_problem", None):
            st.error(as_sentence(problem), icon=":material/error:")


def _closed(visitor: jobs.Person) -> str | None:
    """Reason why this visitor cannot import; None if they can."""
    try:
        check_may_import(visitor)
    except jobs.Refused as refused:
        return capitalise(str(refused))


def _take_in(home: Path, key: str, visitor: jobs.Person) -> None:
    """Import the upload and look at the run."""
    from edc_core.exchange.import_run import import_run

    try:
        check_may_import(visitor)
        file = st.session_state[key]
        if file.size > MAX_UPLOAD_MB * 2**20:
            raise DataError(
                f"the ZIP has {file.size >> 20} MiB, more than {MAX_UPLOAD_MB}: import it on the command line."
            )
        found = import_run(file, home, owner=visitor.id, largest=MAX_UNPACKED_BYTES)
    except EDCError as error:
        st.session_state["runs_import_problem"] = str(error)
        return
    page_address.set_selected_runs([found.run])
    st.session_state["runs_said"] = "It is here." if found.taken else "It is already here."
    st.session_state["runs_import_number"] = st.session_state.get("runs_import_number", 0) + 1
