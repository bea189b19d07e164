"""Stores of many runs without computing any: real settings and plans, made-up results and pictures."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from edc_core.data import Description, describe
from edc_core.data.external_sets.given import save_given
from edc_core.design_space.compose import configure, get_profile
from edc_core.judging import external_sets as given
from edc_core.pipeline.prepare import PreparedRun, manifest, prepare
from edc_core.store import Store
from edc_core.store.files import class_grid

DATASET = "fashion-mnist-mini"


@cache
def about() -> Description:
    return describe(DATASET)


@cache
def prepared(preset: str, seed: int = 0, ipc: int = 2, protocol: str | None = None, changes: str = "{}") -> PreparedRun:
    config = configure(preset, DATASET, get_profile("tiny"), ipc, seed, protocol, json.loads(changes))
    return prepare(config, about())


def add(store: Store, made: PreparedRun, state: str = "finished", top1: float = 80.0, error: str | None = None) -> str:
    """Register a run that ended in `state`; a finished one with its result, a curve and its pictures."""
    plan = [node.plain() for node in made.nodes]
    store.register(made.run, made.config.model_dump(mode="json"), plan, manifest(made))
    if state == "queued":
        return made.run
    store.mark_running(made.run)
    if state == "running":
        return made.run
    if state == "finished":
        _results(store, made, top1)
    store.finish(made.run, state, _result(made, top1) if state == "finished" else None, error)
    return made.run


def uneven_upload(store: Store) -> PreparedRun:
    """A finished run of an imported set of 65 images, 0 to 10 a class."""
    labels = np.repeat(np.arange(10), [10, 0, 3, 1, 10, 10, 10, 10, 10, 1])
    digest = save_given(store.home, np.zeros((len(labels), 1, 28, 28), np.uint8), labels)
    made = given.prepared_for(digest, DATASET, get_profile("tiny"), 0, "edc", home=store.home)
    add(store, made)
    return made


def _result(made: PreparedRun, top1: float) -> dict:
    scores = {"top1": top1, "top1_ema": top1, "top5": 99.0, "top5_ema": 99.0}
    students = [{"student": name, "seed": made.config.evaluate.seed} | scores for name in made.config.evaluate.students]
    headline = "top1_ema" if made.config.score.weights == "ema" else "top1"
    means = {"top1": top1, "top1_ema": top1}
    split = made.config.score.split
    return {"run": made.run, **means, "split": split, "headline": headline, "students": students}


def _results(store: Store, made: PreparedRun, top1: float) -> None:
    for node in made.nodes:
        folder = store.home / "artefacts" / node.key
        if node.stage in ("squeeze", "statistics", "neighbours") or folder.exists():
            continue
        folder.mkdir(parents=True)
        (folder / "stage.json").write_text(json.dumps(node.plain() | {"seconds": 2.0}))
        if node.stage == "synthesise":
            count = made.config.ipc * len(made.description.classes)
            labels = np.repeat(np.arange(len(made.description.classes)), made.config.ipc)
            shades = np.random.default_rng(int(node.key[:8], 16)).integers(0, 256, (count, 1, 28, 28), np.uint8)
            Image.fromarray(class_grid(shades, labels)).save(folder / "grid.png")
        if node.stage == "evaluate":
            steps = list(range(1, 7))
            rising = [top1 * step / 6 for step in steps]
            curves = {"top1/raw": [steps, rising], "top1/ema": [steps, rising]}
            (folder / "curves.json").write_text(json.dumps(curves))


def crowd(store: Store, count: int) -> list[str]:
    """Many runs: presets and seeds in turn, every tenth failed."""
    presets = ("G", "random", "A", "herding", "RDED")
    return [
        add(store, prepared(presets[n % 5], n // 5), "failed" if n % 10 == 9 else "finished", 60 + n % 30, "no luck")
        for n in range(count)
    ]


def press(app: AppTest, key: str) -> AppTest:
    """Click a button of a page opened past the router."""
    app.button(key=key).click().run()
    assert not app.exception
    return app


@pytest.fixture
def bare_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty folder in place of the bundled store, to be filled by the test."""
    folder = tmp_path / "bundled"
    monkeypatch.setattr(Store.__init__, "__defaults__", (None, (folder,)))
    return folder


@pytest.fixture
def bare_store(bare_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty store that the pages will open as well."""
    monkeypatch.setenv("EDC_HOME", str(tmp_path / "home"))
    made = Store(tmp_path / "home")
    yield made
    made.close()
