"""Steps per epoch and the noise of a step, by batch size."""

import math

import numpy as np

from edc_core.config import RunConfig
from edc_core.figures.miniatures.miniature import FAINT, STRONG, Look, Miniature, Reading, framed
from edc_core.figures.plotly_objects import go

SEED, EPOCHS, RATE, USUAL = 5, 2, 0.1, 1024
START = np.array([2.2, 1.5])


def noise_share(images: int, batch: int) -> float:
    """The spread of a batch's mean gradient in units of one image's: sqrt((N - B) / ((N - 1) B))."""
    batch = min(batch, images)
    return math.sqrt((images - batch) / max(images - 1, 1) / batch)


def path(images: int, batch: int) -> np.ndarray:
    """SGD over `EPOCHS` passes on |x - a_i|^2 / 2 with `images` targets a_i around 0; (steps + 1, 2)."""
    draw = np.random.default_rng(SEED)
    targets = draw.standard_normal((images, 2))
    targets -= targets.mean(0)
    points = [START]
    for _ in range(EPOCHS):
        order = draw.permutation(images)
        for first in range(0, images, batch):
            points.append(points[-1] - RATE * (points[-1] - targets[order[first : first + batch]].mean(0)))
    return np.array(points)


def batches(config: RunConfig, look: Look) -> Miniature:
    """A toy: two epochs of plain SGD at one learning rate on a round bowl, this batch against 1024.

    The number of images and the steps are the run's own; the bowl is not.
    """
    images, batch = config.ipc * look.classes, config.views.batch_size
    shown = min(images, 2000)
    figure = go.Figure()
    for size, colour, name, wider in ((USUAL, FAINT, f"batch {USUAL}", 7), (batch, STRONG, f"batch {batch}", 0)):
        points = path(shown, min(size, shown))  # the usual one is wide, so that it is seen where the other covers it
        marker = {"size": (7 if len(points) < 60 else 4) + wider}
        line = {"color": colour, "width": (3 if len(points) < 200 else 1) + wider}
        figure.add_scatter(x=points[:, 0], y=points[:, 1], name=name, mode="lines+markers", line=line, marker=marker)
    goal = {"symbol": "x", "size": 14, "color": "#009E73"}
    figure.add_scatter(x=[0], y=[0], name="the minimum", mode="markers", marker=goal)
    framed(figure, f"first weight (toy, {EPOCHS} epochs)", "second weight (toy)")
    figure.update_xaxes(range=[-1.1, 2.5])
    figure.update_yaxes(range=[-1.0, 1.9])
    steps = math.ceil(images / batch)
    return Miniature(
        "Count the dots: each is a step. At the same cost in images seen, a small batch gets further, less smoothly.",
        figure,
        readings=(
            Reading("steps an epoch", f"{steps}", f"{images} images in batches of {batch}"),
            Reading(
                "steps in all", f"{steps * config.views.epochs if config.views.epochs else config.views.steps}", ""
            ),
            Reading(
                "noise of a step", f"{100 * noise_share(images, batch):.0f} %", "of one image's own gradient noise"
            ),
        ),
    )
