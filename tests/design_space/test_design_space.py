"""Choices as data: controls that exist, widgets by type, defaults of their own, the paper's own figures."""

import csv
from pathlib import Path

import pytest

from edc_core.design_space.choice import Choice, Control
from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.presets import CHOICES, PRESETS
from edc_core.design_space.profiles import PROFILES
from edc_core.errors import SettingsError
from edc_core.figures.miniatures import MINIATURES
from edc_core.stage_graph import build_stage_graph
from tests.conftest import ROOT

PAPER = ROOT.parent / "shared" / "paper"


def test_every_choice_is_complete() -> None:
    for choice in CHOICES.values():
        assert all((choice.explained, choice.controls, choice.evidence, choice.formula))
        assert choice.miniature in MINIATURES
        for control in choice.controls:
            assert all((control.kind, control.label, control.hint))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("synthesise.alpha", "slider"),
        ("evaluate.zeta", "number"),
        ("initialise.kind", "options"),
        ("synthesise.flip", "switch"),
        ("relabel.observers", "networks"),
        ("initialise.scorer", "network"),
        ("initialise.single_class", "text"),
        ("views.epochs", "number"),
    ],
)
def test_a_widget_follows_from_the_settings_type(path: str, kind: str) -> None:
    assert Control(path, "", "").kind == kind


def test_a_range_of_its_own_makes_a_slider() -> None:
    assert Control("evaluate.zeta", "", "", 1, 4).kind == "slider"


def test_a_control_of_no_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"synthesise\.alpa"):
        _ = Control("synthesise.alpa", "", "").kind


def test_every_option_of_the_settings_is_offered() -> None:
    """Every option list and every number of the design choices' stages is reachable from some control."""
    offered = {control.path for choice in CHOICES.values() for control in choice.controls}
    wanted = {
        "initialise.kind", "synthesise.alpha", "synthesise.category_form", "synthesise.category_variance",
        "synthesise.crop_area_min", "synthesise.crop_curriculum", "synthesise.flatness", "synthesise.flatness_weight",
        "synthesise.observers", "relabel.observers", "views.batch_size", "evaluate.schedule", "evaluate.zeta",
        "evaluate.ema_decay", "score.weights",
    }  # fmt: skip
    assert wanted <= offered


def test_a_new_choice_needs_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its defaults stand in itself; no table names it."""
    lower = Choice(
        "lower resolution", ("synthesise",), "speed", "x", "off", "on", "nowhere",
        off_values={"synthesise.layer_drop_prob": 0.0}, on_values={"synthesise.layer_drop_prob": 0.5},
    )  # fmt: skip
    monkeypatch.setitem(CHOICES, "lower", lower)
    monkeypatch.setitem(PRESETS, "lowered", type(PRESETS["G"])("with it", (*PRESETS["G"].choices, "lower")))
    assert configure("lowered", "fashion-mnist-mini", get_profile("tiny"), 2, 0).synthesise.layer_drop_prob == 0.5
    assert configure("G", "fashion-mnist-mini", get_profile("tiny"), 2, 0).synthesise.layer_drop_prob == 0.0


@pytest.mark.parametrize("table", PROFILES)
def test_a_kind_that_ranks_finds_its_observer(table: str) -> None:
    """`--set initialise.kind=rded` is enough, and a scorer that nobody asks enters no key."""
    keys = {}
    for scorer in (None, "convnet-d1-w8"):
        changes = {"initialise.kind": "real", "initialise.scorer": scorer}
        plain = configure("G", "fashion-mnist-mini", PROFILES[table], 2, 0, changes=changes)
        keys[scorer] = [node.key for node in build_stage_graph(plain, "0" * 32)]
    assert keys[None] == keys["convnet-d1-w8"]
    ranked = configure("G", "fashion-mnist-mini", PROFILES[table], 2, 0, changes={"initialise.kind": "rded"})
    assert ranked.initialise.scorer == PROFILES[table].named["scorer"]


@pytest.mark.skipif(not PAPER.is_dir(), reason="needs the paper's tables (../shared/paper)")
def test_evidence_is_what_the_paper_prints() -> None:
    printed = {cell for path in Path(PAPER).glob("*.csv") for row in csv.reader(path.open()) for cell in row}
    for choice in CHOICES.values():
        for evidence in choice.evidence:
            assert {f"{value:.1f}" for _, value in evidence.rows} <= printed
