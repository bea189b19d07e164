"""A student's weight under noisy steps, and its moving average."""

import math

import numpy as np

from edc_core.config import RunConfig
from edc_core.figures.miniatures.miniature import FAINT, OTHER, STRONG, Look, Miniature, Reading, framed
from edc_core.figures.plotly_objects import go

SEED, STEPS, STEPS_SHOWN = 11, 1200, 400


def noisy_weight(steps: int) -> np.ndarray:
    """SGD with noise on a bowl around 0, from 1: w <- w - 0.02 w + noise; (steps,)."""
    noise = 0.05 * np.random.default_rng(SEED).standard_normal(steps)
    weight = np.empty(steps)
    current = 1.0
    for step in range(steps):
        current += -0.02 * current + noise[step]
        weight[step] = current
    return weight


def moving_average(values: np.ndarray, decay: float) -> np.ndarray:
    """Exponential moving average; the first value is copied, as the engine does."""
    averaged = np.empty_like(values)
    current = values[0]
    for step, value in enumerate(values):
        current = value if step == 0 else decay * current + (1 - decay) * value
        averaged[step] = current
    return averaged


def total_steps(config: RunConfig, classes: int) -> int:
    """Optimiser steps of the run's student."""
    return config.views.steps or config.views.epochs * math.ceil(config.ipc * classes / config.views.batch_size)


def average(config: RunConfig, look: Look) -> Miniature:
    """A toy weight over as many steps as the run's student takes (at most 1,200), and its average at this decay."""
    decay, scored = config.evaluate.ema_decay, config.score.weights
    steps = total_steps(config, look.classes)
    raw = noisy_weight(max(2, min(steps, STEPS)))
    averaged = moving_average(raw, decay)
    at = np.unique(np.linspace(0, len(raw) - 1, STEPS_SHOWN).astype(int))
    figure = go.Figure()
    for name, values, colour, key in (("raw", raw, STRONG, "raw"), ("averaged", averaged, OTHER, "ema")):
        line = {"color": colour if key == scored else FAINT, "width": 4 if key == "ema" else 2}
        figure.add_scatter(
            x=at + 1, y=values[at], name=f"{name}{' (scored)' if key == scored else ''}", mode="lines", line=line
        )
    framed(figure, "optimiser step", "one weight (toy)")
    figure.add_hline(y=0, line={"dash": "dot", "width": 1, "color": FAINT})
    figure.update_yaxes(range=[-0.6, 1.1])
    memory = 1 / (1 - decay)
    late = slice(len(raw) // 2, None)
    return Miniature(
        "Look at the last step: the dotted line is the best weight, and what is scored should lie near it.",
        figure,
        readings=(
            Reading("remembers", f"{memory:.0f} steps", "1 / (1 - β)"),
            Reading("of the student's", f"{steps}", "optimiser steps in this run"),
            Reading(
                "distance, raw to averaged",
                f"{_spread(raw[late]):.2f} to {_spread(averaged[late]):.2f}",
                "root mean square distance of the toy's weight from the best one over the second half",
            ),
        ),
    )


def _spread(values: np.ndarray) -> float:
    return float(np.sqrt((values**2).mean()))
