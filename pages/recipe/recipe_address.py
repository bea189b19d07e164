"""Recipe in the page's address: read as a `Recipe`, written back on each change."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from edc_core.data import Description, describe
from edc_core.data.short_names import short_name
from edc_core.data.sources import EMBEDDED
from edc_core.design_space.presets import PRESETS, SWITCHES
from edc_core.design_space.profiles import PROFILES, current_profile, default_profile
from edc_core.errors import EDCError
from edc_core.jobs.dataset_access import is_listed, may_add_paths, why_unlisted
from edc_core.jobs.datasets import add
from edc_core.runs.command_line import changes_of
from edc_core.runs.run_name import preset_title
from edc_core.store import Store
from pages.recipe import recipe_state
from pages.recipe.recipe_state import REFERENCE, Recipe
from pages.shared import access, page_address
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import open_lab

KINDS = {
    "ladder": "EDC's ladder",
    "extension": "extension",
    "baseline": "baseline",
    "control": "control",
    "negative-control": "negative control",
}
REFUSED = "recipe.refused_dataset"
LARGEST_IPC, LARGEST_SEED = 5000, 2**31 - 1


@st.cache_data(show_spinner=False, ttl=2, max_entries=20)
def description_of(dataset: str) -> Description:
    """Cached description for display; one read of the files serves concurrent visitors."""
    return describe(dataset)


def described_now(dataset: str) -> Description:
    """Fresh description for a submission, as the page may be old by then."""
    description_of.clear()
    return describe(dataset)


def current_recipe() -> tuple[Recipe, str | None]:
    """Recipe of the address and the widgets, and the error in its changes, if any."""
    state = st.session_state
    dataset = state.get("dataset") or next(iter(EMBEDDED))
    preset = state.get("preset") if state.get("preset") in PRESETS else REFERENCE
    table = profile_of(dataset)
    try:
        changes, wrong = recipe_state.read_changes(state.get("set") or ""), None
    except EDCError as error:
        changes, wrong = {}, str(error)
    recipe = Recipe(preset, dataset, table, int(state.get("ipc") or 10), int(state.get("seed") or 0))
    return recipe.changed(changes), wrong


def profile_of(dataset: str) -> str:
    """The name of the profile that the address asks for, else of the one that suits the data set."""
    named = st.session_state.get(page_address.PROFILE)
    return named if named in PROFILES else automatic_table(dataset)


def select_profile(column, dataset: str, hint: str) -> str:
    """The list of profiles, the one that suits the data set first; gives the chosen one's name.

    Two pages have it, so it is bound to no parameter (see `page_address`).
    """
    automatic = automatic_table(dataset)
    tables = [automatic, *(name for name in PROFILES if name != automatic)]
    st.session_state["chosen_profile"] = profile_of(dataset)
    summaries = "; ".join(f"{name}: {PROFILES[name].summary}" for name in tables)
    column.selectbox("Profile", tables, key="chosen_profile", on_change=_profile_chosen, help=f"{hint} {summaries}.")
    return st.session_state["chosen_profile"]


def _profile_chosen() -> None:
    """Callback: take the profile's own numbers for the switches that are off, iterations among them."""
    from pages.recipe.known_result import with_profile  # which rests on this module

    recipe, wrong = current_recipe()
    chosen = st.session_state["chosen_profile"]
    st.session_state[page_address.PROFILE] = chosen
    if wrong or not recipe.changes or chosen == recipe.table:
        return
    try:
        moved = with_profile(recipe, recipe.config(), description_of(recipe.dataset), chosen)
    except EDCError:  # a sentence of the page says what is wrong
        return
    if moved:
        st.session_state["preset"] = "" if moved.preset == REFERENCE else moved.preset
        store_recipe(moved)


def automatic_table(dataset: str) -> str:
    """The settings that the command line would take for this data set."""
    try:
        about = description_of(dataset)
        return default_profile(about.classes, about.size).name
    except EDCError:
        return next(iter(PROFILES))


def change_settings(values: Mapping[str, Any]) -> None:
    """Callback: set these settings."""
    store_recipe(current_recipe()[0].changed(values))


def switch_choice(name: str) -> None:
    """Callback: switch a design choice on or off, and open its panel."""
    store_recipe(current_recipe()[0].switched(name, st.session_state[f"recipe.switch.{name}"]))
    open_choice(name)


def back_to_edc() -> None:
    """Callback: EDC's preset without changes, on the same data."""
    st.session_state["preset"] = st.session_state["set"] = ""


def store_recipe(recipe: Recipe) -> None:
    st.session_state["set"] = recipe_state.format_changes(recipe.changes)


def render_address_fields(store: Store, datasets: list[str]) -> bool:
    """Hidden text fields that bind state to the address, on every script run.

    Gives whether the data set may be opened: a link opens what stands on the list, and what is typed is added to it.
    """
    if not st.session_state.get("dataset"):
        st.session_state["dataset"] = datasets[0]
    with st.container(key="recipe_address"):
        for key, label in FIELDS.items():
            st.text_input(label, key=key, bind="query-params", persist_state="session")
    page_address.publish()  # the fragment that calls this is drawn anew without its page
    if not st.session_state["dataset"] or is_listed(store, st.session_state["dataset"], access.current_person()):
        if st.session_state["preset"] and st.session_state["preset"] not in PRESETS:
            st.warning(
                escape_markdown(f"There is no preset '{st.session_state['preset']}'; this is EDC."),
                icon=":material/info:",
            )
        return True
    _offer(st.session_state["dataset"], datasets[0])
    return False


