"""Duel of two condensed sets: guess the better teacher, then see the accuracy."""

import random
from contextlib import suppress
from pathlib import Path

import streamlit as st

from edc_core import jobs
from edc_core.errors import EDCError
from edc_core.figures.colours import PRESET_DASHES
from edc_core.figures.race import Runner, race
from edc_core.figures.run_colours import run_colour
from edc_core.jobs.dataset_access import check_listed
from edc_core.judging.blind_comparison import (
    BlindPair,
    answer_sentence,
    choose_pair,
    hard_label_sentence,
    hard_settings,
    name_of,
    verdict,
    without_soft_labels,
)
from edc_core.pipeline.prepare import prepare
from edc_core.runs.run_table import scored_images, top1_of
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.grammar import capitalise
from pages.shared.access import current_person, is_hidden
from pages.shared.charts import is_dark
from pages.shared.page_frame import Lab, open_lab
from pages.start.race import render_race

SIDES = {"left": "Set 1", "right": "Set 2"}  # as they are called at every width: on a phone one is above the other
SHOWN_COLUMNS = 10  # images a class
SCALE = 3  # so that a browser that enlarges or shrinks the grid keeps the pixels' edges


def render_duel(lab: Lab, runs: list[RunRecord]) -> None:
    """Two unlabelled grids and the question; after a click, what each set taught."""
    st.html(Path(__file__).with_name("start.css"))
    pair = choose_pair(runs)
    if pair is None:
        _nothing_yet()
        return
    order = _order(pair)
    picked = st.session_state.get("start_picked")
    hard = _hard_pair(pair, runs) if picked else None
    shown = hard if hard and st.session_state.get("start_hard") else pair
    st.title("Which set teaches better?")
    if picked:
        with st.container(key="start_said"):
            st.markdown(_said(pair, shown, runs, order, picked))
        _revealed(lab, pair, shown, order, hard is not None)
        return
    st.markdown(
        f"Each set has {_count(pair.ours)} images, {pair.ours.ipc} per class. One network learns from each set,"
        " with a teacher's labels for its images. **Click the better teacher.**"
    )
    for column, side, run in zip(st.columns(2, gap="large"), SIDES, order, strict=True):
        with column, st.container(key=f"start_{side}"):
            st.markdown(f"**{SIDES[side]}**")
            _images(lab, run, SIDES[side])
            label = f"{SIDES[side]} teaches better"
            ids = [one.id for one in order]
            st.button(label, key=f"start_pick_{side}", width="stretch", on_click=_pick, args=(side, ids, run.id))


def _pick(side: str, pair: list[str], run: str) -> None:
    st.session_state["start_picked"] = side
    if jobs.classroom():
        with suppress(EDCError), open_lab() as here:  # the answer comes, whether or not the vote is kept
            jobs.record_vote(here.store, current_person(), pair, run)


def _again() -> None:
    for key in ("start_picked", "start_hard", "start_order"):
        st.session_state.pop(key, None)


def _order(pair: BlindPair) -> tuple[RunRecord, RunRecord]:
    """The pair from left to right, drawn once a session: the place tells nothing."""
    if "start_order" not in st.session_state:
        st.session_state["start_order"] = random.random() < 0.5
    return pair.runs if st.session_state["start_order"] else pair.runs[::-1]


def _revealed(lab: Lab, pair: BlindPair, shown: BlindPair, order: tuple[RunRecord, RunRecord], has_hard: bool) -> None:
    """Sets at the sides, what they taught between them."""
    from pages.live.training_curves import best_observer_top1  # not before somebody has answered

    left, middle, right = st.columns([5, 7, 5], gap="medium", vertical_alignment="top")
    ours_first = order[0].id == pair.ours.id
    runs = shown.runs if ours_first else shown.runs[::-1]
    for column, side, run in zip((left, right), SIDES, runs, strict=True):
        with column, st.container(key=f"start_{side}"):
            mine = " · your pick" if st.session_state.get("start_picked") == side else ""
            st.markdown(f"**{SIDES[side]}**{mine}")
            _images(lab, run, SIDES[side])
            with st.container(key=f"start_{side}_final"):
                _final(run)
    with middle:
        classes = pair.ours.manifest["dataset"]["classes"]
        best = best_observer_top1(lab, pair.ours)
        runners = [_runner(lab, run, SIDES[side]) for side, run in zip(SIDES, runs, strict=True)]
        render_race(race(runners, 100 / len(classes), best and best[1]))
        st.toggle(
            "Take the teacher's labels away",
            key="start_hard",
            disabled=not has_hard,
            help="The teacher is a committee of networks trained on the real images: it says how much each image"
            " looks like each class (soft labels). Without it, an image has only its class (hard labels)."
            if has_hard
            else "These two sets have not been judged with hard labels here yet.",
        )
        if not has_hard:
            _offer_hard(lab, pair)
        st.button("Play again", key="start_again", type="tertiary", icon=":material/replay:", on_click=_again)


