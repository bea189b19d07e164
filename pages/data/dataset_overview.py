"""Overview of a data set: facts, class counts, sample images."""

import numpy as np
import streamlit as st

from edc_core.data import Description
from edc_core.data.glance import samples
from edc_core.errors import EDCError
from edc_core.figures.data import class_counts
from edc_core.jobs.datasets import Listed
from edc_core.runs.image_grids import by_class, png, sheet
from pages.shared import image_grids as pictures
from pages.shared.charts import NO_MODE_BAR, inked, render_chart
from pages.shared.markdown_escape import as_sentence
from pages.shared.save_figure import Printed

ROWS, COLUMNS = 10, 5  # classes at once, and pictures of each
MAX_SAMPLE_PX = 64  # pixels a side of a sample; larger pictures are shown smaller
LAPTOP, PROJECTOR = (335, 700), (700, 990)  # pixels of a page that the samples may take, wide and high


def render_dataset_overview(listed: Listed, about: Description) -> None:
    """Facts in a line, then samples and class counts side by side."""
    kind = "colour" if about.channels == 3 else "grey"
    with st.container(horizontal=True, gap="medium", key="data_facts"):
        st.metric("Classes", f"{len(about.classes):,}", width="content")
        st.metric("Training images", f"{sum(about.train_counts):,}", width="content")
        st.metric("Test images", f"{about.test_count:,}", width="content")
        st.metric("Image size", f"{about.size} x {about.size} px, {kind}", width="content")
    if listed.address != listed.title:
        st.caption(listed.address)
    left, right = st.columns([1.7, 1], gap="medium")
    with left:
        _samples(listed, about)
    with right:
        st.markdown("**Images per class**")
        render_chart(
            inked(_counts(about.digest, about)),
            key="data_counts",
            config={**NO_MODE_BAR, "scrollZoom": False},
            printed=Printed(f"images per class {listed.title}", f"Training images per class: {listed.title}."),
        )


@st.cache_resource(show_spinner=False, max_entries=20)
def _counts(digest: str, _about: Description):
    return class_counts(_about.classes, _about.train_counts)


def _samples(listed: Listed, about: Description) -> None:
    """Sample training images, one row per class."""
    count = len(about.classes)
    first = 0
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Sample images**", width="content")
        if count > ROWS:
            first = st.selectbox(
                "Classes shown",
                range(0, count, ROWS),
                format_func=lambda start: f"classes {start + 1:,} to {min(start + ROWS, count):,} of {count:,}",
                key=f"data.page.{about.digest[:8]}",
                label_visibility="collapsed",
                width=280,
            )
    try:
        content, width, height = _sheet(listed.address, about.digest, about, first)
    except EDCError as error:
        st.warning(
            f"{as_sentence(str(error))} The check lists every file that cannot be read.", icon=":material/broken_image:"
        )
        return
    names = about.classes[first : first + ROWS]
    box = {"laptop": LAPTOP, "projector": PROJECTOR}
    pictures.render_image(
        content, width, height, "data-samples", rows=names, alt="training images, one row per class", **box
    )
    if (times := _shrunk(about.size)) > 1:
        st.caption(f"Shown at 1/{times} of their size.")


@st.cache_resource(show_spinner="Reading a few images", max_entries=100)
def _sheet(dataset: str, digest: str, _about: Description, first: int) -> tuple[bytes, int, int]:
    """The first training pictures of each of `ROWS` classes as a PNG, its width and height; only they are decoded."""
    classes = range(first, min(first + ROWS, len(_about.classes)))
    pixels, labels = samples(dataset, _about, classes, COLUMNS)
    times = _shrunk(_about.size)
    side = _about.size // times
    blocks = pixels[..., : side * times, : side * times].reshape(*pixels.shape[:2], side, times, side, times)
    cells, filled, _ = by_class(blocks.mean((3, 5)).round().astype(np.uint8), labels, COLUMNS)
    picture = sheet(cells, filled)
    return png(picture), picture.shape[1], picture.shape[0]


def _shrunk(size: int) -> int:
    return -(-size // MAX_SAMPLE_PX)
