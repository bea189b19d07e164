"""Data set picker, bound to the address, with a Remove button."""

import streamlit as st

from edc_core.data.sources import EMBEDDED
from edc_core.errors import EDCError
from edc_core.jobs import datasets as known
from edc_core.jobs import read_only
from edc_core.jobs.dataset_access import may_add_paths, may_look, why_unlisted
from edc_core.jobs.dataset_titles import apart
from edc_core.jobs.datasets import Listed
from pages.data.add_dataset import preview_dataset
from pages.recipe.recipe_address import set_dataset
from pages.shared.access import current_person
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import Lab, open_lab

CHOSEN, SAID = "data.chosen", "data.said"
FIRST = next(iter(EMBEDDED))
UNLISTED = "not on the list"


def select_dataset(here: Lab) -> Listed:
    """Render the list; returns the selected data set."""
    if not st.session_state.get("dataset"):
        st.session_state["dataset"] = FIRST
    listed = {one.address: one for one in known.datasets(here.store)}
    wanted = st.session_state["dataset"]
    if wanted and wanted not in listed:
        if may_look(here.store, wanted, current_person()):
            listed[wanted] = Listed(wanted, UNLISTED)
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
            help="Data sets that come with the lab, were found on this machine, were added here, or were used by a"
            " run.",
        )
        _removal(listed[chosen], titles[chosen])
        if listed[chosen].kind == UNLISTED and may_add_paths(current_person()):
            _preview_button("Add it", ":material/add:", chosen)
    return listed[chosen]


def _unlisted(wanted: str) -> None:
    """Note on a linked path that may not be opened as it is; offered to those who may add it."""
    st.info(as_sentence(why_unlisted(wanted, current_person())), icon=":material/info:")
    if may_add_paths(current_person()):
        _preview_button("Look at it", ":material/search:", wanted)


def _preview_button(label: str, icon: str, wanted: str) -> None:
    st.button(label, key="data.unlisted", icon=icon, on_click=preview_dataset, args=(wanted,))


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
