"""The choices as a list of switches: each with its name, where it stands, and what it can show here."""

import streamlit as st

from edc_core.ablation.choice_evidence import ChoiceEvidence, mark
from edc_core.design_space.presets import SWITCHES, Choice, Control
from edc_core.wording.grammar import capitalise, plural
from pages.recipe import recipe_address as address
from pages.recipe.recipe_state import Difference, Recipe
from pages.recipe.setting_controls import setting_text

COLOURS = {"images": "blue", "accuracy": "green", "sharpness": "violet"}


def render_choice_list(recipe: Recipe, differences: list[Difference], evidence: dict[str, ChoiceEvidence]) -> None:
    """EDC's choices, and below them, folded, those beyond it."""
    own = {name: choice for name, choice in SWITCHES.items() if choice.rung}
    beyond = {name: choice for name, choice in SWITCHES.items() if not choice.rung}
    with st.container(key="recipe_list", gap=None):
        _head(differences)
        for name, choice in own.items():
            _row(name, choice, recipe, [one for one in differences if one.choice == name], evidence.get(name))
    touched = address.opened_choice() in beyond or any(recipe.is_on(name) for name in beyond)
    title = f"Beyond EDC: {len(beyond)} {plural(len(beyond), 'extension')} from later papers"
    with st.expander(title, expanded=touched):
        for name, choice in beyond.items():
            _row(name, choice, recipe, [one for one in differences if one.choice == name], None)


def _head(differences: list[Difference]) -> None:
    """Whether this is EDC; else how much differs, and the way back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="recipe_list_head"):
        count = len(differences)
        if not count:
            st.markdown("**This is EDC**: all eight choices are on.", width="content")
            return
        st.markdown(f"**{count} {plural(count, 'setting differs', 'settings differ')} from EDC**", width="content")
        st.button(
            "Back to EDC", key="recipe.reset", icon=":material/undo:", type="tertiary", on_click=address.back_to_edc
        )


def _row(
    name: str, choice: Choice, recipe: Recipe, differences: list[Difference], evidence: ChoiceEvidence | None
) -> None:
    """One choice: its switch, its name as the button that opens it, and a line of state and marks."""
    shown = address.opened_choice() == name
    with st.container(key=f"recipe_row_{'open_' if shown else ''}{name}", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"recipe_line_{name}"):
            key = f"recipe.switch.{name}"
            st.session_state[key] = recipe.is_on(name)
            st.toggle(
                capitalise(choice.title),
                key=key,
                on_change=address.switch_choice,
                args=(name,),
                disabled=not (recipe.has_switch(name) and is_read(recipe, choice)),
                label_visibility="collapsed",
                width="content",
            )
            st.button(
                capitalise(choice.title),
                key=f"recipe.open.{name}",
                type="tertiary",
                on_click=address.open_choice,
                args=(name,),
                help=f"Off: {choice.off}. On: {choice.on}. Click for its settings and what it does.",
                width="stretch",
            )
        tuned = differences if recipe.is_on(name) else []  # the switch says it where the choice is off
        st.markdown(f"{standing_text(recipe, name, tuned)} {_marks(choice, evidence)}".strip())


def _marks(choice: Choice, evidence: ChoiceEvidence | None) -> str:
    """What moving the switch shows here, as badges; in words where that is nothing."""
    if evidence is None:
        return ""
    if evidence.shows:
        return " ".join(f":{COLOURS[name]}-badge[{name}]" for name in evidence.shows)
    return f":small[:gray[· {mark(choice, evidence)}]]"


def is_read(recipe: Recipe, choice: Choice) -> bool:
    """Whether any setting of the choice is active under the others."""
    paths = choice.switch_paths or choice.paths
    return not paths or any(recipe.reads(path) for path in paths)


def standing_text(recipe: Recipe, name: str, differences: list[Difference]) -> str:
    """State of a choice in a few words, beside EDC's."""
    choice = SWITCHES[name]
    if not is_read(recipe, choice):
        return ":small[:gray[not used: the images are not optimised]]"
    controls = {control.path: control for control in choice.controls}
    main = [controls[path] for path in choice.switch_paths if path in controls and recipe.reads(path)]
    words = ", ".join(short_text(control, recipe.value(control.path)) for control in main)
    words = words or (choice.on if recipe.is_on(name) else choice.off)
    return f":small[:gray[{words}]] {_differs(controls, differences)}".strip()


def _differs(controls: dict[str, Control], differences: list[Difference]) -> str:
    """EDC's value where one setting differs, their number where several do."""
    if not differences:
        return ""
    one = differences[0]
    if len(differences) > 1 or one.path not in controls:
        return f":orange-badge[{len(differences)} {plural(len(differences), 'differs', 'differ')} from EDC]"
    return f":orange-badge[EDC: {short_text(controls[one.path], one.there)}]"


def short_text(control: Control, value: object) -> str:
    text = str(len(value)) if isinstance(value, tuple) else setting_text(control, value)
    return text if control.words else f"{control.label} {text}"
