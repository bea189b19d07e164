"""Profile: settings by data set or budget; and the eight choices in the paper's numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Values = dict[str, Any]


@dataclass(frozen=True)
class Profile:
    """Settings for one kind of data set."""

    name: str
    summary: str
    base: Values
    off: dict[str, Values]  # by choice
    on: dict[str, Values]
    named: Values  # what presets refer to as "@name"
    by_ipc: Callable[[int], Values] = lambda ipc: {}


def choices(
    iterations: int, baseline: tuple[str, ...], synthesis: tuple[str, ...], labels: tuple[str, ...], batch_size: int
) -> tuple[dict[str, Values], dict[str, Values]]:
    """The eight choices' off and on values, in the paper's numbers."""
    off = {
        "real-initialisation": {"initialise.kind": "noise", "synthesise.iterations": 2 * iterations},
        "smoothing-schedule": {"evaluate.schedule": "cosine", "evaluate.zeta": 1.0},
        "flatness": {"synthesise.flatness": "none"},
        "small-batch": {"views.batch_size": 1024},
        "backbones": {"synthesise.observers": baseline, "relabel.observers": baseline},
        "category-matching": {"synthesise.alpha": 1.0},
        "weak-augmentation": {"synthesise.crop_area_min": 0.08},
        "ema-evaluation": {"score.weights": "raw"},
    }
    on = {
        "real-initialisation": {"initialise.kind": "real", "synthesise.iterations": iterations},
        "smoothing-schedule": {"evaluate.schedule": "cosine", "evaluate.zeta": 2.0},
        "flatness": {"synthesise.flatness": "logit"},
        "small-batch": {"views.batch_size": batch_size},
        "backbones": {"synthesise.observers": synthesis, "relabel.observers": labels},
        "category-matching": {"synthesise.alpha": 0.5},
        "weak-augmentation": {"synthesise.crop_area_min": 0.5},
        "ema-evaluation": {"score.weights": "ema"},
    }
    return off, on
