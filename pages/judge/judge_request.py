"""What is to be judged: protocols, students, seeds and companions."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from edc_core import jobs
from edc_core.design_space.presets import PROTOCOLS
from edc_core.design_space.profiles import OFFERED_STUDENTS
from edc_core.errors import SettingsError
from edc_core.judging.comparison_sets import COMPANIONS, OURS, OWN, CompanionMatrix, companion_matrix, own_protocol
from edc_core.judging.conclusions import RANDOM_BASELINE, is_hard
from edc_core.judging.results import Cell, cells, select_cells
from edc_core.networks.catalogue import check_fits
from edc_core.store.run_record import RunRecord
from edc_core.wording.grammar import capitalise, plural
from pages.judge.judge_progress import WATCHED, queue_missing
from pages.judge.set_picker import shown_names
from pages.shared.access import READ_ONLY, is_hidden
from pages.shared.markdown_escape import as_sentence
from pages.shared.page_frame import Lab

INITIAL_PROTOCOLS = "labels_at_first"  # in the session: the run looked at, its field's key, and what that held at first
PROTOCOL_NAMES = {
    OWN: "the run's own",
    "edc": "EDC",
    "rded": "RDED",
    "sre2l": "SRe2L",
    "hard": "hard labels",
    "plain": "hard labels, plain",
}
HELP = "; ".join(f"{PROTOCOL_NAMES[name]}: {summary}" for name, (summary, _) in PROTOCOLS.items())


@dataclass(frozen=True)
class JudgeRequest:
    """One request: a matrix, its measured cells, and the sets' names."""

    run: RunRecord
    matrix: CompanionMatrix
    cells: list[Cell]
    students: tuple[str, ...]
    seeds: int
    names: dict[str, str]
    floor: list[Cell]  # random images with hard labels, as far as measured, where no hard labels are asked for

    @property
    def soft(self) -> list[str]:
        return [name for name in self.matrix.protocols if not is_hard(name) and not self._own_is_hard(name)]

    @property
    def hard(self) -> list[str]:
        return [name for name in self.matrix.protocols if name not in self.soft]

    @property
    def missing(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.scores is None]

    def _own_is_hard(self, name: str) -> bool:
        return name == OWN and self.run.settings["relabel"]["labels"] == "hard"


def render_judge_request(lab: Lab, run: RunRecord) -> JudgeRequest | None:
    """Render the request panel; returns the request, None if it is invalid."""
    own = own_protocol(run, PROTOCOLS)
    with st.expander("Judge more: protocols, students, seeds", icon=":material/fact_check:"):
        chosen = _widgets(lab, run, own)
        if chosen is None:
            return None
        protocols, students, seeds, companions = chosen
        try:
            asked_for = companion_matrix(run, protocols, students, seeds, companions)
        except SettingsError as error:
            st.error(as_sentence(str(error)), icon=":material/error:")
            return None
        names = shown_names(run, asked_for.sets)
        found, floor = cells(asked_for, lab.store.stage_results), _floor(lab, run, protocols, students, seeds)
        asked = JudgeRequest(run, asked_for, found, students, seeds, names, floor)
        _table(asked)
        _button(lab, asked, "labels_judge")
    return asked


def floor_set(run: RunRecord) -> str:
    """The set whose accuracy with hard labels is the floor: random images, which may be the run's own."""
    return OURS if run.preset == RANDOM_BASELINE else RANDOM_BASELINE


def _floor(lab: Lab, run: RunRecord, protocols: tuple[str, ...], students: tuple, seeds: int) -> list[Cell]:
    if any(is_hard(name) for name in protocols):
        return []
    beside = (RANDOM_BASELINE,) if floor_set(run) == RANDOM_BASELINE else ()
    found = cells(companion_matrix(run, ("hard",), students, seeds, beside), lab.store.stage_results)
    return select_cells(found, set=floor_set(run))


def _asked_at_first(lab: Lab, run: RunRecord, own: str) -> tuple[str, list[str]]:
    """Widget key and initial value of the protocols field.

    Another key where that is another, so that nothing is asked of a run because it is measured of the one before; the
    same while the field is shown, so that no choice is lost when something is measured.
    """
    looked, key, names = st.session_state.get(INITIAL_PROTOCOLS, ("", "", []))
    if looked != run.id or key not in st.session_state:
        names = _at_first(lab, run, own)
        key = f"labels_protocols_{own}_{'_'.join(names)}"
        st.session_state[INITIAL_PROTOCOLS] = run.id, key, names
    return key, names


