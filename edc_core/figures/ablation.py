"""Every plot of an ablation, for pages, reports and notebooks alike.

Points of top-1, percent, seconds or bytes stand on every axis; differences carry their 95 % intervals.
"""

from edc_core.figures.effects import colour_key, contrasts, effects, interactions, shares
from edc_core.figures.ladder import ladder, paper_beside, waterfall
from edc_core.figures.pareto import front, pareto

__all__ = [
    "colour_key",
    "contrasts",
    "effects",
    "front",
    "interactions",
    "ladder",
    "paper_beside",
    "pareto",
    "shares",
    "waterfall",
]
