"""Result views of a matrix, by its kind: effects, order machine, ladder, runs, and others."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from edc_core.ablation.bounds import Bounds, bounds
from edc_core.ablation.design import SAME_IMAGES, Design
from edc_core.ablation.effects import is_full
from edc_core.ablation.factors import Factor
from edc_core.ablation.matrix import Matrix
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.ablation.results import Row, by_cell
from edc_core.data.short_names import short_name
from edc_core.design_space.presets import PRESETS
from edc_core.design_space.profiles import PROFILES
from edc_core.intervals import (
    MIN_SEEDS,
    MeasuredEffect,
    count_excluding_zero,
    expected_false_alarms,
    minimum_detectable_text,
)
from edc_core.jobs.dataset_titles import titles
from edc_core.store import BUNDLED, StageResults
from edc_core.wording.grammar import plural
from pages.choices import effects as choices_effects
from pages.choices import ladder as choices_ladder
from pages.choices import matrix_grid as choices_runs
from pages.choices import methods as choices_methods
from pages.choices.matrix_picker import Entry, store_version
from pages.choices.order_machine import render_order_machine
from pages.shared.footing import render_footing
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab

VIEW = "choices-view"  # in the session and in the address


@dataclass(frozen=True)
class Shown:
    """One data set, IPC and student of a matrix: the rows that a view is about, and `every` IPC's beside them."""

    lab: Lab
    entry: Entry
    rows: list[Row]
    every: list[Row]

    @property
    def cells(self) -> dict:
        return by_cell(self.rows, on=True)

    @property
    def factors(self) -> tuple[Factor, ...]:
        return self.entry.factors

    @property
    def titles(self) -> dict[str, str]:
        return {factor.name: factor.title for factor in self.factors}

    @property
    def full(self) -> bool:
        return is_full(self.cells, self.factors)

    @property
    def bounds(self) -> Bounds:
        """The floor and the ceilings of an accuracy axis."""
        row = self.rows[0]
        design = self.entry.design.model_dump_json()
        return _bounds(design, store_version(self.lab), row.dataset, row.ipc, row.student, self.entry.matrix)


@st.cache_data(show_spinner=False, max_entries=60)
def _bounds(design: str, seen: tuple, dataset: str, ipc: int, student: str, _matrix: Matrix) -> Bounds:
    answers = ScoreLookup(StageResults(Path(seen[2]), (BUNDLED,)), (Path(seen[1]),))
    return bounds(_matrix, answers, Path(seen[2]), dataset, ipc, student)


def render_about(entry: Entry) -> None:
    """Origin of a bundled matrix."""
    when = time.strftime("%d %B %Y", time.localtime(entry.record["finished"]))
    hours = sum(stage["seconds"] for stage in entry.record["seconds"].values()) / 3600
    took = f", {hours:.1f} hours of computing" if hours >= 0.05 else ""
    st.caption(
        f"Comes with the project: {len(entry.matrix.jobs):,} runs, finished on {when}{took}, with edc_core"
        f" {entry.record['versions'].get('edc_core', '')}."
    )


def render_views(lab: Lab, entry: Entry, rows: list[Row], whole: bool) -> None:
    """The slice, the views, and what they rest on."""
    kept = _slice(lab, entry, rows)
    alike = [row for row in rows if (row.dataset, row.student) == (kept[0].dataset, kept[0].student)]
    shown = Shown(lab, entry, kept, alike)
    views = VIEWS[entry.design.kind]
    if entry.design.kind == "ladder" and compares_methods(entry.design):
        views = ["Methods", *views] if entry.design.protocol else [views[0], "Methods", *views[1:]]
    if entry.design.kind == "ladder" or len(entry.design.ipcs) > 1:  # else every set weighs the same
        views = [*views[:-1], "Cost", views[-1]]
    older = st.query_params.get("view")  # what links called it before Landscape had a view of its own
    first = older if older in views else views[0]
    if st.session_state.get(VIEW, first) not in views:
        del st.session_state[VIEW]
    view = st.segmented_control(
        "View", views, default=first, required=True, key=VIEW, bind="query-params", label_visibility="collapsed"
    )
    if not whole:
        st.caption(":material/hourglass_top: Not everything is measured yet: these figures show what is there so far.")
    findings = DRAWN[view](shown)
    render_basis(shown, findings)


