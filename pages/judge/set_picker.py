"""Set picker: one entry per set of images, however often it was judged."""

import streamlit as st

from edc_core.data.short_names import short_name
from edc_core.judging.blind_comparison import NAMES, name_of
from edc_core.judging.comparison_sets import COMPANIONS, JUDGING, OURS, image_key
from edc_core.runs.condensed_set import counts_of
from edc_core.runs.run_name import run_name
from edc_core.runs.run_table import title_of
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.synthesis.initial_images import ipc_text
from pages.gallery.run_picker import named_run, select_run
from pages.shared import navigation as router
from pages.shared import page_address
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab

GIVEN = "given"  # the preset of somebody else's set

RESUME = "resume it, then they can be judged."
WAITS = {
    RunState.QUEUED: "This run waits in the queue: its images can be judged when they are finished.",
    RunState.RUNNING: "This run is running: its images can be judged when they are finished.",
    RunState.NOT_ANSWERING: "This run is not answering: its images can be judged when they are finished.",
    RunState.FAILED: f"This run failed before its images were finished: {RESUME}",
    RunState.CANCELLED: f"This run was stopped before its images were finished: {RESUME}",
    RunState.INTERRUPTED: f"This run was interrupted before its images were finished: {RESUME}",
    RunState.FINISHED: "The images of this run are no longer in this store: launch it again to make them.",
}
DIVERGED = "This run diverged before its images were finished: change the setting that it names and launch it again."
LEADS = {state: "Follow this run" for state in RunState if state.is_alive}


def select_set(lab: Lab) -> RunRecord | None:
    """Select box of sets; returns the run, None (and a hint) if there is none."""
    runs = lab.store.runs()
    options = _one_a_set(runs)
    named, known = page_address.selected_run(), {run.id for run in runs}
    if named in known and named not in options:
        options = [named, *options]
    if not options:
        st.info("No set is finished yet. Make one, or upload somebody else's below.", icon=":material/balance:")
        router.page_link("recipe", "Make a set of images", icon=":material/tune:")
        return None
    by_id = {run.id: run for run in runs}
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        if named not in known:
            if named:
                st.warning(
                    f"The run '{escape_markdown(named)}' is not here:"
                    " it was deleted, or the link is from another machine."
                )
            page_address.set_selected_run(_first_shown(by_id, options))
        hint = "Choose any finished run. Runs that judge the same images are listed once."
        run = select_run([by_id[name] for name in options], named_run(options[0]), "Set of images", True, hint)
    with right:
        st.markdown(_about(lab, run))
    return run if _has_images(lab, run) else None


def shown_names(run: RunRecord, sets: list[str]) -> dict[str, str]:
    """Names of the sets for use in sentences."""
    ours = "the uploaded images" if run.preset == GIVEN else name_of(run)
    return {name: ours if name == OURS else NAMES.get(name, name) for name in sets}


def _one_a_set(runs: list[RunRecord]) -> list[str]:
    """The first run of each set of images: made sets before controls, people's own before bundled, the newest first.

    A set stands under the run that judged it with its teacher's labels, where there is one, and with few changes.
    """
    first: dict[str, RunRecord] = {}

    def plainness(run: RunRecord) -> tuple:
        return run.settings["relabel"]["labels"] == "hard", run_name(run.settings).count, run.created

    for run in sorted(runs, key=plainness):
        if run.state == RunState.FINISHED:
            first.setdefault(image_key(run.plan), run)

    def rank(run: RunRecord) -> tuple:
        return run.preset in COMPANIONS, run.bundled, run.bundled and run.preset != "G", -run.created

    return [run.id for run in sorted(first.values(), key=rank)]


def _first_shown(by_id: dict[str, RunRecord], options: list[str]) -> str:
    """The first set that was judged beside random images, so that a first visit meets a comparison; else the first."""
    controls = [run for run in by_id.values() if run.preset == "random" and run.state == RunState.FINISHED]
    beside = (name for name in options if any(_judged_alike(by_id[name], control) for control in controls))
    return next(beside, options[0])


def _judged_alike(run: RunRecord, control: RunRecord) -> bool:
    """Whether the control stands beside the run's set: as many images of one data set, judged by the same settings."""
    if run.preset == control.preset or (run.dataset, run.ipc) != (control.dataset, control.ipc):
        return False
    return all(run.settings[name] == control.settings[name] for name in JUDGING)


def _about(lab: Lab, run: RunRecord) -> str:
    counts = counts_of(lab.store.stage_results, run).tolist()
    split = "test" if run.settings["score"]["split"] == "test" else "held-out"
    return (
        f"**{escape_markdown(title_of(run))}** · {escape_markdown(short_name(run.dataset))}<br>"
        f"{sum(counts):,} images, {ipc_text(counts)} per class; scored on {split} images"
    ).replace("<br>", "  \n")


def _has_images(lab: Lab, run: RunRecord) -> bool:
    """Whether the set can be judged; where not, says what it waits for."""
    if lab.store.stage_results.find(image_key(run.plan)) or run.preset == GIVEN:
        return True
    st.info(WAITS[run.state] if run.resumable else DIVERGED, icon=":material/hourglass_empty:")
    router.page_link("recipe", LEADS.get(run.state, "Open this run"), icon=":material/tune:", run=run.id)
    return False
