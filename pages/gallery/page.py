import numpy as np
import streamlit as st

from edc_core.runs.condensed_set import condensed_set, key_of, snapshots
from pages.gallery.condensed_images import facts_line, the_set
from pages.gallery.real_neighbours import real_neighbours
from pages.gallery.run_picker import BOUND, choose_class, choose_run, named_run, where
from pages.gallery.soft_labels import soft_labels
from pages.gallery.synthesis_film import forming, so_far
from pages.shared import navigation as router
from pages.shared.markdown_escape import plain
from pages.shared.page_frame import Lab, show

VIEWS = {  # named in the address as on the page
    "The set": the_set,
    "Forming": forming,
    "Real neighbours": real_neighbours,
    "Soft labels": soft_labels,
}


def body(lab: Lab) -> None:
    runs = lab.store.runs()
    named = named_run(next((run["id"] for run in runs if pictured(lab, run)), None))
    if named and named not in {run["id"] for run in runs}:
        st.warning(f"The run '{plain(named)}' is not here: it was deleted, or the link is from another machine.")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="gallery-head"):
        st.title("Gallery", width="content")
        seen = [run for run in runs if run["id"] == named or pictured(lab, run)]
        run = choose_run(seen or runs, named) if runs else None
    if run is None:
        nothing_yet()
        return
    found = condensed_set(lab.store, run)
    if found is None:
        so_far(lab, run)
        return
    facts_line(lab, run)
    if run["state"].ended_early:
        st.warning(f"{where(run)} Its images were finished before that.", icon=":material/info:")
    with st.container(horizontal=True, vertical_alignment="center", key="gallery-views"):
        view = st.segmented_control(
            "View",
            VIEWS,
            default="The set",
            required=True,
            key="gallery-view",
            label_visibility="collapsed",
            width="content",
            **BOUND,
        )
        one = choose_class([found.classes[number] for number in np.unique(found.labels)])
    VIEWS[view or "The set"](lab, run, one)


def nothing_yet() -> None:
    """No run at all: the way to the first one."""
    st.subheader("Nothing to look at yet")
    st.write("A run condenses thousands of images to a few per class. They appear here while they form.")
    if st.button("Make the first set", type="primary", icon=":material/play_circle:", key="gallery-first"):
        router.go("start")
    router.link("recipe", "Choose the settings yourself", icon=":material/tune:")


def pictured(lab: Lab, run: dict) -> bool:
    """Whether there is something to see of a run, or soon will be."""
    if run["state"].is_alive or lab.store.stage_results.find(key_of(run, "synthesise")):
        return True
    return bool(snapshots(lab.store, run))


show(body)
