"""Preloading of slow imports, once per server, while somebody looks at Start."""

import importlib
import logging
import threading
import time

import streamlit as st

DELAY_SECONDS = 0.1  # seconds: Start is drawn before
PRELOADED_MODULES = (  # loaded by one page or another; none loads torch
    "pandas",
    "altair",
    "plotly.graph_objects",
    "edc_core.figures.miniatures",
    "edc_core.runs.initial_preview",
    "edc_core.figures.live",
    "edc_core.ablation.published_lookup",
    "edc_core.figures.ablation",
    "edc_core.ablation.analysis",
    "edc_core.figures.gallery",
    "edc_core.figures.judge",
    "edc_core.figures.runs",
    "edc_core.figures.landscape",
    "edc_core.figures.sharpness",
    "edc_core.figures.students",
    "edc_core.exchange.image_zip",
    "edc_core.runs.compare",
    "edc_core.performance.forecast",
    "edc_core.judging.external_sets",
)


@st.cache_resource(show_spinner=False)
def preload_pages() -> threading.Thread:
    """Start loading; the same thread for every later caller."""
    thread = threading.Thread(target=_load, daemon=True, name="loading what pages need")
    thread.start()
    return thread


def _load() -> None:
    time.sleep(DELAY_SECONDS)
    for name in PRELOADED_MODULES:
        try:
            importlib.import_module(name)
        except Exception:  # the page that needs it will say so itself
            logging.getLogger("edc_lab").exception("%s could not be loaded ahead", name)
        time.sleep(0)  # pages come first
    _lay_out()


def _lay_out() -> None:
    """The matrix that *Which choice?* opens with: hundreds of runs, which take a second to lay out."""
    from edc_core import jobs
    from edc_core.ablation.design import parse_design
    from edc_core.ablation.published_scores import PUBLISHED, published_matrices

    try:
        for record in published_matrices(PUBLISHED):
            if record["design"]["kind"] == "factorial":
                jobs.expand_matrix(parse_design(record["design"]))
    except Exception:  # the page says so itself
        logging.getLogger("edc_lab").exception("the bundled matrix could not be laid out ahead")
