"""Judging a frozen condensed set: who stands beside it, what was measured, and what it is worth."""

from edc_core.intervals import Estimate, estimate, paired_difference
from edc_core.judging.comparison_sets import COMPANIONS, CONTROLS, NEGATIVE_CONTROLS, companion_config, with_judgement

__all__ = [
    "COMPANIONS",
    "CONTROLS",
    "NEGATIVE_CONTROLS",
    "Estimate",
    "companion_config",
    "paired_difference",
    "estimate",
    "with_judgement",
]
