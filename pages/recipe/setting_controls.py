"""Widget of a setting, by its type; the recipe holds the value, the widget follows."""

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from edc_core.design_space.compose import get_profile
from edc_core.design_space.presets import Control
from edc_core.design_space.profiles import BUNDLED_OBSERVERS
from pages.recipe.recipe_state import Recipe

MAX_SEGMENTS = 3  # options shown side by side; more go into a list
HIDDEN_OPTIONS = {"imported"}  # an imported set comes with its images, from elsewhere
Change = Callable[[dict[str, Any]], None]


def render_control(control: Control, recipe: Recipe, change: Change) -> None:
    """The control's widget, showing the recipe's value; calls `change({path: value})` when it is moved."""
    key = f"recipe.{control.path}"
    value = recipe.value(control.path)
    WIDGETS[control.kind](control, recipe, key, value, lambda: change({control.path: _read(control, key)}))


def setting_text(control: Control, value: Any) -> str:
    """A value in the control's own words."""
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return control.words.get(
        value, "all" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    )


def known_networks(recipe: Recipe) -> list[str]:
    """Networks worth offering: those of the data set's table, and those that come with the lab."""
    table = get_profile(recipe.table)
    named = [values for choice in (table.on, table.off) for values in choice["backbones"].values()]
    offered = [network for group in (*named, table.base.get("evaluate.students", ())) for network in group]
    return list(dict.fromkeys([*offered, *BUNDLED_OBSERVERS]))


def _read(control: Control, key: str) -> Any:
    """The widget's value as the setting's."""
    value = st.session_state[key]
    if control.kind == "networks":
        return tuple(value)
    if control.kind == "text":
        return value.strip() or None
    return round(value, 6) if isinstance(value, float) else value


def _options(control: Control, recipe: Recipe, key: str, value: Any, moved: Callable[[], None]) -> None:
    options = [option for option in control.options if option not in HIDDEN_OPTIONS or option == value]
    st.session_state[key] = value if value in options else options[0]
    common = {"format_func": lambda option: setting_text(control, option), "help": control.hint, "on_change": moved}
    if len(options) <= MAX_SEGMENTS:
        st.segmented_control(control.label, options, key=key, required=True, **common)
    else:
        st.selectbox(control.label, options, key=key, **common)


def _switch(control: Control, recipe: Recipe, key: str, value: Any, moved: Callable[[], None]) -> None:
    st.session_state[key] = bool(value)
    st.toggle(control.label, key=key, help=control.hint, on_change=moved)


def _networks(control: Control, recipe: Recipe, key: str, value: Any, moved: Callable[[], None]) -> None:
    chosen = [value] if isinstance(value, str) else list(value or ())
    st.session_state[key] = chosen
    options = list(dict.fromkeys([*known_networks(recipe), *chosen]))
    st.multiselect(
        control.label,
        options,
        key=key,
        help=control.hint,
        on_change=moved,
        accept_new_options=True,
        placeholder="type a name",
    )


def _network(control: Control, recipe: Recipe, key: str, value: Any, moved: Callable[[], None]) -> None:
    options = list(dict.fromkeys([*known_networks(recipe), *([value] if value else [])]))
    st.session_state[key] = value or options[0]
    st.selectbox(control.label, options, key=key, help=control.hint, on_change=moved, accept_new_options=True)


def _slider(control: Control, recipe: Recipe, key: str, value: Any, moved: Callable[[], None]) -> None:
    low, high = control.bounds
    if not isinstance(value, int | float) or isinstance(value, bool):
        value = low  # a wrong one, that the page's sentence names
    kind = int if control.whole and isinstance(value, int) else float
    step = control.step or (1 if kind is int else 0.01)
    low, high = min(low, value), max(high, value)
    st.session_state[key] = kind(value)
    form = "%d" if kind is int else f"%.{max(0, -math.floor(math.log10(step) + 1e-9))}f"
    limits = {"min_value": kind(low), "max_value": kind(high), "step": kind(step), "format": form}
    st.slider(control.label, key=key, help=control.hint, on_change=moved, **limits)


def _number(control: Control, recipe: Recipe, key: str, value: Any, moved: Callable[[], None]) -> None:
    kind = int if control.whole else float
    low, high = control.bounds
    number = isinstance(value, int | float) and not isinstance(value, bool)
    st.session_state[key] = kind(value) if number else None if control.optional else kind(low or 0)
    low, high = (min(low or 0, value), max(high or value, value)) if number else (low, high)
    limits = {
        "min_value": None if low is None else kind(low),
        "max_value": None if high is None else kind(high),
        "step": kind(control.step or (1 if kind is int else 0.01)),
        "format": "%d" if kind is int else "%g",
    }
    st.number_input(control.label, key=key, help=control.hint, on_change=moved, placeholder="all", **limits)


def _text(control: Control, recipe: Recipe, key: str, value: Any, moved: Callable[[], None]) -> None:
    st.session_state[key] = value or ""
    st.text_input(control.label, key=key, help=control.hint, on_change=moved)


WIDGETS = {
    "options": _options,
    "switch": _switch,
    "networks": _networks,
    "network": _network,
    "slider": _slider,
    "number": _number,
    "text": _text,
}
