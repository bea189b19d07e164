"""Film of the synthesis: images from the first to the last iteration, finished or running."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import streamlit as st

from edc_core import jobs
from edc_core.config import validate_config
from edc_core.errors import EDCError
from edc_core.performance.queue_wait import queue_wait
from edc_core.pipeline.prepare import prepare
from edc_core.runs.condensed_set import condensed_set, labels_of, snapshots
from edc_core.runs.image_grids import beside, cut, in_rows, moving, png, read_png, sheet, still
from edc_core.runs.initial_preview import is_decoded, starting_pixels
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.stage_text import doing
from pages.gallery.run_picker import ADDRESS_BOUND, end_text
from pages.shared import navigation as router
from pages.shared.formatting import in_line
from pages.shared.image_grids import composite, grid_cells, render_image
from pages.shared.markdown_escape import as_sentence
from pages.shared.page_frame import Lab, guarded
from pages.shared.page_frame import open_lab as opened
from pages.shared.take_over import silence_text

IMAGES_BESIDE = 3  # images of a class in a row, so that start, now and end stand side by side
GAP_PX = 8  # pixels between them
FILM_ROWS = 10


def render_synthesis(lab: Lab, run: RunRecord, name: str | None) -> None:
    """Start, a chosen iteration and end side by side, and a strip of all that were kept."""
    iterations = run.settings["synthesise"]["iterations"]
    if iterations == 0:
        given = run.settings["initialise"]["kind"] == "given"
        why = "This set was imported as it is" if given else "These images were not optimised: they are as they started"
        st.info(f"{why}, so there is no time-lapse to play.", icon=":material/movie_off:")
        return
    films = snapshots(lab.store, run)
    if len(films) < 2:
        st.info("This run came without its time-lapse: only the finished images are here.")
        return
    labels = condensed_set(lab.store, run).labels
    first = run.settings["synthesise"]["batch_size"] or len(labels)
    present = np.unique(labels[:first])
    classes = run.manifest["dataset"]["classes"]
    if name is not None and classes.index(name) not in present:
        st.info(f"The time-lapse follows the first {first} images of the set; none of them is of class {name}.")
        return
    counts = tuple(int((labels[:first] == label).sum()) for label in present)
    row = None if name is None else int(np.flatnonzero(present == classes.index(name))[0])
    names = tuple(classes[label] for label in present) if row is None else ()
    size = run.manifest["dataset"]["size"]
    paths = tuple((step, str(path)) for step, path in films.items())
    st.fragment(guarded(render_player))(paths, size, counts, row, names)
    render_film_strip(paths, size, counts, row, names)


def render_player(lab: Lab, paths: tuple, size: int, counts: tuple, row: int | None, names: tuple) -> None:
    """Start | now | end, with a slider; or the three with the middle one moving, at no cost to the server."""
    steps = [step for step, _ in paths]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        playing = st.toggle("Play", key="gallery-play", help="From the first to the last iteration, over and over")
        step = st.select_slider(
            "Iteration",
            steps,
            value=steps[len(steps) // 2],
            key="gallery-step",
            disabled=playing,
            width=560,
            **ADDRESS_BOUND,
        )
    content, width, height = (
        compose_film(paths, size, counts, row) if playing else compose_frame(paths, size, counts, row, step)
    )
    heads = ("start", "forming" if playing else f"iteration {step}", "end")
    render_image(
        content,
        width,
        height,
        "lapse",
        rows=names,
        heads=heads,
        strip=True,
        alt=f"Images side by side: {', '.join(heads)}",
    )


@st.cache_data(max_entries=200, show_spinner=False)
def compose_frame(paths: tuple, size: int, counts: tuple, row: int | None, step: int) -> tuple[bytes, int, int]:
    """One iteration between start and end: PNG, width, height."""
    picture = _three(dict(paths), size, counts, row, step)
    last = paths[-1][0]
    content = still(picture, f"iteration {step} of {last}", step / last)
    return content, *_size(content)


@st.cache_data(max_entries=50, show_spinner="Making the film")
def compose_film(paths: tuple, size: int, counts: tuple, row: int | None) -> tuple[bytes, int, int]:
    """All iterations as one moving picture."""
    last = paths[-1][0]
    pictures = [_three(dict(paths), size, counts, row, step) for step, _ in paths]
    content = moving(pictures, [f"iteration {step} of {last}" for step, _ in paths])
    return content, *_size(content)


def _three(films: dict[int, str], size: int, counts: tuple, row: int | None, step: int) -> np.ndarray:
    steps = sorted(films)
    return beside([_block(films[at], size, counts, row) for at in (steps[0], step, steps[-1])], GAP_PX)


def _block(path: str, size: int, counts: tuple, row: int | None) -> np.ndarray:
    cells = cut(read_png(Path(path)), size)
    if row is None:
        columns = min(IMAGES_BESIDE, cells.shape[1])
        return sheet(cells[:, :columns], np.arange(columns)[None] < np.array(counts)[:, None])
    shown = cells[row, : min(counts[row], IMAGES_BESIDE * IMAGES_BESIDE)]
    return sheet(*in_rows(shown, min(IMAGES_BESIDE, len(shown))))


def _size(content: bytes) -> tuple[int, int]:
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))  # a PNG's header
    return width, height


def render_film_strip(paths: tuple, size: int, counts: tuple, row: int | None, names: tuple) -> None:
    """Iterations from left to right: one image of each class, or the images of one class."""
    st.subheader("Iteration by iteration", help="The first image of each class, or each image of the chosen one")
    content, width, height = compose_strip(paths, size, counts, row)
    steps = [str(step) for step, _ in paths]
    heads = ["start", *steps[1:-1], "end"]
    render_image(
        content, width, height, "strip", rows=names, heads=heads, alt="The images at each iteration, from left to right"
    )


@st.cache_data(max_entries=100, show_spinner=False)
def compose_strip(paths: tuple, size: int, counts: tuple, row: int | None) -> tuple[bytes, int, int]:
    columns = []
    for _, path in paths:
        cells = cut(read_png(Path(path)), size)
        columns.append(cells[:, 0] if row is None else cells[row, : min(counts[row], FILM_ROWS)])
    picture = sheet(np.stack(columns, 1))
    return png(picture), picture.shape[1], picture.shape[0]


# Not finished yet --------------------------------------------------------------------------------


def render_unfinished(lab: Lab, run: RunRecord) -> None:
    """Images of an unfinished run so far, and the next step."""
    alive = run.state.is_alive
    st.fragment(guarded(render_waiting), run_every=1 if alive else None)(run.id, alive)


def render_waiting(lab: Lab, name: str, alive: bool) -> None:
    """The forming images of one run; the page is drawn anew when they are finished, or the run ends or is deleted."""
    if alive and (trouble := jobs.supervise(lab.store)):
        st.error(as_sentence(trouble), icon=":material/error:")
    run = lab.store.find(name)
    if run is None or condensed_set(lab.store, run) or (alive and not run.state.is_alive):
        st.rerun()
    render_snapshot(lab, run)
    films = snapshots(lab.store, run)
    if films:
        step, path = list(films.items())[-1]
        classes = run.manifest["dataset"]["classes"]
        followed = run.settings["synthesise"]["batch_size"]  # the first so many images
        labels = labels_of(lab.store.stage_results, run)[:followed]
        cells = grid_cells(path, run.manifest["dataset"]["size"])
        if cells is not None:  # else the next look has it
            st.subheader(f"Iteration {step} of {run.settings['synthesise']['iterations']}")
            flat, owners = _listed(cells, labels)
            composite(flat, owners, classes, "so-far", 10, f"Images at iteration {step}, one row per class")
    elif alive and (drawn := starting_images(name, is_decoded(run.manifest["dataset"]["digest"], lab.home))):
        st.subheader("Starting images")
        composite(*drawn, run.manifest["dataset"]["classes"], "so-far", 10, "Starting images, one row per class")
    router.page_link("recipe", "Follow the run" if alive else "Open the run", icon=":material/monitoring:", run=name)


@st.cache_data(max_entries=20, show_spinner=False)
def starting_images(name: str, known: bool) -> tuple[np.ndarray, np.ndarray] | None:
    """Initial images and classes before a worker has begun; None if unknown.

    Asked again when the data set's pixels are `known`.
    """
    with opened() as lab, suppress(EDCError):
        return starting_pixels(prepare(validate_config(lab.store.run(name).settings)), lab.home)
    return None


def render_snapshot(lab: Lab, run: RunRecord) -> None:
    """Sentence on the run's current stage, and its latest snapshot."""
    state, progress = run.state, run.progress or {}
    if state == RunState.QUEUED:
        st.info(f"{in_line(queue_wait(lab.store, run.id))}.", icon=":material/hourglass_top:")
    elif state is RunState.NOT_ANSWERING:
        st.warning(silence_text(run), icon=":material/pause_circle:")
    elif state == RunState.RUNNING:
        now = doing(progress.get("stage"), "the worker is starting")
        st.info(f"The images are being made: {now}.", icon=":material/autorenew:")
    elif state == RunState.FAILED:
        st.error(f"{end_text(run)} It has no finished images.", icon=":material/error:")
    else:
        st.warning(f"{end_text(run)} It has no finished images; it can be resumed.", icon=":material/info:")


def _listed(cells: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A grid's images one after the other, with their classes."""
    present = np.unique(labels)
    counts = [min(int((labels == label).sum()), cells.shape[1]) for label in present]
    flat = np.concatenate([cells[row, :count] for row, count in enumerate(counts)])
    return flat, np.repeat(present, counts)
