"""Recipe: the pipeline with every design choice on it; launch a run, and follow it here."""

from pathlib import Path

import streamlit as st

from edc_core.data.sources import EMBEDDED
from edc_core.design_space import extension_evidence as measured
from edc_core.design_space.presets import PRESETS
from edc_core.errors import EDCError
from edc_core.jobs.dataset_titles import titles
from edc_core.jobs.datasets import datasets
from edc_core.pipeline.prepare import Prepared, prepare
from edc_core.store import Store
from edc_core.store.states import RunState
from pages.data.check_panel import warn
from pages.live.live_panel import follow
from pages.recipe import recipe_address as address
from pages.recipe.choice_panel import look_at, panel
from pages.recipe.launch import WATCHED, bar
from pages.recipe.pipeline_boxes import boxes
from pages.recipe.recipe_state import Recipe
from pages.shared import page_address
from pages.shared.markdown_escape import plain
from pages.shared.page_frame import Lab, guarded, show


def body(lab: Lab) -> None:
    st.html(Path(__file__).with_name("recipe.css"))
    st.title("Recipe", anchor=False)
    _followed(lab.store)
    st.fragment(guarded(design))()


def _followed(store: Store) -> None:
    """The run that is watched, above the recipe; one that finished elsewhere stays folded."""
    if not (name := page_address.run_named()):
        return
    run = store.find(name)
    if run is None:
        st.info(f"Run '{plain(name)}' is not in this lab: it may have been deleted.", icon=":material/info:")
        return
    if run["state"] != RunState.FINISHED:
        st.session_state[WATCHED] = name
    title = f"Run: {plain(run['title'] or name)}"
    with st.expander(title, expanded=st.session_state.get(WATCHED) == name, icon=":material/visibility:"):
        follow(name)
        st.button("Close", key="recipe.close", icon=":material/close:", type="tertiary", on_click=_close)


def _close() -> None:
    page_address.look_at_run(None)


def design(lab: Lab) -> None:
    """The design half: a fragment, so that a control moved here leaves the live panel alone."""
    known = [one.address for one in datasets(lab.store)]
    if not address.hold(lab.store, known):
        return
    address.choose(known, titles(lab.store, [st.session_state["dataset"]]))
    recipe, wrong = address.current()
    st.caption(f"**{recipe.preset}**: {PRESETS[recipe.preset].summary}. {measured.sentence(recipe.preset)}".rstrip())
    about = address.description_of(recipe.dataset)
    prepared, wrong = _prepared(recipe, wrong, about)
    differences = recipe.differences()
    if recipe.dataset not in EMBEDDED:
        warn(lab.store, recipe.dataset, about)
    bar(recipe, differences, prepared, wrong, lab.store)
    look = look_at(recipe, about, lab.store)
    boxes(recipe, differences, look.observers)
    panel(recipe, prepared.config if prepared else recipe.untouched, wrong, look)


def _prepared(recipe: Recipe, wrong: str | None, about) -> tuple[Prepared | None, str | None]:
    """The run as it would be launched, or the sentence that says why it cannot."""
    if wrong:
        return None, wrong
    try:
        return prepare(recipe.config(), about), None
    except EDCError as error:
        return None, str(error)


show(body)
