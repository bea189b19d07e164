"""Made-up factorials whose effects are known in closed form."""

import math
from itertools import combinations

import numpy as np

from edc_core.ablation.factors import Factor

Model = dict[tuple[str, ...], float]  # a set of factors -> its coefficient in +-1 coding


def factors(count: int) -> tuple[Factor, ...]:
    return tuple(Factor(name, f"choice {name}", {}) for name in "abcdefgh"[:count])


def random_model(count: int, rng: np.random.Generator) -> Model:
    names = [factor.name for factor in factors(count)]
    sets = [chosen for size in range(count + 1) for chosen in combinations(names, size)]
    return {chosen: rng.normal(0, 2 / (1 + len(chosen))) for chosen in sets} | {(): 60.0}


def fake(
    model: Model, rows: list[tuple[bool, ...]], seeds: int = 1, noise: float = 0.0, rng: np.random.Generator = None
) -> dict[frozenset[str], dict[int, float]]:
    """Runs of a known model: every seed shifts all cells alike, and every run has noise of its own."""
    names = [factor.name for factor in factors(len(rows[0]))]
    shifts = noise * (rng.normal(0, 3, seeds) if rng else np.zeros(seeds))
    cells = {}
    for row in rows:
        sign = {name: 1 if value else -1 for name, value in zip(names, row, strict=True)}
        mean = sum(b * math.prod(sign[name] for name in chosen) for chosen, b in model.items())
        own = noise * rng.standard_normal(seeds) if rng else np.zeros(seeds)
        on = frozenset(name for name in names if sign[name] > 0)
        cells[on] = {seed: float(mean + shifts[seed] + own[seed]) for seed in range(seeds)}
    return cells


def closed_form(model: Model, name: str) -> float:
    """The Shapley value in the coefficients: 2 b_i + 2/3 b_ijk + ..., odd orders only."""
    return sum(2 * b / len(chosen) for chosen, b in model.items() if name in chosen and len(chosen) % 2)
