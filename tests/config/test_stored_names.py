"""Stored names outlive renames: every stage key is the one that results were stored under."""

import json
from pathlib import Path
from typing import Any

import pytest

from edc_core.design_space.compose import configure, table_named
from edc_core.design_space.presets import PRESETS, PROTOCOLS
from edc_core.landscape.config import landscape_config, landscape_node
from edc_core.stage_graph import fingerprint, make_plan, run_id

# Recorded before the first rename, under the names of that time.
RECORDED = json.loads(Path(__file__).with_name("stage_keys.json").read_text())
DIGEST = "0" * 32
CHANGES: dict[str, dict[str, Any]] = {
    "cosine loss": {"evaluate.loss": "cosine", "evaluate.class_weight": 0.3},
    "views": {"views.cutmix": 0.7, "views.randaugment": 1, "views.magnitude": 4, "views.crop_min": 0.3},
    "view crop": {"views.crop_max": 0.9},
    "synthesis": {"synthesise.drop_rate": 0.2, "synthesise.crop_min": 0.3, "synthesise.crop_max": 0.9},
    "moments": {"synthesise.running_start": "zero"},
    "groups": {"synthesise.grouping": "difficulty", "synthesise.grouping_spread": 0.5},
    "rded": {
        "initialise.kind": "rded",
        "initialise.scorer": "convnet-d2-w8",
        "initialise.crops": 3,
        "initialise.candidates": 40,
        "initialise.crop_min": 0.4,
    },
    "one class": {"initialise.kind": "single-class", "initialise.only": "Bag"},
    "imported": {"initialise.kind": "given", "initialise.images": "0" * 24},
    "stored labels": {"relabel.stored": True, "relabel.top_k": 5},
}
LANDSCAPES: dict[str, dict[str, Any]] = {
    **{kind: {"kind": kind} for kind in ("slice", "plane", "path", "sharpness", "cosine", "images")},
    "between": {"kind": "between", "other": "0" * 24},
}


def identity(preset: str = "G", table: str = "lab", protocol: str | None = None, **changes: Any) -> str:
    """One hash of a run's id and all of its stage keys."""
    config = configure(preset, "fashion-mnist-mini", table_named(table), 10, 3, protocol, changes)
    nodes = make_plan(config, DIGEST)
    return fingerprint(run_id(config, nodes), [[node.stage, node.name, node.key] for node in nodes])


def landscape_key(**settings: Any) -> str:
    config = configure("G", "fashion-mnist-mini", table_named("lab"), 10, 3)
    return landscape_node(config, DIGEST, make_plan(config, DIGEST), landscape_config(**settings)).key


@pytest.mark.parametrize("table", RECORDED["profiles"])
def test_every_preset_has_the_stage_keys_that_its_results_are_stored_under(table: str) -> None:
    assert {preset: identity(preset, table) for preset in PRESETS} == RECORDED["profiles"][table]


def test_every_protocol_has_the_stage_keys_that_its_results_are_stored_under() -> None:
    assert {name: identity(protocol=name) for name in PROTOCOLS} == RECORDED["protocols"]


@pytest.mark.parametrize("name", CHANGES)
def test_settings_by_their_old_names_have_their_old_stage_keys(name: str) -> None:
    assert identity(**CHANGES[name]) == RECORDED["changes"][name]


@pytest.mark.parametrize("name", LANDSCAPES)
def test_landscape_questions_keep_their_keys(name: str) -> None:
    assert landscape_key(**LANDSCAPES[name]) == RECORDED["landscapes"][name]
