"""Runs in every state for the live panel."""

import json
import time

import numpy as np
from streamlit.testing.v1 import AppTest

from edc_core.data import describe
from edc_core.design_space.compose import configure, get_profile
from edc_core.pipeline.prepare import PreparedRun, manifest, prepare
from edc_core.store import Store
from edc_core.store.files import write_grid, write_json
from tests.conftest import ROOT

PAGE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pages.live import live_panel as panel
panel.render_live_panel({{run!r}})
"""


def prepared(preset: str = "G", ipc: int = 2, seed: int = 0, protocol: str | None = None) -> PreparedRun:
    config = configure(preset, "fashion-mnist-mini", get_profile("lab-smoke"), ipc, seed, protocol)
    return prepare(config, describe("fashion-mnist-mini"))


def begin(store: Store, run: PreparedRun) -> None:
    plan = [node.plain() for node in run.nodes]
    store.claim_or_resume(run.run, run.config.model_dump(mode="json"), plan, manifest(run))


def node(run: PreparedRun, stage: str):
    return next(node for node in run.nodes if node.stage == stage)


def text(app: AppTest) -> str:
    """All that the panel says, figures and stages included."""
    parts = [entry.value for kind in ("markdown", "caption", "info", "warning", "error") for entry in app.get(kind)]
    parts += [entry.proto.body for entry in app.get("html")] + [entry.proto.body for entry in app.get("badge")]
    return "\n".join(parts)


def buttons(app: AppTest) -> dict[str, bool]:
    return {button.label: not button.disabled for button in app.button}


def charts(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")]


def at_work(store: Store, run: PreparedRun) -> None:
    """Ten of twenty iterations done, with a snapshot and curves."""
    begin(store, run)
    key = node(run, "synthesise").key
    progress = {"stage": "synthesise", "name": "", "key": key, "done": 10, "total": 20, "unit": "step", "note": ""}
    store.heartbeat(run.run, progress | {"resumed_at": 0, "started": time.time() - 20})
    series = [(name, 5.0) for name in ("total", "cross_entropy", "matching", "flatness")]
    rows = [(key, f"loss/{name}", step, value) for step in range(1, 11) for name, value in series]
    rows += [(key, f"gap/form1/convnet-d3-w64/features.{i}", step, 2.0) for i in (0, 4) for step in (1, 5)]
    store.add_curves(rows + [(key, "lr", 1, 0.05)])
    folder = store.home / "partial" / key / "snapshots"
    folder.mkdir(parents=True)
    write_grid(folder / "000008.png", np.full((20, 1, 28, 28), 90, np.uint8), np.tile(np.arange(10), 2))


def finished(store: Store, run: PreparedRun) -> None:
    begin(store, run)
    for stage in ("initialise", "synthesise", "relabel", "evaluate", "score"):
        folder = store.home / "artefacts" / node(run, stage).key
        folder.mkdir(parents=True)
        write_json(folder / "stage.json", {"seconds": 2.5, "finished": time.time() + 1})
        write_grid(folder / "grid.png", np.zeros((20, 1, 28, 28), np.uint8), np.tile(np.arange(10), 2))
    curves = {"top1/raw": [[2, 4], [30.0, 40.0]], "top1/ema": [[2, 4], [20.0, 35.0]], "lr": [[2, 4], [1e-3, 1e-4]]}
    write_json(store.home / "artefacts" / node(run, "evaluate").key / "curves.json", curves)
    students = [{"student": "convnet-d3-w32", "seed": 0, "top1": 61.25, "top1_ema": 63.5}]
    result = {"top1": 61.25, "top1_ema": 63.5, "headline": "top1_ema", "split": "test", "students": students}
    store.finish(run.run, "finished", result)
