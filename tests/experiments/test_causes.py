"""The table of what EDC's accuracy hangs on: each row moves what it says, and nothing else."""

from argparse import Namespace
from pathlib import Path

import pytest

from experiments.causes_table import CAUSES, REFERENCE, chosen, own_values, prepared, rows
from experiments.epochs_table import networks
from experiments.results_table import committee_top1, seen_by_observers

OPTIONS = Namespace(dataset="fashion-mnist-mini", settings="lab-quick", ipc=2, set=[], split="val", only=None)


def settings_of(name: str) -> dict[str, object]:
    """Every setting of a row's run by its dotted path."""
    plain = prepared(name, 0, OPTIONS).config.model_dump(mode="json", by_alias=False)
    groups = {group: values for group, values in plain.items() if isinstance(values, dict)}
    return {f"{group}.{setting}": value for group, values in groups.items() for setting, value in values.items()}


@pytest.mark.parametrize("name", CAUSES)
def test_a_row_moves_what_it_says_and_nothing_else(name: str) -> None:
    base, moved = settings_of(REFERENCE), settings_of(name)
    differing = {path for path in base if base[path] != moved[path]}
    assert differing <= set(CAUSES[name][1])
    assert (name in chosen(OPTIONS)) is (bool(differing) or name == REFERENCE)


def test_a_budget_is_a_multiple_of_edcs_own() -> None:
    assert settings_of("four times as many epochs")["views.epochs"] == 4 * settings_of(REFERENCE)["views.epochs"]


def test_rows_are_chosen_by_cause_or_words_and_edc_is_always_there() -> None:
    named = {"schedule": {"MultiStepLR", "cosine, zeta 1", "cosine, zeta 1.5", "rate 0.0003"}, "CutMix": {"no CutMix"}}
    for text, names in named.items():
        found = chosen(Namespace(**vars(OPTIONS) | {"only": [text]}))
        assert found[0] == REFERENCE
        assert set(found[1:]) == names  # the profile lab-quick has the rate 0.003 already


def test_a_difference_is_paired_by_seed_and_has_an_interval() -> None:
    cells = {(REFERENCE, 0): 40.0, (REFERENCE, 1): 50.0, ("no CutMix", 0): 42.0, ("no CutMix", 1): 53.0}
    lines = rows(cells, [REFERENCE, "no CutMix"], [0, 1])
    assert lines[2] == "|  | EDC | 45.0 |  |"
    assert lines[3].startswith("| views | no CutMix | 47.5 | +2.5 (")


def test_a_table_says_its_networks_and_what_edc_itself_has() -> None:
    config = prepared(REFERENCE, 0, OPTIONS).config
    assert networks(config).startswith("Student convnet-d3-w32; images by convnet-d3-w64, resnet18-w16, wrn-10-2")
    assert "labels by convnet-d3-w64, convnet-d2-w32; squeezed with a cosine schedule." in networks(config)
    said = own_values(config)
    assert "CutMix 1, RandAugment 2" in said
    assert "rate 0.003; weights averaged with 0.96" in said


def test_what_the_label_givers_reach_together_is_told(shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_HOME", str(shared_home))
    run = prepared(REFERENCE, 0, OPTIONS)
    alone = seen_by_observers(run)
    assert max(alone[name] for name in run.config.relabel.observers) - 1 < committee_top1(run) < 95
