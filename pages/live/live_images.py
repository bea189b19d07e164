"""Live images of a run: initial, current, then final ones."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from edc_core.errors import EDCError
from edc_core.performance.forecast import prepared_of
from edc_core.runs.condensed_set import folder_of, labels_of, snapshots
from edc_core.runs.image_grids import by_class, png, sheet
from edc_core.runs.initial_preview import is_decoded, starting_pixels
from edc_core.store.run_record import RunRecord
from pages.shared import image_grids as pictures
from pages.shared.page_frame import Lab

MAX_CLASSES = 10  # rows shown
IMAGES_PER_CLASS = 5  # images of a class
LAPTOP, PROJECTOR = (350, 600), (620, 900)  # pixels that the picture may take, wide and high


def render_live_images(lab: Lab, run: RunRecord) -> None:
    """Newest images, one row per class, with a heading."""
    title, cells, labels = newest_images(lab, run)
    whole = np.unique(labels_of(lab.store.stage_results, run), return_counts=True)[1]
    hint = "Synthesis changes these training images; each row is a class."
    _heading("Images", title, hint)
    if cells is None:
        _room("No images yet: an observer ranks the real ones first.")
        return
    present, counts = np.unique(labels, return_counts=True)
    names = [run.manifest["dataset"]["classes"][label] for label in present]
    render_strip(cells, names, counts, f"live-{run.id[-8:]}", title)
    if said := left_out_note(names, counts, whole):
        st.caption(said)


def newest_images(lab: Lab, run: RunRecord) -> tuple[str, np.ndarray | None, np.ndarray]:
    """Kind of the newest images; cells (rows, columns, C, H, W) or None; (N,) class numbers."""
    size, making = run.manifest["dataset"]["size"], run.settings["synthesise"]
    iterations, labels = making["iterations"], labels_of(lab.store.stage_results, run)
    if folder := folder_of(lab.store, run, "synthesise"):
        after = f"after {iterations} iterations" if iterations else "chosen, not optimised"
        return f"condensed, {after}", pictures.grid_cells(folder / "grid.png", size), labels
    if taken := snapshots(lab.store, run):
        step, followed = max(taken), labels[: making["batch_size"]]
        return f"forming, iteration {step} of {iterations}", pictures.grid_cells(taken[step], size), followed
    if folder := folder_of(lab.store, run, "initialise"):
        return "starting images", pictures.grid_cells(folder / "grid.png", size), labels
    key = next(node["key"] for node in run.plan if node["stage"] == "initialise")
    known = is_decoded(run.manifest["dataset"]["digest"], lab.home)
    if (start := _start(str(lab.home), key, known, run)) is not None:
        return "starting images", *start
    return "not yet", None, labels


def left_out_note(names: Sequence[str], counts: np.ndarray, whole: np.ndarray) -> str:
    """Sentence on how many images are shown; empty if all are.

    `counts` are the images of each class that are followed, `whole` those of each class that the set has.
    """
    rows = np.minimum(counts[:MAX_CLASSES], IMAGES_PER_CLASS)
    if rows.sum() == whole.sum():
        return ""
    each = f"{'at most ' if min(rows) < max(rows) else ''}{max(rows)} per class"
    each += f" of the first {len(rows)} of {len(whole)} classes" if len(whole) > len(rows) else ""
    which = f"images of {names[0]}" if len(whole) == 1 else f"images, {each}"
    return f"{rows.sum()} of the {whole.sum():,} {which}; the Gallery has them all."


def render_strip(cells: np.ndarray, names: Sequence[str], counts: np.ndarray, key: str, alt: str) -> None:
    """Images crisp at the largest whole multiple that fits, their classes' names beside them.

    cells: (rows, columns, C, H, W), of which a row's first `counts` hold an image. Where a class has one image,
    half the classes stand beside the other half.
    """
    cells, names = cells[:MAX_CLASSES, :IMAGES_PER_CLASS], list(names[:MAX_CLASSES])
    rows, columns = cells.shape[:2]
    held = np.arange(columns)[None] < counts[:rows, None]
    half = -(-rows // 2) if columns == 1 and rows > 4 else rows
    with st.container(horizontal=True, gap="medium", wrap=False, key=f"{key}-strip"):
        for number, first in enumerate(range(0, rows, half)):
            part, named = cells[first : first + half], names[first : first + half]
            whole, filled = np.zeros((half, *part.shape[1:]), np.uint8), np.zeros((half, columns), bool)
            whole[: len(part)], filled[: len(part)] = part, held[first : first + half]
            picture = sheet(whole, filled)
            parts = -(-rows // half)
            pictures.render_image(
                png(picture),
                picture.shape[1],
                picture.shape[0],
                f"{key}-{number}",
                rows=named + [""] * (half - len(part)),
                alt=f"{alt}: {', '.join(named)}",
                laptop=(LAPTOP[0] // parts**2, LAPTOP[1]),  # names stand before each part
                projector=(PROJECTOR[0] // parts, PROJECTOR[1]),
            )


@st.cache_data(max_entries=64, show_spinner=False)
def _start(home: str, key: str, known: bool, _run: RunRecord) -> tuple[np.ndarray, np.ndarray] | None:
    """Cells and classes of the starting images before any worker has drawn them: the very same, without torch.

    Asked again when the data set's pixels are `known`.
    """
    try:
        found = starting_pixels(prepared_of(_run), Path(home))
    except (EDCError, KeyError):
        return None  # the run itself will say what is wrong
    return None if found is None else (by_class(*found, IMAGES_PER_CLASS)[0], found[1])


def _heading(title: str, what: str, hint: str) -> None:
    st.markdown(f"**{title}** &nbsp; {what}", help=hint)


def _room(text: str) -> None:
    """Placeholder of the images."""
    st.html(f'<div class="live-room" style="height:{LAPTOP[1] - 40}px">{text}</div>')
