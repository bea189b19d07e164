"""Result tabs: worth, learning curves, classes, students, protocols, costs."""

import shlex
from collections.abc import Callable

import pandas as pd
import streamlit as st

from edc_core.config import DataConfig
from edc_core.data.dataset import held_out_per_class, training_images
from edc_core.figures.colours import PRESET_DASHES
from edc_core.figures.students import Band, Reading, confusion_map, learning, per_class, table_map, worth_curves
from edc_core.judging import results
from edc_core.judging.comparison_sets import OURS, observers_of
from edc_core.judging.conclusions import Comparison, unseen
from edc_core.judging.worth import RealImageCurve, equivalent_real_images
from edc_core.performance.workload import LIVE_IMAGES
from edc_core.runs.condensed_set import labels_of
from edc_core.runs.run_table import title_of
from edc_core.wording.grammar import capitalise
from pages.judge.accuracy_chart import axis_title, curves_of, marks_of, printed_of, set_colour
from pages.judge.judge_request import PROTOCOL_NAMES, JudgeRequest
from pages.shared.charts import NO_MODE_BAR, ink, render_chart
from pages.shared.footing import render_footing
from pages.shared.formatting import duration, storage
from pages.shared.notebook_button import render_notebook_button
from pages.shared.page_frame import Lab

DASHES = PRESET_DASHES | {"glyphs": "dash", "noise": "dot"}  # negative controls share a colour


def render_result_tabs(lab: Lab, asked: JudgeRequest, comparison: Comparison, hard: bool) -> None:
    """One tab a question; only the open one computes. `hard`: the teacher's labels are taken away."""
    views: dict[str, Callable] = {
        "Worth": _worth,
        "Learning curves": _curves,
        "Classes": _classes,
        "Other students": _students,
        "Other protocols": _protocols,
        "Bytes and seconds": _costs,
    }
    tabs = st.tabs(list(views), key="labels_view", on_change="rerun")
    for tab, view in zip(tabs, views.values(), strict=True):
        if tab.open:
            with tab:
                view(lab, asked, comparison, hard)


def _preset(asked: JudgeRequest, name: str) -> str:
    return asked.run.preset if name == OURS else name


def _worth(lab: Lab, asked: JudgeRequest, comparison: Comparison, hard: bool) -> None:
    """Accuracies read as numbers of real images with hard labels."""
    found = curves_of(lab, asked)
    curves = [curve for curve in found if curve.student == comparison.student] or found[-1:]
    if not curves:
        st.info(
            "No curve of real images is stored for this data set. This command measures one:",
            icon=":material/show_chart:",
        )
        command = f"python -m edc_core worth --dataset {shlex.quote(asked.run.dataset)}"
        st.code(command, language="bash", wrap_lines=True)
        return
    split, longest = asked.run.settings["score"]["split"], curves[-1]
    marks = [mark for mark in marks_of(lab, asked, comparison) if "real images" not in mark.name]
    readings, table = _readings(asked, comparison, longest, split)
    if ours := comparison.top1(OURS, hard):
        count = len(labels_of(lab.store.stage_results, asked.run))
        labels = "hard" if hard else "the teacher's"
        shorter = [f" After {c.steps:,} steps: {equivalent_real_images(ours, c, split).text()}." for c in curves[:-1]]
        images = equivalent_real_images(ours, longest, split).text()
        st.markdown(
            f"{capitalise(asked.names[OURS])}, {count:,} of them with {labels} labels, are worth"
            f" **{images}** real images with hard labels, trained for {longest.steps:,} steps.{''.join(shorter)}"
        )
    render_chart(
        worth_curves(curves, readings, marks, split, axis_title(asked), ink()),
        key="labels_worth",
        config=NO_MODE_BAR,
        printed=printed_of(
            asked,
            "worth in real images",
            "Accuracy by number of real images with hard labels, and the sets read off it.",
        ),
    )
    render_footing(
        "Curve: the same student on real training images, drawn at random, with hard labels.",
        f"It is trained with {longest.ways}."
        f" Student {longest.student}, {longest.steps:,} optimiser steps whatever their number"
        f" (dotted: {', '.join(f'{c.steps:,}' for c in curves[:-1]) or 'none'});"
        f" {longest.seeds} seeds redraw {longest.record['redrawn']}; band: lowest to highest seed. {_held_out(asked)}"
        " Ranges hold the curve's seeds and the accuracy's 95 % interval.",
    )
    if longest.student != comparison.student:
        st.caption(f"No curve is stored for {comparison.student}: this one is {longest.student}'s.")
    if table:
        st.table(pd.DataFrame.from_dict(table, orient="index").fillna(""))


