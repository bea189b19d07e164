"""Comparison of runs: results, differing settings, redrawn randomness, curves."""

from functools import partial

import pandas as pd
import streamlit as st

from edc_core.runs.compare import differences, means, read_by_some, redrawn, resolution
from edc_core.runs.condensed_set import condensed_set
from edc_core.runs.run_table import best_observer, image_bytes, names_of, seconds_of, top1_of
from edc_core.store.run_record import RunRecord
from pages.runs.run_details import report_html
from pages.runs.run_table import STATES
from pages.shared import navigation as router
from pages.shared.charts import inked, is_dark, render_chart
from pages.shared.formatting import duration, storage
from pages.shared.help_texts import REPORT_HELP
from pages.shared.page_frame import Lab
from pages.shared.save_figure import Printed
from pages.shared.two_sets import render_two_sets


def render_comparison(lab: Lab, runs: list[RunRecord]) -> None:
    """The panel of several runs."""
    from edc_core.figures.runs import compared_accuracy  # plotly: not before somebody compares

    with st.container(border=True):
        st.subheader(f"{len(runs)} runs compared", anchor=False)
        names = names_of(runs)
        words, chart = st.columns([1, 1], gap="large")
        with words:
            st.markdown("**Results**")
            st.dataframe(_results(lab, runs, names), column_config={"": st.column_config.Column(pinned=True)})
            for name, found in means(runs).items():
                st.markdown(f"**{name}**: {found.text(' %')} over {found.count} seeds, 95 % interval")
            st.markdown(redrawn(runs))
            if any(run.result for run in runs):
                compared = [run.id for run in runs]
                router.page_link("landscape", "Their landscapes", ":material/landscape:", compare=compared)
            st.download_button(
                "Report (HTML)",
                partial(report_html, [run.id for run in runs]),
                "runs.html",
                "text/html",
                key="runs_report_compared",
                icon=":material/article:",
                on_click="ignore",
                help=REPORT_HELP,
            )
            if caution := resolution(runs):
                st.caption(caution)
        with chart:
            best = best_observer(runs, lab.store.stage_results)
            figure = compared_accuracy(runs, names, lab.store.curves, best, is_dark())
            render_chart(inked(figure), key="runs_curves", config={"displaylogo": False}, printed=_printed(names))
        _images(lab, runs)
        if different := differences(runs):
            st.markdown("**What differs**")
            st.table(_settings(different, names))  # whole: what differs may be a long list's end
        else:
            st.markdown("All settings they share are the same.")
        if partly := read_by_some(runs):
            with st.expander(f"{len(partly)} settings that only some of them read", icon=":material/tune:"):
                st.table(_settings(partly, names))


def _printed(names: list[str]) -> Printed:
    return Printed(
        f"accuracy by epoch {' and '.join(names)}",
        f"Top-1 (%) of the student on held-out training images by epoch: {'; '.join(names)}.",
    )


def _images(lab: Lab, runs: list[RunRecord]) -> None:
    """The first two runs' images side by side."""
    if len(finished := [run for run in runs if condensed_set(lab.store, run) is not None]) < 2:
        return
    more = f" &nbsp; the first two of {len(finished)}" if len(finished) > 2 else ""
    st.markdown(f"**Their images**{more}")
    render_two_sets(lab, *finished[:2])


def _settings(found: dict[str, list[str]], names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(found.values(), index=list(found), columns=names)


def _results(lab: Lab, runs: list[RunRecord], names: list[str]) -> pd.DataFrame:
    sizes = [image_bytes(run, lab.store.stage_results) for run in runs]
    lines = {
        "top-1": [_percent(run) for run in runs],
        "scored on": [(run.result or {}).get("split", "") for run in runs],
        "weights": [_weights(run) for run in runs],
        "computing": [_seconds(lab, run) for run in runs],
        "images": [storage(size) if size else "" for size in sizes],
        "state": [STATES[run.state] for run in runs],
    }
    return pd.DataFrame(lines.values(), index=list(lines), columns=names)


def _percent(run: RunRecord) -> str:
    top1 = top1_of(run)
    return "" if top1 is None else f"{top1:.2f} %"


def _weights(run: RunRecord) -> str:
    return {"top1_ema": "averaged", "top1": "raw"}.get((run.result or {}).get("headline"), "")


def _seconds(lab: Lab, run: RunRecord) -> str:
    seconds = seconds_of(run, lab.store.stage_results)
    return "" if seconds is None else duration(seconds)
