"""Open as notebook: the button beside a table, which gives an .ipynb that holds the table and draws its chart."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import streamlit as st


def render_notebook_button(make: Callable[[ModuleType], str], file: str, key: str, width: Any = "content") -> None:
    """The button; `make(edc_core.report.notebook)` gives the file when it is pressed."""
    st.download_button(
        "Open as notebook",
        lambda: make(_notebooks()),
        file,
        "application/x-ipynb+json",
        key=key,
        icon=":material/code_blocks:",
        on_click="ignore",
        width=width,
        help="A file for Jupyter or Colab, with the table in it; it draws the chart again.",
    )


def _notebooks() -> ModuleType:
    from edc_core.report import notebook  # plotly: not before somebody asks

    return notebook
