"""Two-level factors: what is switched in a matrix, as settings that are laid over EDC's.

A cell is named by the factors that are on; with all of them on it is EDC as its table has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from edc_core.design_space.choice import Overrides
from edc_core.design_space.extension_choices import SWITCHES
from edc_core.design_space.paper_choices import CHOICES
from edc_core.design_space.profiles import Profile
from edc_core.errors import SettingsError


@dataclass(frozen=True)
class Factor:
    """One switch: the settings that differ from EDC's while it is off, and, of an extension, while it is on."""

    name: str
    title: str
    off: Overrides
    explained: str = ""
    on: Overrides = field(default_factory=dict)
    beyond: bool = False  # EDC has it off: its "on" is laid over EDC's settings


def choice_factors(table: Profile, names: tuple[str, ...] = tuple(CHOICES)) -> tuple[Factor, ...]:
    """The paper's design choices as factors, in the order of its ladder; off as in CONFIG A. Others only when named.

    Raises:
        SettingsError: an unknown choice.
    """
    for name in names:
        if name not in SWITCHES:
            raise SettingsError(f"choice '{name}' is unknown: choose among {', '.join(SWITCHES)}.")
    return tuple(
        Factor(
            name,
            choice.title,
            dict(choice.off_values) | table.off.get(name, {}),
            choice.explained,
            dict(choice.on_values) | table.on.get(name, {}),
            choice.rung is None,
        )
        for name, choice in SWITCHES.items()
        if name in names
    )


# From random real images, hard labels and plain training to EDC, in the order in which it is usually told.
WATERFALL = (
    Factor(
        "soft-labels",
        "soft labels",
        {"relabel.labels": "hard", "relabel.observers": [], "evaluate.loss": "ce"},
        "The committee's logits for every view, in place of the class alone.",
    ),
    Factor(
        "augmentation",
        "augmentation and CutMix",
        {"views.randaugment_ops": 0, "views.cutmix_alpha": 0.0, "views.flip": False, "views.crop_area_min": 1.0},
        "RandAugment, crops, flips and CutMix on every view, in place of the image as it is.",
    ),
    Factor(
        "steps",
        "optimiser steps (small batch)",
        {"views.batch_size": 1024},
        "Batches of 25 in place of the whole set at once: at equal epochs, several times the optimiser steps.",
    ),
    Factor(
        "schedule",
        "schedule and EMA",
        {"evaluate.schedule": "cosine", "evaluate.zeta": 1.0, "score.weights": "raw"},
        "The stretched schedule and averaged weights, in place of a cosine and raw weights.",
    ),
    Factor(
        "optimised",
        "optimised images",
        {"synthesise.iterations": 0},
        "Images after synthesis, in place of the random real ones that it starts from.",
    ),
)

# Defining words of 2^(k-p) designs of the highest resolution (Montgomery, Design and Analysis of
# Experiments, table 8.14): each further factor's sign is the product of the named basic ones'.
GENERATORS: dict[int, tuple[int, tuple[tuple[int, ...], ...]]] = {
    3: (2, ((0, 1),)),
    4: (3, ((0, 1, 2),)),
    5: (4, ((0, 1, 2, 3),)),
    6: (4, ((0, 1, 2), (1, 2, 3))),
    7: (4, ((0, 1, 2), (1, 2, 3), (0, 2, 3))),
    8: (4, ((1, 2, 3), (0, 2, 3), (0, 1, 2), (0, 1, 3))),
}


def full_factorial_signs(count: int) -> list[tuple[bool, ...]]:
    """Every combination of `count` two-level factors, all off first, all on last."""
    return list(product((False, True), repeat=count))


def fractional_factorial_signs(count: int) -> list[tuple[bool, ...]]:
    """The combinations of a fractional factorial of the highest resolution, all on among them.

    Raises:
        SettingsError: no fraction is kept for that many factors.
    """
    if count not in GENERATORS:
        raise SettingsError(
            f"no fractional factorial of {count} choices is kept here: choose 3 to 8 choices, or a full one."
        )
    basic, words = GENERATORS[count]
    rows = []
    for signs in product((-1, 1), repeat=basic):
        further = [_product(signs, word) for word in words]
        rows.append(tuple(sign > 0 for sign in (*signs, *further)))
    return rows


def _product(signs: tuple[int, ...], word: tuple[int, ...]) -> int:
    result = 1
    for place in word:
        result *= signs[place]
    return result


def changes_of(factors: tuple[Factor, ...], on: Mapping[str, bool] | frozenset[str]) -> dict:
    """The settings that lay the factors that are off over EDC's, and those that are on and that EDC lacks."""
    changes: dict = {}
    for factor in factors:
        if factor.name not in on:
            changes |= factor.off
        elif factor.beyond:
            changes |= factor.on
    return changes
