"""Real neighbours (is the set memorising?): initial, condensed and nearest real image."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from edc_core import jobs
from edc_core.config import validate_config
from edc_core.figures.gallery import nearness
from edc_core.jobs.dataset_access import check_all_listed
from edc_core.pipeline.prepare import prepare
from edc_core.runs.condensed_set import condensed_set, folder_of, key_of, start_cells
from edc_core.runs.image_grids import png, sheet
from edc_core.runs.run_table import title_of
from edc_core.stage_graph import RESULT_STAGES
from edc_core.store import Store
from edc_core.store.arrays import read_arrays, read_rows
from edc_core.store.files import read_json
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.grammar import plural
from pages.gallery.run_picker import ADDRESS_BOUND
from pages.shared.access import current_person, is_hidden, start_button
from pages.shared.charts import inked, render_chart
from pages.shared.image_grids import render_image
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import Lab, guarded
from pages.shared.save_figure import Printed

MAX_SHOWN = 8
SPACES = {"In pixels": "pixel", "In features": "feature"}  # named in the address as on the page
NEIGHBOURS_FILE = "neighbours.safetensors"


@dataclass(frozen=True)
class Measured:
    """One space of the neighbours stage; see `stages/neighbours.py`."""

    ratio: np.ndarray  # (N,)
    held: np.ndarray  # (M,)
    labels: np.ndarray  # (N,) class of the nearest
    distance: np.ndarray  # (N,) to the nearest
    start: np.ndarray  # (N,) to the own start


def render_real_neighbours(lab: Lab, run: RunRecord, name: str | None) -> None:
    folder = folder_of(lab.store, run, "neighbours")
    if folder is None:
        render_not_measured(lab, run)
        return
    record = read_json(folder / "neighbours.json")
    space = select_space(record["network"])
    names = ("ratio", "held", "labels", "distances", "start")
    ratio, held, labels, distances, start = read_arrays(
        folder / NEIGHBOURS_FILE, [f"{space}.{name}" for name in names]
    ).values()
    measured = Measured(ratio, held, labels[:, 0], distances[:, 0], start)
    render_verdict(run, measured, record)
    render_side_by_side(lab, run, folder, space, measured, name)
    caption = "Distance of each condensed image from its nearest real image, beside that of real images from each other"
    printed = Printed(f"nearest real images {title_of(run)}", f"{caption}: {title_of(run)}.")
    render_chart(inked(nearness(measured.ratio, measured.held)), key="gallery-nearness", printed=printed)


def select_space(network: str | None) -> str:
    """Space of the distances: pixels, or features if an observer labels."""
    if network is None:
        return "pixel"
    space = st.segmented_control(
        "Compared",
        SPACES,
        default="In pixels",
        required=True,
        key="gallery-space",
        label_visibility="collapsed",
        **ADDRESS_BOUND,
    )
    return SPACES[space or "In pixels"]


def render_verdict(run: RunRecord, measured: Measured, record: dict) -> None:
    """Count of near copies beside that of held-out images, with a reading hint."""
    near, held = int((measured.ratio < 1).sum()), 100 * float((measured.held < 1).mean())
    count = f"{near} of {len(measured.ratio)} condensed images"
    features = f" Features are the inputs of the last layer of {record['network']}." if record["network"] else ""
    st.markdown(
        f"#### {count} {plural(near, 'is a near copy', 'are near copies')} of a real image",
        help="A near copy is closer to a real training image than that one is to any other real image: its"
        f" distance, divided by theirs, is below 1.{features}",
    )
    left_out = record["starts_left_out"]
    untouched = run.settings["synthesise"]["iterations"] == 0 and left_out
    if untouched:
        st.write(
            "These *are* real training images: each one's own copy is left out, so this shows how near real ones come."
        )
    st.write(
        f"Of {len(measured.held):,} real images that were held out, **{held:.0f} of 100** are that near."
        " A set that memorises its images would have many more."
    )
    if left_out and not untouched:
        still = int((measured.start < measured.distance).sum())
        st.write(
            f"The image that each one started from is left out: **{still} of {len(measured.ratio)}** are still"
            f" nearer to it than to any other real image."
        )


def render_side_by_side(lab: Lab, run: RunRecord, folder, space: str, measured: Measured, name: str | None) -> None:
    """The nearest first: start, condensed, nearest real; beneath each how near it is."""
    found = condensed_set(lab.store, run)
    rows = np.arange(len(found)) if name is None else found.rows_of(found.classes.index(name))
    rows = rows[np.argsort(measured.ratio[rows], kind="stable")][:MAX_SHOWN]
    ends, nearest = found.pixels(rows), read_rows(folder / NEIGHBOURS_FILE, f"{space}.nearest", rows)
    starts = start_pixels(lab.store, run, rows)
    lines = [("condensed", ends), ("nearest real", nearest)]
    if starts is not None:
        lines.insert(0, ("start", starts))
    picture = sheet(np.stack([line for _, line in lines]))
    heads = [f"{found.classes[found.labels[row]]} {found.numbers[row] + 1}" for row in rows]
    feet = [
        f"{min(measured.ratio[row], 99):.2f}"
        + (f"\n{found.classes[measured.labels[row]]}" if measured.labels[row] != found.labels[row] else "")
        for row in rows
    ]
    names = [name for name, _ in lines]
    render_image(
        png(picture),
        picture.shape[1],
        picture.shape[0],
        "real",
        rows=names,
        heads=heads,
        feet=feet,
        alt="Images above their nearest real images",
    )
    st.caption(
        "The nearest come first. The number is the scaled distance: at 1, that real image is just as far from its"
        " own nearest neighbour. The neighbour's class is named where it differs."
    )


def start_pixels(store: Store, run: RunRecord, rows: np.ndarray) -> np.ndarray | None:
    """The chosen images' starts, or None where they were not kept."""
    found, cells = condensed_set(store, run), start_cells(store, run)
    if cells is None:
        return None
    places = np.searchsorted(np.unique(found.labels), found.labels[rows])
    numbers = found.numbers[rows]
    if (places >= cells.shape[0]).any() or (numbers >= cells.shape[1]).any():
        return None
    return cells[places, numbers]


