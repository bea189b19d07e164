"""Run picker and controls (loss, split, resolution), bound to the address."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from edc_core import jobs
from edc_core.errors import EDCError
from edc_core.figures.run_colours import run_colour, shaded
from edc_core.jobs.tasks.landscape import MAX_RUNS
from edc_core.pipeline.prepare import PreparedRun
from edc_core.runs.partners import SCHEDULE, choice_pair
from edc_core.runs.run_table import title_of
from edc_core.store.run_record import RunRecord
from pages.gallery.run_picker import ADDRESS_BOUND, run_labels
from pages.shared import navigation as router
from pages.shared import page_address
from pages.shared.charts import is_dark
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab

SELECTED_RUNS = "landscape_runs"
VIEWS = ("Shape", "In space", "Path", "Between two", "Sharpness", "During synthesis", "Gradients")
LOSSES = {
    "test images": "test",
    "held-out images": "val",
    "its own training loss": "condensed",
}
WEIGHTS = {"raw weights": "raw", "averaged (EMA)": "ema"}
KINDS = {"loss": "loss", "top-1": "top1"}
RESOLUTIONS = (11, 21, 41, 101)
IMAGES = (100, 250, 500, 1000, 2000)


@dataclass(frozen=True)
class LandscapeRun:
    """One selected run with its stages."""

    run: RunRecord
    prepared: PreparedRun
    name: str  # as plots call it


def colours_of(runs: Iterable[LandscapeRun]) -> list[str]:
    """Each run's colour; a shade of it where another has it already."""
    return shaded([run_colour(one.run, is_dark()) for one in runs])


@dataclass(frozen=True)
class Controls:
    """Settings of the query and of its display."""

    view: str
    weights: str
    split: str
    what: str  # loss or top1
    log: bool
    grid: int
    images: int
    seed: int

    def question(self, kind: str, **more) -> dict[str, Any]:
        """Values of `landscape.config.LandscapeConfig`."""
        own = {"weights": self.weights, "split": self.split, "grid": self.grid, "images": self.images}
        return {"kind": kind, "seed": self.seed} | own | more


def select_runs(lab: Lab) -> list[LandscapeRun]:
    """Select up to four finished runs; an empty list (and a hint) if there are none."""
    runs = lab.store.runs()
    by_id = {run.id: run for run in runs if run.result}
    if not by_id:
        st.info(
            "No run is finished yet. Make one: its student's loss can be looked at then.", icon=":material/landscape:"
        )
        router.page_link("recipe", "Make a run", icon=":material/tune:")
        return []
    named = page_address.selected_runs()
    _say_unknown(named, by_id)
    known = [name for name in named if name in by_id]
    _say_left_out(len(known))
    chosen = known[:MAX_RUNS] or _first(by_id)
    st.session_state[SELECTED_RUNS] = chosen  # each time: a browser whose first script run was cut short lacks it
    st.multiselect(
        "Runs",
        list(by_id),
        format_func=run_labels(list(by_id.values())).__getitem__,
        key=SELECTED_RUNS,
        max_selections=MAX_RUNS,
        on_change=lambda: _changed(by_id),
        help="Choose up to four. Their students are moved along the same random directions and judged by one loss.",
        placeholder="Choose up to four runs",
    )
    return _prepared([by_id[name] for name in chosen])


def _first(by_id: dict[str, RunRecord]) -> list[str]:
    """On a first visit: EDC with its smoothed schedule beside the plain cosine; without the pair, the newest run."""
    pair = choice_pair(list(by_id.values()), SCHEDULE)
    return [run.id for run in pair] if pair else list(by_id)[:1]


def _say_unknown(named: list[str], by_id: dict[str, RunRecord]) -> None:
    instead = "only the others are shown" if any(name in by_id for name in named) else "another one is shown"
    for name in named:
        if name not in by_id:
            st.warning(
                f"The run '{escape_markdown(name)}' is not here or not finished: {instead}.", icon=":material/info:"
            )


def _say_left_out(known: int) -> None:
    if known > MAX_RUNS:
        st.info(
            f"{known} runs are compared, and {MAX_RUNS} fit on a plot: the first {MAX_RUNS} are shown. Choose others"
            " below.",
            icon=":material/info:",
        )


