"""Accuracy chart: sets of images under the same labels, with a switch between soft and hard labels."""

import base64

import numpy as np
import streamlit as st

from edc_core.data.short_names import short_name
from edc_core.errors import EDCError
from edc_core.figures.colours import colour_of
from edc_core.figures.judge import Line, Mark, same_labels
from edc_core.figures.run_colours import run_colour
from edc_core.judging.comparison_sets import OURS
from edc_core.judging.conclusions import Comparison
from edc_core.judging.results import curve_bands, observers_top1, select_cells
from edc_core.judging.worth import CURVES_FOLDER, RealImageCurve, load_curves
from edc_core.pipeline.prepare import PreparedRun
from edc_core.runs.image_grids import in_rows, png, sheet
from edc_core.runs.initial_preview import starting_pixels
from edc_core.runs.run_table import title_of
from edc_core.store.arrays import read_arrays
from edc_core.store.run_record import RunRecord
from edc_core.wording.grammar import capitalise
from pages.judge.judge_request import PROTOCOL_NAMES, JudgeRequest, floor_set, render_judge_button
from pages.shared.charts import NO_MODE_BAR, ink, is_dark, render_chart
from pages.shared.footing import render_footing
from pages.shared.page_frame import Lab
from pages.shared.save_figure import Printed

MAX_STRIP_IMAGES = 10  # images of a set shown beside its name
SOFT_OR_HARD = (
    "The teacher is a committee of networks trained on the real images: at every step it says how much an image"
    " looks like each class (soft labels). Without it, an image has only its class (hard labels)."
)


def render_accuracy_chart(lab: Lab, run: RunRecord, asked: JudgeRequest) -> tuple[bool, Comparison]:
    """The chart with its switch and its sentences; gives whether the labels are taken away, and the comparison."""
    hard, comparison = _switches(asked)
    marks = marks_of(lab, asked, comparison)
    lines = [_line(lab, asked, comparison, name) for name in asked.matrix.sets]
    said = comparison.sentences(hard)
    if said:
        st.markdown(f"#### {said[0]}")
        if said[1:]:
            st.markdown(" ".join(said[1:]))
    labels = "hard labels" if hard else "the teacher's soft labels"
    printed = printed_of(
        asked, f"accuracy under {'hard' if hard else 'soft'} labels", f"Sets of images under {labels}."
    )
    chart = same_labels(lines, hard, marks, axis_title(asked), ink())
    render_chart(chart, key="labels_chart", config=NO_MODE_BAR, printed=printed)
    if warning := comparison.warning(hard):
        st.warning(warning, icon=":material/info:")
    render_judge_button(lab, asked)
    render_footing(*_footing(comparison, hard))
    return hard, comparison


def printed_of(asked: JudgeRequest, content: str, caption: str) -> Printed:
    """What a saved chart of this page is, with the run that it judges."""
    run = f"{title_of(asked.run)}, {short_name(asked.run.dataset)}"
    return Printed(f"{content} {run}", f"{caption} {capitalise(axis_title(asked))}; {run}.")


def axis_title(asked: JudgeRequest) -> str:
    """What the accuracy axis shows, with its unit."""
    about = asked.run.manifest["dataset"]
    if asked.run.settings["score"]["split"] == "test":
        return f"top-1 on {about['test_count']:,} test images (%)"
    return "top-1 on held-out training images (%)"


def _switches(asked: JudgeRequest) -> tuple[bool, Comparison]:
    """Labels on or off, and, where several are asked for, whose labels and which student."""
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="center")
    soft, hards = asked.soft, asked.hard
    with left:
        hard = _switch(bool(soft), bool(hards))
    chosen = {}
    for kind, choices in (("soft", soft), ("hard", hards)):
        if choices:
            chosen[kind] = _measured_most(asked, choices)
            if len(choices) > 1 and hard == (kind == "hard"):
                chosen[kind] = middle.segmented_control(
                    "Labels and training",
                    choices,
                    default=chosen[kind],
                    required=True,
                    format_func=PROTOCOL_NAMES.get,
                    key=f"labels_shown_{kind}",
                    label_visibility="collapsed",
                    persist_state="session",
                )
    student = asked.students[0]
    if len(asked.students) > 1:
        student = right.selectbox("Student", asked.students, key="labels_student", label_visibility="collapsed")
    shown = (student, chosen.get("soft"), chosen.get("hard"))
    return hard, Comparison(asked.cells, *shown, asked.names, floor_set(asked.run), asked.floor)


def _switch(soft: bool, hard: bool) -> bool:
    """Whether the labels are taken away; where only one kind is asked for, the switch shows which and cannot move."""
    words = "Take the teacher's labels away"
    if soft and hard:
        bound = {"bind": "query-params", "persist_state": "session"}
        return st.toggle(words, key="labels_hard", help=SOFT_OR_HARD, **bound)
    return st.toggle(words, hard, key=f"labels_only_{'hard' if hard else 'soft'}", disabled=True, help=SOFT_OR_HARD)


def _measured_most(asked: JudgeRequest, choices: list[str]) -> str:
    """The protocol that has something to show: our set's figures before the others', then the most."""
    counts = {name: select_cells(asked.cells, protocol=name) for name in choices}
    return max(choices, key=lambda name: (any(cell.set == OURS for cell in counts[name]), len(counts[name])))


