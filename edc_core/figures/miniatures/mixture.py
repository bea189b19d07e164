"""A Gaussian mixture in the plane, matched as a whole, by class, or in between."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from edc_core.config import RunConfig
from edc_core.figures.colours import OKABE_ITO
from edc_core.figures.miniatures.gaussians import Mixture, divergence, entropy, grid, moments
from edc_core.figures.miniatures.miniature import Look, Miniature, Reading, bare
from edc_core.figures.plotly_objects import go

REAL = Mixture(  # three classes of unequal share
    np.array([0.40, 0.35, 0.25]),
    np.array([[-1.9, -0.8], [1.7, -1.0], [0.3, 1.8]]),
    np.array([[0.30, 0.45], [0.45, 0.25], [0.25, 0.35]]),
)
COLOURS = (OKABE_ITO["orange"], OKABE_ITO["sky"], OKABE_ITO["green"])
VIEW = 4.0  # half the side of the square that is drawn


@dataclass(frozen=True)
class Quantities:
    """What the paper's Theorem 3.2 sets side by side, for the density matched at one alpha against the real one."""

    mean_gap: float  # the largest over coordinates, absolute
    variance_gap: float
    entropy: float  # nats
    real_entropy: float
    divergence: float  # KL(real || matched), nats
    class_gap: float  # mean distance of a class's mean from the real class's, weighted by share


@lru_cache(1)
def ends() -> tuple[np.ndarray, np.ndarray]:
    """On the grid: the density that satisfies Form (1), and the one that satisfies Form (2)."""
    return REAL.as_one().density(grid()), REAL.density(grid())


def matched(alpha: float) -> np.ndarray:
    """The density matched at `alpha`, on the grid: alpha x Form (1) + (1 - alpha) x Form (2).

    Form (1) asks for the mean and variance of all images together. Under the paper's Gaussian assumption the
    density that satisfies it is one Gaussian with the data's own mean and variance (of all densities with these
    moments it has the largest entropy). Form (2) asks for each class's: a mixture, here the real one. Theorem 3.2
    sets these two side by side: mean and variance agree, entropy does not, and their divergence is bounded.
    In between stands the pool of the two with the losses' own weights, which keeps mean and variance at every alpha.
    """
    whole, by_class = ends()
    return alpha * whole + (1 - alpha) * by_class


@lru_cache(256)
def quantities(alpha: float) -> Quantities:
    """Computed by quadrature on a grid (`gaussians.py`), nothing sampled.

    At alpha = 1 the divergence equals the entropy gap: the logarithm of a Gaussian is quadratic, so its
    expectation depends on mean and variance only, and these agree.
    """
    density, real = matched(alpha), ends()[1]
    (mean, variance), (real_mean, real_variance) = moments(density), moments(real)
    return Quantities(
        mean_gap=float(np.abs(mean - real_mean).max()),
        variance_gap=float(np.abs(variance - real_variance).max()),
        entropy=entropy(density),
        real_entropy=entropy(real),
        divergence=max(divergence(real, density), 0.0),
        class_gap=float(REAL.weights @ np.linalg.norm(class_means(alpha) - REAL.means, axis=1)),
    )


def class_means(alpha: float) -> np.ndarray:
    """(C, 2): where each class's mean is asked to be, its target being the same pool of whole and class."""
    return alpha * REAL.moments()[0] + (1 - alpha) * REAL.means


def readings(alpha: float) -> tuple[Reading, ...]:
    """The quantities in words."""
    found = quantities(alpha)
    return (
        Reading("mean gap", f"{found.mean_gap:.3f}", "between the matched density and the real one; zero at every α"),
        Reading("variance gap", f"{found.variance_gap:.3f}", "the same for the variance; zero at every α"),
        Reading(
            "entropy", f"{found.entropy:.2f} nats", f"of the matched density; the real one has {found.real_entropy:.2f}"
        ),
        Reading("KL from real", f"{found.divergence:.3f} nats", "KL(real || matched): what matching leaves open"),
        Reading("classes' means off by", f"{found.class_gap:.2f}", "mean distance from the real classes' means"),
    )


def mixture(config: RunConfig, look: Look) -> Miniature:
    """The density matched at this alpha, its classes' means, and the quantities of Theorem 3.2."""
    alpha = config.synthesise.alpha
    return Miniature(
        "Dotted: the real classes; blue: what is matched. Look at the dots: as α goes to 1, the classes' means slide"
        " to the middle unseen.",
        _figure(alpha),
        readings=readings(alpha),
        scene=scene(alpha),
    )


def scene(alpha: float) -> dict[str, Any]:
    """The same figure as plain values for every alpha, so that a browser can draw it while a slider moves.

    The pool is linear, so the two ends (side x side, row by row from the bottom) are enough; `readings` has
    a row for each of 101 alphas.
    """
    return _scene() | {"alpha": alpha}


@lru_cache(1)
def _scene() -> dict[str, Any]:
    axis = grid()[0, :, 0]
    inside = np.flatnonzero(np.abs(axis) <= VIEW + 1e-9)
    whole, by_class = (np.round(density[np.ix_(inside, inside)], 4).ravel().tolist() for density in ends())
    rows = [readings(step / 100) for step in range(101)]
    classes = zip(REAL.means, np.sqrt(REAL.variances), COLOURS, strict=True)
    return {
        "side": len(inside),
        "view": VIEW,
        "whole": whole,
        "by_class": by_class,
        "top": max(by_class),
        "centre": REAL.moments()[0].tolist(),
        "classes": [{"mean": m.tolist(), "spread": s.tolist(), "colour": colour} for m, s, colour in classes],
        "names": [reading.name for reading in rows[0]],
        "hints": [reading.hint for reading in rows[0]],
        "readings": [[reading.value for reading in row] for row in rows],
    }


def _figure(alpha: float) -> go.Figure:
    axis = grid()[0, :, 0]
    inside = np.flatnonzero(np.abs(axis) <= VIEW + 1e-9)[::2]
    shown, real = (density[np.ix_(inside, inside)] for density in (matched(alpha), ends()[1]))
    figure = go.Figure()
    levels = {"start": 0.01, "end": 0.19, "size": 0.02}
    scale = [[0, "rgba(0,114,178,0.0)"], [1, "rgba(0,114,178,0.9)"]]
    figure.add_contour(
        x=axis[inside],
        y=axis[inside],
        z=np.round(shown, 4),
        contours=levels,
        colorscale=scale,
        showscale=False,
        line_width=0,
    )
    figure.add_contour(
        x=axis[inside],
        y=axis[inside],
        z=np.round(real, 4),
        contours={"start": 0.04, "end": 0.04, "size": 1, "coloring": "lines"},
        colorscale=[[0, OKABE_ITO["grey"]], [1, OKABE_ITO["grey"]]],
        showscale=False,
        line={"width": 2, "dash": "dot"},
    )
    for colour, real_mean, mean in zip(COLOURS, REAL.means, class_means(alpha), strict=True):
        figure.add_scatter(
            x=[real_mean[0], mean[0]],
            y=[real_mean[1], mean[1]],
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"color": colour, "size": [13, 15], "symbol": ["x", "circle"]},
        )
    bare(figure, 330)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(range=[-VIEW, VIEW])
    figure.update_yaxes(range=[-3.2, 3.6], scaleanchor="x")
    return figure
