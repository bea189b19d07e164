"""A dot in a run's colour beside its name, as charts draw the run."""

import streamlit as st

from edc_core.figures.run_colours import run_colour
from edc_core.store.run_record import RunRecord
from pages.shared.charts import is_dark


def render_swatch(run: RunRecord) -> None:
    """The dot, for a horizontal container."""
    style = f"color:{run_colour(run, is_dark())};font-size:1.5em;line-height:1"
    st.html(f'<span class="run-swatch" aria-hidden="true" style="{style}">\u25cf</span>', width="content")
