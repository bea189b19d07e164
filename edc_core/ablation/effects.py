"""What each choice brings in a factorial: main effects, interactions, shares of the gain; each with its interval.

Coding. Let x_i be +1 where factor i is on and -1 where it is off, and let
    y = sum over sets T of factors of b_T prod_{i in T} x_i
be the cells' means (every table of 2^k cells has exactly one such form). Then
    effect of T = mean of y where prod x = +1, less its mean where prod x = -1 = 2 b_T.
For one factor that is the mean with it on less the mean with it off. For a pair it is half the difference
between the first one's effect with the second on and with the second off, and so on (Box, Hunter and Hunter,
Statistics for Experimenters, ch. 5). All effects of a design thus have the same noise.

Intervals. An effect is computed for each seed by itself; mean and 95 % t interval are taken over these
values. What a seed shifts in all cells alike drops out, and no equal spread of cells is assumed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import comb

import numpy as np

from edc_core.ablation.factors import GENERATORS, Factor, fractional_factorial_signs, full_factorial_signs
from edc_core.ablation.full_factorial import Cells, full_factorial, is_full, shared_seeds
from edc_core.ablation.order_effects import GainRange, Step, gain_ranges, most_favourable_order, stepwise_gains
from edc_core.errors import SettingsError
from edc_core.intervals import (
    Estimate,
    MeasuredEffect,
    count_excluding_zero,
    estimate,
    expected_false_alarms,
    minimum_detectable_effect,
)

__all__ = [
    "Cells",
    "Effect",
    "GainRange",
    "Step",
    "minimum_detectable_effect",
    "count_excluding_zero",
    "expected_false_alarms",
    "most_favourable_order",
    "gain",
    "interactions",
    "is_full",
    "main_effects",
    "gain_ranges",
    "shapley",
    "stepwise_gains",
]


@dataclass(frozen=True)
class Effect(MeasuredEffect):
    """What one factor, or several together, bring: in points of top-1, seed by seed and as a mean with its interval."""

    names: tuple[str, ...]
    estimate: Estimate
    by_seed: Mapping[int, float] = field(hash=False)


def main_effects(cells: Cells, factors: Sequence[Factor]) -> list[Effect]:
    """Mean with a factor on less mean with it off, for each factor; of a full or a fractional factorial.

    Empty until the whole design is there: of a part of it, in which other factors are always off, an effect would be
    no average over them. Left out are factors that the cells cannot tell from one another.
    """
    return _effects(cells, factors, 1)


def interactions(cells: Cells, factors: Sequence[Factor], order: int = 2) -> list[Effect]:
    """How far `order` factors together bring more than they do apart (2 b_T, above), for every such set of them.

    Left out is what the measured cells cannot tell from an effect of as few or fewer factors: in a fraction
    of resolution IV every pair is the alias of another pair.
    """
    return _effects(cells, factors, order)


def _effects(cells: Cells, factors: Sequence[Factor], order: int) -> list[Effect]:
    names = tuple(factor.name for factor in factors)
    seeds = shared_seeds(cells, cells)
    if not seeds or not names or not _whole(cells, names):
        return []
    signs = np.array([[1.0 if name in on else -1.0 for name in names] for on in cells])
    sets = [chosen for size in range(1, order + 1) for chosen in combinations(range(len(names)), size)]
    columns = np.stack([signs[:, chosen].prod(1) for chosen in sets], 1)  # (cells, sets)
    values = np.array([[by_seed[seed] for by_seed in cells.values()] for seed in seeds])
    found = values @ columns * (2 / len(cells))  # (seeds, sets)
    return [
        _effect(tuple(names[i] for i in chosen), seeds, found[:, place])
        for place, (chosen, clear) in enumerate(zip(sets, _clear(columns), strict=True))
        if clear and len(chosen) == order
    ]


def _whole(cells: Cells, names: Sequence[str]) -> bool:
    """Whether the cells are all of a full factorial, or of the fraction that is kept for as many factors."""
    designs = [full_factorial_signs(len(names))] + (
        [fractional_factorial_signs(len(names))] if len(names) in GENERATORS else []
    )
    return any(
        set(cells) == {frozenset(name for name, on in zip(names, row, strict=True) if on) for row in rows}
        for rows in designs
    )


def _clear(columns: np.ndarray) -> np.ndarray:
    """Which contrasts are balanced and orthogonal to every other one; columns (cells, sets) of +-1 -> (sets,)."""
    alike = np.abs(columns.T @ columns)
    np.fill_diagonal(alike, 0)
    return (columns.sum(0) == 0) & (alike.max(1, initial=0) == 0)


def _effect(names: tuple[str, ...], seeds: Sequence[int], values: np.ndarray) -> Effect:
    by_seed = {seed: float(value) for seed, value in zip(seeds, values, strict=True)}
    return Effect(names, estimate(list(by_seed.values())), by_seed)


def shapley(cells: Cells, factors: Sequence[Factor]) -> list[Effect]:
    """Each factor's share of the gain from all off to all on, averaged over every order of switching on, in points.

    phi_i = sum over sets S of the others of |S|! (k - |S| - 1)! / k! (y(S + i) - y(S))  (Shapley 1953).
    The shares sum to the whole gain; a share may be negative. In the coding above only odd orders survive:
        phi_i = 2 b_i + 2/3 sum_jk b_ijk + 2/5 sum_jklm b_ijklm + ...
    for: y(S + i) - y(S) = 2 sum over T with i of b_T prod_{j in T - i} x_j. In a random order i comes at a
    uniform point p of [0, 1], and each other factor is on by then with probability p, independently of the
    rest, so x_j has mean 2p - 1 and the product of n of them averages to the integral of (2p - 1)^n over
    [0, 1]: 1 / (n + 1) for even n, nothing for odd n. With |T| = n + 1, phi_i = sum of 2 b_T / |T|, |T| odd.

    Raises:
        SettingsError: no seed has the full factorial; from less, shares would be guesses.
    """
    cube = full_factorial(cells, factors)
    count = len(cube.names)
    shares = []
    for place, name in enumerate(cube.names):
        before, gains = cube.steps_of(place)
        weights = np.array([1 / (count * comb(count - 1, int(index).bit_count())) for index in before])
        shares.append(_effect((name,), cube.seeds, gains @ weights))
    return shares


def gain(cells: Cells, factors: Sequence[Factor]) -> Effect:
    """All on less all off, paired by seed; its names are all the factors'.

    Raises:
        SettingsError: one of the two cells is missing.
    """
    names = tuple(factor.name for factor in factors)
    ends = (frozenset(), frozenset(names))
    seeds = shared_seeds(cells, ends)
    if not seeds:
        raise SettingsError(
            f"no seed has measured both all off and all on of {', '.join(names)}: let these two cells finish."
        )
    return _effect(names, seeds, np.array([cells[ends[1]][seed] - cells[ends[0]][seed] for seed in seeds]))
