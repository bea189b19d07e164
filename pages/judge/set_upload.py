"""Upload of somebody else's condensed set, judged beside comparison sets."""

import streamlit as st

from edc_core import jobs
from edc_core.data import EMBEDDED, describe
from edc_core.design_space.compose import get_profile
from edc_core.errors import DataError, EDCError
from edc_core.jobs.dataset_access import is_listed
from edc_core.jobs.judge_upload import judge_upload
from edc_core.judging.comparison_sets import companion_matrix
from edc_core.judging.results import cells
from edc_core.judging.set_checks import RefusedSet
from edc_core.store.run_record import RunRecord
from pages.judge.judge_progress import queue_missing
from pages.shared import page_address
from pages.shared.access import current_person, is_hidden
from pages.shared.markdown_escape import as_sentence
from pages.shared.page_frame import Lab

MAX_UPLOAD_MB = 50


def render_upload(lab: Lab, run: RunRecord | None) -> None:
    """A ZIP of class folders or an NPZ, judged with the controls beside it."""
    if is_hidden("launch"):
        return
    with st.expander("Judge somebody else's set", icon=":material/upload:"):
        own = [run.dataset] if run and is_listed(lab.store, run.dataset, current_person()) else []
        names = list(dict.fromkeys([*own, *EMBEDDED]))
        dataset = st.selectbox("Made from", names, key="labels_upload_dataset") if len(names) > 1 else names[0]
        about = describe(dataset)
        st.file_uploader(
            "Its images",
            ["zip", "npz"],
            max_upload_size=MAX_UPLOAD_MB,
            key="labels_upload",
            disabled=jobs.read_only(),
            help=f"A ZIP of one folder for each class ({', '.join(about.classes[:3])}, ...), or an NPZ with images and"
            f" labels; {about.size} x {about.size} pixels, at most {MAX_UPLOAD_MB} MB.",
        )
        st.text_input(
            "Scale of the numbers, where an NPZ holds no eight-bit images",
            key="labels_upload_scale",
            placeholder="0-1, 0-255, or MEAN/STD such as 0.286/0.353",
        )
        if st.session_state.get("labels_upload_refused"):
            st.checkbox(
                "Judge it anyway",
                key="labels_upload_anyway",
                help="Its score is then shown with what was found.",
            )
        st.button(
            "Judge it beside random real images",
            key="labels_upload_go",
            on_click=judge_uploaded,
            args=(lab.home, dataset, run.settings["settings"] if run else None),
            disabled=jobs.read_only() or st.session_state.get("labels_upload") is None,
            icon=":material/balance:",
        )
        if problem := st.session_state.pop("labels_upload_problem", None):
            st.error(as_sentence(problem), icon=":material/error:")


def judge_uploaded(home, dataset: str, table_name: str | None) -> None:
    """Import the upload, put it and its companions into the queue, and look at it."""
    from edc_core.store import Store

    store = Store(home)
    try:
        file = st.session_state["labels_upload"]
        if file.size > MAX_UPLOAD_MB * 2**20:
            raise DataError(f"the upload has {file.size >> 20} MiB, more than {MAX_UPLOAD_MB}: send fewer images.")
        table = get_profile(table_name) if table_name else None
        changes = {"evaluate.seeds": st.session_state.get("labels_seeds", 3)}
        scale = st.session_state.get("labels_upload_scale") or None
        anyway = bool(st.session_state.get("labels_upload_anyway"))
        prepared = judge_upload(store, file, dataset, table, current_person(), changes, scale, anyway)
        st.session_state.pop("labels_upload_refused", None)
        config = prepared.config
        asked_for = companion_matrix(
            store.run(prepared.run), ("edc", "hard"), config.evaluate.students, config.evaluate.seeds
        )
        queue_missing(Lab(store), asked_for, cells(asked_for, store.stage_results))
        page_address.set_selected_run(prepared.run)
    except EDCError as error:
        st.session_state["labels_upload_refused"] = isinstance(error, RefusedSet)
        st.session_state["labels_upload_problem"] = str(error)
    finally:
        store.close()
