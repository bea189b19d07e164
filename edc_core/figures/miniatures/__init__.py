"""Miniature figures, one a design choice, that react to its settings.

A miniature is a function of a run's settings and of what the lab has at hand to show (`Look`). What a
toy leaves out is said in its docstring; what is real (pixels, accuracies, sizes, schedules) is the lab's own.
"""

from collections.abc import Callable

from edc_core.config import RunConfig
from edc_core.figures.miniatures.average import average
from edc_core.figures.miniatures.batches import batches
from edc_core.figures.miniatures.committee import committee
from edc_core.figures.miniatures.crops import crops
from edc_core.figures.miniatures.direction import direction
from edc_core.figures.miniatures.evidence import evidence_figure
from edc_core.figures.miniatures.groups import groups
from edc_core.figures.miniatures.miniature import Look, Miniature, Reading, Row
from edc_core.figures.miniatures.mixture import mixture
from edc_core.figures.miniatures.rates import schedules
from edc_core.figures.miniatures.residual import residual
from edc_core.figures.miniatures.starts import starts
from edc_core.figures.miniatures.valley import valley
from edc_core.figures.miniatures.votes import votes

MINIATURES: dict[str, Callable[[RunConfig, Look], Miniature]] = {
    "starts": starts,
    "schedules": schedules,
    "valley": valley,
    "batches": batches,
    "committee": committee,
    "mixture": mixture,
    "crops": crops,
    "average": average,
    "residual": residual,
    "groups": groups,
    "votes": votes,
    "direction": direction,
}

__all__ = ["MINIATURES", "Look", "Miniature", "Reading", "Row", "evidence_figure"]
