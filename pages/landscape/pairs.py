"""The two pairs that Landscape opens with, and what is measured of each."""

import math

import streamlit as st

from edc_core.ablation import published_scores
from edc_core.ablation.choice_evidence import ChoiceEvidence, choice_evidence
from edc_core.ablation.choice_verdicts import points
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.config import validate_config
from edc_core.errors import EDCError
from edc_core.intervals import Estimate
from edc_core.judging.comparison_sets import description_of
from edc_core.landscape.config import landscape_config
from edc_core.runs.landscape_results import found, node_of
from edc_core.runs.partners import FLATNESS, SCHEDULE, choice_pair
from edc_core.store.run_record import RunRecord
from pages.landscape.run_picker import LandscapeRun
from pages.shared import navigation as router
from pages.shared import page_address
from pages.shared.page_frame import Lab

ASKED = "landscape_asked"  # in the session: the question pressed last
QUESTIONS = {SCHEDULE: "Does the smoothed schedule do it?", FLATNESS: "Does the flatness term do it?"}
TITLES = {
    SCHEDULE: "EDC's smoothed schedule beside the plain cosine (zeta 2 and 1): same images, labels and first weights.",
    FLATNESS: "EDC beside EDC without the flatness term: labels and students are made alike.",
}


def render_pairs(lab: Lab, kept: list[LandscapeRun]) -> None:
    """What is seen where the runs are one of the pairs, and a button to the other."""
    runs = lab.store.runs()
    pairs = {choice: choice_pair(runs, choice) for choice in QUESTIONS}
    chosen = {one.run.id for one in kept}
    shown = next((choice for choice, pair in pairs.items() if pair and {run.id for run in pair} == chosen), None)
    alone = st.session_state.get(ASKED) == FLATNESS and not pairs[FLATNESS]  # measured, and no run to show
    offered = [choice for choice in QUESTIONS if choice != shown and (pairs[choice] or choice == FLATNESS)]
    with st.container(key="landscape_pairs"):
        left, right = st.columns([3.2, 1.3], vertical_alignment="center")
        with left:
            if shown and not alone:
                st.markdown(f"**{TITLES[shown]}** {_seen(lab, kept)} {over_seeds(lab, shown, kept[0].run)}")
            elif alone:
                _without_runs(lab, kept[0].run)
        with right:
            if shown and alone:
                st.button("Back to the schedules", icon=":material/arrow_back:", type="tertiary", on_click=_forget)
            for choice in [] if alone else offered:
                _question(choice, pairs[choice])


def _forget() -> None:
    st.session_state.pop(ASKED, None)


def _without_runs(lab: Lab, run: RunRecord) -> None:
    """What was measured of the flatness term in advance, and the way to a run without it."""
    measured = over_seeds(lab, FLATNESS, run) or "Of this data set nothing is measured in advance."
    st.markdown(
        f"**{TITLES[FLATNESS]}** {measured} No run without the term is stored here, so the charts below are still of"
        " the runs chosen above."
    )
    changed = {"dataset": run.dataset, "set": "synthesise.flatness=none"}
    router.page_link("recipe", "Run EDC without the flatness term", icon=":material/toggle_off:", **changed)


def _question(choice: str, pair: tuple[RunRecord, RunRecord] | None) -> None:
    def ask() -> None:
        st.session_state[ASKED] = choice
        if pair:
            page_address.set_selected_runs([run.id for run in pair])

    icon = ":material/compare_arrows:"
    st.button(QUESTIONS[choice], key=f"landscape_pair_{choice}", icon=icon, type="tertiary", on_click=ask)


def _seen(lab: Lab, kept: list[LandscapeRun]) -> str:
    """The sharpness of the two students, where it is stored as the page measures it."""
    known = []
    for one in kept:
        node = node_of(one.prepared, landscape_config(kind="sharpness"))
        landscape = found(lab.home, node.key) if lab.store.stage_results.find(node.key) else None
        if landscape is None:
            return ""
        known.append((landscape.about["ball"]["rise"], landscape.about["eigenvalues"][0]))
    (rise, top), (other_rise, other_top) = known
    if None in (rise, top, other_rise, other_top):
        return ""
    verdict = "lies flatter" if rise < other_rise and top < other_top else "does not lie flatter"
    return (
        f"EDC's student {verdict}: the worst rise of its loss within a small radius is {rise:.3f} nats, the other's"
        f" {other_rise:.3f}; the largest eigenvalue is {top:.0f} against {other_top:.0f}."
    )


def over_seeds(lab: Lab, choice: str, run: RunRecord) -> str:
    """What was measured in advance with several seeds: sharpness of the weights, accuracy, images."""
    known = stored_evidence(lab, choice, run)
    if known.sharpness is None:
        return ""
    ratio = Estimate(
        *(None if value is None else math.exp(value) for value in _bounds(known.sharpness)), known.sharpness.count
    )
    told = "" if known.sharpness.excludes_zero else ", so chance can explain it"
    said = [
        f"In {ratio.count} seeds ({known.profile}) EDC's worst rise is {ratio.text(digits=2)} times the other's{told}"
    ]
    if gain := known.effects.with_others:
        said.append(f"accuracy changes by {points(gain)}")
    if known.grey_levels and known.grey_levels.mean:
        said.append(f"images differ by {known.grey_levels.mean:.1f} of 255 grey levels on average")
    return "; ".join(said) + "."


def _bounds(value: Estimate) -> tuple[float, float | None, float | None]:
    return value.mean, value.low, value.high


def stored_evidence(lab: Lab, choice: str, run: RunRecord) -> ChoiceEvidence:
    """What is stored of a choice on the run's data set; nothing where a stored matrix is damaged."""
    answers = ScoreLookup(lab.store.stage_results, (published_scores.PUBLISHED,))
    try:
        return choice_evidence(validate_config(run.settings), description_of(run), answers)[choice]
    except EDCError:
        return ChoiceEvidence()
