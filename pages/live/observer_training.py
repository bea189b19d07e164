"""Observer training in the live panel: the loss of the observer in training."""

import streamlit as st

from edc_core.errors import EDCError
from edc_core.figures import live as live_charts
from edc_core.store.run_record import RunRecord
from pages.shared.charts import render_live_chart
from pages.shared.page_frame import Lab


def render_observer_training(lab: Lab, run: RunRecord) -> None:
    """The training loss of the observer at work, or of the last one that has a curve."""
    nodes = [node for node in run.plan if node["stage"] == "squeeze"]
    current = [node for node in nodes if node["key"] == (run.progress or {}).get("key")]
    for node in current or reversed(nodes):
        try:
            curves = lab.store.curves(node["key"])
        except EDCError:  # moved away between two looks
            continue
        if curves or current:
            st.markdown(f"**Training loss** &nbsp; {node['name']}", help="Cross-entropy on the training images.")
            chart = live_charts.training(curves, run.settings["squeeze"]["epochs"])
            render_live_chart(chart.rows, chart.spec, key="live-squeeze")
            return
