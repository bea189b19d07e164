"""Sharpness view: bars with intervals, layers, and sharpness against accuracy."""

import streamlit as st

from edc_core.errors import EDCError
from edc_core.figures import sharpness as figures
from edc_core.figures.run_colours import run_colour
from edc_core.intervals import MIN_SEEDS, estimate
from edc_core.jobs.tasks.landscape import LandscapeTask, StudentQuery
from edc_core.landscape.config import landscape_config
from edc_core.runs.compare import but_seeds, draws
from edc_core.runs.landscape_results import Landscape, found, node_of
from edc_core.runs.run_table import called, title_of, top1_of_student
from edc_core.stage_graph import Student
from edc_core.store.run_record import RunRecord
from edc_core.wording.grammar import capitalise, plural
from pages.landscape.measurement_panel import CHART_CONFIG, landscape_key, render_measurement, stored_landscapes
from pages.landscape.run_picker import Controls, LandscapeRun, colours_of, prepared_of
from pages.shared.charts import ink, is_dark, render_chart
from pages.shared.footing import render_footing
from pages.shared.help_texts import SHARPNESS_HELP
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab
from pages.shared.save_figure import Printed

MAX_SEEDS = 10  # of one run's siblings
MAX_POINTS = 200  # runs in the scatter, the newest first


def render_sharpness(lab: Lab, kept: list[LandscapeRun], controls: Controls) -> None:
    """Four sharpness measures in the student's weights."""
    groups = _with_siblings(lab, kept) if _all_seeds(lab, kept) else [[one] for one in kept]
    question = controls.question("sharpness")
    question.pop("grid")
    settings = landscape_config(**question)
    everyone = list({one.run.id: one for group in groups for one in group}.values())
    asked = LandscapeTask(tuple(StudentQuery(one.prepared, (settings,)) for one in everyone))
    known = stored_landscapes(lab, asked)
    students = "student's sharpness" if len(everyone) == 1 else "students' sharpness"
    render_measurement(lab, asked, f"{students} on {settings.images:,} images", known)
    by_run = {part.prepared.run: known.get(landscape_key(part, "sharpness")) for part in asked.parts}
    if any(by_run.values()):
        if controls.split != "condensed":  # own training losses are different functions
            _headline(groups, by_run)
        _bars(groups, by_run, controls)
        _layers(everyone, by_run)
    _against(lab, kept[0].run, settings)


def _all_seeds(lab: Lab, kept: list[LandscapeRun]) -> bool:
    count = sum(len(group) for group in _with_siblings(lab, kept)) - len(kept)
    if not count:
        return False
    return st.toggle(
        f"With every seed in the store ({count} more {plural(count, 'run')})",
        key="landscape_seeds",
        help="This adds runs that differ from a chosen one only in their seed. Their mean is shown, with an interval.",
    )


def _with_siblings(lab: Lab, kept: list[LandscapeRun]) -> list[list[LandscapeRun]]:
    """Each chosen run with the finished ones that differ from it in seeds alone."""
    runs = [run for run in lab.store.runs() if run.result]
    groups: dict[tuple, list[LandscapeRun]] = {}
    for one in kept:
        like = but_seeds(one.run)
        if like in groups:
            continue
        others = draws([one.run, *(run for run in runs if but_seeds(run) == like)])[1:]
        group = [one]
        for run in others[: MAX_SEEDS - 1]:
            try:
                group.append(LandscapeRun(run, prepared_of(run.id, run.settings), one.name))
            except EDCError:  # its data set is gone
                continue
        groups[like] = group
    return list(groups.values())


def _headline(groups: list[list[LandscapeRun]], by_run: dict[str, Landscape | None]) -> None:
    """Above the bars of two runs: which is the flatter, or that the measures disagree."""
    if len(groups) != 2:
        return
    pairs = {name: [_bar(group, by_run, name) for group in groups] for name in figures.MEASURES}
    values = {name: (one.value, other.value) for name, (one, other) in pairs.items() if one and other}
    names = called(groups[0][0].run), called(groups[1][0].run)
    if names[0] == names[1]:
        names = groups[0][0].name, groups[1][0].name
    if said := figures.headline(names, values):
        st.markdown(f"#### {escape_markdown(said)}")
        if _fewest(groups, by_run) < MIN_SEEDS:
            st.markdown(f"With fewer than {MIN_SEEDS} seeds of each, another seed may reverse this.")


def _bars(groups: list[list[LandscapeRun]], by_run: dict[str, Landscape | None], controls: Controls) -> None:
    names = list(figures.MEASURES)
    for left, right in ((names[0], names[1]), (names[2], names[3])):
        for column, measure in zip(st.columns(2, gap="large"), (left, right), strict=True):
            with column:
                drawn = [(bar, group[0]) for group in groups if (bar := _bar(group, by_run, measure))]
                colours = colours_of(one for _, one in drawn)
                title = figures.MEASURES[measure]
                st.markdown(f"**{capitalise(title)}**", help=capitalise(SHARPNESS_HELP[measure]))
                render_chart(
                    figures.bars([bar for bar, _ in drawn], measure, controls.log, ink(), colours),
                    key=f"landscape_bars_{measure}",
                    config=CHART_CONFIG,
                    printed=Printed(
                        f"sharpness {measure}",
                        f"{capitalise(title)} of each student's loss: {SHARPNESS_HELP[measure]}.",
                    ),
                )
    st.markdown(
        "**Look for** which student lies in the flatter place: lower is flatter. Where intervals overlap, nothing"
        " is decided."
    )
    below = [group[0].name for group in groups if bar_below_zero(group, by_run)]
    if below:
        st.markdown(
            f"**A negative value does not mean “even flatter”** ({escape_markdown('; '.join(below))}): a negative"
            " trace says that the loss curves down more than up there, so these weights are not in a valley of it."
        )
    if controls.log and below:
        st.caption("A negative trace has no logarithm: that chart keeps its linear scale.")
    _basis(_fewest(groups, by_run), by_run, controls)
    if controls.split == "condensed":
        st.info("Each student's own training loss is another function: these bars compare functions as well as places.")


