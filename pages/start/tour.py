"""Guided tour: one stop per page; the stop is in the address."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from edc_core.ablation import published_scores
from edc_core.data.sources import EMBEDDED
from edc_core.runs.run_name import run_name
from edc_core.store.run_record import RunRecord
from pages.shared import access
from pages.shared import navigation as router


@dataclass(frozen=True)
class Stop:
    """One stop of the tour: page, title, sentence."""

    page: str
    title: str
    say: str


STOPS = (
    Stop(
        "start",
        "A set is judged by what it teaches",
        "Choose a set: we trained one network on each, and the test shows which one learned more.",
    ),
    Stop(
        "data",
        "What is to be condensed",
        "Real images, sorted by class: this set comes with the lab, and you can add a folder or a ZIP of your own.",
    ),
    Stop(
        "recipe",
        "Eight choices make the difference",
        "Each switch addresses one weakness of earlier methods: move a slider and see at once what it does.",
    ),
    Stop(
        "gallery",
        "Look at what was made",
        "Slide from the first iteration to the last: the images move away from the real ones they started as.",
    ),
    Stop(
        "labels",
        "Do the images teach, or the labels?",
        "The same students learn from other images under the same labels: random real ones, handbags only, plain"
        " noise.",
    ),
    Stop(
        "choices",
        "Which choice brought the gain?",
        "Every combination was measured: put the choices in any order and see how much each seems to bring.",
    ),
    Stop(
        "landscape",
        "How flat is the loss?",
        "See the loss around two trained students, along the same directions: the valley, its walls and the path"
        " into it.",
    ),
    Stop(
        "runs",
        "Never trust a single run",
        "Choose two runs: see what differs between them, and what was only chance.",
    ),
)


def address_of(number: int, runs: Sequence[RunRecord]) -> dict[str, str | list[str]]:
    """The address of a stop, from 1: the very view that its sentence speaks of, of what comes with the project.

    `runs` are those of the store; what it lacks is left out, and the page shows what it has.
    """
    page = STOPS[number - 1].page
    own = {run_name(run.settings).preset: run.id for run in runs if run.bundled and run.settings["protocol"] == "edc"}
    edc, pair = own.get("EDC", ""), [own[preset] for preset in ("EDC", "A") if preset in own]
    compared = {"run": edc, "compare": pair if len(pair) > 1 else ""}
    views: dict[str, dict[str, str | list[str]]] = {
        "data": {"dataset": next(iter(EMBEDDED))},
        "recipe": {"choice": "category-matching"},  # it has a slider, and a picture that follows it
        "gallery": {"run": edc, "gallery-view": "Forming"},
        "labels": {"run": edc},
        "choices": {"choices": "Results", "matrix": _factorial(), "choices-view": "Order machine"},
        "landscape": {**compared, "view": "Shape"},
        "runs": compared,
    }
    return {"tour": str(number), **views.get(page, {})}


def _factorial() -> str:
    """The stored matrix of every combination, which the order machine is drawn from."""
    matrices = published_scores.published_matrices(published_scores.PUBLISHED)
    kinds = {record["design"]["kind"]: record["name"] for record in matrices}
    return kinds.get("factorial", "")


def begin_tour() -> None:
    st.query_params["tour"] = "1"


def stop_in_address() -> int | None:
    """The tour's stop, from 1; None where no tour is on."""
    text = st.query_params.get("tour", "")
    return int(text) if text.isdigit() and 1 <= int(text) <= len(STOPS) else None


def render_tour(runs: Sequence[RunRecord]) -> None:
    """The tour's strip above a page, while a tour is on; `runs` are those of the store."""
    number = stop_in_address()
    if number is None:
        return
    stop = STOPS[number - 1]
    with st.container(border=True, key="tour"):
        words, buttons = st.columns([5, 4], vertical_alignment="center")
        words.markdown(f":blue-badge[{number} of {len(STOPS)}] **{stop.title}**  \n{stop.say}")
        with buttons, st.container(horizontal=True, horizontal_alignment="right"):
            if number > 1:
                _step("Back", ":material/arrow_back:", number - 1, runs)
            if number < len(STOPS):
                _step("Next", ":material/arrow_forward:", number + 1, runs)
            elif not access.is_hidden("launch"):
                _run_edc()
            if st.button("End the tour", key="tour_end", type="tertiary"):
                st.query_params.pop("tour", None)
                st.rerun()


def _step(label: str, icon: str, number: int, runs: Sequence[RunRecord]) -> None:
    kind = "primary" if label == "Next" else "secondary"
    if st.button(label, key=f"tour_{label.lower()}", icon=icon, type=kind):
        router.go_to_page(STOPS[number - 1].page, **address_of(number, runs))


def _run_edc() -> None:
    """The tour's end: Start, with the button that runs EDC and the time that it takes."""
    if st.button("Run EDC yourself", key="tour_run", icon=":material/play_arrow:", type="primary"):
        router.go_to_page("start")
