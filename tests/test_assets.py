"""The bundled observers: found by today's keys, small, and as accurate as they say."""

from pathlib import Path

import torch
from safetensors.torch import load_file

from edc_core.augment import Normalisation
from edc_core.backbones import build
from edc_core.configure import configure, table_named
from edc_core.data import open_dataset
from edc_core.device import resolve_runtime
from edc_core.pipeline import prepare
from edc_core.stages.squeeze import top1
from edc_core.store import BUNDLED, Artefacts
from edc_core.store.files import read_json
from edc_core.tables import BUNDLED_OBSERVERS

STORE = BUNDLED


def bundled(table: str = "lab"):
    names = {"synthesise.observers": BUNDLED_OBSERVERS, "relabel.observers": BUNDLED_OBSERVERS}
    return prepare(configure("G", "fashion-mnist-mini", table_named(table), 1, 0, changes=names))


def test_todays_keys_find_every_bundled_observer_and_its_statistics(tmp_path: Path) -> None:
    artefacts = Artefacts(tmp_path, (STORE,))
    for table in ("lab", "sprint"):
        wanted = [node for node in bundled(table).nodes if node.stage in ("squeeze", "statistics")]
        assert len(wanted) == 2 * len(BUNDLED_OBSERVERS)
        orphans = [node.name for node in wanted if artefacts.find(node.key) is None]
        assert not orphans, "a code version or setting changed: run assets/make_observers.py"


def test_nothing_else_is_bundled_and_all_is_small(tmp_path: Path) -> None:
    keys = {node.key for node in bundled().nodes if node.stage in ("squeeze", "statistics")}
    assert {folder.name for folder in (STORE / "artefacts").iterdir()} == keys
    assert sum(path.stat().st_size for path in STORE.rglob("*") if path.is_file()) < 8_000_000


def test_an_observer_is_as_accurate_as_its_record_says(tmp_path: Path) -> None:
    prepared = bundled()
    dataset = open_dataset("fashion-mnist-mini", prepared.config.data, tmp_path, prepared.description)
    node = next(node for node in prepared.nodes if node.stage == "squeeze" and node.name == "convnet-d2-w32")
    folder = Artefacts(tmp_path, (STORE,)).find(node.key)
    record = read_json(folder / "observer.json")
    network = build(node.name, 1, 28, 10)
    network.load_state_dict(load_file(folder / "observer.safetensors"))
    normalise = Normalisation.of(*dataset.normalisation)
    with torch.no_grad():
        found = top1(network, node.name, dataset.part("val"), normalise, resolve_runtime({node.name: "float32"}))
    assert abs(found - record["val_top1"]) < 0.5
    assert record["val_top1"] > 80
    assert record["digest"] == prepared.description.digest
    assert record["settings"]["seed"] == 0
