"""Ablations: matrices of runs that share stages, and what may be concluded from them."""

from edc_core.ablation.design import Cell, Design, cells_of, design_of, factors_of
from edc_core.ablation.factors import WATERFALL, Factor, choice_factors
from edc_core.ablation.matrix import Job, Matrix, lay_out
from edc_core.ablation.published_scores import Answers, stored

__all__ = [
    "WATERFALL",
    "Answers",
    "Cell",
    "Design",
    "Factor",
    "Job",
    "Matrix",
    "cells_of",
    "choice_factors",
    "design_of",
    "factors_of",
    "lay_out",
    "stored",
]
