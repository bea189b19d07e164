"""One class's images, and what each of its condensed images is matched with."""

import numpy as np

from edc_core.config import RunConfig
from edc_core.figures.miniatures.miniature import FAINT, OTHER, Look, Miniature, Reading, framed
from edc_core.figures.plotly_objects import go

SEED, POINTS, MAX_IMAGES = 3, 240, 50
EASY_TO_HARD = ((0.0, "#0072B2"), (1.0, "#E69F00"))  # easy to hard


def parts(points: np.ndarray, count: int) -> np.ndarray:
    """Each point's part, (N,), from the ones nearest to the mean to the farthest; parts of equal size."""
    order = np.argsort(np.linalg.norm(points - points.mean(0), axis=1), kind="stable")
    found = np.empty(len(points), int)
    for place, rows in enumerate(np.array_split(order, count)):
        found[rows] = place
    return found


def groups(config: RunConfig, look: Look) -> Miniature:
    """A toy: each point an image of one class by two made-up statistics; the number of parts is the run's own IPC."""
    points = np.random.default_rng(SEED).standard_normal((POINTS, 2)) * (1.0, 0.7)
    on, ipc = config.synthesise.grouped, min(config.ipc, MAX_IMAGES)
    found = parts(points, ipc)
    targets = np.stack([points[found == place].mean(0) for place in range(ipc)]) if on else points.mean(0)[None]
    widths = [points[found == place].std() for place in range(ipc)] if on else [points.std()]
    figure = go.Figure()
    colours = {"color": found, "colorscale": EASY_TO_HARD} if on else {"color": FAINT}
    figure.add_scatter(
        x=points[:, 0], y=points[:, 1], mode="markers", name="real images", marker={**colours, "size": 7}
    )
    star = {"symbol": "x", "size": 12, "color": OTHER}
    figure.add_scatter(x=targets[:, 0], y=targets[:, 1], mode="markers", name="matched means", marker=star)
    framed(figure, "a statistic (toy)", "another (toy)")
    return Miniature(
        "Look at the spreads: every condensed image is to have the spread of its own part, the last one the widest."
        if on
        else "Look at the one cross: all condensed images of the class are drawn to it.",
        figure,
        readings=(
            Reading("parts of a class", f"{config.ipc if on else 1}", "One for each of its condensed images"),
            Reading("spread of the easiest", f"{widths[0]:.2f}", "Standard deviation, toy"),
            Reading("of the hardest", f"{widths[-1]:.2f}", "Standard deviation, toy"),
        ),
    )
