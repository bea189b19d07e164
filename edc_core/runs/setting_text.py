"""Settings and their values in a few words, as names and tables of runs say them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from edc_core.config.paths import paths_with, split
from edc_core.design_space.presets import SWITCHES

NOUNS = {  # where the setting's own name does not speak for itself
    "initialise.kind": "",
    "initialise.scorer": "crops ranked by",
    "initialise.single_class": "the class",
    "synthesise.observers": "images by",
    "synthesise.lr": "image step size",
    "synthesise.batch_size": "synthesis batch",
    "synthesise.crop_area_min": "least crop",
    "synthesise.crop_area_max": "largest crop",
    "synthesise.match_convolutions": "matched convolutions",
    "synthesise.match_patches": "matched patches",
    "views.shuffle_tiles": "shuffled tiles",
    "synthesise.grouping": "images matched with",
    "relabel.observers": "labels by",
    "relabel.labels": "labels",
    "views.batch_size": "batch size",
    "views.crop_area_min": "student's least crop",
    "views.crop_area_max": "student's largest crop",
    "evaluate.lr": "learning rate",
    "evaluate.ce_weight": "CE weight",
    "evaluate.ema_decay": "EMA decay",
    "squeeze.epochs": "observer epochs",
    "score.weights": "scored weights",
}
CHOICES_IN_NAMES = {  # where the choice's own title is long: "EDC without flatness"
    "smoothing-schedule": "smoothed schedule",
    "flatness": "flatness",
    "small-batch": "small batches",
    "backbones": "backbone choice",
    "category-matching": "category matching",
    "ema-evaluation": "EMA evaluation",
    "real-initialisation": "real initialisation",
}


def shown(value: Any) -> str:
    """A setting's value as a person reads it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def choice_text(name: str) -> str:
    """A choice in a few words."""
    return CHOICES_IN_NAMES.get(name, SWITCHES[name].title)


def setting_text(path: str, value: Any) -> str:
    """A setting with its value in a few words: "zeta 1.5"."""
    word = _words(path).get(value) if isinstance(value, str) else None
    return f"{noun(path)} {word or shown(value)}".strip()


def noun(path: str) -> str:
    """What a setting is called in a sentence; its stage is named where several stages have such a setting."""
    if path in NOUNS:
        return NOUNS[path]
    stage, name = split(path)
    plain = name.replace("_", " ")
    return f"{stage} {plain}" if len(paths_with(name)) > 1 else plain


@cache
def _words(path: str) -> Mapping[Any, str]:
    """What a setting's options are called."""
    controls = [control for choice in SWITCHES.values() for control in choice.controls if control.path == path]
    return next((control.words for control in controls if control.words), {})