def _at_first(lab: Lab, run: RunRecord, own: str) -> list[str]:
    """Initial protocols: soft and hard labels, and no augmentation if that is measured."""
    settings = run.settings
    names = [own] if settings["relabel"]["labels"] == "soft" else []
    with suppress(SettingsError):
        bare = companion_matrix(run, ("plain",), tuple(settings["evaluate"]["students"]), 1, ())
        if select_cells(cells(bare, lab.store.stage_results)):
            return list(dict.fromkeys([*names, "edc", "hard", "plain"]))
    return list(dict.fromkeys([*names, "edc", "hard"]))


def _widgets(lab: Lab, run: RunRecord, own: str) -> tuple | None:
    """Protocols, students, seeds and companions as chosen; None (and a sentence) where one is empty or wrong."""
    settings, size = run.settings, run.manifest["dataset"]["size"]
    first, second = st.columns(2)
    options = [OWN, *PROTOCOLS] if own == OWN else list(PROTOCOLS)
    key, names = _asked_at_first(lab, run, own)
    protocols = first.multiselect(
        "Labels and training",
        options,
        names,
        format_func=PROTOCOL_NAMES.get,
        key=key,
        help=f"{HELP}. Each protocol has its own steps and views; the students are those chosen below.",
    )
    companions = second.multiselect(
        "Compare with",
        COMPANIONS,
        COMPANIONS,
        format_func=lambda name: capitalise(shown_names(run, [name])[name]),
        key="labels_companions",
        help="These are other images with the same labels, views, steps and student.",
    )
    students, seeds = _student_widgets(first, second, settings["evaluate"]["students"])
    if not protocols or not students:
        st.warning("Choose at least one protocol and one student.", icon=":material/info:")
        return None
    try:
        for student in students:
            check_fits(student, size)
    except SettingsError as error:
        st.warning(as_sentence(str(error)), icon=":material/info:")
        return None
    return tuple(protocols), tuple(students), int(seeds), tuple(companions)


def _student_widgets(first: Any, second: Any, own_students: list[str]) -> tuple[list[str], int]:
    """Students and the number of seeds as chosen, in two columns."""
    students = first.multiselect(
        "Students",
        list(dict.fromkeys([*own_students, *OFFERED_STUDENTS])),
        own_students,
        key=f"labels_students_{'_'.join(own_students)}",
        accept_new_options=True,
        help="Networks that are trained on nothing but the set. You may type another name, such as wrn-16-1; a"
        " network unlike all observers tells most.",
    )
    seeds = second.number_input(
        "Students per network (seeds)",
        1,
        10,
        3,
        key="labels_seeds",
        help="Each starts from other weights, with the same images and views. Use at least three.",
    )
    return students, seeds


def _table(asked: JudgeRequest) -> None:
    """Table of measured students by set and protocol."""
    rows = {}
    for name in asked.matrix.sets:
        rows[capitalise(asked.names[name])] = {
            PROTOCOL_NAMES[protocol]: _count([c for c in asked.cells if (c.set, c.protocol) == (name, protocol)])
            for protocol in asked.matrix.protocols
        }
    st.markdown("Students measured")
    st.table(pd.DataFrame.from_dict(rows, orient="index"))
    for name, reason in asked.matrix.left_out.items():
        st.caption(f"{capitalise(shown_names(asked.run, [name])[name])} left out: {reason}")


def _count(cells: list[Cell]) -> str:
    done = sum(cell.scores is not None for cell in cells)
    return f"{done} of {len(cells)}" if cells else ""


def _button(lab: Lab, asked: JudgeRequest, key: str) -> None:
    """Button that enqueues the missing students, with their number."""
    count, at_work = len(asked.missing), bool(st.session_state.get(WATCHED))
    if is_hidden("launch"):
        return
    if count and st.button(
        f"Judge what is missing: {count} {plural(count, 'student')}",
        key=key,
        type="primary",
        icon=":material/balance:",
        disabled=jobs.read_only() or at_work,
        help=READ_ONLY if jobs.read_only() else "The judging is going on." if at_work else None,
    ):
        queue_missing(lab, asked.matrix, asked.cells)
        st.rerun()


def render_judge_button(lab: Lab, asked: JudgeRequest) -> None:
    """The page's first action where sets still lack figures."""
    if asked.missing and not st.session_state.get(WATCHED):
        _button(lab, asked, "labels_judge_first")
