"""One verdict a choice: beside the others of EDC, on average, and both where they differ; what a switch can show."""

from itertools import product

import pytest

from edc_core.ablation.choice_evidence import VISIBLE, ChoiceEvidence
from edc_core.ablation.choice_verdicts import ChoiceEffects, choice_effects, verdict
from edc_core.ablation.effects import main_effects
from edc_core.design_space.presets import CHOICES
from edc_core.intervals import Estimate, estimate, paired_difference
from tests.support.factorials import factors

TITLES = {"small-batch": "smaller batch size"}
UP, DOWN, NIL = (Estimate(mean, mean - 1, mean + 1, 3) for mean in (2.0, -2.0, 0.1))
HELPS, HURTS, NONE = "once the other seven are on", "averaged over all their combinations", "o effect that can be told"


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
