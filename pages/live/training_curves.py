"""Training curves of a run: losses, accuracy, learning rates, layer losses."""

from typing import Any

import streamlit as st

from edc_core.errors import EDCError
from edc_core.figures import live as live_charts
from edc_core.figures.live import Chart, Curves
from edc_core.judging.random_baseline import random_baseline
from edc_core.stage_graph import Student
from edc_core.store.files import read_json
from edc_core.store.run_record import RunRecord
from pages.shared.help_texts import ACCURACY_HELP, GAP_HELP, LOSS_HELP
from pages.shared.page_frame import Lab

Run = dict[str, Any]


def render_curves(lab: Lab, run: RunRecord) -> None:
    """Losses and accuracy, each with its learning rate beneath."""
    observers = run.settings["synthesise"]["observers"]
    iterations = run.settings["synthesise"]["iterations"]
    if iterations:
        curves = _curves(lab, run, "synthesise")
        total = iterations * _batches(run)
        st.markdown("**Losses** &nbsp; what synthesis minimises", help=LOSS_HELP)
        _draw(live_charts.losses(curves, total, max(len(observers), 1)), "live-losses")
        _draw(live_charts.learning_rate(curves, "iteration", total), "live-rate-images")
    curves, student = _student(lab, run)
    count = run.settings["evaluate"]["seeds"] * len(run.settings["evaluate"]["students"])
    which = f"student {student.network}" + (f", seed {student.seed}" if count > 1 else "")
    st.markdown(f"**Accuracy** &nbsp; {which}", help=ACCURACY_HELP)
    epochs = _epochs(run)
    floor = 100 / len(run.manifest["dataset"]["classes"])
    random = random_baseline(lab.store, run, student.network)
    _draw(live_charts.accuracies(curves, epochs, floor, best_observer_top1(lab, run), random), "live-accuracy")
    _draw(live_charts.learning_rate(curves, "epoch", epochs), "live-rate-student")


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
    st.vega_lite_chart(chart.rows, chart.spec, width="stretch", key=key)


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
