"""Intervals and power: means with 95 % t intervals, paired differences, and the smallest effect that would be seen."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

ZERO_TOLERANCE = 1e-9  # points: rounding of sums of floats
MIN_SEEDS = 3  # seeds; under that a comparison carries a warning
NORMAL_975 = 1.959964  # the two-sided 95 % quantile of the normal distribution
# Two-sided 95 % quantiles of Student's t for 1 to 10 degrees of freedom; beyond, the series is exact to 1e-3.
T_QUANTILES = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)
FALSE_ALARM_RATE = 0.05  # of 95 % intervals exclude the true value
MAX_NOISE_RATIO = 2.0  # standard errors within this factor of each other are pooled
NORMAL_80 = 0.841621  # the 80 % quantile of the normal distribution
# For 1 to 10 degrees of freedom, from the noncentral t distribution: a sum of two quantiles finds 73 to 80 % only.
DETECTABLE_T = (16.3340, 5.6535, 4.2559, 3.7611, 3.5139, 3.3669, 3.2698, 3.2009, 3.1496, 3.1100)


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
        """The estimate as text, e.g. "82.2 % (81.5 to 82.9)"."""
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
    """Mean of `ours` less `theirs`, paired by seed (or by student and seed); None without a pair.

    Pairs are right where both sets taught the same student: same initial weights, same views.
    """
    shared = sorted(set(ours) & set(theirs))
    return estimate([ours[name] - theirs[name] for name in shared]) if shared else None


def detectable_in_standard_errors(freedom: int) -> float:
    """Minimum detectable effect in standard errors: a two-sided 5 % t test of this size finds it four times in five.

    Beyond 10 degrees of freedom t_.975 + t_.80 (by its Cornish-Fisher series), which is exact to 1e-3 of it.
    """
    if freedom <= len(DETECTABLE_T):
        return DETECTABLE_T[freedom - 1]
    z = NORMAL_80
    t_80 = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return t_quantile(freedom) + t_80


def standard_error(estimate: Estimate) -> float | None:
    """Standard error of the mean over seeds, in the estimate's unit; None for a single seed."""
    return None if estimate.half is None else estimate.half / t_quantile(estimate.count - 1)


def estimate_text(estimate: Estimate, unit: str = " points", digits: int = 1) -> str:
    """A difference as text, never without its interval and its number of seeds.

    "+1.2 points (95 % interval +0.4 to +2.0, 3 seeds)"; fewer than three seeds are marked as few.
    """
    head = f"{estimate.mean:+z.{digits}f}{unit}"
    if estimate.low is None:
        said = f"{head} (one seed, no interval)"
    else:
        seeds = f"{estimate.count} seeds" if estimate.count >= MIN_SEEDS else f"only {estimate.count} seeds"
        said = f"{head} (95 % interval {estimate.low:+z.{digits}f} to {estimate.high:+z.{digits}f}, {seeds})"
    return said.replace("-", "−")


class MeasuredEffect:
    """Base class of an estimate over seeds: an effect, a share, a difference of two cells."""

    estimate: Estimate
    by_seed: Mapping[int, float]

    @property
    def is_nil(self) -> bool:
        """Whether the estimate is zero with every seed, but for rounding, as of two cells that share their runs."""
        return bool(self.by_seed) and all(abs(value) < ZERO_TOLERANCE for value in self.by_seed.values())

    @property
    def few(self) -> bool:
        """Whether it rests on fewer than `MIN_SEEDS` seeds."""
        return self.estimate.count < MIN_SEEDS

    @property
    def standard_error(self) -> float | None:
        """Standard error of the mean over seeds; None for a single seed."""
        return standard_error(self.estimate)

    def text(self, unit: str = " points", digits: int = 1) -> str:
        """The estimate as text, with its interval and its number of seeds."""
        return estimate_text(self.estimate, unit, digits)


def count_excluding_zero(findings: Iterable[MeasuredEffect]) -> int:
    """Number of 95 % intervals that exclude zero; read it beside `expected_false_alarms`."""
    return sum(finding.estimate.excludes_zero for finding in findings)


def expected_false_alarms(findings: Iterable[MeasuredEffect]) -> float:
    """Expected number of 95 % intervals that exclude zero by chance if every true effect is zero: 5 % of them."""
    return FALSE_ALARM_RATE * sum(finding.estimate.low is not None for finding in findings)


def pooled_standard_deviation(findings: Iterable[MeasuredEffect]) -> float | None:
    """Standard deviation between seeds, pooled over findings (weighted by degrees of freedom); None without pairs.

    Contrasts of one factorial have the same noise where cells are equally noisy, and an average otherwise:
    pooled, it is far steadier than what two or four degrees of freedom say about a single effect.
    """
    known = [finding.estimate for finding in findings if finding.estimate.low is not None]
    freedom = sum(estimate.count - 1 for estimate in known)
    squares = sum((estimate.count - 1) * estimate.count * standard_error(estimate) ** 2 for estimate in known)
    return math.sqrt(squares / freedom) if freedom else None


def minimum_detectable_effect(findings: Iterable[MeasuredEffect], seeds: int | None = None) -> float | None:
    """Minimum detectable effect in points: its 95 % interval excludes zero in four cases of five.

    `detectable_in_standard_errors` x s / sqrt(n), with n - 1 degrees of freedom, s pooled over the findings and n the
    fewest seeds that any of them has; `seeds` is n of a planned design. None with fewer than two seeds.
    """
    findings = [finding for finding in findings if finding.estimate.low is not None]
    between = pooled_standard_deviation(findings)
    count = seeds or min((finding.estimate.count for finding in findings), default=0)
    if between is None or count < 2:
        return None
    return detectable_in_standard_errors(count - 1) * between / math.sqrt(count)


def minimum_detectable_text(findings: Iterable[MeasuredEffect]) -> str | None:
    """Minimum detectable effect in points, as text: one figure, or a range where some findings are much noisier.

    "3.0", or "1.2 to 8.4"; None where no finding has two seeds.
    """
    findings = list(findings)
    own = [smallest for finding in findings if (smallest := minimum_detectable_effect([finding])) is not None]
    if not own:
        return None
    if max(own) < MAX_NOISE_RATIO * min(own):
        return _short(minimum_detectable_effect(findings))
    return f"{_short(min(own))} to {_short(max(own))}"


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 0.05 else f"{value:.1f}"
