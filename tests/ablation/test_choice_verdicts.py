"""One verdict a choice: beside the others of EDC, on average, and both where they differ; what a switch can show."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from edc_core.ablation import ScoreLookup
from edc_core.ablation.choice_evidence import RECORD, VISIBLE, ChoiceEvidence, choice_evidence, mark
from edc_core.ablation.choice_verdicts import ChoiceEffects, choice_effects, verdict
from edc_core.ablation.effects import main_effects
from edc_core.data import describe
from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.presets import CHOICES
from edc_core.intervals import Estimate, estimate, paired_difference
from edc_core.store import BUNDLED, StageResults
from edc_core.store.files import read_json
from tests.support.factorials import factors

TITLES = {"small-batch": "smaller batch size"}
UP, DOWN, NIL = (Estimate(mean, mean - 1, mean + 1, 3) for mean in (2.0, -2.0, 0.1))
HELPS, HURTS, NONE = "once the other seven are on", "averaged over all their combinations", "o measurable effect"


@pytest.mark.parametrize(
    ("effects", "says"),
    [
        (ChoiceEffects(), ""),
        (ChoiceEffects(UP), f"Helps {HELPS} (+2.0 ± 1.0)."),
        (ChoiceEffects(UP, UP), f"Helps {HELPS} (+2.0 ± 1.0) and {HURTS} (+2.0 ± 1.0)."),
        (ChoiceEffects(NIL, NIL), f"N{NONE}, {HELPS} (+0.1 ± 1.0) or {HURTS} (+0.1 ± 1.0)."),
        (ChoiceEffects(NIL, DOWN), f"N{NONE} {HELPS} (+0.1 ± 1.0); hurts {HURTS} (−2.0 ± 1.0)."),
        (ChoiceEffects(UP, DOWN), f"Helps {HELPS} (+2.0 ± 1.0); hurts {HURTS} (−2.0 ± 1.0)."),
        (
            ChoiceEffects(UP, DOWN, ("small-batch", DOWN)),
            f"Helps {HELPS} (+2.0 ± 1.0); hurts a student that has not settled (−2.0 ± 1.0 without smaller batch"
            " size).",
        ),
    ],
)
def test_where_leaving_out_and_averaging_differ_the_verdict_says_both(effects: ChoiceEffects, says: str) -> None:
    assert verdict(effects, TITLES) == says


def test_effects_are_leave_one_out_main_effect_and_the_other_choice_that_turns_the_sign() -> None:
    """Choice b hurts by four points where a is off, and helps by one where it is on."""
    cells = {}
    for row in product((False, True), repeat=3):
        on = frozenset(name for name, there in zip("abc", row, strict=True) if there)
        value = 50.0 + 10 * ("a" in on) + ("b" in on) * (1 if "a" in on else -4)
        cells[on] = {seed: value + seed + 0.01 * seed * len(on) for seed in range(3)}
    found = choice_effects(cells, factors(3))
    whole, less = frozenset("abc"), frozenset("ac")
    assert found["b"].with_others.mean == pytest.approx(paired_difference(cells[whole], cells[less]).mean)
    averages = {effect.names[0]: effect.estimate.mean for effect in main_effects(cells, factors(3))}
    assert {name: one.on_average.mean for name, one in found.items()} == pytest.approx(averages)
    other, shown = found["b"].reversed_by
    assert (other, round(shown.mean)) == ("a", -4)
    assert found["c"].reversed_by is None
    del cells[less]
    assert choice_effects(cells, factors(3)) == {}


def test_a_switch_shows_what_clearly_differs_and_nothing_else() -> None:
    grey, faint = (estimate([level] * 3) for level in (VISIBLE + 1, VISIBLE - 1))
    flatter = Estimate(-0.2, -0.3, -0.1, 3)
    assert ChoiceEvidence("lab", ChoiceEffects(UP), grey, flatter).shows == ("images", "accuracy", "sharpness")
    assert ChoiceEvidence("lab", ChoiceEffects(NIL), faint, NIL).shows == ()
    assert ChoiceEvidence().shows == ()


def test_what_the_paper_gains_by_each_choice_is_the_difference_of_two_printed_rows() -> None:
    gains = {name: round(choice.evidence[0].gain, 1) for name, choice in CHOICES.items()}
    assert gains == {
        "real-initialisation": 3.0,
        "smoothing-schedule": 4.4,
        "flatness": 0.8,
        "small-batch": 6.2,
        "backbones": 6.7,
        "category-matching": 1.7,
        "weak-augmentation": 0.3,
        "ema-evaluation": 0.2,
    }


def test_the_bundled_record_is_that_of_the_bundled_matrices(tmp_path: Path) -> None:
    config = configure("G", "fashion-mnist-mini", get_profile("lab"), 10, 0)
    answers = ScoreLookup(StageResults(tmp_path, (BUNDLED,)))
    found = choice_evidence(config, describe("fashion-mnist-mini"), answers)
    (record,) = read_json(RECORD)["measurements"]
    for name, one in found.items():
        assert one.profile == "lab-quick"
        assert one.effects.with_others.mean == pytest.approx(record["choices"][name]["with_others"][0])
    assert found["ema-evaluation"].effects.reversed_by[0] == "small-batch"
    assert found["real-initialisation"].shows == ("images", "accuracy", "sharpness")
    nothing = "no measurable effect on this data set; the paper: +0.8 on ImageNet-1k"
    assert mark(CHOICES["flatness"], found["flatness"]) == nothing
    alone = replace(found["flatness"], grey_levels=None)
    assert mark(CHOICES["flatness"], alone).startswith("no measurable effect on accuracy")
    other = choice_evidence(config.model_copy(update={"ipc": 3}), describe("fashion-mnist-mini"), answers)
    assert mark(CHOICES["flatness"], other["flatness"]).startswith("not measured on this data set")
