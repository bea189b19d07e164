"""A factorial as arrays: what was measured at the combinations of factors, seed by seed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edc_core.ablation.factors import Factor
from edc_core.errors import SettingsError

Cells = Mapping[frozenset[str], Mapping[int, float]]  # the factors that are on -> seed -> top-1 in percent


@dataclass(frozen=True)
class FullFactorial:
    """A full factorial of k factors: values (S, 2^k), where bit i of the second index says that factor i is on."""

    names: tuple[str, ...]
    seeds: tuple[int, ...]
    values: np.ndarray

    def steps_of(self, factor: int) -> tuple[np.ndarray, np.ndarray]:
        """What switching on one factor brings at every set of the others: those sets (M,) and gains (S, M)."""
        bit = 1 << factor
        without = np.array([index for index in range(self.values.shape[1]) if not index & bit])
        return without, self.values[:, without | bit] - self.values[:, without]

    def members(self, index: int) -> tuple[str, ...]:
        """The factors that are on at an index, in the factors' own order."""
        return tuple(name for i, name in enumerate(self.names) if index >> i & 1)


def shared_seeds(cells: Cells, needed: Iterable[frozenset[str]]) -> tuple[int, ...]:
    """The seeds with which every needed cell was measured; a seed counts only there."""
    found = [set(cells.get(on, ())) for on in needed]
    return tuple(sorted(set.intersection(*found))) if found else ()


def full_factorial(cells: Cells, factors: Sequence[Factor]) -> FullFactorial:
    """The full factorial of these factors, of the seeds that have all of it.

    Raises:
        SettingsError: no seed has every combination.
    """
    names = tuple(factor.name for factor in factors)
    combinations = _combinations(names)
    seeds = shared_seeds(cells, combinations)
    if not seeds:
        raise SettingsError(_missing(cells, combinations, len(names)))
    values = np.array([[cells[on][seed] for on in combinations] for seed in seeds], dtype=float)
    return FullFactorial(names, seeds, values)


def _combinations(names: Sequence[str]) -> list[frozenset[str]]:
    return [frozenset(name for i, name in enumerate(names) if index >> i & 1) for index in range(1 << len(names))]


def complete_cells(cells: Cells, factors: Sequence[Factor]) -> Cells:
    """The cells with the seeds alone that have every combination of these factors.

    Raises:
        SettingsError: no seed has.
    """
    seeds = full_factorial(cells, factors).seeds
    return {on: {seed: by_seed[seed] for seed in seeds if seed in by_seed} for on, by_seed in cells.items()}


def is_full(cells: Cells, factors: Sequence[Factor]) -> bool:
    """Whether at least one seed has every combination of these factors."""
    return bool(shared_seeds(cells, _combinations([factor.name for factor in factors])))


def _missing(cells: Cells, combinations: Collection[frozenset[str]], count: int) -> str:
    seeds = {seed for on in combinations for seed in cells.get(on, ())}
    most = max((sum(seed in cells.get(on, ()) for on in combinations) for seed in seeds), default=0)
    return (
        f"at most {most} of the {len(combinations)} combinations of {count} choices are measured with one seed: all of"
        " them are needed, so choose a full factorial and let it finish."
    )
