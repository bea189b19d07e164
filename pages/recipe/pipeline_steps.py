"""What a run does, in three steps: observers, images, student."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from edc_core.config import RunConfig
from edc_core.wording.grammar import plural


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
        return "No observer is needed"
    return (
        f"{_counted(len(names), 'network')} {plural(len(names), 'learns', 'learn')} the real images;"
        " their statistics are kept"
    )


def _images(config: RunConfig) -> str:
    steps = config.synthesise.iterations
    made = f"{_counted(steps, 'step')} of optimisation" if steps else "not optimised"
    return f"{_counted(config.ipc, 'image')} per class, {made}"


def _teaching(config: RunConfig) -> str:
    views = config.views
    length = _counted(views.epochs, "epoch") if views.epochs else _counted(views.steps, "step")
    kind = "soft" if config.relabel.labels == "soft" else "hard"
    return f"{kind} labels, then {length} of {', '.join(config.evaluate.students)}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {plural(count, noun)}"


# Title, and what it does as the settings stand.
STEPS: tuple[tuple[str, Callable[[RunConfig], str]], ...] = (
    ("1 Observers", _observers),
    ("2 Images", _images),
    ("3 Student", _teaching),
)


def render_steps(config: RunConfig, observers: Mapping[str, Mapping[str, Any]]) -> None:
    """The three steps; `observers` is what is stored of the networks (observer.json by name)."""
    st.markdown("\n".join(f"- **{title}**: {says(config)}" for title, says in STEPS))
    known = [
        f"`{name}` {observers[name]['val_top1']:.1f} %" if name in observers else f"`{name}` to be trained"
        for name in _seated(config)
    ]
    if known:
        st.caption(f"Observers' top-1 on {config.squeeze.scored_on}: {', '.join(known)}.")
