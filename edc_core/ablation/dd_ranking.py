"""Scores that hold labels and augmentation apart from images (DD-Ranking, Li et al. 2025), computed again.

All accuracies are fractions in [0, 1] of the **last** epoch; the published package feeds percentages into the
exponential and keeps the best epoch on the test set, so its figures are not comparable with these.
"""

import math

from edc_core.errors import SettingsError


def hard_label_recovery(real_hard: float, ours_hard: float) -> float:
    """HLR: what training on our images loses against the whole real set, both with hard labels; in [-1, 1]."""
    return _fraction("real_hard", real_hard) - _fraction("ours_hard", ours_hard)


def improvement_over_random(ours_any: float, random_any: float) -> float:
    """IOR: our images' lead over as many random ones, each under the same labels of any kind; in [-1, 1]."""
    return _fraction("ours_any", ours_any) - _fraction("random_any", random_any)


def lrs(real_hard: float, ours_hard: float, ours_any: float, random_any: float, weight: float = 0.5) -> float:
    """Label-robust score: a = w IOR - (1 - w) HLR, laid from [-1, 1] onto [0, 1].

    Raises:
        SettingsError: an accuracy or the weight is not a fraction.
    """
    weight = _fraction("weight", weight)
    lead = improvement_over_random(ours_any, random_any)
    return _unit(weight * lead - (1 - weight) * hard_label_recovery(real_hard, ours_hard))


def ars(
    ours_augmented: float, random_augmented: float, ours_plain: float, random_plain: float, weight: float = 0.5
) -> float:
    """Augmentation-robust score: b = g (lead with augmentation) + (1 - g) (lead without), laid onto [0, 1].

    Raises:
        SettingsError: an accuracy or the weight is not a fraction.
    """
    weight = _fraction("weight", weight)
    augmented = _fraction("ours_augmented", ours_augmented) - _fraction("random_augmented", random_augmented)
    plain = _fraction("ours_plain", ours_plain) - _fraction("random_plain", random_plain)
    return _unit(weight * augmented + (1 - weight) * plain)


def _unit(value: float) -> float:
    """(e^v - e^-1) / (e - e^-1): -1 -> 0, 0 -> 0.269, 1 -> 1."""
    return (math.exp(value) - math.exp(-1)) / (math.e - math.exp(-1))


def _fraction(name: str, value: float) -> float:
    if not 0 <= value <= 1:
        raise SettingsError(f"{name} is {value:g}: give a fraction from 0 to 1 (percent / 100).")
    return float(value)
