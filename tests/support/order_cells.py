"""Cells of a made-up factorial, for the order machine's tests."""

import random
from itertools import combinations

from edc_core.ablation import choice_factors
from edc_core.design_space.profiles import LAB_QUICK

FACTORS = choice_factors(LAB_QUICK)


NAMES = tuple(factor.name for factor in FACTORS)


SEEDS = 3


def made_up(names=NAMES, seeds: int = SEEDS) -> dict[frozenset[str], dict[int, float]]:
    """Cells of a full factorial, each different from all others."""
    draw = random.Random(5)
    sizes = {name: 1.5 * place - 2 for place, name in enumerate(names)}
    return {
        frozenset(on): {seed: 40 + sum(sizes[name] for name in on) + draw.gauss(0, 1.5) for seed in range(seeds)}
        for count in range(len(names) + 1)
        for on in combinations(names, count)
    }


CELLS = made_up()
