"""Warning of a matrix that is scored on too few images for its differences to be told from chance."""

import math

import streamlit as st

from edc_core import jobs
from edc_core.ablation.design import Design
from edc_core.data.dataset import held_out_per_class
from edc_core.data.short_names import short_name
from edc_core.intervals import NORMAL_975
from edc_core.wording.grammar import plural
from pages.shared.markdown_escape import escape_markdown

FEW = 200  # two single runs on as many must be ten points apart


def render_few_scored(design: Design) -> None:
    """One warning a data set whose scored images are few."""
    for sentence in few_scored(design):
        st.warning(sentence, icon=":material/warning:")


def few_scored(design: Design) -> list[str]:
    """Markdown sentences, one a data set that a design scores on fewer than 200 images."""
    found: dict[str, str] = {}
    for job in jobs.expand_matrix(design).jobs:
        address, about = job.prepared.config.dataset, job.prepared.description
        held = held_out_per_class(about.train_counts, job.prepared.config.data) * len(about.classes)
        images, part = (about.test_count, "test") if design.split == "test" else (held, "held-out")
        if images >= FEW or address in found:
            continue
        apart = 100 * NORMAL_975 * math.sqrt(2 * 0.25 / images)
        more = f"Score on its {about.test_count:,} test images, or add images." if about.test_count > images else ""
        found[address] = (
            f"**{escape_markdown(short_name(address))}** has only {images:,} {part} {plural(images, 'image')} to score"
            f" on: one image is {100 / images:.1f} points of top-1, and two single runs less than {apart:.0f} points"
            f" apart may be equal. {more or 'Add images.'}"
        )
    return list(found.values())