def _slice(lab: Lab, entry: Entry, rows: list[Row]) -> list[Row]:
    """One data set, IPC and student, asked for where there are several."""
    called = titles(lab.store, [row.dataset for row in rows])
    asked = (("dataset", "Data set", called.get), ("ipc", "Images per class", str), ("student", "Student", str))
    several = [one for one in asked if len({getattr(row, one[0]) for row in rows}) > 1]
    for column, (name, label, words) in zip(st.columns(3), several, strict=False) if several else ():
        options = list(dict.fromkeys(getattr(row, name) for row in rows))
        chosen = column.selectbox(label, options, format_func=words, key=f"choices_{name}_{entry.name}")
        rows = [row for row in rows if getattr(row, name) == chosen]
    return rows


def compares_methods(design: Design) -> bool:
    """Whether presets are compared that are no rungs of the ladder."""
    return any(PRESETS[name].kind != "ladder" for name in design.presets)


def _order(shown: Shown) -> list[MeasuredEffect]:
    note = LABELS_NOTE if shown.entry.design.kind in ("factorial", "fractional") else ""
    render_order_machine(shown.cells, shown.factors, key="order", note=note)
    return []


def _runs(shown: Shown) -> list[MeasuredEffect]:
    choices_runs.render_values(shown.rows)
    return []


LABELS_NOTE = "The teacher's soft labels are not among the eight choices: every cell has them."
DRAWN: dict[str, Callable[[Shown], list[MeasuredEffect]]] = {
    "Each choice": choices_effects.render_main_effects,
    "Order machine": _order,
    "Together": choices_effects.render_interactions,
    "Methods": choices_methods.render_methods,
    "Ladder": choices_ladder.render_ladder,
    "Differences": choices_ladder.render_differences,
    "Waterfall": choices_ladder.render_waterfall,
    "Cost": choices_ladder.render_cost,
    "Runs": _runs,
}
VIEWS = {
    "factorial": ["Each choice", "Order machine", "Together", "Runs"],
    "fractional": ["Each choice", "Together", "Runs"],
    "waterfall": ["Waterfall", "Order machine", "Each choice", "Together", "Runs"],
    "ladder": ["Ladder", "Runs"],
    "one-at-a-time": ["Differences", "Runs"],
    "leave-one-out": ["Differences", "Runs"],
    "confounds": ["Differences", "Runs"],
}


def render_basis(shown: Shown, findings: list[MeasuredEffect]) -> None:
    """Seeds, what was redrawn, the smallest difference that could be seen, and chance findings."""
    seeds = len({row.seed for row in shown.rows})
    counts = [finding.estimate.count for finding in findings]
    fewest = min(counts, default=seeds)
    if fewest < MIN_SEEDS:
        st.warning(
            f"Only {fewest} {plural(fewest, 'seed')}: treat these figures as a hint. A difference needs at least"
            f" {MIN_SEEDS}.",
            icon=":material/info:",
        )
    design = shown.entry.design
    on = "held-out training images" if design.split == "val" else "test images"
    row = shown.rows[0]
    table = f", profile {design.profile} ({PROFILES[design.profile].summary})" if design.profile in PROFILES else ""
    said = [
        f"Top-1 of {row.student} on {on}, {seeds} {plural(seeds, 'seed')}, 95 % intervals.",
        f"{escape_markdown(short_name(row.dataset))}, IPC {row.ipc}{table}. Each seed redraws {shown.entry.redrawn}."
        f" Intervals are Student's t, differences paired by seed. {SAME_IMAGES}",
    ]
    if smallest := minimum_detectable_text(findings):
        said.append(
            f"The smallest true difference that this design would detect four times in five is {smallest} points."
            f" Of {len(findings)} intervals {count_excluding_zero(findings)} leave out zero; by chance alone"
            f" {expected_false_alarms(findings):.1f} would."
        )
    render_footing(*said)