def _changed(by_id: dict[str, RunRecord]) -> None:
    chosen = [name for name in st.session_state[SELECTED_RUNS] if name in by_id]
    if chosen:
        page_address.set_selected_runs(chosen)


def _prepared(runs: list[RunRecord]) -> list[LandscapeRun]:
    """Each run with its stages; one whose data set is gone is left out, with a sentence."""
    titles, kept = [title_of(run) for run in runs], []
    for run, title in zip(runs, titles, strict=True):
        name = title if titles.count(title) == 1 else f"{title} ({run.id[-4:]})"
        try:
            kept.append(LandscapeRun(run, prepared_of(run.id, run.settings), name))
        except EDCError as error:
            st.warning(escape_markdown(f"{name}: {error}"), icon=":material/error:")
    return kept


@st.cache_resource(show_spinner=False, max_entries=500)
def prepared_of(name: str, _settings: dict) -> PreparedRun:
    """A run's stages, remembered: its name says what its settings are.

    Raises:
        EDCError: its data set has gone, or is another one by now.
    """
    return jobs.prepare_named(name, _settings)


def select_controls(kept: list[LandscapeRun]) -> Controls:
    """The controls above the views."""
    view = st.segmented_control(
        "View", VIEWS, default=VIEWS[0], required=True, key="view", label_visibility="collapsed", **ADDRESS_BOUND
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        weights = _weights(view)
        split = _split(view, len(kept))
        what, log = _shown(view)
        grid, images, seed = _details(view)
    return Controls(view, weights, split, what, log, grid, images, seed)


def _weights(view: str) -> str:
    if view in ("Path", "During synthesis"):
        return "raw"
    shown = st.segmented_control(
        "Weights",
        list(WEIGHTS),  # as the address has it
        default=next(iter(WEIGHTS)),
        required=True,
        key="weights",
        help="Raw weights are those after the last step. Averaged weights are their exponential moving average,"
        " which EDC scores.",
        **ADDRESS_BOUND,
    )
    return WEIGHTS.get(shown, "raw")


def _split(view: str, count: int) -> str:
    if view in ("During synthesis", "Gradients"):
        return "test"
    shown = st.selectbox(
        "Loss on",
        list(LOSSES),
        key="loss",
        width=210,
        help="Cross-entropy on real images is one loss for every run, in nats: 0 is certain and right, 2.3 (ln 10)"
        " is a guess among ten classes. A student's own training loss, on the views and"
        " soft labels of its condensed set, is another function for every run: look at one run alone with it.",
        **ADDRESS_BOUND,
    )
    split = LOSSES.get(shown, "test")
    if split == "condensed" and count > 1 and view != "Sharpness":
        st.warning("Own training losses cannot be compared: test images are shown. Choose one run alone.")
        return "test"
    return split


def _shown(view: str) -> tuple[str, bool]:
    if view in ("During synthesis", "Gradients"):
        return "loss", view == "During synthesis"
    what = "loss"
    if view not in ("Sharpness", "Between two"):
        shown = st.segmented_control("Show", list(KINDS), default="loss", required=True, key="shown", **ADDRESS_BOUND)
        what = KINDS.get(shown, "loss")
    log = st.toggle("Log scale", key="log", disabled=what == "top1", **ADDRESS_BOUND)
    return what, bool(log) and what != "top1"


def _details(view: str) -> tuple[int, int, int]:
    with st.popover("Detail", icon=":material/tune:", type="tertiary"):
        grid = st.select_slider(
            "Points per side",
            RESOLUTIONS,
            21,
            key="points",
            help="The resolution of a surface or a line. A coarse lattice comes first, then the points where it"
            " bends most.",
            **ADDRESS_BOUND,
        )
        images = st.select_slider("Images that the loss is taken over", IMAGES, 500, key="images", **ADDRESS_BOUND)
        seed = st.number_input(
            "Seed of directions and random vectors",
            0,
            2**31 - 1,
            0,
            key="directions",
            help="The same seed gives every run the same directions.",
            **ADDRESS_BOUND,
        )
    return int(grid), int(images), int(seed)
