"""Data set picker, bound to the address, with a Remove button."""

import streamlit as st

from edc_core.data.sources import EMBEDDED
from edc_core.errors import EDCError
from edc_core.jobs import datasets as known
from edc_core.jobs import read_only
from edc_core.jobs.dataset_access import is_listed, may_add_paths, why_unlisted
from edc_core.jobs.dataset_titles import apart
from edc_core.jobs.datasets import Listed
from pages.data.add_dataset import preview_dataset
from pages.recipe.recipe_address import set_dataset
from pages.shared.access import current_person
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import Lab, open_lab

CHOSEN, SAID = "data.chosen", "data.said"
FIRST = next(iter(EMBEDDED))


def select_dataset(here: Lab) -> Listed:
    """Render the list; returns the selected data set."""
    if not st.session_state.get("dataset"):
        st.session_state["dataset"] = FIRST
    listed = {one.address: one for one in known.datasets(here.store)}
    wanted = st.session_state["dataset"]
    if wanted and wanted not in listed:
        if is_listed(here.store, wanted, current_person()):
            listed[wanted] = Listed(wanted, "not on the list")
        else:
            _unlisted(wanted)
    chosen = wanted if wanted in listed else next(iter(listed))
    st.session_state[CHOSEN] = chosen
    titles = apart(listed.values())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Data set",
            list(listed),
            key=CHOSEN,
            format_func=lambda address: _label(listed[address], titles[address]),
            on_change=_changed,
            width=620,
            help="Those that come with the lab, whose files are on this machine, that were added here, or that runs"
            " were made from.",
        )
        _removal(listed[chosen], titles[chosen])
    return listed[chosen]


def _unlisted(wanted: str) -> None:
    """Note on a linked path that is not listed; offered to those who may add it, never opened by itself."""
    st.info(as_sentence(why_unlisted(wanted, current_person())), icon=":material/info:")
    if may_add_paths(current_person()):
        st.button("Look at it", key="data.unlisted", icon=":material/search:", on_click=preview_dataset, args=(wanted,))


def _changed() -> None:
    if st.session_state[CHOSEN]:
        set_dataset(st.session_state[CHOSEN])


def _label(listed: Listed, title: str) -> str:
    by = f" by {listed.nickname}" if listed.nickname else ""
    return f"{title} · {listed.kind}{by}"


def _removal(listed: Listed, title: str) -> None:
    if not listed.added or read_only() or not known.may_remove(listed, current_person()):
        return
    with st.popover("Remove", icon=":material/delete:", type="tertiary"):
        files = "Its files are deleted." if listed.kind == "uploaded" else "Its files stay where they are."
        if len(listed.owners) > 1 and not may_add_paths(current_person()):
            files = "It stays there for the others who added it."
        st.markdown(f"Take **{escape_markdown(title)}** off the list? {files}")
        st.button("Remove it", key="data.remove", icon=":material/delete:", on_click=_remove, args=(listed,))


def _remove(listed: Listed) -> None:
    try:
        with open_lab() as here:
            st.session_state[SAID] = f"{listed.title}: {known.remove(here.store, listed, current_person())}"
            set_dataset(FIRST)
    except EDCError as error:
        st.session_state[SAID] = str(error)
