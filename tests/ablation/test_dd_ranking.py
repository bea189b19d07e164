"""DD-Ranking's scores: by hand, in their range for all accuracies, and refused for percentages."""

import math
from itertools import product

import numpy as np
import pytest

from edc_core.ablation.dd_ranking import ars, hard_label_recovery, improvement_over_random, lrs
from edc_core.errors import SettingsError


def test_lrs_is_the_hand_computation() -> None:
    # HLR = 0.90 - 0.60 = 0.30; IOR = 0.75 - 0.65 = 0.10; a = 0.5 x 0.10 - 0.5 x 0.30 = -0.10;
    # (e^-0.1 - e^-1) / (e - e^-1) = (0.904837 - 0.367879) / (2.718282 - 0.367879) = 0.228454
    assert hard_label_recovery(0.90, 0.60) == pytest.approx(0.30)
    assert improvement_over_random(0.75, 0.65) == pytest.approx(0.10)
    assert lrs(0.90, 0.60, 0.75, 0.65) == pytest.approx(0.228454, abs=1e-6)
    # All weight on the lead over random: a = 0.10, (1.105171 - 0.367879) / 2.350402 = 0.313688
    assert lrs(0.90, 0.60, 0.75, 0.65, weight=1.0) == pytest.approx(0.313688, abs=1e-6)


def test_ars_is_the_hand_computation() -> None:
    # b = 0.5 (0.80 - 0.70) + 0.5 (0.60 - 0.64) = 0.03; (e^0.03 - e^-1) / (e - e^-1) = (1.030455 - 0.367879) / 2.350402
    assert ars(0.80, 0.70, 0.60, 0.64) == pytest.approx(0.281899, abs=1e-6)
    assert ars(0.80, 0.70, 0.60, 0.64, weight=0.0) == pytest.approx((math.exp(-0.04) - 0.367879) / 2.350402, abs=1e-6)


def test_no_lead_and_no_loss_is_0269() -> None:
    neutral = (1 - math.exp(-1)) / (math.e - math.exp(-1))
    assert neutral == pytest.approx(0.269, abs=5e-4)
    assert lrs(0.7, 0.7, 0.4, 0.4) == pytest.approx(neutral)
    assert ars(0.7, 0.7, 0.4, 0.4) == pytest.approx(neutral)


def test_scores_lie_between_0_and_1_for_all_accuracies_and_reach_both() -> None:
    corners = list(product((0.0, 1.0), repeat=4))
    inside = np.random.default_rng(0).random((2000, 4)).tolist()
    weights = [0.0, 0.1, 0.5, 0.7, 1.0, *np.random.default_rng(1).random(50)]
    for score in (lrs, ars):
        found = [score(*accuracies, weight=weight) for accuracies in corners for weight in weights]
        found += [score(*accuracies) for accuracies in inside]
        assert min(found) == 0
        assert max(found) == pytest.approx(1)
        assert max(found) <= 1


def test_scores_rise_with_our_accuracy_and_fall_with_the_others() -> None:
    for accuracies in np.random.default_rng(2).uniform(0.05, 0.95, (200, 4)):
        for place, (lrs_sign, ars_sign) in enumerate(((-1, 1), (1, -1), (1, 1), (-1, -1))):
            more = accuracies.copy()
            more[place] += 0.01
            assert lrs_sign * (lrs(*more) - lrs(*accuracies)) > 0
            assert ars_sign * (ars(*more) - ars(*accuracies)) > 0


def test_percentages_are_refused_with_the_cure() -> None:
    with pytest.raises(SettingsError, match=r"real_hard is 91\.5: give a fraction"):
        lrs(91.5, 0.6, 0.7, 0.7)
    with pytest.raises(SettingsError, match="random_plain is nan"):
        ars(0.6, 0.6, 0.6, math.nan)
