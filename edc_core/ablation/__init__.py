"""Ablations: matrices of runs that share stages, and what may be concluded from them."""

from edc_core.ablation.design import Cell, Design, cells_of, factors_of, parse_design
from edc_core.ablation.factors import WATERFALL, Factor, choice_factors
from edc_core.ablation.matrix import Job, Matrix, build_matrix
from edc_core.ablation.published_scores import ScoreLookup, published_matrices

__all__ = [
    "WATERFALL",
    "ScoreLookup",
    "Cell",
    "Design",
    "Factor",
    "Job",
    "Matrix",
    "cells_of",
    "choice_factors",
    "parse_design",
    "factors_of",
    "build_matrix",
    "published_matrices",
]
