"""Condensed images: all classes or one enlarged, facts, downloads."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from edc_core.exchange.image_zip import finished_set, labels_csv, overview, zip_of
from edc_core.runs.condensed_set import CondensedSet, committee_logits, condensed_set, facts
from edc_core.runs.image_grids import in_rows, png, sheet
from edc_core.runs.run_table import called
from edc_core.store.run_record import RunRecord
from pages.gallery.run_picker import ADDRESS_BOUND
from pages.shared.formatting import storage
from pages.shared.image_grids import composite, render_image
from pages.shared.page_frame import Lab
from pages.shared.page_frame import open_lab as opened

IMAGES_PER_ROW = 10  # images of a class at first, and in a row of an enlarged class
MAX_IMAGES_PER_PAGE = 100  # images of one class on one page


def render_facts(lab: Lab, run: RunRecord) -> None:
    """Line of facts: accuracy, bytes, seconds."""
    about = facts(lab.store, run)
    parts = []
    if run.result:
        split = {"test": "test images", "val": "held-out images"}[run.result["split"]]
        parts.append(f"**{run.result[run.result['headline']]:.1f} %** top-1 on {split}")
    parts.append(f"**{about.images:,}** images, **{storage(about.image_bytes)}**")
    if about.label_bytes:
        parts.append(f"plus **{storage(about.label_bytes)}** of soft labels")
    seconds = sum(value for stage, value in about.seconds.items() if stage not in ("squeeze", "statistics"))
    parts.append(f"**{seconds:,.0f} s**")
    own = [f"{stage} {value:,.1f} s" for stage, value in about.seconds.items()]
    st.markdown(
        " · ".join(parts),
        help="The images are stored as eight-bit pixels. The soft labels are those of every view a student sees,"
        f" in half precision, if they were stored. Seconds by stage: {', '.join(own)}. Squeeze and statistics"
        " are shared by all runs on this data set and are left out"
        " of the sum.",
    )


def render_condensed_images(lab: Lab, run: RunRecord, name: str | None) -> None:
    found = condensed_set(lab.store, run)
    present = np.unique(found.labels)
    if name is None:
        largest = max(len(found.rows_of(label)) for label in present)
        shown = select_images_per_class(largest) if largest > IMAGES_PER_ROW else IMAGES_PER_ROW
        rows = np.concatenate([found.rows_of(label)[:shown] for label in present])
        alt = f"Condensed images of {called(run)}, one row per class"
        composite(found.pixels(rows), found.labels[rows], found.classes, "set", shown, alt)
    else:
        render_one_class(found, name, called(run))
    render_downloads(run)


def select_images_per_class(largest: int) -> int:
    """Number of images shown per class."""
    steps = [count for count in (5, 10, 20, 50) if count < largest] + [min(largest, 50)]
    return st.select_slider(
        "Images shown per class",
        sorted(set(steps)),
        value=IMAGES_PER_ROW,
        key="gallery-shown",
        width=320,
        **ADDRESS_BOUND,
    )


def render_one_class(found: CondensedSet, name: str, run_name: str) -> None:
    """One class, enlarged."""
    rows = found.rows_of(found.classes.index(name))
    columns = min(5 if len(rows) <= IMAGES_PER_ROW else IMAGES_PER_ROW, len(rows))
    cells, filled = in_rows(found.pixels(rows[:MAX_IMAGES_PER_PAGE]), columns)
    picture = sheet(cells, filled)
    render_image(
        png(picture), picture.shape[1], picture.shape[0], "class", alt=f"Condensed images of {run_name}, class {name}"
    )
    if len(rows) > MAX_IMAGES_PER_PAGE:
        st.caption(f"The first {MAX_IMAGES_PER_PAGE} of {len(rows):,} images; the ZIP holds them all.")


def render_downloads(run: RunRecord) -> None:
    """Downloads of the set, each made on demand."""
    name = run.id

    def made(make: Callable[[Lab, RunRecord], bytes]) -> Callable[[], bytes]:
        def now() -> bytes:
            with opened() as lab:
                return make(lab, lab.store.run(name))

        return now

    def labels(lab: Lab, run: RunRecord) -> bytes:
        return labels_csv(finished_set(lab.store, run), committee_logits(lab.store, run)).encode()

    with st.container(horizontal=True):
        for title, make, file, kind in (
            ("Download ZIP", lambda lab, run: zip_of(lab.store, run), f"{name}.zip", "primary"),
            ("Images (PNG)", lambda lab, run: overview(finished_set(lab.store, run)), f"{name}.png", "secondary"),
            ("Labels (CSV)", labels, f"{name}-labels.csv", "secondary"),
        ):
            st.download_button(
                title,
                made(make),
                file_name=file,
                type=kind,
                icon=":material/download:",
                on_click="ignore",
                key=f"gallery-download-{file.rpartition('.')[2]}",
                help="A folder of images, with labels, settings and a list of hashes" if kind == "primary" else None,
            )