def _offer(unlisted: str, instead: str) -> None:
    """What to do about a link to what is not on the list."""
    st.info(as_sentence(why_unlisted(unlisted, access.current_person())), icon=":material/info:")
    render_refusal()
    with st.container(horizontal=True):
        if may_add_paths(access.current_person()):
            st.button("Add it", key="recipe.unlisted", icon=":material/add:", on_click=add_typed, args=(unlisted,))
        label = f"Take {short_name(instead)}"
        st.button(label, key="recipe.instead", type="tertiary", on_click=set_dataset, args=(instead,))


def add_typed(name: str) -> None:
    """A callback: put what somebody typed on the list, where it is not yet, and take it."""
    try:
        with open_lab() as here:
            if not is_listed(here.store, name, access.current_person()):
                name = add(here.store, name, access.current_person())
    except EDCError as error:
        st.session_state[REFUSED] = str(error)
        return
    set_dataset(name)


def render_refusal() -> None:
    """Error for a typed data set that was refused, once."""
    if refused := st.session_state.pop(REFUSED, None):
        st.error(as_sentence(refused), icon=":material/error:")


FIELDS = {"preset": "Preset", "set": "Changed settings", "choice": "Open choice"}


def opened_choice() -> str:
    """The choice whose details are shown."""
    name = st.session_state.get("choice")
    return name if name in SWITCHES else next(iter(SWITCHES))


def open_choice(name: str) -> None:
    st.session_state["choice"] = name


def _preset_chosen() -> None:
    name = st.session_state["recipe.preset"]
    st.session_state["preset"] = "" if name == REFERENCE else name
    st.session_state["set"] = ""


def _dataset_chosen() -> None:
    if chosen := st.session_state["recipe.dataset"]:
        add_typed(chosen)


def set_dataset(dataset: str) -> None:
    """Callback helper: select a data set and its default profile."""
    st.session_state["dataset"] = dataset
    st.session_state[page_address.PROFILE] = ""


def store_settings(settings: Mapping[str, Any]) -> None:
    """Store a run's settings for the next visit of the page.

    A link cannot say them: where its value is a widget's first one, what the session last held stays.
    """
    preset, dataset, table = settings["preset"], settings["dataset"], current_profile(settings["settings"])
    st.session_state["preset"] = "" if preset == REFERENCE else preset
    st.session_state["dataset"] = dataset
    st.session_state[page_address.PROFILE] = table if table in PROFILES else ""
    st.session_state["ipc"] = min(settings["ipc"], LARGEST_IPC)
    st.session_state["seed"] = settings["evaluate"]["seed"]
    st.session_state["set"] = recipe_state.format_changes(changes_of(settings))


def _preset_label(name: str) -> str:
    title = preset_title(name)
    return title if title == "EDC" else f"{title} · {KINDS.get(PRESETS[name].kind, 'preset')}"


def select_recipe(datasets: list[str], titles: Mapping[str, str]) -> None:
    """Preset, data set, profile, images per class and seed, in one row; read them with `current` afterwards.

    `titles` are those of the data sets (`jobs.titles`), the chosen one's among them.
    """
    with st.container(key="recipe_fields"):
        preset, dataset, profile, ipc, seed = st.columns(
            [2.2, 2, 1.5, 1.3, 1.2], vertical_alignment="bottom", gap="small"
        )
    named = st.session_state["preset"]
    st.session_state["recipe.preset"] = named if named in PRESETS else REFERENCE
    preset.selectbox(
        "Preset",
        [name for name in PRESETS if name != "EDC" or name == named],  # the same as the reference
        key="recipe.preset",
        format_func=_preset_label,
        on_change=_preset_chosen,
        help="A preset is a named combination of settings: choosing one sets every switch below.",
    )
    given = {"bind": "query-params", "persist_state": "session"}
    own, chosen = may_add_paths(access.current_person()), st.session_state["dataset"]
    st.session_state["recipe.dataset"] = chosen
    dataset.selectbox(
        "Data set",
        list(dict.fromkeys([*datasets, chosen])),
        key="recipe.dataset",
        format_func=lambda address: titles.get(address) or short_name(address),
        accept_new_options=own,
        on_change=_dataset_chosen,
        help="Data sets are added and checked on the page Data; a folder's path typed here is added, too."
        if own
        else "You can add your own data set on the page Data.",
    )
    select_profile(profile, chosen, "A profile sets how long a run takes: iterations, epochs and networks.")
    ipc.number_input(
        "Images per class", 1, LARGEST_IPC, 10, key="ipc", help="Images per class; papers write IPC.", **given
    )
    seed.number_input(
        "Seed",
        0,
        LARGEST_SEED,
        key="seed",
        help="Changes every random draw except how the observers were trained.",
        **given,
    )
    render_refusal()