def _readings(
    asked: JudgeRequest, comparison: Comparison, curve: RealImageCurve, split: str
) -> tuple[list[Reading], dict]:
    """Each set's accuracies read off a curve: the marks of the chart, and a table of sentences."""
    readings: list[Reading] = []
    table: dict[str, dict[str, str]] = {}
    for name in asked.matrix.sets:
        row = {}
        for away in (False, True):
            if estimate := comparison.top1(name, away):
                read = equivalent_real_images(estimate, curve, split)
                row["hard labels" if away else "the teacher's labels"] = f"{estimate.mean:.1f} %: {read.text()}"
                label = f"{capitalise(asked.names[name])}, {'hard' if away else 'teacher’s'} labels"
                colour = set_colour(asked, name)
                if name in (OURS, comparison.rival):
                    readings.append(Reading(label, estimate.mean, read.images, colour, away))
        if row:
            table[capitalise(asked.names[name])] = row
    return readings, table


def _curves(lab: Lab, asked: JudgeRequest, comparison: Comparison, hard: bool) -> None:
    """Learning curves on held-out training images."""
    bands = []
    for name in asked.matrix.sets:
        cells = comparison.of(name, hard)
        if not cells:
            continue
        points = results.curve_bands(cells, lab.store, f"top1/{cells[0].headline}")
        if points["step"]:
            preset = _preset(asked, name)
            style = {"dash": DASHES.get(preset, "solid")}
            bands.append(Band(capitalise(asked.names[name]), set_colour(asked, name), points, **style))
    if not bands:
        st.info("No learning curve is kept for these students.", icon=":material/show_chart:")
        return
    render_chart(
        learning(bands, "top-1 on held-out images (%)", marks_of(lab, asked, comparison, looked_at=True), ink()),
        key="labels_curves",
        config=NO_MODE_BAR,
        printed=printed_of(asked, "learning curves", "Mean over seeds by epoch; band: lowest to highest seed."),
    )
    looked = min(LIVE_IMAGES, _held(asked) * len(asked.run.manifest["dataset"]["classes"]))
    render_footing(
        "Line: mean over seeds; band: lowest to highest seed.",
        f"Curves are scored on {looked} held-out training images; the last epoch counts.",
    )


def _classes(lab: Lab, asked: JudgeRequest, comparison: Comparison, hard: bool) -> None:
    """Accuracy per class, and the confusion matrix."""
    classes = asked.run.manifest["dataset"]["classes"]
    judged = [name for name in asked.matrix.sets if comparison.of(name, hard)]
    if not judged:
        _nothing()
        return
    shown = [name for name in (OURS, comparison.rival) if name in judged]
    lines = [
        (
            capitalise(asked.names[name]),
            set_colour(asked, name),
            results.per_class(comparison.of(name, hard)),
        )
        for name in shown
    ]
    floor = results.per_class(comparison.on_the_floor) if comparison.floor and not hard else []
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Top-1 of each class**")
        printed = printed_of(asked, "accuracy by class", "Top-1 of each class; bars: 95 % interval over seeds.")
        chart = per_class(classes, lines, floor, "top-1 (%)", ink())
        render_chart(chart, key="labels_classes", config=NO_MODE_BAR, printed=printed)
        st.caption("Bars: 95 % interval over seeds.")
    with right:
        one = st.selectbox(
            "Confusions of students of",
            judged,
            format_func=lambda name: capitalise(asked.names[name]),
            key="labels_confused",
        )
        shares = results.confusion(comparison.of(one, hard))
        caption = f"Of 100 images of a class (rows), how many students of {asked.names[one]} took for which class."
        printed = printed_of(asked, f"confusion {asked.names[one]}", caption)
        chart = confusion_map(shares, classes, ink())
        render_chart(chart, key="labels_confusion", config=NO_MODE_BAR, printed=printed)
        st.caption("Each row shows what 100 images of a class were taken for, over all seeds.")


