"""Theorem 3.2 in the code behind the mixture miniature: on random mixtures, and against sampling."""

import numpy as np
import pytest

from edc_core.figures.miniatures.gaussians import Mixture, divergence, entropy, grid, integral, moments
from edc_core.figures.miniatures.mixture import REAL, matched, quantities

SAMPLES = 100_000


def random_mixture(rng: np.random.Generator) -> Mixture:
    """One to six classes; as one Gaussian its borders on the grid are at least six standard deviations away."""
    count = int(rng.integers(1, 7))
    weights = rng.dirichlet(np.ones(count))
    return Mixture(weights, rng.uniform(-1.8, 1.8, (count, 2)), rng.uniform(0.1, 1.0, (count, 2)))


def sample(mixture: Mixture, count: int, rng: np.random.Generator) -> np.ndarray:
    """(count, 2) points: a class by its weight, then that class's Gaussian."""
    classes = rng.choice(len(mixture.weights), count, p=mixture.weights)
    return mixture.means[classes] + np.sqrt(mixture.variances[classes]) * rng.standard_normal((count, 2))


def pooled(mixture: Mixture, alpha: float, points: np.ndarray) -> np.ndarray:
    """alpha x one Gaussian with the mixture's moments (Form 1) + (1 - alpha) x the mixture by class (Form 2)."""
    return alpha * mixture.as_one().density(points) + (1 - alpha) * mixture.density(points)


def sampled_pool(mixture: Mixture, alpha: float, rng: np.random.Generator) -> np.ndarray:
    whole = rng.random(SAMPLES) < alpha
    return np.where(whole[:, None], sample(mixture.as_one(), SAMPLES, rng), sample(mixture, SAMPLES, rng))


def within_three_errors(values: np.ndarray, expected: float) -> bool:
    return abs(values.mean() - expected) <= 3 * values.std(ddof=1) / np.sqrt(len(values))


@pytest.mark.parametrize("seed", range(25))
def test_matched_by_class_or_as_a_whole_mean_and_variance_are_the_data_s(seed: int) -> None:
    """Theorem 3.2 (i) and (ii): E[x] and D[x] agree under Form (1), Form (2), and their pool."""
    rng = np.random.default_rng(seed)
    real = random_mixture(rng)
    mean = sum(w * m for w, m in zip(real.weights, real.means, strict=True))
    within = sum(w * v for w, v in zip(real.weights, real.variances, strict=True))
    between = sum(w * (m - mean) ** 2 for w, m in zip(real.weights, real.means, strict=True))
    for alpha in (0.0, float(rng.random()), 1.0):
        density = pooled(real, alpha, grid())
        assert integral(density) == pytest.approx(1, abs=1e-6)
        found_mean, found_variance = moments(density)
        assert found_mean == pytest.approx(mean, abs=1e-6)
        assert found_variance == pytest.approx(within + between, abs=1e-6)
    assert real.moments()[0] == pytest.approx(mean, abs=1e-12)
    assert real.moments()[1] == pytest.approx(within + between, abs=1e-12)


@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_the_miniature_s_entropy_and_divergence_are_those_of_samples(alpha: float) -> None:
    rng = np.random.default_rng(round(100 * alpha))
    found = quantities(alpha)
    assert matched(alpha) == pytest.approx(pooled(REAL, alpha, grid()), abs=1e-15)
    points = sampled_pool(REAL, alpha, rng)
    assert within_three_errors(-np.log(pooled(REAL, alpha, points)), found.entropy)
    points = sample(REAL, SAMPLES, rng)
    assert within_three_errors(-np.log(REAL.density(points)), found.real_entropy)
    ratio = np.log(REAL.density(points)) - np.log(pooled(REAL, alpha, points))
    assert within_three_errors(ratio, found.divergence)


@pytest.mark.parametrize("seed", range(4))
def test_on_random_mixtures_too(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    real, alpha = random_mixture(rng), float(rng.random())
    density = pooled(real, alpha, grid())
    points = sampled_pool(real, alpha, rng)
    assert within_three_errors(-np.log(pooled(real, alpha, points)), entropy(density))
    points = sample(real, SAMPLES, rng)
    ratio = np.log(real.density(points)) - np.log(pooled(real, alpha, points))
    assert within_three_errors(ratio, divergence(real.density(grid()), density))