def _offer_hard(lab: Lab, pair: BlindPair) -> None:
    """Button that judges both sets with hard labels."""
    names = [without_soft_labels(run) for run in pair.runs]
    if not all(names) or jobs.read_only() or is_hidden("launch"):
        st.caption("These two sets have not been judged without the teacher's labels here.")
    elif any(name in jobs.places(lab.store) for name in names):
        st.caption("Being judged without the teacher's labels: the switch opens when both are done.")
    elif st.button("Judge both with hard labels", key="start_judge", icon=":material/school:"):
        for run in pair.runs:
            check_listed(lab.store, run.dataset, current_person())  # before anything is looked at there
            jobs.submit(lab.store, prepare(hard_settings(run)), current_person())
        st.rerun()


def _final(run: RunRecord) -> None:
    scored = "test images" if run.result["split"] == "test" else "held-out images"
    st.metric(
        capitalise(name_of(run)),
        f"{top1_of(run):.1f} %",
        f"of {scored_images(run):,} {scored}",
        delta_color="off",
        delta_arrow="off",
        help=f"Top-1: the share of the real {scored} that the network, trained on this set only, classifies correctly.",
    )


def _said(pair: BlindPair, shown: BlindPair, runs: list[RunRecord], order: tuple, picked: str) -> str:
    found = verdict(*pair.runs, runs)
    names = [name_of(run) for run in pair.runs]
    if shown is not pair:
        return hard_label_sentence(verdict(*shown.runs, runs), found, *names)
    sides = [next(side for side, run in zip(SIDES, order, strict=True) if run is own) for own in pair.runs]
    return answer_sentence(found, names, [SIDES[side] for side in sides], sides.index(picked))


def _hard_pair(pair: BlindPair, runs: list[RunRecord]) -> BlindPair | None:
    """The same images judged with hard labels, where both were."""
    finished = {run.id: run for run in runs if run.state == RunState.FINISHED}
    found = [finished[name] for run in pair.runs if (name := without_soft_labels(run)) in finished]
    return BlindPair(*found) if len(found) == 2 else None


def _runner(lab: Lab, run: RunRecord, label: str) -> Runner:
    kind = run.result["headline"].replace("top1_ema", "ema").replace("top1", "raw")
    key = next(node["key"] for node in run.plan if node["stage"] == "evaluate")
    steps, values = lab.store.curves(key).get(f"top1/{kind}", ([], []))
    if not steps:  # a run without live curves still has its end
        steps, values = [1], [top1_of(run)]
    preset = run.preset
    dash = "8 6" if preset in PRESET_DASHES else ""
    return Runner(name_of(run), label, run_colour(run, is_dark()), dash, steps, values)


def _images(lab: Lab, run: RunRecord, alt: str) -> None:
    folder = lab.store.stage_results.find(next(n["key"] for n in run.plan if n["stage"] == "synthesise"))
    if folder is None or not (folder / "grid.png").exists():
        raise EDCError(f"the images of run '{run.id}' are gone: delete the run on the page Runs and start it again.")
    grid = _composite(str(folder / "grid.png"), run.manifest["dataset"]["size"])
    st.image(grid, width="stretch", output_format="PNG", alt=f"{alt}: {_count(run)} images, one row per class")


@st.cache_data(max_entries=8, show_spinner=False)
def _composite(path: str, size: int) -> bytes:
    """A grid of the store, spaced and enlarged: PNG, no pixel blurred."""
    from edc_core.runs.image_grids import cut, png, read_png, sheet

    return png(sheet(cut(read_png(Path(path)), size)[:10, :SHOWN_COLUMNS]), SCALE)


def _count(run: RunRecord) -> int:
    return run.ipc * len(run.manifest["dataset"]["classes"])


def _nothing_yet() -> None:
    st.title("A hundred images in place of nine thousand")
    st.markdown("How well do they teach? No run is finished here yet: start the first one.")