def _students(lab: Lab, asked: JudgeRequest, comparison: Comparison, hard: bool) -> None:
    """Accuracy by set and architecture."""
    protocol = comparison.hard if hard else comparison.soft
    values = [
        [
            results.mean_top1(results.select_cells(asked.cells, set=name, protocol=protocol, student=student))
            for student in asked.students
        ]
        for name in asked.matrix.sets
    ]
    fresh = unseen(asked.students, observers_of(asked.matrix.runs[OURS, protocol].config))
    columns = [f"{student}<br>{'no observer is like it' if student in fresh else ''}" for student in asked.students]
    rows = [capitalise(asked.names[name]) for name in asked.matrix.sets]
    printed = printed_of(asked, "accuracy by student", "Mean ± half the 95 % interval, by set of images and student.")
    chart = table_map(rows, columns, values, ink())
    render_chart(chart, key="labels_students", config=NO_MODE_BAR, printed=printed)
    st.caption(
        f"Top-1 in percent, mean ± half the 95 % interval; {PROTOCOL_NAMES[protocol]}. A dot means not judged yet."
    )
    if not fresh:
        st.info(
            "Every student here resembles an observer. Add one that does not, such as mobilenetv2-0.25, under"
            " *Judge more*: it shows whether the images suit networks that did not help to make them.",
            icon=":material/lightbulb:",
        )


def _protocols(lab: Lab, asked: JudgeRequest, comparison: Comparison, hard: bool) -> None:
    """Accuracy by set and protocol, for one student."""
    values = [
        [
            results.mean_top1(
                results.select_cells(asked.cells, set=name, protocol=protocol, student=comparison.student)
            )
            for protocol in asked.matrix.protocols
        ]
        for name in asked.matrix.sets
    ]
    rows = [capitalise(asked.names[name]) for name in asked.matrix.sets]
    columns = [PROTOCOL_NAMES[name] for name in asked.matrix.protocols]
    printed = printed_of(asked, "accuracy by protocol", "Mean ± half the 95 % interval, by set of images and protocol.")
    chart = table_map(rows, columns, values, ink())
    render_chart(chart, key="labels_protocols", config=NO_MODE_BAR, printed=printed)
    st.caption(
        f"Top-1 in percent, mean ± half the 95 % interval; student {comparison.student}. A dot means not judged yet."
    )


def _costs(lab: Lab, asked: JudgeRequest, comparison: Comparison, hard: bool) -> None:
    """Bytes and seconds of each set."""
    table = {}
    for name in asked.matrix.sets:
        entry = results.cost(asked.matrix.runs[name, comparison.soft or comparison.hard].nodes, lab.store.stage_results)
        table[capitalise(asked.names[name])] = {
            "images, eight-bit": _given(entry.pixel_bytes, storage),
            "images as PNG": _given(entry.png_bytes, storage),
            "soft labels of all views": _given(entry.label_bytes, storage),
            "hard labels": _given(entry.images, storage),
            "making the images": _given(entry.making_seconds, duration),
            "one student": _given(entry.judging_seconds, duration),
        }
    st.table(pd.DataFrame.from_dict(table, orient="index"))
    render_footing(
        "Bytes and seconds of each set, without the observers.",
        "Soft labels are counted as if stored: half-precision logits of every view a student sees. A hard label is one"
        " byte per image. Times are those of the machine that computed them.",
    )
    rows = results.rows(asked.cells)
    if rows:
        table = pd.DataFrame(rows).to_csv(index=False)
        with st.container(horizontal=True):
            st.download_button("All figures as CSV", table, f"{asked.run.id}-judged.csv", "text/csv", key="labels_csv")
            render_notebook_button(
                lambda notebooks: notebooks.judged_notebook(title_of(asked.run), table),
                f"{asked.run.id}-judged.ipynb",
                "labels_ipynb",
            )


def _held_out(asked: JudgeRequest) -> str:
    """How many real images there are to train on, and how many are held out."""
    counts = asked.run.manifest["dataset"]["train_counts"]
    usable = training_images(tuple(counts), DataConfig(**asked.run.settings["data"]))
    return f"There are {usable:,} real images to train on; {_held(asked) * len(counts):,} more are held out."


def _held(asked: JudgeRequest) -> int:
    """How many training images of each class are held out."""
    counts = asked.run.manifest["dataset"]["train_counts"]
    return held_out_per_class(tuple(counts), DataConfig(**asked.run.settings["data"]))


def _given(value: float | None, said: Callable[[float], str]) -> str:
    return "" if value is None else said(value)


def _nothing() -> None:
    st.info("Nothing is judged yet under these labels.", icon=":material/balance:")
