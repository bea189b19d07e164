"""Statistical power over seeds: standard error, expected false alarms, minimum detectable effect."""

import math
from collections.abc import Iterable, Mapping

from edc_core.intervals import MIN_SEEDS, ZERO_TOLERANCE, Estimate, t_quantile

FALSE_ALARM_RATE = 0.05  # of 95 % intervals leave out the true value
MAX_NOISE_RATIO = 2.0  # noises within this factor of one another are told as one, pooled
NORMAL_80 = 0.841621  # the 80 % quantile of the normal distribution
# For 1 to 10 degrees of freedom, from the noncentral t distribution: a sum of two quantiles finds 73 to 80 % only.
DETECTABLE_T = (16.3340, 5.6535, 4.2559, 3.7611, 3.5139, 3.3669, 3.2698, 3.2009, 3.1496, 3.1100)


def detectable_in_standard_errors(freedom: int) -> float:
    """The true difference, in standard errors, that a two-sided 5 % t test finds four times in five.

    Beyond 10 degrees of freedom t_.975 + t_.80 (by its Cornish-Fisher series), which is exact to 1e-3 of it.
    """
    if freedom <= len(DETECTABLE_T):
        return DETECTABLE_T[freedom - 1]
    z = NORMAL_80
    t_80 = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return t_quantile(freedom) + t_80


def standard_error(estimate: Estimate) -> float | None:
    """Of the mean over seeds, in the estimate's unit; None for a single seed."""
    return None if estimate.half is None else estimate.half / t_quantile(estimate.count - 1)


def estimate_text(estimate: Estimate, unit: str = " points", digits: int = 1) -> str:
    """A difference as it may be said: never without its interval and its number of seeds.

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
    """A measured effect with its estimate over seeds: an effect, a share, a difference of two cells."""

    estimate: Estimate
    by_seed: Mapping[int, float]

    @property
    def is_nil(self) -> bool:
        """Whether it is nil with every seed, but for rounding: of two cells that share their runs."""
        return bool(self.by_seed) and all(abs(value) < ZERO_TOLERANCE for value in self.by_seed.values())

    @property
    def few(self) -> bool:
        """Whether there are too few seeds to believe it."""
        return self.estimate.count < MIN_SEEDS

    @property
    def standard_error(self) -> float | None:
        """Of the mean over seeds; None for a single seed."""
        return standard_error(self.estimate)

    def text(self, unit: str = " points", digits: int = 1) -> str:
        """The figure as it may be said, with its interval and its seeds."""
        return estimate_text(self.estimate, unit, digits)


def count_excluding_zero(findings: Iterable[MeasuredEffect]) -> int:
    """How many 95 % intervals leave out zero; to be read beside `false_alarms`."""
    return sum(finding.estimate.excludes_zero for finding in findings)


def expected_false_alarms(findings: Iterable[MeasuredEffect]) -> float:
    """How many of these 95 % intervals would leave out zero by chance, were every true effect nil: 5 % of them."""
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
    """The smallest true difference, in points, whose 95 % interval would leave out zero in four cases of five.

    `noticed` x s / sqrt(n), with n - 1 degrees of freedom, s pooled over the findings and n the fewest
    seeds that any of them has; `seeds` asks the same of a design with so many. None with fewer than two seeds.
    """
    findings = [finding for finding in findings if finding.estimate.low is not None]
    between = pooled_standard_deviation(findings)
    count = seeds or min((finding.estimate.count for finding in findings), default=0)
    if between is None or count < 2:
        return None
    return detectable_in_standard_errors(count - 1) * between / math.sqrt(count)


def minimum_detectable_text(findings: Iterable[MeasuredEffect]) -> str | None:
    """`detectable` in points as it may be said: one figure, or a range where some findings are much noisier.

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
