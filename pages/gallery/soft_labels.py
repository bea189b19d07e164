"""Soft labels: what the committee sees in the condensed images."""

import numpy as np
import streamlit as st

from edc_core.figures.gallery import confusion, soft_label
from edc_core.runs.condensed_set import CondensedSet, committee_logits, condensed_set, entropy_bits, facts, softmax
from edc_core.runs.image_grids import png, sheet
from edc_core.runs.run_table import title_of
from edc_core.store.run_record import RunRecord
from pages.gallery.run_picker import ADDRESS_BOUND
from pages.shared.charts import inked, render_chart
from pages.shared.image_grids import render_image
from pages.shared.page_frame import Lab
from pages.shared.save_figure import Printed

TEMPERATURES = [1, 2, 4, 10, 20]


def render_soft_labels(lab: Lab, run: RunRecord, name: str | None) -> None:
    found = condensed_set(lab.store, run)
    if run.settings["relabel"]["labels"] == "hard":
        st.info("This run uses hard labels: each image has only its class.")
        return
    logits = committee_logits(lab.store, run)
    if logits is None:
        st.info("The committee has not labelled these images yet.")
        return
    render_agreement(lab, run, logits, found)
    rows = None if name is None else found.rows_of(found.classes.index(name))
    with st.container(horizontal=True, gap="large", key="gallery-label-controls"):
        number = None if rows is None else select_image(len(rows))
        probabilities = softmax(logits, select_temperature())
    if rows is None:
        chart = inked(confusion(probabilities, found.labels, found.classes))
        printed = Printed(
            f"mean soft labels {title_of(run)}", f"Mean soft label of each class's images: {title_of(run)}."
        )
        render_chart(chart, key="gallery-confusion", printed=printed)
        st.caption("Each row is the mean soft label of a class's images. Choose a class to look at single images.")
        return
    render_one_image(found, probabilities, int(rows[number - 1]))


def select_temperature() -> int:
    return st.select_slider(
        "Temperature",
        TEMPERATURES,
        key="gallery-temperature",
        width=260,
        help="Divides the committee's logits before the softmax: higher is flatter. SRe2L's and RDED's students"
        " learn at 20; EDC's students match the logits themselves.",
        **ADDRESS_BOUND,
    )


def render_agreement(lab: Lab, run: RunRecord, logits: np.ndarray, found: CondensedSet) -> None:
    """Agreement of the committee's top-1 with each image's class."""
    right = int((logits.argmax(1) == found.labels).sum())
    members = run.settings["relabel"]["observers"]
    about = facts(lab.store, run)
    st.markdown(
        f"#### The committee recognises {right} of {len(found)} images",
        help=f"Its first guess is the image's own class. The committee: {', '.join(members)}. Labels are made again for"
        f" every view a student sees; here are those of the images as they are."
        + (f" Agreement as recorded: {about.agreement:.0f} %." if about.agreement is not None else ""),
    )


def render_one_image(found: CondensedSet, probabilities: np.ndarray, row: int) -> None:
    """One image beside its soft label."""
    label = int(found.labels[row])
    left, right = st.columns([2, 3], gap="large")
    with left:
        picture = sheet(found.pixels([row])[None])
        side = (300, 300), (560, 560)
        alt = f"Condensed image {row + 1}, class {found.classes[label]}"
        render_image(
            png(picture), picture.shape[1], picture.shape[0], "one", alt=alt, laptop=side[0], projector=side[1]
        )
    with right:
        bits = float(entropy_bits(probabilities[row : row + 1])[0])
        most = np.log2(len(found.classes))
        st.markdown(
            f"**Entropy {bits:.2f} bits** of at most {most:.2f}",
            help="0: certain of one class; the maximum: all classes alike.",
        )
        chart = inked(soft_label(probabilities[row], found.classes, label))
        caption = f"Soft label of one condensed image, class {found.classes[label]}."
        render_chart(chart, key="gallery-bars", printed=Printed(f"soft label {found.classes[label]}", caption))


def select_image(count: int) -> int:
    """Which of a class's images, from 1."""
    if count == 1:
        return 1
    if count <= 20:
        chosen = st.pills("Image", range(1, count + 1), default=1, required=True, key="gallery-image", **ADDRESS_BOUND)
        return min(chosen or 1, count)
    return int(st.number_input(f"Image, 1 to {count}", 1, count, key="gallery-number", width=200, **ADDRESS_BOUND))
