"""Means with 95 % intervals by Student's t, and differences of sets judged by the same students."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ZERO_TOLERANCE = 1e-9  # points: what sums of floats leave of nothing
MIN_SEEDS = 3  # seeds; under that a comparison carries a warning
NORMAL_975 = 1.959964  # the two-sided 95 % quantile of the normal distribution
# Two-sided 95 % quantiles of Student's t for 1 to 10 degrees of freedom; beyond, the series is exact to 1e-3.
T_QUANTILES = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)


def t_quantile(freedom: int) -> float:
    """Two-sided 95 % quantile of Student's t (Cornish-Fisher series for more than 10 degrees of freedom)."""
    if freedom <= len(T_QUANTILES):
        return T_QUANTILES[freedom - 1]
    z = NORMAL_975
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its 95 % interval; one value alone has none (`low` and `high` are None)."""

    mean: float
    low: float | None
    high: float | None
    count: int

    @property
    def half(self) -> float | None:
        """Half the interval's width: the smallest shift from the mean that it excludes."""
        return None if self.low is None else self.mean - self.low

    @property
    def excludes_zero(self) -> bool:
        return self.low is not None and (self.low > 0 or self.high < 0)

    def text(self, unit: str = "", digits: int = 1) -> str:
        """The figure as read aloud, e.g. "82.2 % (81.5 to 82.9)"."""
        head = f"{self.mean:z.{digits}f}{unit}"
        return head if self.low is None else f"{head} ({self.low:z.{digits}f} to {self.high:z.{digits}f})"


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and 95 % t interval of independent values; needs at least one."""
    count = len(values)
    mean = sum(values) / count
    if count < 2:
        return Estimate(mean, None, None, count)
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / (count - 1))
    half = t_quantile(count - 1) * spread / math.sqrt(count)
    return Estimate(mean, mean - half, mean + half, count)


def paired_difference(ours: Mapping, theirs: Mapping) -> Estimate | None:
    """`ours` less `theirs`, paired by seed (or by student and seed); None where no pair is there.

    Pairs are right where both sets taught the same student: same initial weights, same views.
    """
    shared = sorted(set(ours) & set(theirs))
    return estimate([ours[name] - theirs[name] for name in shared]) if shared else None
