"""The images of a run on their way: its starting images at once, then those forming, then the final ones."""

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from edc_core.condensed import folder_of, snapshots
from edc_core.errors import EDCError
from edc_core.forecast import prepared_of
from edc_core.pictures import by_class, png, sheet
from edc_core.starting import starting_pixels
from pages.components import pictures
from pages.components.frame import Lab

Run = dict[str, Any]
CLASSES = 10  # rows shown
COLUMNS = 5  # images of a class
LAPTOP, PROJECTOR = (350, 600), (620, 900)  # pixels that the picture may take, wide and high


def show(lab: Lab, run: Run) -> None:
    """The newest images that there are, a row a class, and what they are."""
    title, cells = newest(lab, run)
    hint = "Each picture is a training image that synthesis changes; a row is a class."
    _heading("Images", title, hint)
    if cells is None:
        _room("No images yet: an observer ranks the real ones first.")
        return
    names = run["manifest"]["dataset"]["classes"]
    strip(cells, names, f"live-{run['id'][-8:]}", title)
    if len(names) > CLASSES or run["ipc"] > COLUMNS:
        which = f"the first {CLASSES} of {len(names)} classes" if len(names) > CLASSES else "each class"
        st.caption(f"{min(run['ipc'], COLUMNS)} of the {run['ipc']} images of {which}; the Gallery has them all.")


def newest(lab: Lab, run: Run) -> tuple[str, np.ndarray | None]:
    """What they are, and cells (rows, columns, C, H, W); None where there are none yet."""
    size, iterations = run["manifest"]["dataset"]["size"], run["settings"]["synthesise"]["iterations"]
    if folder := folder_of(lab.store, run, "synthesise"):
        after = f"after {iterations} iterations" if iterations else "chosen, not optimised"
        return f"condensed, {after}", pictures.grid_cells(folder / "grid.png", size)
    if taken := snapshots(lab.store, run):
        step = max(taken)
        return f"forming, iteration {step} of {iterations}", pictures.grid_cells(taken[step], size)
    if folder := folder_of(lab.store, run, "initialise"):
        return "where synthesis starts", pictures.grid_cells(folder / "grid.png", size)
    key = next(node["key"] for node in run["plan"] if node["stage"] == "initialise")
    if (start := _start(str(lab.home), key, run)) is not None:
        return "where synthesis starts", start
    return "not yet", None


def strip(cells: np.ndarray, names: list[str], key: str, alt: str) -> None:
    """Images crisp at the largest whole multiple that fits, their classes' names beside them.

    cells: (rows, columns, C, H, W). Where a class has one image, half the classes stand beside the other half.
    """
    cells, names = cells[:CLASSES, :COLUMNS], list(names[:CLASSES])
    rows, columns = cells.shape[:2]
    if columns == 1 and rows > 4:
        half = -(-rows // 2)
        parts = [(cells[:half], names[:half]), (cells[half:], names[half:])]
    else:
        parts = [(cells, names)]
    with st.container(horizontal=True, gap="medium", wrap=False, key=f"{key}-strip"):
        for number, (part, named) in enumerate(parts):
            whole = np.zeros((-(-rows // len(parts)), *part.shape[1:]), np.uint8)
            whole[: len(part)] = part
            filled = np.zeros(whole.shape[:2], bool)
            filled[: len(part)] = True
            picture = sheet(whole, filled)
            pictures.show(
                png(picture),
                picture.shape[1],
                picture.shape[0],
                f"{key}-{number}",
                rows=named + [""] * (len(whole) - len(part)),
                alt=alt,
                laptop=(LAPTOP[0] // len(parts) ** 2, LAPTOP[1]),  # names stand before each part
                projector=(PROJECTOR[0] // len(parts), PROJECTOR[1]),
            )


@st.cache_data(max_entries=64, show_spinner=False)
def _start(home: str, key: str, _run: Run) -> np.ndarray | None:
    """The starting images before any worker has drawn them: the very same, without torch."""
    try:
        found = starting_pixels(prepared_of(_run), Path(home))
    except (EDCError, KeyError):
        return None  # the run itself will say what is wrong
    return None if found is None else by_class(*found, COLUMNS)[0]


def _heading(title: str, what: str, hint: str) -> None:
    st.markdown(f"**{title}** &nbsp; {what}", help=hint)


def _room(text: str) -> None:
    """The place that the images will take."""
    st.html(f'<div class="live-room" style="height:{LAPTOP[1] - 40}px">{text}</div>')
