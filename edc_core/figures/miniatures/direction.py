"""Where the cosine loss draws a student's logits."""

import numpy as np

from edc_core.config import RunConfig
from edc_core.figures.miniatures.miniature import FAINT, STRONG, Look, Miniature, Reading, framed
from edc_core.figures.plotly_objects import go

# A made-up committee's logits of an image of class 3 that it takes for class 5.
LOGITS = np.array([-1.0, -2.0, 0.5, 3.0, -1.5, 3.6, 1.0, -2.2, -0.4, -1.0])
CLASS = 3


def goal(logits: np.ndarray, label: int, weight: float, smoothing: float) -> np.ndarray:
    """t / ||t|| + weight x s / ||s||, s the smoothed one-hot; (C,)."""
    smoothed = np.full(len(logits), smoothing / len(logits))
    smoothed[label] += 1 - smoothing
    return logits / np.linalg.norm(logits) + weight * smoothed / np.linalg.norm(smoothed)


def direction(config: RunConfig, look: Look) -> Miniature:
    """A toy: one image that a committee takes for another class; before and after the class is added."""
    wanted = config.evaluate
    before = LOGITS / np.linalg.norm(LOGITS)
    after = goal(LOGITS, CLASS, wanted.hard_label_weight, wanted.smoothing)
    names = [f"{number}" for number in range(len(LOGITS))]
    figure = go.Figure()
    figure.add_bar(x=names, y=before, name="the committee's direction", marker={"color": FAINT})
    figure.add_bar(x=names, y=after, name="with the class (3) added", marker={"color": STRONG})
    framed(figure, "class (toy)", "the label's direction")
    figure.update_xaxes(type="category")
    angle = np.degrees(np.arccos(np.clip(before @ after / np.linalg.norm(after), -1, 1)))
    return Miniature(
        "Look at classes 3 and 5: only the direction counts, and the class itself turns it a little towards the truth.",
        figure,
        readings=(
            Reading("turned by", f"{angle:.1f}°", "From the committee's direction to the one that is followed"),
            Reading("in use", "yes" if wanted.loss == "cosine" else "no", "Whether the label loss is the cosine"),
        ),
    )
