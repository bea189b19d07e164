"""What is stored about switching one of EDC's choices off: accuracy, images and sharpness; and what that can show.

Accuracy is looked up in stored matrices and in this lab's own runs; effects averaged over a factorial, and what a
choice changes in the images and in the student's sharpness, are read from `assets/choices.json`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from edc_core.ablation.choice_verdicts import ChoiceEffects
from edc_core.ablation.published_lookup import at_profile, find_published, published_profiles
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.config import RunConfig
from edc_core.data import Description
from edc_core.design_space.choice import Choice
from edc_core.design_space.paper_choices import CHOICES
from edc_core.design_space.profiles import PROFILES, current_profile
from edc_core.environment import ASSETS
from edc_core.intervals import Estimate, estimate
from edc_core.store.files import read_json, write_json

RECORD = ASSETS / "choices.json"  # `python -m experiments.choice_effects --out assets/choices.json`
ALIKE = ("digest", "settings", "ipc", "students")  # what makes two measurements the same one
VISIBLE = 8.0  # grey levels of 255: a smaller mean difference is hard to see side by side


@dataclass(frozen=True)
class ChoiceEvidence:
    """EDC beside EDC without one choice.

    `grey_levels`: mean absolute difference of the images' pixels, of 255. `sharpness`: natural logarithm of the ratio
    of EDC's worst rise of the loss in a small ball to that without the choice.
    """

    profile: str | None = None  # the profile that was measured; None: nothing was
    effects: ChoiceEffects = ChoiceEffects()
    grey_levels: Estimate | None = None
    sharpness: Estimate | None = None

    @property
    def shows(self) -> tuple[str, ...]:
        """What a switch moved here can show: of "images", "accuracy" and "sharpness" those that clearly differ."""
        seen = {
            "images": self.grey_levels is not None and self.grey_levels.mean >= VISIBLE,
            "accuracy": self.effects.with_others is not None and self.effects.with_others.excludes_zero,
            "sharpness": self.sharpness is not None and self.sharpness.excludes_zero,
        }
        return tuple(name for name, there in seen.items() if there)


def mark(choice: Choice, evidence: ChoiceEvidence) -> str:
    """What a switch can show here, in a few words; where that is nothing, what the paper has of it."""
    if evidence.shows:
        return ", ".join(evidence.shows)
    paper = next((one for one in choice.evidence if one.gain is not None), None)
    printed = f"; the paper: {paper.gain:+.1f} on {paper.setting.partition(',')[0]}" if paper else ""
    if evidence.effects.with_others is None:
        return f"not measured on this data set{printed}"
    of = "" if evidence.grey_levels and evidence.sharpness else " on accuracy"  # where that alone was measured
    return f"no measurable effect{of} on this data set{printed}"


def choice_evidence(config: RunConfig, about: Description, answers: ScoreLookup) -> dict[str, ChoiceEvidence]:
    """Of each of the eight choices, for the data set, images a class and students of `config`: under its own profile
    where anything is measured there, else under another one.

    Raises:
        StoreError: a stored matrix is damaged.
    """
    for profile in dict.fromkeys((config.profile, *published_profiles(answers))):
        if profile in PROFILES and (found := _under(profile, config, about, answers)):
            return found
    return {name: ChoiceEvidence() for name in CHOICES}


def _under(
    profile: str, config: RunConfig, about: Description, answers: ScoreLookup
) -> dict[str, ChoiceEvidence] | None:
    table, every = PROFILES[profile], frozenset(CHOICES)
    edc = at_profile(config, table, every)
    stored = _stored(about.digest, profile, config.ipc, config.evaluate.students)
    found = {}
    for name in CHOICES:
        one = find_published(at_profile(config, table, every - {name}), edc, about, answers)
        known = stored.get(name, ChoiceEvidence())
        gain = _negative(one.to_edc) if one and one.to_edc else known.effects.with_others
        found[name] = replace(known, profile=profile, effects=replace(known.effects, with_others=gain))
    measured = stored or any(one.effects.with_others for one in found.values())
    return found if measured else None


def _negative(gap: Estimate) -> Estimate:
    low, high = (None if bound is None else -bound for bound in (gap.high, gap.low))
    return Estimate(-gap.mean, low, high, gap.count)


# The record -----------------------------------------------------------------------------------------


def add(record: Mapping[str, Any], path: Path = RECORD) -> None:
    """Keep one measurement, in the place of an earlier one of the same kind."""
    kept = [other for other in _records(path) if any(other[name] != record[name] for name in ALIKE)]
    write_json(path, {"measurements": [*kept, record]})
    _read.cache_clear()


def _stored(
    digest: str, profile: str, ipc: int, students: tuple[str, ...], path: Path | None = None
) -> dict[str, ChoiceEvidence]:
    for record in _records(path or RECORD):
        here = (record["digest"], current_profile(record["settings"]), record["ipc"], tuple(record["students"]))
        if here == (digest, profile, ipc, tuple(students)):
            return {name: _evidence(profile, one) for name, one in record["choices"].items()}
    return {}


def _evidence(profile: str, one: Mapping[str, Any]) -> ChoiceEvidence:
    turned = one["reversed_by"]
    effects = ChoiceEffects(
        Estimate(*one["with_others"]),
        Estimate(*one["on_average"]),
        (turned[0], Estimate(*turned[1])) if turned else None,
    )
    ratios = [math.log(edc / without) for edc, without in one["ball"] if edc and without and min(edc, without) > 0]
    return ChoiceEvidence(
        profile,
        effects,
        estimate(one["grey_levels"]) if one["grey_levels"] else None,
        estimate(ratios) if ratios and len(ratios) == len(one["ball"]) else None,
    )


def _records(path: Path) -> list[dict[str, Any]]:
    return _read(path, path.stat().st_mtime_ns)["measurements"] if path.exists() else []


@lru_cache(4)
def _read(path: Path, changed: int) -> dict[str, Any]:
    return read_json(path)