def _basis(seeds: int, by_run: dict[str, Landscape | None], controls: Controls) -> None:
    """What the bars rest on, whose `seeds` are the fewest of any."""
    if seeds < MIN_SEEDS:
        st.caption(f"With fewer than {MIN_SEEDS} seeds two runs cannot be told apart by these bars.")
        whiskers = (
            "Whiskers of a single student are its estimate's own 95 % interval (random vectors), not the spread between"
            " seeds. Two measures have none: the eigenvalue is exact up to solver tolerance, and the ball value is the"
            " worst rise found in ten ascent steps (there may be a worse one).",
        )
    else:
        whiskers = ("Bars: mean over seeds; whiskers: 95 % interval (Student's t).",)
    first = next(landscape.about for landscape in by_run.values() if landscape)
    radius = first["ball"]["radius"]
    render_footing(
        "**What it cannot tell:** compare one architecture at a time.",
        f"{first['loss'].capitalize()}, {first['images']:,} of them; ball of radius {radius:g} (L2, all weights);"
        f" Hutchinson's estimates from {first['settings']['vectors']} random vectors, seed {controls.seed}.",
        "Rescaling weights (ReLU, BatchNorm) changes these numbers and not the function.",
        *whiskers,
    )


def _fewest(groups: list[list[LandscapeRun]], by_run: dict[str, Landscape | None]) -> int:
    """Smallest number of measured students of any bar."""
    measured = [sum(by_run.get(one.run.id) is not None for one in group) for group in groups]
    return min(count for count in measured if count)


def bar_below_zero(group: list[LandscapeRun], by_run: dict[str, Landscape | None]) -> bool:
    """Whether its trace is at most 0: the loss there curves down more than up."""
    shown = _bar(group, by_run, "trace")
    return shown is not None and shown.value is not None and shown.value <= 0


def _bar(group: list[LandscapeRun], by_run: dict[str, Landscape | None], measure: str) -> figures.Bar | None:
    known = [landscape.about for one in group if (landscape := by_run.get(one.run.id))]
    if not known:
        return None
    name = group[0].name if len(group) == 1 else f"{group[0].name.rpartition(', seed')[0] or group[0].name}"
    if len(known) == 1:
        return figures.bar_of(name, known[0], measure)
    values = [figures.value_of(about, measure)[0] for about in known]
    if any(value is None for value in values):
        return figures.Bar(name, None, note="not finite")
    return figures.bar_over_seeds(name, estimate(values))


def _layers(everyone: list[LandscapeRun], by_run: dict[str, Landscape | None]) -> None:
    with st.expander("Each layer's part of the trace", icon=":material/layers:"):
        known = [one for one in everyone if by_run.get(one.run.id)]
        names = {one.run.id: f"{one.name} · {one.run.id}" for one in known}
        name = st.selectbox("Student of", list(names), format_func=names.get, key="landscape_layers")
        chart = figures.layers(by_run[name].about, ink())
        printed = Printed(f"trace by layer {names[name]}", f"Each layer's part of the Hessian's trace: {names[name]}.")
        render_chart(chart, key="landscape_layers_chart", config=CHART_CONFIG, printed=printed)


def comparable(run: RunRecord) -> tuple:
    """Data set, images that are scored on and the student's network: runs of which these are the same go together."""
    return run.manifest["dataset"]["digest"], run.result["split"], run.settings["evaluate"]["students"][0]


def _against(lab: Lab, first: RunRecord, settings) -> None:
    """Every run beside the first chosen one whose sharpness is known, by these very settings."""
    st.subheader("Sharpness against accuracy", anchor=False)
    points = []
    runs = [run for run in lab.store.runs() if run.result and comparable(run) == comparable(first)][:MAX_POINTS]
    alike = f"finished runs on this data set with the student {first.settings['evaluate']['students'][0]}"
    for run in runs:
        try:
            node = node_of(prepared_of(run.id, run.settings), settings)
        except EDCError:
            continue
        if lab.store.stage_results.find(node.key) and (landscape := found(lab.home, node.key)):
            points.append((run, landscape.about))
    if len(points) < 3:
        st.caption(
            f"{len(points)} of {len(runs)} {alike} {'has' if len(points) == 1 else 'have'} been measured with"
            " these settings; with three or more, this chart shows them against their accuracy."
        )
        return
    measure = st.segmented_control(
        "Measure", list(figures.MEASURES), default="frobenius", required=True, key="landscape_measure_shown",
        format_func=lambda name: figures.MEASURES[name].replace(" of the Hessian", ""), label_visibility="collapsed",
    )  # fmt: skip
    shown = [
        (
            title_of(run),
            figures.value_of(about, measure)[0],
            top1_of_student(run, Student.parse(about["student"]), settings.weights),
            run_colour(run, is_dark()),
        )
        for run, about in points
    ]
    render_chart(
        figures.against_accuracy(shown, measure, True, ink()),
        key="landscape_against",
        config=CHART_CONFIG,
        printed=Printed(
            f"sharpness {measure} against accuracy",
            f"{capitalise(figures.MEASURES[measure])} against top-1 of the same student: {alike}.",
        ),
    )
    st.caption(
        f"{len(points)} of {len(runs)} {alike}; top-1 of the very student and weights"
        f" ({'averaged' if settings.weights == 'ema' else 'raw'}) whose sharpness is shown. **What it cannot tell:**"
        " runs differ in more than sharpness, so a trend here is no cause."
    )
