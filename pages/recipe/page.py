"""Recipe page: the design choices, the touched one's panel, the bar with Launch; and the live panel."""

from pathlib import Path

import streamlit as st

from edc_core.data.sources import EMBEDDED
from edc_core.errors import EDCError
from edc_core.jobs.dataset_titles import titles
from edc_core.jobs.datasets import datasets
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.runs.run_table import title_of
from edc_core.store import TASKS, Store
from edc_core.store.states import RunState
from pages.data.check_panel import render_check_warning
from pages.live.live_panel import render_live_panel
from pages.recipe import recipe_address as address
from pages.recipe.choice_list import render_choice_list
from pages.recipe.choice_panel import miniature_look, render_choice_panel
from pages.recipe.known_result import evidence_of
from pages.recipe.launch import WATCHED, render_launch_bar
from pages.recipe.recipe_state import Recipe
from pages.shared import page_address
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab, guarded, render_page


def render_recipe(lab: Lab) -> None:
    st.html(Path(__file__).with_name("recipe.css"))
    with st.container(key="recipe_title"):
        st.title("Recipe", anchor=False)
    _followed(lab.store)
    st.fragment(guarded(render_design))()


def _followed(store: Store) -> None:
    """Live panel of the watched run; collapsed if it finished elsewhere."""
    if not (name := page_address.selected_run()):
        return
    run = store.find(name)
    if run is None:
        st.info(f"Run '{escape_markdown(name)}' is not in this lab: it may have been deleted.", icon=":material/info:")
        return
    if run.state != RunState.FINISHED:
        st.session_state[WATCHED] = name
    title = f"Run: {escape_markdown(run.title if run.origin in TASKS else title_of(run))}"
    with st.expander(title, expanded=st.session_state.get(WATCHED) == name, icon=":material/visibility:"):
        render_live_panel(name)
        st.button("Close", key="recipe.close", icon=":material/close:", type="tertiary", on_click=_close)


def _close() -> None:
    page_address.set_selected_run(None)


def render_design(lab: Lab) -> None:
    """The design half: a fragment, so that a control moved here leaves the live panel alone."""
    known = [one.address for one in datasets(lab.store)]
    if not address.render_address_fields(lab.store, known):
        return
    address.select_recipe(known, titles(lab.store, [st.session_state["dataset"]]))
    recipe, wrong = address.current_recipe()
    about = address.description_of(recipe.dataset)
    prepared, wrong = _prepared(recipe, wrong, about)
    differences = recipe.differences()
    if recipe.dataset not in EMBEDDED:
        render_check_warning(lab.store, recipe.dataset, about)
    look = miniature_look(recipe, about, lab.store)
    found = evidence_of(recipe, about, lab.store)
    left, right = st.columns([1, 1.85], gap="medium")
    render_launch_bar(recipe, differences, prepared, wrong, lab.store, look.observers)  # first: it follows a switch
    with left:
        render_choice_list(recipe, differences, found)
    with right:
        render_choice_panel(recipe, prepared.config if prepared else recipe.untouched, wrong, look, found)


def _prepared(recipe: Recipe, wrong: str | None, about) -> tuple[PreparedRun | None, str | None]:
    """The run as it would be launched, or the sentence that says why it cannot."""
    if wrong:
        return None, wrong
    try:
        return prepare(recipe.config(), about), None
    except EDCError as error:
        return None, str(error)


render_page(render_recipe)
