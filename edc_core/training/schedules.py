"""Learning-rate factors by optimiser step (paper, sec. 3.2 and Eq. 33).

Each takes the training's progress i / N in [0, 1) and returns the factor on the base learning rate.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from edc_core.config import EvaluateConfig


def smoothed_cosine(progress: float, zeta: float = 2.0) -> float:
    """EDC's smoothed schedule; zeta = 1 is the plain cosine."""
    return 0.5 * (1 + math.cos(math.pi * progress / zeta))


def ssrs(progress: float, zeta: float = 2.0) -> float:
    """SSRS schedule (Eq. 33): the smoothed cosine up to 5/6, then a sudden drop to a sixth and linearly to 0."""
    if progress <= 5 / 6:
        return smoothed_cosine(progress, zeta)
    return smoothed_cosine(5 / 6, zeta) * (1 - progress)


def multistep(progress: float, gamma: float = 0.5) -> float:
    """Multi-step schedule: times gamma at 80, 90 and 95 % (the paper's CIFAR-10 setting)."""
    return gamma ** sum(progress >= milestone for milestone in (0.8, 0.9, 0.95))


@dataclass
class AdaptiveDecay:
    """ALRS schedule: times gamma when the epoch's mean loss changed by at most 0.02, absolutely and relatively."""

    gamma: float = 0.5
    factor: float = 1.0
    last: float | None = None

    def __call__(self, progress: float) -> float:
        return self.factor

    def on_epoch_end(self, loss: float) -> None:
        """Decay the factor if the mean loss of the epoch hardly changed."""
        if self.last is not None:
            change = abs(loss - self.last)
            if change <= 0.02 and change <= 0.02 * abs(self.last):
                self.factor *= self.gamma
        self.last = loss

    def state(self) -> dict:
        return {"factor": self.factor, "last": self.last}


@dataclass
class FixedSchedule:
    """Schedule that depends on the progress alone."""

    rule: Callable[[float], float]

    def __call__(self, progress: float) -> float:
        return self.rule(progress)

    def on_epoch_end(self, loss: float) -> None:
        """No-op: a fixed schedule ignores the epoch loss."""

    def state(self) -> dict:
        return {}


def make_schedule(config: EvaluateConfig) -> FixedSchedule | AdaptiveDecay:
    """The schedule that the settings name."""
    rules: dict[str, Callable[[float], float]] = {
        "cosine": lambda progress: smoothed_cosine(progress, config.zeta),
        "ssrs": lambda progress: ssrs(progress, config.zeta),
        "multistep": lambda progress: multistep(progress, config.gamma),
        "constant": lambda progress: 1.0,
    }
    return AdaptiveDecay(config.gamma) if config.schedule == "alrs" else FixedSchedule(rules[config.schedule])
