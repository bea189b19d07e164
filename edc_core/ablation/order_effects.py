"""A ladder in any order: each choice's step, and how far the order alone moves it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from edc_core.ablation.factors import Factor
from edc_core.ablation.full_factorial import Cells, FullFactorial, full_factorial, shared_seeds
from edc_core.errors import SettingsError
from edc_core.intervals import Estimate, estimate

START = "all off"


@dataclass(frozen=True)
class Step:
    """A rung: top-1 with everything up to here switched on, and what this choice added (None at the start)."""

    name: str
    level: Estimate  # percent
    gain: Estimate | None  # points over the step before, paired by seed
    on: frozenset[str] = field(default=frozenset(), repr=False)


class GainRange(NamedTuple):
    """The smallest and the largest gain of a factor over all orders, in points, and an order that shows each."""

    low: float
    high: float
    order_low: tuple[str, ...]
    order_high: tuple[str, ...]


def stepwise_gains(cells: Cells, order: tuple[str, ...]) -> list[Step]:
    """The ladder in this order, from nothing on to all of it on; its gains sum to the whole climb.

    Only the seeds count that every rung has.

    Raises:
        SettingsError: a factor is named twice, or a rung was not measured with any seed that the others have.
    """
    if len(set(order)) < len(order):
        raise SettingsError(f"the order {', '.join(order)} names a choice twice: name each one once.")
    rungs = [frozenset(order[:count]) for count in range(len(order) + 1)]
    seeds = shared_seeds(cells, rungs)
    if not seeds:
        raise SettingsError(_unmeasured(cells, rungs))
    found = [Step(START, estimate([cells[rungs[0]][seed] for seed in seeds]), None, rungs[0])]
    for name, before, on in zip(order, rungs, rungs[1:], strict=False):
        level = estimate([cells[on][seed] for seed in seeds])
        gain = estimate([cells[on][seed] - cells[before][seed] for seed in seeds])
        found.append(Step(name, level, gain, on))
    return found


def _unmeasured(cells: Cells, rungs: Sequence[frozenset[str]]) -> str:
    missing = [", ".join(sorted(on)) or START for on in rungs if not cells.get(on)]
    if missing:
        return f"the rung '{missing[0]}' of this order has not been measured: choose an order of measured rungs."
    return "no seed has measured every rung of this order: let the matrix finish, or choose another order."


def gain_ranges(cells: Cells, factors: Sequence[Factor]) -> dict[str, GainRange]:
    """For each factor, its least and its largest gain over all orders, mean over seeds.

    A gain depends only on the set of choices switched on before, so 2^(k-1) sets stand for all k! orders.
    The extremes of noisy means lie further out than those of the true gains: read them as what an author
    could have shown with these measurements, not as bounds of the truth.

    Raises:
        SettingsError: no seed has the full factorial.
    """
    cube = full_factorial(cells, factors)
    return {name: _range(cube, place) for place, name in enumerate(cube.names)}


def most_favourable_order(cells: Cells, factors: Sequence[Factor], name: str) -> tuple[str, ...]:
    """An order in which this factor's gain looks largest.

    Its interval in `steps` takes no account of having been picked.

    Raises:
        SettingsError: an unknown factor, or no seed has the full factorial.
    """
    names = [factor.name for factor in factors]
    if name not in names:
        raise SettingsError(f"choice '{name}' is not in this matrix: choose among {', '.join(names)}.")
    return _range(full_factorial(cells, factors), names.index(name)).order_high


def _range(cube: FullFactorial, place: int) -> GainRange:
    before, gains = cube.steps_of(place)
    means = gains.mean(0)
    lowest, highest = int(means.argmin()), int(means.argmax())
    return GainRange(
        float(means[lowest]),
        float(means[highest]),
        _order(cube, place, int(before[lowest])),
        _order(cube, place, int(before[highest])),
    )


def _order(cube: FullFactorial, place: int, before: int) -> tuple[str, ...]:
    """First the set, then the factor, then the rest; within each, the factors' own order."""
    everything = (1 << len(cube.names)) - 1
    after = everything & ~before & ~(1 << place)
    return (*cube.members(before), cube.names[place], *cube.members(after))
