"""Sharpness of the student and of the forming images while they change."""

import streamlit as st

from edc_core.environment import live_sharpness
from edc_core.figures import live as live_charts
from edc_core.figures.live import Curves, Kind
from edc_core.landscape.config import LIVE_FORMING, LIVE_HELD_OUT, LIVE_IMAGE_RADIUS, LIVE_RADIUS
from edc_core.store.run_record import RunRecord
from pages.shared.charts import render_live_chart
from pages.shared.help_texts import LIVE_SHARPNESS_HELP

STUDENT = (
    f"How far the loss on up to {LIVE_HELD_OUT} held-out images rises at worst when all weights together move by"
    f" {LIVE_RADIUS:g}, in nats: lower is flatter."
)
IMAGES = (
    f"How far the matching loss of up to {LIVE_FORMING} of the images rises at worst when their pixels move by"
    f" {LIVE_IMAGE_RADIUS:g}, in percent of that loss: lower is flatter."
)


def render_student_sharpness(run: RunRecord, curves: Curves, epochs: int) -> None:
    """The student's sharpness by epoch, raw and averaged weights."""
    _render(run, curves, live_charts.STUDENT_SHARPNESS, ("epoch", epochs), ("the student", STUDENT, "nats"))


def render_image_sharpness(run: RunRecord, curves: Curves, iterations: int) -> None:
    """The sharpness of the first batch's images by iteration."""
    about = ("the forming images", IMAGES, "%")
    _render(run, curves, live_charts.IMAGE_SHARPNESS, ("iteration", iterations), about)


def _render(
    run: RunRecord, curves: Curves, kinds: dict[str, Kind], axis: tuple[str, int], about: tuple[str, str, str]
) -> None:
    """Heading, what it measures, chart; nothing where it was not measured and will not be."""
    if not any(series in curves for series in kinds) and not (run.state.is_alive and live_sharpness()):
        return
    of, sentence, unit = about
    st.markdown(f"**Sharpness** &nbsp; {of}", help=LIVE_SHARPNESS_HELP)
    chart = live_charts.sharpness(curves, kinds, axis, f"worst rise ({unit})")
    render_live_chart(chart.rows, chart.spec, key=f"live-sharpness-{axis[0]}")
    st.caption(sentence)
