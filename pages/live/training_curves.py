"""Training curves of a run: losses, accuracy, learning rates, layer losses."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from edc_core.errors import EDCError
from edc_core.figures import live as live_charts
from edc_core.figures.live import Chart, Curves
from edc_core.judging.random_baseline import random_baseline
from edc_core.stage_graph import Student
from edc_core.store.files import read_json
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from pages.live.observer_training import render_observer_training
from pages.live.sharpness_curves import render_image_sharpness, render_student_sharpness
from pages.shared.charts import render_live_chart
from pages.shared.help_texts import ACCURACY_HELP, GAP_HELP, LOSS_HELP
from pages.shared.page_frame import Lab

STUDENT_STAGES = ("relabel", "evaluate", "score", "neighbours")  # the images stay as they are from here on


def render_curves(lab: Lab, run: RunRecord) -> None:
    """Losses and accuracy, each with its learning rate beneath; those of the stage at work, or the last one, first."""
    stage = (run.progress or {}).get("stage")
    if run.state.is_alive and stage == "squeeze":
        render_observer_training(lab, run)
    parts = [_synthesis, _student_training]
    for part in reversed(parts) if student_first(run) else parts:
        part(lab, run)


def student_first(run: RunRecord) -> bool:
    """Whether the student's curves say more now than the images': it trains, or has done so."""
    return run.state is RunState.FINISHED or (run.progress or {}).get("stage") in STUDENT_STAGES


def _synthesis(lab: Lab, run: RunRecord) -> None:
    """The loss of synthesis and its weighted parts as small charts, and the learning rate."""
    settings = run.settings["synthesise"]
    if not settings["iterations"]:
        return
    curves, total = _curves(lab, run, "synthesise"), settings["iterations"] * _batches(run)
    turns = max(len(settings["observers"]), 1)
    st.markdown("**Losses** &nbsp; total and weighted parts", help=LOSS_HELP)
    with st.container(key="live-losses"):
        parts = loss_parts(settings)
        for start in range(0, len(parts), 2):
            for column, (series, weight) in zip(st.columns(2, gap="small"), parts[start : start + 2], strict=False):
                chart = live_charts.loss_part(curves, series, weight, total, turns)
                with column:
                    st.html(_part_heading(live_charts.LOSSES[series][0], weight, chart))
                    _draw(chart, f"live-{series.replace('/', '-')}")
    _draw(live_charts.learning_rate(curves, "iteration", total), "live-rate-images")
    render_image_sharpness(run, curves, total)


def loss_parts(settings: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Series and weight of the total and of each part that is on."""
    parts = ["cross_entropy", "matching"] + ["flatness"] * (settings["flatness"] not in ("none", "sam"))
    weighted = [(f"loss/{part}", settings[f"{part}_weight"]) for part in parts]
    return [("loss/total", 1.0)] + [(series, weight) for series, weight in weighted if weight]


def _part_heading(name: str, weight: float, chart: Chart) -> str:
    """A part's name with its weight, its first and its latest value."""
    values = chart.rows["value"].tolist()
    shown = f"{values[0]:.2g} &rarr; {values[-1]:.2g}" if values else "&nbsp;"
    title = name if weight == 1 else f"{weight:g} &times; {name}"
    return f'<div class="live-part"><b>{title}</b> <span>{shown}</span></div>'


def _student_training(lab: Lab, run: RunRecord) -> None:
    """Accuracy of the student, and its learning rate."""
    curves, student = _student(lab, run)
    count = run.settings["evaluate"]["seeds"] * len(run.settings["evaluate"]["students"])
    which = f"student {student.network}" + (f", seed {student.seed}" if count > 1 else "")
    st.markdown(f"**Accuracy** &nbsp; {which}", help=ACCURACY_HELP)
    epochs = _epochs(run)
    floor = 100 / len(run.manifest["dataset"]["classes"])
    random = random_baseline(lab.store, run, student.network)
    _draw(live_charts.accuracies(curves, epochs, floor, best_observer_top1(lab, run), random), "live-accuracy")
    _draw(live_charts.learning_rate(curves, "epoch", epochs), "live-rate-student")
    render_student_sharpness(run, curves, epochs)


def render_layer_losses(lab: Lab, run: RunRecord) -> None:
    """Matching loss left in each observer's layers."""
    observers = run.settings["synthesise"]["observers"]
    if run.settings["synthesise"]["iterations"]:
        st.markdown("**Matching gap** &nbsp; how far the images' statistics are from the real ones", help=GAP_HELP)
        st.html(_gap_key())
        _draw(live_charts.layer_gaps(_curves(lab, run, "synthesise"), observers), "live-gaps")


def _gap_key() -> str:
    """Colour legend of the layer losses."""
    words = ("closed", "unchanged", "twice as far")
    cells = zip(live_charts.GAP_COLOURS.values(), words, strict=True)
    return '<div class="live-key">' + "".join(f'<i style="background:{c}"></i>{word}' for c, word in cells) + "</div>"


def _draw(chart: Chart, key: str) -> None:
    render_live_chart(chart.rows, chart.spec, key=key)


def _curves(lab: Lab, run: RunRecord, stage: str, name: str | None = None) -> Curves:
    node = next(node for node in run.plan if node["stage"] == stage and name in (None, node["name"]))
    try:
        return lab.store.curves(node["key"])
    except EDCError:
        return {}  # moved away between two looks


def _student(lab: Lab, run: RunRecord) -> tuple[Curves, Student]:
    """The curves of the student at work, or of the last one that has any."""
    names = [node["name"] for node in run.plan if node["stage"] == "evaluate"]
    current = (run.progress or {}).get("name")
    shown, curves = names[0], {}
    for name in [current] if current in names else reversed(names):
        if found := _curves(lab, run, "evaluate", name):
            shown, curves = name, found
            break
    return curves, Student.parse(shown)


def best_observer_top1(lab: Lab, run: RunRecord) -> tuple[str, float] | None:
    """Name and top-1 of the run's best observer on the same held-out images."""
    found = []
    for node in run.plan:
        folder = lab.store.stage_results.find(node["key"]) if node["stage"] == "squeeze" else None
        if folder:
            found.append((_val_top1(str(folder)), node["name"]))
    return max(found)[::-1] if found else None


@st.cache_data(max_entries=256, show_spinner=False)
def _val_top1(folder: str) -> float:
    from pathlib import Path

    return read_json(Path(folder) / "observer.json")["val_top1"]


def _images(run: RunRecord) -> int:
    return run.ipc * len(run.manifest["dataset"]["classes"])


def _batches(run: RunRecord) -> int:
    """Batches of images that are optimised one after the other."""
    return -(-_images(run) // (run.settings["synthesise"]["batch_size"] or _images(run)))


def _epochs(run: RunRecord) -> int:
    views = run.settings["views"]
    return views["epochs"] or -(-views["steps"] // -(-_images(run) // views["batch_size"]))
