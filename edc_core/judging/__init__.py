"""Judging a frozen condensed set: who stands beside it, what was measured, and what it is worth."""

from edc_core.intervals import Estimate, difference, estimate
from edc_core.judging.companion_runs import COMPANIONS, CONTROLS, IMPOSTORS, beside, judged_again

__all__ = ["COMPANIONS", "CONTROLS", "IMPOSTORS", "Estimate", "beside", "difference", "estimate", "judged_again"]
