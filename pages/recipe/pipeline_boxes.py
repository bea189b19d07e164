"""Pipeline as three boxes, each with its design choices."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from edc_core.config import RunConfig
from edc_core.design_space.presets import SWITCHES, Choice, Control
from edc_core.wording.grammar import capitalise, plural
from pages.recipe import recipe_address as address
from pages.recipe.recipe_state import Difference, Recipe
from pages.recipe.setting_controls import setting_text


def _seated(config: RunConfig) -> list[str]:
    """Observers of the settings, without repeats."""
    named = (
        (config.initialise, "scorer", (config.initialise.scorer,)),
        (config.synthesise, "observers", config.synthesise.observers),
        (config.relabel, "observers", config.relabel.observers),
    )
    return list(
        dict.fromkeys(name for stage, field, names in named if stage.is_active(field) for name in names if name)
    )


def _observers(config: RunConfig) -> str:
    names = _seated(config)
    if not names:
        return "No network is needed here"
    return (
        f"{_counted(len(names), 'network')} {plural(len(names), 'learns', 'learn')} the real images;"
        " their statistics are kept"
    )


def _images(config: RunConfig) -> str:
    steps = config.synthesise.iterations
    made = f"{_counted(steps, 'step')} of optimisation" if steps else "kept as they start"
    return f"{_counted(config.ipc, 'image')} a class, {made}"


def _teaching(config: RunConfig) -> str:
    views = config.views
    length = _counted(views.epochs, "epoch") if views.epochs else _counted(views.steps, "step")
    kind = "soft" if config.relabel.labels == "soft" else "hard"
    return f"{kind} labels, then {length} of {', '.join(config.evaluate.students)}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {plural(count, noun)}"


# Title, the stages it holds, and what it does as the settings stand.
BOXES: tuple[tuple[str, tuple[str, ...], Callable[[RunConfig], str]], ...] = (
    ("1 Observers", ("squeeze", "statistics"), _observers),
    ("2 Images", ("initialise", "synthesise"), _images),
    ("3 Student", ("views", "relabel", "evaluate", "score"), _teaching),
)


def render_boxes(recipe: Recipe, differences: list[Difference], observers: Mapping[str, Mapping[str, Any]]) -> None:
    """Draw the three boxes; a choice's switch and its details are one click away.

    `observers` is what is stored of the networks (observer.json by name).
    """
    columns = st.columns([1, 1.15, 1.05], gap="small")
    for column, (title, stages, says) in zip(columns, BOXES, strict=True):
        with column.container(border=True, height="stretch", key=f"recipe_box_{title[0]}"):
            st.subheader(title, anchor=False)
            st.caption(says(recipe.sketch))
            here = [(name, choice) for name, choice in SWITCHES.items() if choice.stages[0] in stages]
            for number, (name, choice) in enumerate(here):
                if choice.rung is None and (number == 0 or here[number - 1][1].rung):
                    st.caption("Extensions, from later papers", help="Off in every preset but EDC+.")
                _row(name, choice, recipe, [one for one in differences if one.choice == name])
            if "squeeze" in stages:
                _roll(recipe.sketch, observers)


def _roll(config: RunConfig, observers: Mapping[str, Mapping[str, Any]]) -> None:
    """Observers with their stored accuracy."""
    for name in _seated(config):
        known = f"{observers[name]['val_top1']:.1f} %" if name in observers else "to be trained"
        st.markdown(f":small[`{name}` :gray[{known}]]", help=f"Its top-1 on {config.squeeze.scored_on}.")


def _row(name: str, choice: Choice, recipe: Recipe, differences: list[Difference]) -> None:
    """One choice: its switch, its name as the button that opens it, and where it stands."""
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
                help=f"Off: {choice.off}. On: {choice.on}. Click for controls and picture.",
                width="stretch",
            )
        st.markdown(standing_text(recipe, name, differences))


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
    return f":small[:gray[{words}]] {_mark(controls, differences)}"


def _mark(controls: dict[str, Control], differences: list[Difference]) -> str:
    """EDC's value where one setting differs, their number where several do."""
    if not differences:
        return ""
    one = differences[0]
    if len(differences) > 1 or one.path not in controls:
        return f":orange-badge[{len(differences)} {'differs' if len(differences) == 1 else 'differ'} from EDC]"
    return f":orange-badge[EDC: {short_text(controls[one.path], one.there)}]"


def short_text(control: Control, value: object) -> str:
    text = str(len(value)) if isinstance(value, tuple) else setting_text(control, value)
    return text if control.words else f"{control.label} {text}"
