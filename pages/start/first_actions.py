"""First actions on Start: run EDC, open a finished run, take the tour."""

import streamlit as st

from edc_core.config import RunConfig
from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.profiles import current_profile
from edc_core.errors import EDCError
from edc_core.pipeline.prepare import prepare
from edc_core.runs.run_table import top1_of
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from pages.shared import navigation as router
from pages.shared.access import current_person, is_hidden
from pages.shared.markdown_escape import as_sentence
from pages.shared.page_frame import Lab
from pages.start.tour import STOPS, begin_tour

PROFILES = {"lab": "Full", "lab-smoke": "Short"}
DEFAULT = "lab"
PRESET, DATASET, IPC = "G", "fashion-mnist-mini", 10
STATE_TITLES = {
    RunState.QUEUED: "One run, live",
    RunState.RUNNING: "One run, live",
    RunState.NOT_ANSWERING: "One run, live",
    RunState.FINISHED: "A finished run",
}


def render_first_actions(lab: Lab, runs: list[RunRecord]) -> None:
    """Three buttons, the first of them primary."""
    with st.container(key="start_ways", horizontal=True, vertical_alignment="center"):
        _run_edc(lab, runs)
        _open_finished(runs)
        st.button(
            "Take the tour",
            key="start_tour",
            icon=":material/signpost:",
            on_click=begin_tour,
            help=f"{len(STOPS)} stops with a sentence each.",
        )


def _run_edc(lab: Lab, runs: list[RunRecord]) -> None:
    from edc_core import jobs

    if is_hidden("launch"):
        return
    closed = jobs.read_only()
    pressed = st.button(
        "Run EDC now",
        key="start_run",
        type="primary",
        icon=":material/play_arrow:",
        disabled=closed,
        help="Read-only lab: nothing can be started here."
        if closed
        else "Makes 100 images from 9,000 and trains a network on them.",
    )
    times = {name: f"{title}{_time(lab, runs, name)}" for name, title in PROFILES.items()}
    profile = st.segmented_control(
        "Time to spend",
        list(PROFILES),
        key="start_profile",
        default=DEFAULT,
        required=True,
        format_func=times.get,
        help="The short run takes fewer steps: the same eight choices, a rougher result.",
        label_visibility="collapsed",
    )
    if pressed:
        ticket = _submit(lab, profile)
        router.go_to_page("start", run=ticket)


def _time(lab: Lab, runs: list[RunRecord], table: str) -> str:
    """What the run would take here; nothing where no run describes the data set (its files are not read for that)."""
    from edc_core.judging.comparison_sets import description_of
    from edc_core.performance.forecast import forecast

    known = next((run for run in runs if run.dataset == DATASET), None)
    if known is None:
        return ""
    try:
        return f" ≈ {_rough(forecast(prepare(_config(runs, table), description_of(known)), lab.store).seconds)}"
    except (EDCError, LookupError):  # a manifest or a measurement of another version: no forecast then
        return ""


def _rough(seconds: float) -> str:
    """Rough duration: steps of five seconds, then half minutes."""
    if seconds < 57:
        return f"{max(5 * round(seconds / 5), 5)} s"
    return f"{round(seconds / 30) / 2:g} min"


def _config(runs: list[RunRecord], table: str) -> RunConfig:
    return configure(PRESET, DATASET, get_profile(table), IPC, fresh_seed(runs, table))


def _submit(lab: Lab, table: str) -> str:
    """Submit the run to the queue; returns its id."""
    from edc_core import jobs

    everybodys = lab.store.runs(archived=True)  # a new class gets a new draw
    return jobs.submit(lab.store, prepare(_config(everybodys, table)), current_person()).run


def fresh_seed(runs: list[RunRecord], table: str) -> int:
    """The first seed that nobody has finished here: a new draw for one person, a shared one for a class."""
    done = {
        run.seed
        for run in runs
        if run.state == RunState.FINISHED
        and (run.preset, run.dataset, run.ipc) == (PRESET, DATASET, IPC)
        and current_profile(run.settings["settings"]) == table
    }
    return next(seed for seed in range(len(done) + 1) if seed not in done)


def _open_finished(runs: list[RunRecord]) -> None:
    finished = [run for run in runs if run.state == RunState.FINISHED]
    count = f"{len(finished)} finished {'run is' if len(finished) == 1 else 'runs are'} here."
    pressed = st.button(
        "Open a finished run",
        key="start_open",
        icon=":material/grid_view:",
        disabled=not finished,
        help=count if finished else "No run is finished here yet.",
    )
    if pressed:
        router.go_to_page("gallery", run=best_finished(finished).id)


def best_finished(finished: list[RunRecord]) -> RunRecord:
    """The most accurate of the condensed sets of the embedded data set; of what there is, where none is of it."""

    def rank(run: RunRecord) -> tuple:
        made = run.settings["synthesise"]["iterations"] > 0
        return run.dataset == DATASET, made, top1_of(run) or 0.0

    return max(finished, key=rank)


def render_followed_run(lab: Lab, run: str) -> None:
    """Live panel of the run in the address, in place of the duel."""
    from pages.live.live_panel import render_live_panel

    head, back = st.columns([5, 1], vertical_alignment="bottom")
    if back.button("Back to Start", key="start_back", icon=":material/arrow_back:", type="tertiary"):
        router.go_to_page("start")
    try:
        head.title(_whose(lab, lab.store.run(run)))
    except EDCError as error:
        head.title("No such run")
        st.warning(as_sentence(str(error)), icon=":material/search_off:")
        return
    render_live_panel(run)


def _whose(lab: Lab, run: RunRecord) -> str:
    """Title above a run: whether it is the visitor's, else its state."""
    from edc_core.jobs.queue import launchers

    if current_person().queue_share in launchers(lab.store, run.id):
        return "Your run"
    return STATE_TITLES.get(run.state, "One run")
