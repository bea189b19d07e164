"""Export of a matrix as HTML report, CSV table, LaTeX table or notebook, each made on demand."""

import streamlit as st

from edc_core.ablation import published_scores as ablations
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.ablation.results import Row
from pages.choices.matrix_picker import Entry
from pages.shared.notebook_button import render_notebook_button
from pages.shared.page_frame import Lab, open_lab


def render_exports(_lab: Lab, entry: Entry, rows: list[Row]) -> None:
    """Four buttons; a file is made only when its button is pressed."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Download**")
        for label, ending, kind, make in (
            ("Report (HTML)", "html", "text/html", _html),
            ("Table (CSV)", "csv", "text/csv", _csv),
            ("Table (LaTeX)", "tex", "text/plain", _latex),
        ):
            st.download_button(
                label,
                lambda make=make: make(entry, rows),
                f"{entry.name}.{ending}",
                kind,
                key=f"choices_{ending}",
                icon=":material/download:",
                on_click="ignore",
            )
        render_notebook_button(
            lambda notebooks: notebooks.matrix_notebook(entry.title, _csv(entry, rows)),
            f"{entry.name}.ipynb",
            "choices_ipynb",
        )


def _html(entry: Entry, rows: list[Row]) -> str:
    from edc_core import report

    with open_lab() as here:
        return report.html(
            entry.matrix, ScoreLookup(here.store.stage_results, (ablations.PUBLISHED,)), here.store, entry.title
        )


def _csv(entry: Entry, rows: list[Row]) -> str:
    """The tidy table: levels, bytes, seconds and scores beside every top-1."""
    from edc_core import report
    from edc_core.ablation.tidy_table import table

    with open_lab() as here:
        return report.csv(
            table(entry.matrix, ScoreLookup(here.store.stage_results, (ablations.PUBLISHED,)), here.store)
        )


def _latex(entry: Entry, rows: list[Row]) -> str:
    from edc_core import report

    return report.latex(rows)