def set_colour(asked: JudgeRequest, name: str) -> str:
    """The run's colour, and of what stands beside it its preset's."""
    return run_colour(asked.run, is_dark()) if name == OURS else colour_of(name)


def _line(lab: Lab, asked: JudgeRequest, comparison: Comparison, name: str) -> Line:
    soft, hard = comparison.of(name, False), comparison.of(name, True)
    prepared = next(prepared for (other, _), prepared in asked.matrix.runs.items() if other == name)
    return Line(
        capitalise(asked.names[name]),
        set_colour(asked, name),
        comparison.top1(name, False),
        comparison.top1(name, True),
        [cell.top1() for cell in soft],
        [cell.top1() for cell in hard],
        _strip(lab, prepared),
        name == OURS,
    )


def marks_of(lab: Lab, asked: JudgeRequest, comparison: Comparison, looked_at: bool = False) -> list[Mark]:
    """The floor and the ceilings, as far as they are measured.

    On what students are scored on at their end; `looked_at`: on the held-out images that curves are looked at on.
    """
    marks = []
    split = "val" if looked_at else asked.run.settings["score"]["split"]
    floor = _last_look(lab, comparison) if looked_at else comparison.floor and comparison.floor.mean
    if floor is not None:
        marks.append(Mark("floor: random, hard labels", floor))
    if best := best_observer(lab, asked):
        marks.append(Mark(f"best observer ({best[0]}, {best[1]})", best[2]))
    if curve := longest_curve(lab, asked, comparison.student):
        full = curve.points(split)[-1].mean
        marks.append(Mark(f"{curve.sizes[-1]:,} real images, hard labels, {curve.steps:,} steps", full))
    return marks


def _last_look(lab: Lab, comparison: Comparison) -> float | None:
    """Final accuracy of random images with hard labels, on held-out images."""
    cells = comparison.on_the_floor
    means = curve_bands(cells, lab.store, f"top1/{cells[0].headline}")["mean"] if cells else []
    return means[-1] if means else None


def best_observer(lab: Lab, asked: JudgeRequest) -> tuple[str, str, float] | None:
    """The best of the networks that label, what it was scored on, and its accuracy there."""
    for (_, protocol), prepared in asked.matrix.runs.items():
        if protocol in asked.soft:
            names = prepared.config.relabel.observers
            found = observers_top1(prepared.nodes, lab.store.stage_results, names)
            best = max(found, key=found.get, default=None)
            return (best, prepared.config.squeeze.scored_on, found[best]) if best else None
    return None


def curves_of(lab: Lab, asked: JudgeRequest) -> list[RealImageCurve]:
    """The stored curves of real subsets of this run's data set."""
    return load_curves(asked.run.manifest["dataset"]["digest"], (CURVES_FOLDER, lab.home / "worth"))


def longest_curve(lab: Lab, asked: JudgeRequest, student: str) -> RealImageCurve | None:
    """That student's curve of the longest training, None where none is stored."""
    found = [curve for curve in curves_of(lab, asked) if curve.student == student]
    return found[-1] if found else None


def _footing(comparison: Comparison, hard: bool) -> list[str]:
    """What the marks are, then seeds and intervals."""
    both = comparison.soft and comparison.hard
    other = "" if comparison.labels_alone else ", and the training differs"
    hollow = f" Hollow: the same set with{'' if hard else 'out'} the teacher's labels{other}." if both else ""
    parts = [
        f"Large mark: mean over seeds; bar: 95 % interval; small dots: seeds.{hollow}",
        f"The student is {comparison.student}. Intervals are Student's t, from three seeds on.",
        "Seeds differ only in the student's initial weights: the images (one draw of each control), the views, the"
        " labels and the number of steps are the same.",
    ]
    least = comparison.detectable(hard)
    if least is not None:
        parts.append(f"A lead of less than {least:.1f} points over the control may be chance.")
    return parts


def _strip(lab: Lab, prepared: PreparedRun) -> str | None:
    """Ten of a set's images as a PNG address; None where they are not made yet."""
    nodes = {node.stage: node for node in prepared.nodes if node.stage in ("initialise", "synthesise")}
    folder = lab.store.stage_results.find(nodes["synthesise"].key)
    if folder is None and prepared.config.synthesise.optimised:
        return None
    return _strip_of(str(folder) if folder else None, nodes["synthesise"].key, prepared, str(lab.home))


@st.cache_data(max_entries=200, show_spinner=False)
def _strip_of(folder: str | None, key: str, _prepared: PreparedRun, home: str) -> str | None:
    from pathlib import Path

    if folder:
        pixels = read_arrays(Path(folder) / "images.safetensors", ("images",))["images"]
    else:
        try:
            found = starting_pixels(_prepared, Path(home))
        except EDCError:
            return None
        if found is None:
            return None
        pixels = found[0]
    rows = np.linspace(0, len(pixels) - 1, min(MAX_STRIP_IMAGES, len(pixels))).round().astype(int)
    cells, filled = in_rows(pixels[rows], MAX_STRIP_IMAGES)
    return "data:image/png;base64," + base64.b64encode(png(sheet(cells, filled), 3)).decode()
