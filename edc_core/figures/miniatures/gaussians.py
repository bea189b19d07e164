"""Gaussian mixtures in the plane, and their moments, entropies and divergences by quadrature on a grid.

Every integral is a plain sum over a grid that reaches far into the tails: for smooth densities that fade
out at the borders such a sum is exact to many digits (the trapezoid rule without ends). Nothing is sampled.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

EXTENT, STEP = 13.0, 0.1  # the grid: a square of +- EXTENT around 0


@dataclass(frozen=True)
class Mixture:
    """Gaussians with axis-parallel spread: weights (C,), means (C, 2), variances (C, 2)."""

    weights: np.ndarray
    means: np.ndarray
    variances: np.ndarray

    def density(self, points: np.ndarray) -> np.ndarray:
        """At points (..., 2)."""
        away = (points[..., None, :] - self.means) ** 2 / self.variances
        norm = 2 * np.pi * np.sqrt(self.variances.prod(1))
        return (np.exp(-0.5 * away.sum(-1)) / norm) @ self.weights

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of each coordinate, in closed form: two (2,)."""
        mean = self.weights @ self.means
        return mean, self.weights @ (self.variances + (self.means - mean) ** 2)

    def as_one(self) -> "Mixture":
        """The single Gaussian with this mixture's mean and variance in each coordinate."""
        mean, variance = self.moments()
        return Mixture(np.ones(1), mean[None], variance[None])


@lru_cache(1)
def grid() -> np.ndarray:
    """(S, S, 2) points."""
    axis = np.arange(-EXTENT, EXTENT + STEP / 2, STEP)
    return np.stack(np.meshgrid(axis, axis), -1)


def integral(values: np.ndarray) -> float:
    """Of values (S, S) on the grid."""
    return float(values.sum() * STEP**2)


def moments(density: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each coordinate of a density (S, S) on the grid: two (2,)."""
    points = grid()
    mean = np.array([integral(density * points[..., i]) for i in (0, 1)])
    return mean, np.array([integral(density * (points[..., i] - mean[i]) ** 2) for i in (0, 1)])


def entropy(density: np.ndarray) -> float:
    """Differential entropy in nats."""
    return -integral(density * _log(density))


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    """KL(p || q) in nats."""
    return integral(p * (_log(p) - _log(q)))


def _log(density: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(density, 1e-300))
