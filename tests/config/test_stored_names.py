"""Stored names outlive renames: every stage key is the one that results were stored under."""

import json
from pathlib import Path
from typing import Any

import pytest

from edc_core.ablation.design import parse_design
from edc_core.config import validate_config
from edc_core.config.paths import SettingPath
from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.presets import PRESETS, PROTOCOLS
from edc_core.errors import SettingsError
from edc_core.judging.comparison_sets import with_judgement
from edc_core.landscape.config import landscape_config, landscape_node
from edc_core.stage_graph import build_stage_graph, run_id, stable_hash

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
RENAMED = {
    "initialise": {
        "candidates": "candidates_per_class",
        "crops": "crops_per_image",
        "crop_min": "crop_area_min",
        "only": "single_class",
    },
    "synthesise": {
        "running_start": "running_moments_init",
        "drop_rate": "layer_drop_prob",
        "crop_min": "crop_area_min",
        "crop_max": "crop_area_max",
        "grouping_spread": "grouping_variance_weight",
    },
    "views": {
        "crop_min": "crop_area_min",
        "crop_max": "crop_area_max",
        "randaugment": "randaugment_ops",
        "magnitude": "randaugment_magnitude",
        "cutmix": "cutmix_alpha",
    },
    "relabel": {"top_k": "logits_top_k"},
    "evaluate": {"class_weight": "hard_label_weight"},
}
LANDSCAPES: dict[str, dict[str, Any]] = {
    **{kind: {"kind": kind} for kind in ("slice", "plane", "path", "sharpness", "cosine", "images")},
    "between": {"kind": "between", "other": "0" * 24},
}


def identity(preset: str = "G", table: str = "lab", protocol: str | None = None, **changes: Any) -> str:
    """One hash of a run's id and all of its stage keys."""
    config = configure(preset, "fashion-mnist-mini", get_profile(table), 10, 3, protocol, changes)
    nodes = build_stage_graph(config, DIGEST)
    return stable_hash(run_id(config, nodes), [[node.stage, node.name, node.key] for node in nodes])


def landscape_key(**settings: Any) -> str:
    config = configure("G", "fashion-mnist-mini", get_profile("lab"), 10, 3)
    return landscape_node(config, DIGEST, build_stage_graph(config, DIGEST), landscape_config(**settings)).key


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


@pytest.mark.parametrize("name", CHANGES)
def test_settings_by_their_new_names_have_their_old_stage_keys(name: str) -> None:
    renamed = {
        str(SettingPath.parse(path)): "imported" if value == "given" else value for path, value in CHANGES[name].items()
    }
    assert identity(**renamed) == RECORDED["changes"][name]


def test_stored_rows_keep_their_names_and_people_read_the_new_ones() -> None:
    config = configure("G", "fashion-mnist-mini", get_profile("lab"), 10, 3, changes=CHANGES["imported"])
    stored = config.model_dump(mode="json")
    for stage, names in RENAMED.items():
        assert names.keys() <= stored[stage].keys()
        assert not set(names.values()) & stored[stage].keys()
    assert stored["initialise"]["kind"] == "given"
    assert config.initialise.active_fields()["kind"] == "imported"
    assert config.views.active_fields()["cutmix_alpha"] == config.views.cache_key_fields()["cutmix"] == 1.0
    assert validate_config(stored) == config == validate_config(json.loads(config.model_dump_json()))


def test_a_change_by_either_name_is_laid_over_a_stored_run() -> None:
    stored = configure("G", "fashion-mnist-mini", get_profile("lab"), 10, 3).model_dump(mode="json")
    for path in ("views.cutmix", "views.cutmix_alpha"):
        assert with_judgement(stored, None, {path: 0.5}).views.cutmix_alpha == 0.5
        assert with_judgement(stored, "edc", {path: 0.5}).views.cutmix_alpha == 0.5


def test_a_design_keeps_the_stored_names_of_its_changes() -> None:
    old, new = (
        parse_design({"kind": "ladder", "changes": {path: 0}})
        for path in ("views.randaugment", "views.randaugment_ops")
    )
    assert old == new
    assert old.changes == {"views.randaugment_ops": 0}
    assert old.model_dump(mode="json")["changes"] == {"views.randaugment": 0}


def test_an_error_names_the_setting_by_its_new_name() -> None:
    with pytest.raises(SettingsError, match="^views.randaugment_magnitude is 31, but it should be"):
        identity(**{"views.magnitude": 31})