# Not measured yet --------------------------------------------------------------------------------


def render_not_measured(lab: Lab, run: RunRecord) -> None:
    """Offer the measurement; follow it where it is under way."""
    st.markdown("#### Is the set memorising?")
    soft = run.settings["relabel"]["labels"] == "soft"
    spaces = "in pixels and in an observer's features" if soft else "pixel by pixel"
    st.write(f"Each condensed image is compared with every real training image, {spaces}. It takes a few seconds.")
    if run.state.is_alive:
        if "neighbours" in run.wanted:
            st.fragment(guarded(render_measuring), run_every=1)(run.id)
        else:
            st.caption("You can compare it once the run is finished.")
        return
    if is_hidden("launch"):
        st.caption("Nobody has compared this set here yet.")
        return
    if run.state == RunState.FINISHED and run.error:  # all that can fail then is an extra stage
        st.error(f"The comparison failed: {escape_markdown(run.error)}", icon=":material/error:")
    if start_button("Find real neighbours", "gallery-measure", "compare", type="primary"):
        submit_neighbours(lab, run)


def submit_neighbours(lab: Lab, run: RunRecord) -> None:
    """Submit the extra stage of a run that is otherwise finished."""
    check_all_listed(lab.store, run.settings, current_person())  # before anything is looked at there
    prepared = prepare(validate_config(run.settings))
    if prepared.run != run.id:
        st.warning("This run was made by another version of the lab: run its settings again to measure them.")
        return
    jobs.submit(lab.store, prepared, current_person(), wanted=(*RESULT_STAGES, "neighbours"))
    st.rerun()


def render_measuring(lab: Lab, name: str) -> None:
    """Progress of the measurement; reruns the page at its end or if the run is deleted."""
    if trouble := jobs.supervise(lab.store):
        st.error(as_sentence(trouble), icon=":material/error:")
    run = lab.store.find(name)
    if run is None or lab.store.stage_results.find(key_of(run, "neighbours")) or not run.state.is_alive:
        st.rerun()
    progress = run.progress or {}
    if run.state == RunState.QUEUED:
        st.progress(0.0, f"Waiting: number {jobs.places(lab.store).get(name, 1)} in the queue")
    elif progress.get("stage") == "neighbours" and progress.get("total"):
        done = min(progress["done"] / progress["total"], 1.0)
        st.progress(done, f"Comparing with real images: {progress['done']:,} of {progress['total']:,}")
    else:
        st.progress(0.0, f"Starting: {progress.get('stage', 'loading')}")
