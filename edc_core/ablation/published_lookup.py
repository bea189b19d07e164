"""Lookup of published scores of one setting, in stored matrices and this store, without building a matrix."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edc_core.ablation.factors import Factor, changes_of, choice_factors
from edc_core.ablation.published_scores import ScoreLookup, published_matrices
from edc_core.config import RunConfig
from edc_core.config.paths import SettingPath
from edc_core.data import Description
from edc_core.design_space.compose import configure
from edc_core.design_space.profiles import PROFILES, Profile, current_profile
from edc_core.intervals import Estimate, estimate, paired_difference
from edc_core.stage_graph import build_stage_graph

SEEDS = (0, 1, 2)
REFERENCE = "G"
SEEDED = ("initialise", "synthesise", "views", "evaluate")
BySeed = dict[int, float]
DESIGN_NAMES = {"factorial": "factorial", "fractional": "fractional factorial", "one-at-a-time": "one-at-a-time matrix"}
DESIGN_NAMES |= {"leave-one-out": "leave-one-out matrix", "confounds": "confounds", "waterfall": "waterfall"}


@dataclass(frozen=True)
class PublishedScore:
    """The answer of one place: top-1 of the weights that the settings score, on held-out images."""

    top1: Estimate
    seeds: tuple[int, ...]
    to_edc: (
        Estimate | None
    )  # paired by seed with EDC of the same place; None for EDC itself, and where EDC is not there
    record: Mapping[str, Any] | None  # the stored matrix that it comes from, less its scores; None: this store's runs
    edc: Estimate | None = None  # EDC's own top-1, of the seeds of `to_edc`

    @property
    def place(self) -> str:
        """Where it comes from, as said on a page."""
        if self.record is None:
            return "this lab's own runs"
        return f"the bundled {DESIGN_NAMES.get(self.record['design']['kind'], self.record['design']['kind'])}"


def find_published(
    config: RunConfig, edc: RunConfig, about: Description, answers: ScoreLookup, seeds: Sequence[int] = SEEDS
) -> PublishedScore | None:
    """The stored answer to `config` with the most of these seeds; `edc` is what it is compared with.

    Raises:
        StoreError: a stored matrix is damaged.
    """
    keys, edc_keys = _keys(config, about, seeds), _keys(edc, about, seeds)
    weights = config.score.weights, edc.score.weights
    best: PublishedScore | None = None
    for record, find in _places(answers):
        ours, theirs = _by_seed(keys, find, weights[0]), _by_seed(edc_keys, find, weights[1])
        if ours and (best is None or len(ours) > best.top1.count):
            same = keys == edc_keys and weights[0] == weights[1]
            gap = None if same else paired_difference(ours, theirs)
            paired = [theirs[seed] for seed in ours if seed in theirs]
            edc_top1 = estimate(paired) if gap else None
            best = PublishedScore(estimate(list(ours.values())), tuple(ours), gap, record, edc_top1)
    return best and replace(best, record=best.record and {**best.record, "scores": None})


def _places(answers: ScoreLookup) -> Iterator[tuple[Mapping[str, Any] | None, Any]]:
    """Every stored matrix, and at last the store's own stage results, each with what gives its scores by key."""
    for place in answers.places:
        for record in published_matrices(place):
            yield record, record["scores"].get
    own = ScoreLookup(answers.stage_results, ())
    yield None, lambda key: (found := own.score(key)) and (found["split"], found["raw"], found["ema"])


def _by_seed(keys: Mapping[int, tuple[str, ...]], find, weights: str) -> BySeed:
    """Seed -> top-1, the mean over the students; only where every student has a score."""
    values: BySeed = {}
    for seed, names in keys.items():
        scores = [find(key) for key in names]
        if all(scores):
            values[seed] = sum(score[1 if weights == "raw" else 2] for score in scores) / len(scores)
    return values


def _keys(config: RunConfig, about: Description, seeds: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The keys of the scores on held-out images, one of each student, were the run drawn from each seed."""
    return {
        seed: tuple(
            node.key for node in build_stage_graph(reseeded(config, seed), about.digest) if node.stage == "score"
        )
        for seed in seeds
    }


def reseeded(config: RunConfig, seed: int) -> RunConfig:
    """The run of another seed, scored on held-out images, one student of each network: as a matrix has it."""
    changed = {stage: getattr(config, stage).model_copy(update={"seed": seed}) for stage in SEEDED}
    changed["evaluate"] = changed["evaluate"].model_copy(update={"seeds": 1})
    return config.model_copy(update=changed | {"score": config.score.model_copy(update={"split": "val"})})


# The same switches at another profile ----------------------------------------------------------------


def active_choices(config: RunConfig, table: Profile, about: Description) -> frozenset[str] | None:
    """The choices that are on, where the settings are EDC's of this table but for choices that are off; else None."""
    factors = choice_factors(table)
    on = frozenset(factor.name for factor in factors if not _is_off(config, factor))
    same = at_profile(config, table, on)
    alike = same.score.weights == config.score.weights
    return on if alike and _keys(same, about, (0,)) == _keys(config, about, (0,)) else None


def at_profile(config: RunConfig, table: Profile, on: frozenset[str]) -> RunConfig:
    """EDC in a table's numbers with these choices on, for the same data, images a class and students."""
    changes = changes_of(choice_factors(table), on) | {"evaluate.students": list(config.evaluate.students)}
    return configure(REFERENCE, config.dataset, table, config.ipc, 0, changes=changes)


def _is_off(config: RunConfig, factor: Factor) -> bool:
    """Whether all of the factor's settings are those that it has while it is off (a switch that does nothing is on)."""
    if factor.off == {path: factor.on.get(path) for path in factor.off}:
        return False
    return all(
        SettingPath.parse(path).get(config) == (tuple(value) if isinstance(value, list) else value)
        for path, value in factor.off.items()
    )


def published_profiles(answers: ScoreLookup) -> list[str]:
    """The tables of settings that stored matrices name."""
    named = (
        current_profile(record["design"]["settings"])
        for place in answers.places
        for record in published_matrices(place)
    )
    return [name for name in dict.fromkeys(named) if name in PROFILES]


def folder_stamp(place: Path) -> tuple:
    """What changes whenever the files of a folder do."""
    return tuple((path.name, path.stat().st_mtime_ns) for path in sorted(place.glob("*.json")))
