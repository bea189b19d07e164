import numpy as np
import streamlit as st

from edc_core.runs.condensed_set import condensed_set, key_of, snapshots
from edc_core.store.run_record import RunRecord
from pages.gallery.beside_set import render_beside
from pages.gallery.condensed_images import render_condensed_images, render_facts
from pages.gallery.real_neighbours import render_real_neighbours
from pages.gallery.run_picker import ADDRESS_BOUND, end_text, named_run, select_class, select_run
from pages.gallery.soft_labels import render_soft_labels
from pages.gallery.synthesis_film import render_synthesis, render_unfinished
from pages.shared import navigation as router
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab, render_page
from pages.shared.page_title import set_page_title

VIEWS = {  # named in the address as on the page
    "The set": render_condensed_images,
    "Forming": render_synthesis,
    "Real neighbours": render_real_neighbours,
    "Soft labels": render_soft_labels,
    "Two sets": render_beside,
}


def render_gallery(lab: Lab) -> None:
    runs = lab.store.runs()
    named = named_run(next((run.id for run in runs if has_images(lab, run)), None))
    if named and named not in {run.id for run in runs}:
        st.warning(
            f"The run '{escape_markdown(named)}' is not here: it was deleted, or the link is from another machine."
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="gallery-head"):
        st.title("Gallery", width="content")
        seen = [run for run in runs if run.id == named or has_images(lab, run)]
        run = select_run(seen or runs, named) if runs else None
    if run is None:
        render_empty()
        return
    set_page_title([run])
    found = condensed_set(lab.store, run)
    if found is None:
        render_unfinished(lab, run)
        return
    render_facts(lab, run)
    if run.state.ended_early:
        st.warning(f"{end_text(run)} Its images were finished before that.", icon=":material/info:")
    with st.container(horizontal=True, vertical_alignment="center", key="gallery-views"):
        view = st.segmented_control(
            "View",
            VIEWS,
            default="The set",
            required=True,
            key="gallery-view",
            label_visibility="collapsed",
            width="content",
            **ADDRESS_BOUND,
        )
        one = select_class([found.classes[number] for number in np.unique(found.labels)])
    VIEWS[view or "The set"](lab, run, one)


def render_empty() -> None:
    """Hint for a store without runs."""
    st.subheader("Nothing to look at yet")
    st.write("A run condenses thousands of images to a few per class. They appear here while they form.")
    if st.button("Make the first set", type="primary", icon=":material/play_circle:", key="gallery-first"):
        router.go_to_page("start")
    router.page_link("recipe", "Choose the settings yourself", icon=":material/tune:")


def has_images(lab: Lab, run: RunRecord) -> bool:
    """Whether a run has images, or will have them soon."""
    if run.state.is_alive or lab.store.stage_results.find(key_of(run, "synthesise")):
        return True
    return bool(snapshots(lab.store, run))


render_page(render_gallery)
