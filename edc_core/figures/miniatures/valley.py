"""A sharp and a flat minimum, and which of them flatness prefers."""

import numpy as np

from edc_core.config import RunConfig, SynthesiseConfig
from edc_core.figures.colours import OKABE_ITO
from edc_core.figures.miniatures.miniature import FAINT, OTHER, STRONG, Look, Miniature, Reading, framed
from edc_core.figures.plotly_objects import go

X = np.linspace(-2.4, 2.4, 961)
SHARP, FLAT = -1.05, 0.95  # where the two minima lie


def loss(x: np.ndarray) -> np.ndarray:
    """A bowl with a narrow deep hole and a wide shallower one."""
    return 1.05 + 0.06 * x**2 - 1.0 * np.exp(-(((x - SHARP) / 0.13) ** 2)) - 0.85 * np.exp(-(((x - FLAT) / 0.62) ** 2))


def reach(settings: SynthesiseConfig) -> float:
    """How far around a point is looked: ten of SAM's radii, else growing with the average's memory 1 / (1 - beta)."""
    if settings.flatness == "sam":
        return min(10 * settings.flatness_radius, 1.0)
    return float(min(0.08 * np.log1p(1 / (1 - settings.flatness_decay)), 0.6))


def seen(settings: SynthesiseConfig) -> np.ndarray:
    """The loss that a descent effectively follows: none, itself; SAM, the worst within reach; else a part of the mean.

    A toy: EDC's penalty compares an image with its moving average, which on a line acts like averaging the
    loss over where the image has lately been. The weight mixes that mean with the loss itself.
    """
    if settings.flatness == "none":
        return loss(X)
    around = loss(X[:, None] + reach(settings) * np.linspace(-1, 1, 61))
    if settings.flatness == "sam":
        return around.max(1)
    share = settings.flatness_weight / (settings.flatness_weight + 0.1)
    return (1 - share) * loss(X) + share * around.mean(1)


def valley(config: RunConfig, look: Look) -> Miniature:
    """A toy loss on a line, with the loss that flatness makes a descent follow; see `seen`."""
    settings, followed = config.synthesise, seen(config.synthesise)
    end = X[followed.argmin()]
    figure = go.Figure()
    figure.add_scatter(x=X, y=loss(X), name="loss", mode="lines", line={"color": FAINT, "width": 3})
    if settings.flatness != "none":
        name = "worst nearby" if settings.flatness == "sam" else "with flatness"
        figure.add_scatter(x=X, y=followed, name=name, mode="lines", line={"color": STRONG, "width": 4})
    marker = {"color": OTHER, "size": 15, "line": {"color": OKABE_ITO["yellow"], "width": 2}}
    figure.add_scatter(x=[end], y=[followed.min()], name="where it settles", mode="markers", marker=marker)
    framed(figure, "one direction in image space (toy)", "loss (toy)")
    figure.update_yaxes(range=[0, 1.5])
    shifted = loss(end + np.array([-0.15, 0.15])).mean()
    return Miniature(
        "See which valley the dot settles in, and how much the loss rises if it is nudged.",
        figure,
        readings=(
            Reading("loss there", f"{loss(np.array(end)):.2f}", "of the toy, where the dot settles"),
            Reading("after a small shift", f"{shifted:.2f}", "the toy's loss 0.15 to the left and right, on average"),
        ),
    )
