"""Component of the mixture miniature, redrawn by the browser while the slider moves."""

from pathlib import Path
from typing import Any

import streamlit as st

_CSS = """
.mixture { display: flex; flex-wrap: wrap; gap: 0.6rem 0.8rem; align-items: center; }
.plane { position: relative; width: min(100%, 11rem); aspect-ratio: 1; }
.plane canvas, .plane svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.plane .real { fill: none; stroke: var(--st-text-color); opacity: 0.55; stroke-width: 0.04; }
.plane .real { stroke-dasharray: 0.12 0.1; }
dl { display: grid; gap: 0.1rem; margin: 0; flex: 1 1 5rem; }
dl { font-family: var(--st-font); color: var(--st-text-color); }
dt { font-size: 0.8rem; opacity: 0.75; } dd { margin: 0; font-size: 0.95rem; font-variant-numeric: tabular-nums; }
"""
_component = st.components.v2.component(
    "edc_mixture",
    html='<div class="mixture"><div class="plane"><canvas></canvas><svg></svg></div><dl></dl></div>',
    css=_CSS,
    js=Path(__file__).with_name("mixture.js").read_text(encoding="utf-8"),
)


def render_mixture(scene: dict[str, Any]) -> None:
    """Draw a scene (`edc_core.figures.miniatures.mixture.scene`) beside the slider that moves its alpha."""
    _component(data=scene | {"slider": "st-key-recipe-synthesise-alpha"}, key="recipe_mixture")
